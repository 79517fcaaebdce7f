"""Two SQLAlchemy engines on one SQLite file: a single writer and many readers that cannot write.

The writer takes the database's write lock at BEGIN. With a deferred BEGIN a transaction that reads before it
writes would fail whenever another process committed in between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from vpo_polling.store.values import readable

BUSY_S = 1.5
READERS = 8


def writer_engine(path: Path) -> Engine:
    pragmas = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")
    return _engine(path, begin="BEGIN IMMEDIATE", pragmas=pragmas, size=1)


def reader_engine(path: Path) -> Engine:
    return _engine(path, begin="BEGIN", pragmas=("query_only = ON",), size=READERS)


def set_busy_timeout(connection: Connection, seconds: float) -> None:
    """For the transaction that begins next."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _engine(path: Path, *, begin: str, pragmas: tuple[str, ...], size: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"check_same_thread": False, "timeout": BUSY_S},
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_S,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # The driver's own transaction handling begins late and never for reads; `on_begin` says when.
        connection.isolation_level = None
        # One text that another program wrote as something else than UTF-8 must not fail every query.
        connection.text_factory = readable
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
