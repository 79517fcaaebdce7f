"""One runner per data directory: a lock that the kernel gives back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType


class LockHeld(Exception):
    """Another process runs the jobs of this data directory."""

    def __init__(self, data_dir: Path, pid: int | None, role: str | None) -> None:
        who = "another process" if pid is None else f"{role or 'process'} (process {pid})"
        super().__init__(f"The data directory {data_dir} is in use by {who}.")
        self.pid = pid
        self.role = role


class RunnerLock:
    """`with RunnerLock(data_dir, "vpo serve"):` raises LockHeld at once when it can't be had."""

    def __init__(self, data_dir: Path, role: str) -> None:
        self._data_dir = data_dir
        self._role = role
        self._file = -1

    def __enter__(self) -> RunnerLock:
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._data_dir / "runner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(file)
            os.close(file)
            raise LockHeld(self._data_dir, *holder) from None
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


def _holder(file: int) -> tuple[int | None, str | None]:
    try:
        found = json.loads(os.pread(file, 1000, 0))
        return int(found["pid"]), str(found["role"])
    except (ValueError, KeyError, TypeError):
        return None, None
