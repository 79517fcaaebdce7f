"""One runner per data directory: a lock that the kernel gives back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType

from vpo_polling.jobs.process import started_at

LOOK_SECONDS = 0.02
# The role of a command that holds the lock only to make sure of the tables.
LOOKING = "vpo"


class LockHeld(Exception):
    """Another process runs the jobs of this data directory."""

    def __init__(self, data_dir: Path, pid: int | None, role: str | None) -> None:
        who = "another process" if pid is None else f"{role or 'process'} (process {pid})"
        super().__init__(f"The data directory {data_dir} is in use by {who}.")
        self.pid = pid
        self.role = role


class RunnerLock:
    """`with RunnerLock(data_dir, "vpo serve"):` raises LockHeld when it can't be had.

    At once where another runner has it. Commands hold it too, for the moment in which they look at the
    tables: that is waited for, up to `patience` seconds.
    """

    def __init__(self, data_dir: Path, role: str, *, patience: float = 0) -> None:
        self._data_dir = data_dir
        self._role = role
        self._patience = patience
        self._file = -1

    def __enter__(self) -> RunnerLock:
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._data_dir / "runner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self._patience
        while not _taken(file):
            pid, role = _holder(os.pread(file, 1000, 0))
            if time.monotonic() >= deadline or _is_runner(pid, role):
                os.close(file)
                raise LockHeld(self._data_dir, pid, role)
            time.sleep(LOOK_SECONDS)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"pid": os.getpid(), "role": self._role}).encode(), 0)
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The file stays: removing it would let two processes hold locks on two files of the same name.
        os.close(self._file)
        self._file = -1


def is_held(data_dir: Path) -> bool:
    """Whether a runner is alive, without taking its place for longer than a look."""
    try:
        file = os.open(data_dir / "runner.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def holder_pid(data_dir: Path) -> int | None:
    """The process that holds the lock, or held it last."""
    try:
        return _holder((data_dir / "runner.lock").read_bytes())[0]
    except OSError:
        return None


def _is_runner(pid: int | None, role: str | None) -> bool:
    """Not so for a look, and for one whose process has ended: then somebody else is just looking."""
    return pid is not None and role != LOOKING and started_at(pid) is not None


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(record: bytes) -> tuple[int | None, str | None]:
    try:
        found = json.loads(record)
        return int(found["pid"]), str(found["role"])
    except (ValueError, KeyError, TypeError):
        return None, None
