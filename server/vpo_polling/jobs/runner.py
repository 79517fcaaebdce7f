"""Runs queued jobs, some at a time, each under its shim. Only in the process that holds the runner lock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from vpo_polling.jobs.endings import ending_of
from vpo_polling.jobs.kinds import CannotStart, order_for
from vpo_polling.jobs.lost import settle_lost
from vpo_polling.jobs.process import GRACE_SECONDS
from vpo_polling.jobs.recovery import recover
from vpo_polling.jobs.reports import Reports
from vpo_polling.jobs.room import Free, Room, free_share
from vpo_polling.jobs.running import RunningJob
from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.store.queue import now_ms
from vpo_polling.store.types import Claimed, DatabaseUnavailable, Ending

_log = logging.getLogger("vpo_polling.jobs")

HEARTBEAT_SECONDS = 5.0
# How soon what another process queued or cancelled is seen.
LOOK_SECONDS = 0.5
# How soon it is seen that a program which reported a job of its own is gone.
LOST_SECONDS = 2.0
# A shim ends its session within the grace; then it still drains, syncs and reports.
STOP_SECONDS = GRACE_SECONDS + 4.0

T = TypeVar("T")


class Runner:
    """`only`: the one job that may be run; a command line that runs its own leaves others in the queue."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        only: str | None = None,
        now: Callable[[], int] = now_ms,
        free: Free = free_share,
    ) -> None:
        self._store = store
        self._settings = settings
        self._only = only
        self._now = now
        self._room = Room(store, settings.data_dir, free)
        self._free = settings.workers if only is None else 1
        self._running: dict[str, RunningJob] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._jobs: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    @property
    def active_workers(self) -> int:
        return len(self._running)

    async def start(self) -> None:
        """Recovers what an earlier server left, and begins to run what is queued."""
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._awake = asyncio.Event()
        self._reports = Reports(self._store)
        for row in await self._patiently(self._store.running):
            # Tracked jobs run on in processes that are not ours: never waited for, never ended.
            if not row.tracked:
                self._spawn(self._jobs, recover(row, self._settings, self._end))
        loops = (self._claim(), self._reports.run(), self._beat(), self._watch_cancels(), self._watch_lost())
        for work in loops:
            self._spawn(self._tasks, work)

    async def stop(self) -> None:
        """Ends all running jobs, which go on as their next attempt when a runner starts again."""
        self._stopping = True
        for job in list(self._running.values()):
            job.let_go()
        if self._jobs:
            await asyncio.wait(set(self._jobs), timeout=STOP_SECONDS)
        for job in list(self._running.values()):
            await asyncio.to_thread(job.kill)
        if self._jobs:
            await asyncio.wait(set(self._jobs), timeout=STOP_SECONDS)
        remaining = self._tasks | self._jobs
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)

    def wake(self) -> None:
        """There may be a job to claim. From any thread, at any time."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._awake.set)

    async def cancel(self, job_id: str) -> None:
        """Ends a running job now; the request itself is already in the store."""
        job = self._running.get(job_id)
        if job is not None:
            job.cancel()

    # Loops

    async def _claim(self) -> None:
        while not self._stopping:
            claimed = await self._next() if self._free > 0 else None
            if claimed is not None:
                self._free -= 1
                self._spawn(self._jobs, self._run(claimed))
                continue
            await _wait(self._awake, LOOK_SECONDS * 2)
            self._awake.clear()

    async def _next(self) -> Claimed | None:
        def look() -> Claimed | None:
            if not self._room.is_there():
                return None
            return self._store.claim_next(now=self._now(), only=self._only)

        try:
            return await asyncio.to_thread(look)
        except DatabaseUnavailable as error:
            _log.warning("No job can be claimed: %s", error)
            return None

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self._running:
                await self._try(self._store.heartbeat, list(self._running), now=self._now())

    async def _watch_cancels(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._running:
                for job_id in await self._try(self._store.cancel_requested, list(self._running)) or ():
                    await self.cancel(job_id)

    async def _watch_lost(self) -> None:
        while True:
            await self._try(settle_lost, self._store, self._settings.data_dir, now=self._now())
            await asyncio.sleep(LOST_SECONDS)

    # One job

    async def _run(self, claimed: Claimed) -> None:
        try:
            ending = await self._supervise(claimed)
            await self._reports.flush()
            await self._end(claimed.job_id, claimed.attempt, ending)
        finally:
            self._free += 1
            self._awake.set()

    async def _supervise(self, claimed: Claimed) -> Ending | None:
        """Runs a job to its end. None: it was cut off."""
        try:
            paths = LogPaths.of(self._settings.data_dir, claimed.job_id, claimed.attempt)
            order = order_for(claimed, self._settings)
            job = await RunningJob.start(order)
        except (CannotStart, OSError, ValueError) as error:
            # ValueError: NUL in a path or an argument, an id that is none, written by another program.
            return Ending(status="failed", conclusion="startup_failure", error_message=str(error))
        self._running[claimed.job_id] = job
        if self._stopping:
            job.let_go()
        try:
            await self._patiently(
                self._store.set_process,
                claimed.job_id,
                claimed.attempt,
                pid=job.pid,
                process_started=job.started,
            )
            async for message in job.messages():
                self._reports.take(claimed.job_id, claimed.attempt, message)
            await job.gone()
        finally:
            del self._running[claimed.job_id]
        return ending_of(job.ended or read_record(paths.exit))

    async def _end(self, job_id: str, attempt: int, ending: Ending | None) -> None:
        """Writes how an attempt ended. Until that is written the exit record on disk knows it."""
        if ending is None:
            _log.warning("Job %s was cut off in attempt %d.", job_id, attempt)
            await self._patiently(self._store.interrupt, job_id, attempt, now=self._now(), requeue=True)
        else:
            _log.info("Job %s: %s, %s.", job_id, ending.status, ending.conclusion)
            await self._patiently(self._store.finish, job_id, attempt, ending, now=self._now())
        self._awake.set()

    # Tools

    async def _patiently(self, write: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Asks the store until it can answer."""
        pause = 0.2
        while True:
            try:
                return await asyncio.to_thread(write, *args, **kwargs)
            except DatabaseUnavailable as error:
                if self._stopping and pause > 1:
                    raise
                _log.warning("Waiting for the database: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _try(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
        try:
            return await asyncio.to_thread(call, *args, **kwargs)
        except DatabaseUnavailable as error:
            _log.warning("The database does not answer: %s", error)
            return None

    def _spawn(self, into: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        into.add(task)
        task.add_done_callback(into.discard)
        task.add_done_callback(_complain)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return


def _complain(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("A task of the runner failed.", exc_info=error)
