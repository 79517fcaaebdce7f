"""The store: jobs and their attempts, sessions and their turns, and tokens, in one SQLite database."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from vpo_polling.store import queries, revisions
from vpo_polling.store.queue import QueueWrites, now_ms
from vpo_polling.store.reported.builds import BuildWrites
from vpo_polling.store.reported.writes import ReportWrites
from vpo_polling.store.running import RunningWrites
from vpo_polling.store.tokens import Tokens
from vpo_polling.store.tracking import TrackingWrites
from vpo_polling.store.turns.writes import TurnWrites


class Store(QueueWrites, RunningWrites, TrackingWrites, ReportWrites, BuildWrites, TurnWrites):
    """Synchronous: call it from threads, not the event loop. Raises `DatabaseUnavailable` after 1.5 s."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.tokens = Tokens(self)

    @classmethod
    def open(cls, database_path: Path) -> Store:
        """Opens lazily: nothing is read or written before the first call."""
        database_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(database_path)

    def read(self, query: queries.Query, *, now: int | None = None) -> tuple[dict[str, Any] | None, int]:
        """The answer and its topic's revision, from one snapshot. None: no such job."""
        with self.snapshot() as connection:
            data = query.read(connection, now_ms() if now is None else now)
            return data, revisions.read(connection, [query.topic]).get(query.topic, 0)

    def revisions(self, topics: Collection[str]) -> dict[str, int]:
        """The numbers of those topics that were ever written to."""
        with self.snapshot() as connection:
            return revisions.read(connection, topics)

    def finished(self, statuses: Collection[str], *, ended_before: int | None, keep: int) -> list[str]:
        """Jobs that have ended, the last ones first, without the newest `keep` of them."""
        with self.snapshot() as connection:
            return queries.finished(connection, statuses, ended_before, keep)

    def existing(self, job_ids: Collection[str]) -> set[str]:
        """Those of the ids that are jobs."""
        with self.snapshot() as connection:
            return queries.existing(connection, job_ids)

    def job_types(self) -> list[str]:
        """The types that there are jobs of."""
        with self.snapshot() as connection:
            return queries.job_types(connection)

    def get_job(self, job_id: str) -> dict[str, Any] | None:
        return self.read(queries.JobQuery(job_id=job_id))[0]
