"""Following a job that this command started, and running it when nobody else does."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated, Any

import typer

from vpo_polling.cli.follow import LOOK_SECONDS, Follower
from vpo_polling.cli.output import exit_code, note, result
from vpo_polling.jobs.lock import LockHeld, RunnerLock, is_held
from vpo_polling.jobs.printable import printable
from vpo_polling.jobs.runner import Runner
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

InBackground = Annotated[
    bool, typer.Option("--async", help="Print the job's id and return; a running server does the work.")
]


def leave_to_server(settings: Settings, job_id: str) -> None:
    result(job_id)
    if not is_held(settings.data_dir):
        note("No server runs on this data directory; the job waits until one is started.")


def see_through(store: Store, settings: Settings, job_id: str) -> dict[str, Any] | None:
    """Follows the job, and runs it when nobody else does: also when its server ends on the way."""
    return asyncio.run(_Watch(store, settings, job_id).run())


class _Watch:
    def __init__(self, store: Store, settings: Settings, job_id: str) -> None:
        self._store = store
        self._settings = settings
        self._job_id = job_id
        self._follower = Follower(store, settings, job_id)
        self._runs_here = False
        self._left = asyncio.Event()

    async def run(self) -> dict[str, Any] | None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        loop.add_signal_handler(signal.SIGTERM, self._left.set)
        while not self._left.is_set():
            try:
                with RunnerLock(self._settings.data_dir, "the command that started a job"):
                    return await self._run_here()
            except LockHeld:
                job, done = await self._step()
                if done:
                    return job
        return await asyncio.to_thread(self._store.get_job, self._job_id)

    async def _run_here(self) -> dict[str, Any] | None:
        self._runs_here = True
        self._runner = Runner(self._store, self._settings, only=self._job_id)
        await self._runner.start()
        try:
            while not self._left.is_set():
                job, done = await self._step()
                if done:
                    return job
        finally:
            await self._runner.stop()
            self._runs_here = False
        return await asyncio.to_thread(self._store.get_job, self._job_id)

    async def _step(self) -> tuple[dict[str, Any] | None, bool]:
        job, done = await asyncio.to_thread(self._follower.step)
        if not done:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._left.wait(), LOOK_SECONDS)
        return job, done

    def _interrupted(self) -> None:
        if not self._runs_here:
            note(f"The job goes on; see it with: vpo jobs logs {self._job_id[:8]} --follow")
            self._left.set()
            return
        note("Cancelling …")
        self._cancelling = asyncio.ensure_future(self._cancel())

    async def _cancel(self) -> None:
        await asyncio.to_thread(self._store.request_cancel, self._job_id, now=now_ms())
        await self._runner.cancel(self._job_id)


def conclude(job: dict[str, Any] | None) -> int:
    if job is None:
        note("The job was deleted.")
    elif job["status"] in ("failed", "cancelled"):
        note(printable(job["error_message"] or "") or f"The job was {job['conclusion']}.")
    return exit_code(job)
