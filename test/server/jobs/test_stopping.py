"""Jobs that are cancelled, stopped, cut off or held up."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest
from timing import PATIENCE
from vpo_polling.jobs import runner as runner_module
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

from jobs.support import command, ended, is_running, job_of, log_of, pid_of, started, until


def test_another_process_queues_and_cancels(store: Store, settings: Settings) -> None:
    other = Store.open(settings.database_path)

    async def work() -> None:
        async with started(store, settings):
            job_id = await asyncio.to_thread(command, other, "waits")
            pid = await until(lambda: pid_of(settings, job_id))
            assert await asyncio.to_thread(lambda: other.request_cancel(job_id, now=now_ms())) == "cancelling"
            job = await ended(store, job_id)
            assert (job["status"], job["conclusion"]) == ("cancelled", "cancelled")
            assert not is_running(pid)

    try:
        asyncio.run(work())
    finally:
        other.close()


def test_cancel_is_passed_on_at_once(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LOOK_SECONDS", 3600)
    job_id = command(store, "waits")

    async def work() -> None:
        async with started(store, settings) as runner:
            await until(lambda: pid_of(settings, job_id))
            store.request_cancel(job_id, now=now_ms())
            await runner.cancel(job_id)
            assert (await ended(store, job_id))["status"] == "cancelled"

    asyncio.run(work())


def test_stopping_ends_the_work_and_keeps_the_job_for_the_next_start(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    job_id = command(store, "stubborn")
    pids: list[int] = []

    async def stop_in_the_middle() -> None:
        async with started(store, settings):
            pids.append(await until(lambda: pid_of(settings, job_id)))
        job = job_of(store, job_id)
        assert (job["status"], job["attempt"]) == ("queued", 2)
        assert job["attempts"][0]["conclusion"] == "interrupted"
        assert not is_running(pids[0])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def go_on() -> None:
        (tmp_path / "go").touch()
        async with started(store, settings):
            job = await ended(store, job_id)
            assert (job["status"], job["attempt"]) == ("completed", 2)
            assert log_of(settings, job_id, 2) != log_of(settings, job_id, 1)

    asyncio.run(stop_in_the_middle())
    asyncio.run(go_on())


def test_a_shim_that_is_killed_takes_its_work_along_and_the_job_goes_on(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    job_id = command(store, "stubborn")

    async def work() -> None:
        async with started(store, settings):
            pid = await until(lambda: pid_of(settings, job_id))
            os.kill(os.getpgid(pid), signal.SIGKILL)
            await until(lambda: job_of(store, job_id)["attempt"] == 2)
            assert not is_running(pid)
            (tmp_path / "go").touch()
            assert (await ended(store, job_id))["attempts"][0]["conclusion"] == "interrupted"

    asyncio.run(work())


def test_heartbeats_change_no_revision(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "HEARTBEAT_SECONDS", 0.02)
    job_id = command(store, "waits")

    async def work() -> None:
        async with started(store, settings):
            await until(lambda: pid_of(settings, job_id))
            await until(lambda: job_of(store, job_id)["has_logs"])
            before, beat = store.revisions(["jobs"]), store.running()[0].heartbeat_at
            await until(lambda: store.running()[0].heartbeat_at != beat)
            assert store.revisions(["jobs"]) == before

    asyncio.run(work())


def test_a_database_that_is_locked_for_a_while_loses_nothing(store: Store, settings: Settings) -> None:
    job_id = command(store, "counts")
    release = threading.Event()
    locked = threading.Event()

    def lock() -> None:
        other = Store.open(settings.database_path)
        with other.write():
            locked.set()
            release.wait(PATIENCE)
        other.close()

    async def work() -> None:
        async with started(store, settings):
            record = LogPaths.of(settings.data_dir, job_id, 1)
            await until(record.start.exists)
            holder = threading.Thread(target=lock)
            holder.start()
            await until(locked.is_set)
            await until(record.exit.exists)
            release.set()
            holder.join()
            assert (await ended(store, job_id))["processed_count"] == 3000

    asyncio.run(work())
