"""Bearer tokens: shown once when they are made, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from sqlalchemy import delete, insert, select

from vpo_polling.store.database import Database
from vpo_polling.store.schema import tokens
from vpo_polling.store.values import instant

SCOPES = ("read", "report", "admin")


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, *, scope: str, name: str, now: int) -> str:
        """Returns the token itself, which cannot be had again. Raises ValueError for an unknown scope."""
        if scope not in SCOPES:
            raise ValueError(f"Unknown scope {scope!r}; use one of {', '.join(SCOPES)}.")
        token = f"vpo_{secrets.token_urlsafe(32)}"
        row = {"id": str(uuid.uuid4()), "name": name, "scope": scope, "hash": _hash(token), "created_at": now}
        with self._database.write() as write:
            write.connection.execute(insert(tokens).values(**row))
        return token

    def verify(self, token: str) -> str | None:
        """The token's scope. Found by the hash of 256 random bits: the timing of that tells nothing."""
        with self._database.snapshot() as connection:
            found = select(tokens.c.scope).where(tokens.c.hash == _hash(token))
            return connection.execute(found).scalar_one_or_none()

    def list(self) -> list[dict[str, str | None]]:
        with self._database.snapshot() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.id))
            return [
                {"id": row.id, "name": row.name, "scope": row.scope, "created_at": instant(row.created_at)}
                for row in rows
            ]

    def revoke(self, token_id: str) -> bool:
        with self._database.write() as write:
            return write.connection.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
