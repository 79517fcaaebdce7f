"""Progress on its way to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from vpo_polling.jobs.reports import Reports
from vpo_polling.store import DatabaseUnavailable, Progress, Store


class Recorder:
    def __init__(self) -> None:
        self.reports: list[list[Progress]] = []
        self.errors: list[tuple[Any, ...]] = []
        self.locked = False
        self.meanwhile: Callable[[], None] = lambda: None

    def report(self, reports: list[Progress]) -> None:
        if self.locked:
            raise DatabaseUnavailable("locked")
        self.reports.append(reports)

    def add_scan_errors(self, job_id: str, attempt: int, errors: Sequence[tuple[str, str, str]]) -> None:
        if self.locked:
            self.meanwhile()
            raise DatabaseUnavailable("locked")
        self.errors.append((job_id, attempt, *errors))


def progress(done: int) -> dict[str, Any]:
    return {"t": "progress", "done": done, "total": 9}


def test_all_jobs_share_one_transaction_and_only_the_newest_state_counts() -> None:
    async def work() -> None:
        store = Recorder()
        reports = Reports(cast(Store, store))
        for done in range(5):
            for job_id in ("a", "b", "c"):
                reports.take(job_id, 1, progress(done))
        assert await reports.flush()
        assert [[(row.job_id, row.processed) for row in rows] for rows in store.reports] == [
            [("a", 4), ("b", 4), ("c", 4)]
        ]
        assert await reports.flush()
        assert len(store.reports) == 1

    asyncio.run(work())


def test_nothing_is_lost_or_doubled_while_the_database_is_locked() -> None:
    async def work() -> None:
        store = Recorder()
        reports = Reports(cast(Store, store))
        reports.take("a", 1, progress(1))
        reports.take("b", 1, progress(1))
        reports.take("a", 1, {"t": "errors", "items": [["/x/1", "1", "bad"]]})
        store.locked = True
        assert not await reports.flush()
        reports.take("a", 1, progress(2))
        reports.take("a", 1, {"t": "errors", "items": [["/x/2", "2", "bad"]]})
        store.locked = False
        assert await reports.flush()
        assert {row.job_id: row.processed for row in store.reports[0]} == {"a": 2, "b": 1}
        assert store.errors == [("a", 1, ("/x/1", "1", "bad"), ("/x/2", "2", "bad"))]

    asyncio.run(work())


def test_errors_that_come_while_others_are_refused_keep_their_order() -> None:
    def error(name: str) -> dict[str, Any]:
        return {"t": "errors", "items": [[name, name, "bad"]]}

    async def work() -> None:
        store = Recorder()
        reports = Reports(cast(Store, store))
        reports.take("a", 1, error("first"))
        store.locked = True
        store.meanwhile = lambda: reports.take("a", 1, error("second"))
        assert not await reports.flush()
        store.locked = False
        assert await reports.flush()
        assert [name for name, *_ in store.errors[0][2:]] == ["first", "second"]

    asyncio.run(work())
