"""Who may report a build that a watcher has taken."""

from __future__ import annotations

from sqlalchemy import Connection, select

from vpo_polling.store.database import Write
from vpo_polling.store.reported.outcomes import Refused
from vpo_polling.store.schema import leases


def holder(connection: Connection, account: str, now: int) -> str | None:
    """The watcher that watches all builds of the account now."""
    held = select(leases.c.watcher).where(leases.c.account == account, leases.c.expires_at > now)
    return connection.execute(held).scalar_one_or_none()


def check_holder(write: Write, account: str | None, watcher: str | None, now: int) -> None:
    """One that has lost its lease must not overwrite what its successor has learnt. Raises Refused."""
    if account is None or watcher is None:
        return
    if holder(write.connection, account, now) not in (None, watcher):
        raise Refused("Another watcher has taken over this build")
