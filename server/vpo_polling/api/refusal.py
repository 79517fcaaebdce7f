"""How a refusal is shown: a page to a browser that asked for one, JSON to everybody else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from vpo_polling.errors import ApiError
from vpo_polling.services import Services
from vpo_polling.wire import accepts, route_path, send_answer

PROGRAMS = ("/api", "/health", "/livez")


def wants_json(scope: Scope) -> bool:
    """Under /api a browser that navigates there by a form still wants a page."""
    if accepts(scope, "application/json"):
        return True
    if scope["method"] in ("GET", "HEAD"):
        path = route_path(scope)
        return any(path == start or path.startswith(start + "/") for start in PROGRAMS)
    return not accepts(scope, "text/html")


async def refuse(services: Services, scope: Scope, receive: Receive, send: Send, error: ApiError) -> None:
    if wants_json(scope):
        await send_answer(scope, send, error.answer())
        return
    response = services.error_page(Request(scope, receive), error.status, error.message)
    response.raw_headers.extend(error.headers)
    await response(scope, receive, send)
