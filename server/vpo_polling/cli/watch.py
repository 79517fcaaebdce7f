"""Following a job that this command started, and running it when nobody else does."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated, Any

import typer

from vpo_polling.cli.follow import LOOK_SECONDS, Follower, ForPeople, ForPrograms, Telling
from vpo_polling.cli.output import as_json, note, result
from vpo_polling.jobs.lock import LockHeld, RunnerLock, is_held
from vpo_polling.jobs.runner import Runner
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

InBackground = Annotated[
    bool, typer.Option("--async", help="Print the job's id and return; a running server does the work.")
]


Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help='One JSON object a line: {"attempt", "log"} for each line of the log, last the job\'s record. '
        "With --async only the record.",
    ),
]


def leave_to_server(store: Store, settings: Settings, job_id: str, *, json: bool) -> None:
    if json:
        as_json(store.get_job(job_id))
    else:
        result(job_id)
    if not is_held(settings.data_dir):
        note("No server runs on this data directory; the job waits until one is started.")


def see_through(store: Store, settings: Settings, job_id: str, *, json: bool) -> int:
    """Follows the job, and runs it when nobody else does, also when its server ends on the way.

    The exit code is the job's.
    """
    telling = ForPrograms() if json else ForPeople()
    return telling.end(job_id, asyncio.run(_Watch(store, settings, job_id, telling).run()))


class _Watch:
    def __init__(self, store: Store, settings: Settings, job_id: str, telling: Telling) -> None:
        self._store = store
        self._settings = settings
        self._job_id = job_id
        self._telling = telling
        self._follower = Follower(store, settings, job_id, telling)
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
            self._telling.remark(f"The job goes on; see it with: vpo jobs logs {self._job_id[:8]} --follow")
            self._left.set()
            return
        self._telling.remark("Cancelling …")
        self._cancelling = asyncio.ensure_future(self._cancel())

    async def _cancel(self) -> None:
        await asyncio.to_thread(self._store.request_cancel, self._job_id, now=now_ms())
        await self._runner.cancel(self._job_id)
