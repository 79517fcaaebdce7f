"""Serving below a path of a larger site, whether the proxy in front passes that path on or removes it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefixed:
    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self._prefix and not scope.get("root_path"):
            # Routing takes the prefix off a path that has it and leaves any other as it is.
            scope = {**scope, "root_path": self._prefix}
        await self._app(scope, receive, send)
