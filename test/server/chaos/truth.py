"""What must be so after every restart, whatever died before it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil
from jobs.support import eventually
from sqlalchemy import select
from timing import PATIENCE
from vpo_polling import logs
from vpo_polling.store import TERMINAL
from vpo_polling.store.schema import attempts

from chaos.world import World

NEVER_BEGUN = b"The server was gone before the work began.\n"


class Truth:
    def __init__(self, world: World) -> None:
        self._world = world
        self._settled: set[tuple[str, int]] = set()

    def check(self) -> None:
        """Nothing runs on that should not, and every attempt's story is whole."""
        world = self._world
        try:
            eventually(lambda: not self._strays())
        except AssertionError:
            raise AssertionError(f"still running: {self._strays()} of {self._alive()}") from None
        assert not list(world.journals.glob("*.overlap")), "two runs of one job at a time"
        for listed in world.all_jobs():
            if (listed["id"], listed["attempt"]) not in self._settled:
                self._check_job(listed["id"])

    def check_the_end(self) -> None:
        """A last server brings everything to its end, stops in order and leaves nothing behind."""
        server = self._world.last_server()
        while before := self._world.unfinished():
            try:
                self._wait_for_other_than(before)
            except AssertionError:
                raise AssertionError(f"stuck: {before}, server {server.poll()}, {self._alive()}") from None
        self.check()
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0
        assert not self._world.marked()

    def _wait_for_other_than(self, before: list[tuple[str, str, int]]) -> None:
        eventually(lambda: self._world.unfinished() != before)

    def _strays(self) -> list[int]:
        """Processes of jobs whose session no running attempt owns."""
        owners = {shim for _job, _attempt, shim in self._world.running()}
        found = []
        for process in self._world.marked():
            with suppress(ProcessLookupError, psutil.Error):
                if os.getsid(process.pid) not in owners:
                    found.append(process.pid)
        return found

    def _check_job(self, job_id: str) -> None:
        job = self._world.store.get_job(job_id)
        assert job is not None
        numbers = [attempt["number"] for attempt in job["attempts"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(attempt["status"] in TERMINAL for attempt in job["attempts"][:-1])
        for attempt in job["attempts"]:
            key = (job_id, attempt["number"])
            if attempt["status"] in TERMINAL and key not in self._settled:
                self._check_log(*key)
                self._settled.add(key)

    def _check_log(self, job_id: str, attempt: int) -> None:
        """Equal to what the work wrote; where the shim itself was killed, a beginning of it.

        What a killed shim had read from the pipe and not yet written is gone with it.
        """
        shown = self._log(job_id, attempt)
        if not shown.startswith(b"pid="):
            # Cut off before its first line was finished, or never begun.
            assert shown in (b"", NEVER_BEGUN), shown[:80]
            return
        pid = int(shown.partition(b"\n")[0].removeprefix(b"pid="))
        journal = self._world.journals / f"{job_id}.{pid}.journal"
        assert journal.read_bytes().startswith(shown), f"{job_id}, attempt {attempt}: not what was written"
        if self._shim_of(job_id, attempt) not in self._world.killed_shims:
            done = int.from_bytes(journal.with_suffix(".done").read_bytes()[:8], "big")
            assert len(shown) >= done, f"{job_id}, attempt {attempt}: {done - len(shown)} bytes are lost"

    def _log(self, job_id: str, attempt: int) -> bytes:
        shown, asked = b"", {"start": "0"}
        while True:
            answer = logs.read(self._world.settings, job_id, attempt, asked, True)
            shown += str(answer["text"]).encode()
            if not answer["more"]:
                assert answer["complete"], (job_id, attempt)
                return shown
            asked = {"gen": answer["gen"], "start": str(answer["end"])}

    def _shim_of(self, job_id: str, attempt: int) -> int | None:
        here = (attempts.c.job_id == job_id) & (attempts.c.number == attempt)
        with self._world.store.snapshot() as connection:
            pid: int | None = connection.execute(select(attempts.c.pid).where(here)).scalar_one()
        return pid

    def _alive(self) -> str:
        stories = [_story(process) for process in self._world.marked()]
        return "\n".join([f"running {self._world.running()}", *stories])


def _story(process: psutil.Process) -> str:
    try:
        words = " ".join(process.cmdline())[-200:]
        return f"{process.pid} (session {os.getsid(process.pid)}, child of {process.ppid()}): {words}"
    except (psutil.Error, OSError):
        return f"{process.pid} (gone)"
