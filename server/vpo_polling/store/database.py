"""Transactions: one writer at a time, its revisions last, its listeners told after the commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vpo_polling.store import revisions
from vpo_polling.store.engine import BUSY_S, reader_engine, set_busy_timeout, writer_engine
from vpo_polling.store.place import Place
from vpo_polling.store.types import DatabaseFull, DatabaseUnavailable, SchemaError

MIGRATIONS = Path(__file__).parent / "migrations"

Listener = Callable[[Mapping[str, int]], None]


@dataclass
class Write:
    """An open write transaction. `touch` names the jobs whose answers may differ afterwards."""

    connection: Connection
    topics: set[str] = field(default_factory=set)

    def touch(self, job_id: str) -> None:
        self.topics |= {revisions.JOBS, revisions.job_topic(job_id)}


class Database:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = writer_engine(path)
        self.reader = reader_engine(path)
        self._place = Place(path)
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def on_commit(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` the new revisions after each commit, in the writing thread. Returns the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @contextmanager
    def write(self) -> Iterator[Write]:
        """One transaction. Without a `touch` no revision is taken and nobody is told."""
        bumped: dict[str, int] = {}
        with self._turn() as patience, self._reported(), self.writer.connect() as connection:
            # The wait for the lock in this process counts too: an answer within 2 s is promised. Set below
            # SQLAlchemy, which would begin a transaction for it and wait there as long as the last one.
            set_busy_timeout(connection, patience)
            with connection.begin():
                write = Write(connection)
                yield write
                if write.topics:
                    bumped = revisions.bump(connection, write.topics)
        if bumped:
            for listener in tuple(self._listeners):
                listener(bumped)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read transaction: everything read inside belongs to one moment."""
        with self._reported(), self.reader.connect() as connection, connection.begin():
            yield connection

    def is_migrated(self) -> bool:
        """Whether the tables are those of this version. Every command asks: without Alembic."""
        ours = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
        try:
            with self.snapshot() as connection:
                current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        except DatabaseUnavailable:
            return False
        return current == ours[-1]

    def migrate(self) -> None:
        """Bring the schema up to date. Only for the process that owns the data directory."""
        # Only here: commands that find their tables as they should be start sooner.
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._turn(), self._reported(), self.writer.begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise SchemaError(
                    f"{self.path} was written by a newer version of this program: "
                    "update it, or use another --data-dir."
                ) from error
            revisions.prune(connection)

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def _turn(self) -> Iterator[float]:
        began = time.monotonic()
        if not self._lock.acquire(timeout=BUSY_S):
            raise DatabaseUnavailable("Another write of this process takes too long.")
        try:
            yield max(0.0, BUSY_S - (time.monotonic() - began))
        finally:
            self._lock.release()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            self._place.check()
            yield
        except DBAPIError as error:
            is_full = "disk is full" in str(error.orig)
            raise (DatabaseFull if is_full else DatabaseUnavailable)(f"{self.path}: {error.orig}.") from error
        except PoolTimeout as error:
            raise DatabaseUnavailable("Too many reads wait for the database.") from error
