"""Refusals and failures as pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vpo_polling.errors import ApiError, database_unavailable, internal
from vpo_polling.store import DatabaseUnavailable

from . import context
from .painting import Painting
from .words import Catalogue

_log = logging.getLogger("vpo_polling.pages")

Handler = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Handler], Handler]


class Guarding:
    def __init__(self, painting: Painting) -> None:
        self._painting = painting
        self.handlers: Mapping[Any, Callable[[Request, Exception], Response]] = {
            HTTPException: self._http_error,
            Exception: self._failure,
        }

    def __call__(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as error:
                return self._refusal(request, error)
            except DatabaseUnavailable as error:
                _log.warning("The database does not answer: %s", error)
                return self._refusal(request, database_unavailable(error))

        return guarded

    def error(self, request: Request, status: int, message: str) -> Response:
        """A refusal as a page."""
        shared = self._painting.shared(request)
        page = context.ErrorPage(**shared, status=status, message=message, hint=_hint(shared["t"], status))
        response = self._painting.render(page, "error.html", status)
        # Nobody should find a failure again that has passed.
        response.headers["cache-control"] = "no-store"
        return response

    def _refusal(self, request: Request, error: ApiError) -> Response:
        response = self.error(request, error.status, error.message)
        response.raw_headers.extend(error.headers)
        return response

    def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = "There is no such page" if status == 404 else str(getattr(error, "detail", error))
        response = self.error(request, status, message)
        for name, value in (getattr(error, "headers", None) or {}).items():
            response.headers[name] = value
        return response

    def _failure(self, request: Request, _error: Exception) -> Response:
        return self._refusal(request, internal())


def _hint(t: Catalogue, status: int) -> str:
    """What to do about it; what is not said of a status itself is said of its class."""
    key = f"hint.{status}"
    return t(key if key in t.words else f"hint.{status // 100}00")
