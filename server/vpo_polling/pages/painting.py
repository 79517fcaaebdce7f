"""What all pages are made with: their links and words, the answers that they show, and the templates."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vpo_polling import resources
from vpo_polling.errors import not_found
from vpo_polling.services import Services
from vpo_polling.store import Query, now_ms
from vpo_polling.store.values import instant

from . import context
from .environment import make_environment
from .formatting import Surroundings
from .links import Links
from .words import Catalogue, chosen

# Never no-store: it would keep the pages out of the browser's back/forward cache.
PAGE_HEADERS = {"cache-control": "private, no-cache", "vary": "Accept-Language"}


class Painting:
    def __init__(self, services: Services) -> None:
        self.services = services
        self._environment = make_environment(resources.TEMPLATES)

    def catalogue(self, request: Request) -> Catalogue:
        return chosen(request.headers.get("accept-language", ""), self.services.settings.language)

    def links(self, request: Request) -> Links:
        return Links(request.scope.get("root_path", ""), self.services.assets)

    def shared(self, request: Request) -> dict[str, Any]:
        """The members that every page has."""
        settings = self.services.settings
        return {
            "links": self.links(request),
            "build": self.services.build,
            "polling": context.Polling(
                settings.polling_enabled, settings.polling_interval_ms, settings.polling_log_interval_ms
            ),
            "t": self.catalogue(request),
            "as_of": instant(now_ms()),
        }

    def shared_live(self, request: Request) -> dict[str, Any]:
        """Those that every page with data has."""
        shared = self.shared(request)
        return {**shared, "surroundings": Surroundings(shared["t"].words, now_ms())}

    async def live(self, query: Query, source: str, missing: str = "There is no such job") -> context.Live:
        """The feed's answer to `query`, which is asked for again at `source`. Raises ApiError."""
        entry = await self.services.feed.read(query)
        if entry is None:
            raise not_found(missing)
        return context.Live(entry.data(), source, entry.etag)

    def render(self, page: context.Page, template: str, status: int = 200) -> Response:
        html = self._environment.get_template(template).render(context.values(page))
        return HTMLResponse(html, status, PAGE_HEADERS)
