"""The server's own token (for people, and for whoever has it) and the tokens of reporters."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

from vpo_polling.store import Store

ADMIN = "admin"
REPORT = "report"
KEPT_S = 10.0
MAX_KEPT = 1024


class Credentials:
    def __init__(self, token: str | None, store: Store, clock: Callable[[], float]) -> None:
        self._digest = None if token is None else _digest(token)
        self._store = store
        self._clock = clock
        # Found ones only, and briefly: a poll must not cost a query, a revoked token must end soon.
        self._kept: dict[bytes, tuple[float, str]] = {}

    @property
    def is_open(self) -> bool:
        """No token is set: whoever reaches the server may use it."""
        return self._digest is None

    async def scope(self, authorization: str) -> tuple[str | None, bool]:
        """What the header entitles to, None for nothing, and whether it is a bearer token."""
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme.lower() == "basic":
            return (ADMIN if self._is_own(_password(value)) else None), False
        if scheme.lower() != "bearer" or not value:
            return None, False
        return (ADMIN if self._is_own(value) else await self._reporter(value)), True

    def _is_own(self, token: str | None) -> bool:
        if self._digest is None or token is None:
            return False
        # Digests of equal length: the time tells neither where the texts differ nor how long ours is.
        return hmac.compare_digest(self._digest, _digest(token))

    async def _reporter(self, token: str) -> str | None:
        key, now = _digest(token), self._clock()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]
        scope = await asyncio.to_thread(self._store.tokens.verify, token)
        if scope is not None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = (now, scope)
        return scope


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _password(encoded: str) -> str | None:
    """Any user name will do."""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    _user, colon, password = decoded.partition(":")
    return password if colon else None
