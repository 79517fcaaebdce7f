"""What tests of real processes need: conditions with a deadline, and shims of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psutil
from timing import PATIENCE
from vpo_polling import logs
from vpo_polling.jobs.kinds.orders import python_env
from vpo_polling.jobs.protocol import JOB_MARK, Order
from vpo_polling.jobs.runner import Runner
from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL, NewJob, Store

T = TypeVar("T")
_moments = count(1_700_000_000_000)
Job = dict[str, Any]


def eventually(look: Callable[[], T | None], *, seconds: float = PATIENCE) -> T:
    """The first truthy value of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class ShimUnderTest:
    """A shim whose server is the test."""

    def __init__(self, data_dir: Path, argv: Sequence[str], *, begin: bool = True, **order: Any) -> None:
        self.job_id = str(uuid.uuid4())
        self.paths = LogPaths.of(data_dir, self.job_id, 1)
        env = {"PATH": os.environ["PATH"], JOB_MARK: self.job_id, **order.pop("env", {})}
        cwd = order.pop("cwd", "/")
        self.order = Order(self.job_id, 1, str(data_dir), list(argv), cwd, env, **order)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vpo_polling.jobs.shim", self.job_id, "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=python_env(),
            cwd="/",
            start_new_session=True,
        )
        if begin:
            self.begin()

    def begin(self, *, then_die: bool = False) -> None:
        """Gives the order; the server may die right behind it."""
        assert self.process.stdin is not None
        self.process.stdin.write(self.order.encode())
        if then_die:
            self.process.stdin.close()
        else:
            self.process.stdin.flush()

    def say(self, **message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def let_go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def messages(self) -> list[dict[str, Any]]:
        """Everything the shim says until its end."""
        assert self.process.stdout is not None
        said = [json.loads(line) for line in self.process.stdout]
        assert self.process.wait(PATIENCE) == 0
        return said

    @property
    def log(self) -> str:
        return self.paths.log.read_text() if self.paths.log.exists() else ""

    @property
    def record(self) -> dict[str, Any]:
        return eventually(lambda: read_record(self.paths.exit))

    def number(self, name: str) -> int:
        """A process id that the work printed as `name=123`."""

        def look() -> int:
            return next(
                (int(line.split("=")[1]) for line in self.log.splitlines() if line.startswith(name)), 0
            )

        return eventually(look)

    def clean_up(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        self.process.wait(PATIENCE)


@contextmanager
def shim(data_dir: Path, *argv: str, **order: Any) -> Iterator[ShimUnderTest]:
    started = ShimUnderTest(data_dir, argv, **order)
    try:
        yield started
    finally:
        started.clean_up()


def command(store: Store, name: str, **more: Any) -> str:
    """Each a moment after the one before: jobs of one millisecond have no order in the queue."""
    job = NewJob(job_type="command", file_path=name, options={"command": name}, **more)
    return store.create_job(job, now=next(_moments))


def job_of(store: Store, job_id: str) -> Job:
    job = store.get_job(job_id)
    assert job is not None
    return job


async def until(look: Callable[[], T | None]) -> T:
    return await asyncio.to_thread(eventually, look)


async def ended(store: Store, job_id: str) -> Job:
    await until(lambda: job_of(store, job_id)["status"] in TERMINAL)
    return job_of(store, job_id)


def log_of(settings: Settings, job_id: str, attempt: int = 1) -> str:
    return str(logs.read(settings, job_id, attempt, {"start": "0"}, True)["text"])


def pid_of(settings: Settings, job_id: str, attempt: int = 1) -> int:
    first = log_of(settings, job_id, attempt).partition("\n")[0]
    return int(first.removeprefix("pid=") or 0)


@asynccontextmanager
async def started(store: Store, settings: Settings, **more: Any) -> AsyncIterator[Runner]:
    runner = Runner(store, settings, **more)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop()
