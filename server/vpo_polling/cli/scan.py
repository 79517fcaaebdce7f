"""`vpo scan`: through the running server, else as the runner of this one job."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from vpo_polling.cli.follow import LOOK_SECONDS, Follower
from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import FAILED, USAGE, exit_code, fail, note, one_sentence, result
from vpo_polling.cli.place import ApiRefused, opened, running_server
from vpo_polling.jobs.lock import LockHeld, RunnerLock, is_held
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.jobs.runner import Runner
from vpo_polling.settings import Settings
from vpo_polling.store import NewJob, Store, now_ms

FORBIDDEN = 403


def scan(
    directory: Annotated[
        Path, typer.Argument(help="The directory to scan, with all below it.", metavar="DIR")
    ],
    in_background: Annotated[
        bool, typer.Option("--async", help="Print the job's id and return; a running server does the work.")
    ] = False,
    levels: Annotated[
        bool, typer.Option("--levels", help="Also measure how loud WAV files are (takes much longer).")
    ] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Scan a directory for media files.

    Reads container, codecs, duration and size of each. Files that can't be read are listed as errors of the
    scan; it succeeds all the same.

    The log is followed to the end, and the exit code is the job's. Ctrl-C cancels the scan, or, when a server
    runs it, only stops following.

    Examples:

        vpo scan ~/Music

        vpo scan ~/Music --async --data-dir /srv/vpo
    """
    with one_sentence():
        settings = settings_from(data_dir, config)
        path = _directory(directory)
        with opened(settings) as store:
            job_id = _create(store, settings, path, levels=levels)
            if in_background:
                result(job_id)
                if not is_held(settings.data_dir):
                    note("No server runs on this data directory; the job waits until one is started.")
                return
            job = _see_through(store, settings, job_id)
    raise typer.Exit(_conclude(job))


def _directory(given: Path) -> str:
    path = os.path.realpath(given)
    if not os.path.isdir(path):
        fail(f"There is no directory {printable(str(given))}.", USAGE)
    return path


def _create(store: Store, settings: Settings, path: str, *, levels: bool) -> str:
    server = running_server(settings.data_dir)
    # HTTP can't carry a name that is not UTF-8, nor ask for levels.
    if server is not None and not levels and valid(path) == path:
        try:
            return str(server.post("/api/jobs", {"type": "scan", "path": path})["id"])
        except ApiRefused as error:
            # The server's `scan_roots` bind HTTP; whoever is logged in here may scan what they can read.
            if error.status != FORBIDDEN:
                fail(f"The server refused the scan: {error}.", FAILED)
    options = {"path": path, "levels": levels}
    return store.create_job(NewJob(job_type="scan", file_path=valid(path), options=options))


def _see_through(store: Store, settings: Settings, job_id: str) -> dict[str, Any] | None:
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
                with RunnerLock(self._settings.data_dir, "vpo scan"):
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


def _conclude(job: dict[str, Any] | None) -> int:
    if job is None:
        note("The job was deleted.")
    elif job["status"] in ("failed", "cancelled"):
        note(printable(job["error_message"] or "") or f"The job was {job['conclusion']}.")
    return exit_code(job)
