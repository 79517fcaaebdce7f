"""The pages: complete when they arrive, kept live by the script from then on.

A page is painted from the same feed entry that its region is answered with, and carries that entry's ETag, so
the first poll of an unchanged page is a 304.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vpo_polling.services import Services

from .files import FilePages
from .guarding import Guarding
from .jobs import JobPages
from .painting import PAGE_HEADERS, Painting
from .pictures import Pictures
from .sessions import SessionPages


class Pages:
    """What one server shows to people."""

    def __init__(self, services: Services) -> None:
        painting = Painting(services)
        guarded = Guarding(painting)
        pictures = Pictures(services)
        self.error = guarded.error
        self.handlers = guarded.handlers
        self.routes = [
            Route("/", guarded(_home), name="home"),
            Route("/jobs/", guarded(_home)),
            *JobPages(painting, guarded).routes,
            *SessionPages(painting, guarded).routes,
            *FilePages(painting, guarded).routes,
            Route("/charts/{name}.svg", guarded(pictures.chart)),
            Route("/icon.svg", guarded(pictures.icon)),
            # What browsers ask for where a page names no icon.
            Route("/favicon.ico", guarded(pictures.icon)),
        ]


async def _home(request: Request) -> Response:
    return RedirectResponse(request.url_for("jobs").path, 302, PAGE_HEADERS)
