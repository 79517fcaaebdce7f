"""The gate in front of everything: host, rate, credentials, forgery, in this order."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from vpo_polling.access.credentials import ADMIN, REPORT, Credentials
from vpo_polling.access.forgery import SAFE_METHODS, forgery
from vpo_polling.access.limits import RateLimit
from vpo_polling.api.refusal import refuse
from vpo_polling.errors import ApiError, bad_request, database_unavailable, rate_limited
from vpo_polling.hosts import client_address, host_check, network
from vpo_polling.services import Services
from vpo_polling.store import DatabaseUnavailable
from vpo_polling.wire import accepts, has_header, header, route_path

OPEN = "/livez"
UNLIMITED = ("/api/about", "/api/v1/about")
_BASIC = b'Basic realm="VPO", charset="UTF-8"'
_BEARER = b'Bearer realm="VPO"'
# A question that is too long for a URL.
_ASKS = re.compile(r"/api(?:/v1)?/projects/[^/]+/files/status")
# What reporters are for. They begin and end nothing that runs here.
_REPORTS = re.compile(
    r"PUT /api(?:/v1)?/jobs/[^/]+"
    r"|POST /api(?:/v1)?/(?:builds/claim|jobs/[^/]+/(?:events|logs|watch))"
    r"|POST /api(?:/v1)?/projects/[^/]+/sessions/[^/]+/turns/[^/]+/events"
)
_log = logging.getLogger("vpo_polling.access")


class Guard:
    def __init__(
        self, app: ASGIApp, services: Services, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        settings = services.settings
        self._app = app
        self._services = services
        self._is_allowed_host = host_check(settings.host, settings.allowed_hosts)
        self._proxies = [network(proxy) for proxy in settings.trusted_proxies]
        self._rate = RateLimit(settings.rate_limit, clock)
        self._credentials = Credentials(settings.token, services.store, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self._check(scope)
            except DatabaseUnavailable:
                await refuse(self._services, scope, receive, send, database_unavailable())
                return
            except ApiError as error:
                await refuse(self._services, scope, receive, send, error)
                return
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        if has_header(scope, b"transfer-encoding") and has_header(scope, b"content-length"):
            # A proxy may have taken the other one for its end, and the rest for the next request.
            message = "A request must not have both Content-Length and Transfer-Encoding"
            raise ApiError(400, "INVALID_REQUEST", message, headers=[(b"connection", b"close")])
        path = route_path(scope)
        host = header(scope, b"host")
        if not self._is_allowed_host(host):
            raise bad_request(f"The host {host!r} is not served here; allowed_hosts says which are")
        if path == OPEN and scope["method"] in SAFE_METHODS:
            return
        is_limited = path.startswith("/api/") and path not in UNLIMITED
        if is_limited:
            self._count(scope)
        granted, is_bearer = None, False
        if has_header(scope, b"authorization"):
            granted, is_bearer = await self._credentials.scope(header(scope, b"authorization"))
            if granted is None and not is_limited:
                self._count(scope)  # guesses are limited wherever they are made
        if granted is None and not self._credentials.is_open:
            raise _unauthorized(scope)
        reason = forgery(scope, has_token=is_bearer and granted is not None)
        if reason is not None:
            raise ApiError(403, "CSRF_ERROR", reason)
        is_read = scope["method"] in SAFE_METHODS or _ASKS.fullmatch(path)
        may_report = granted == REPORT and _REPORTS.fullmatch(f"{scope['method']} {path}")
        if is_bearer and granted not in (None, ADMIN) and not is_read and not may_report:
            raise ApiError(403, "FORBIDDEN", f"A token with the scope {granted!r} must not do this")

    def _count(self, scope: Scope) -> None:
        client = scope["vpo.client"] = self._client(scope)
        if not self._rate.take(client):
            raise rate_limited()

    def _client(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._proxies:
            return str(peer)
        return client_address(peer, header(scope, b"x-forwarded-for"), self._proxies)


def _unauthorized(scope: Scope) -> ApiError:
    """Only a page may open the browser's password dialog; in the middle of a poll it would be a riddle."""
    challenge = _BASIC if accepts(scope, "text/html") else _BEARER
    message = "Sign in: the password is the server's token"
    return ApiError(401, "UNAUTHORIZED", message, headers=[(b"www-authenticate", challenge)])
