"""Jobs that another program queued: what can't be run fails and says why, and the next one runs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from foreign import OBJECTS, TEXTS, overwrite
from vpo_polling.settings import Settings
from vpo_polling.store import Store

from jobs.support import command, ended, job_of, started, until


@pytest.mark.parametrize("column", ["argv", "options", "job_type", "file_path"])
def test_a_job_that_can_not_be_read_does_not_stop_the_queue(
    store: Store, settings: Settings, column: str
) -> None:
    values = OBJECTS if column in ("argv", "options") else TEXTS
    bad = [command(store, "ok") for _ in values]
    for job_id, value in zip(bad, values.values(), strict=True):
        overwrite(store.path, job_id, "jobs", column, value)
    good = command(store, "ok")

    async def work() -> None:
        async with started(store, settings):
            assert (await ended(store, good))["status"] == "completed"
            for job_id in bad:
                job = await ended(store, job_id)
                assert job["status"] in ("completed", "failed"), job
                assert job["status"] == "completed" or job["error_message"]

    asyncio.run(work())


def test_a_job_without_a_real_id_does_not_stop_the_queue(store: Store, settings: Settings) -> None:
    bad, good = command(store, "ok"), command(store, "ok")
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE jobs SET id = '../../etc' WHERE id = ?", (bad,))

    async def work() -> None:
        async with started(store, settings):
            assert (await ended(store, good))["status"] == "completed"
            await until(lambda: job_of(store, "../../etc")["status"] == "failed")

    asyncio.run(work())
