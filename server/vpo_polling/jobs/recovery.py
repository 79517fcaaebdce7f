"""What became of an attempt whose server is gone: the shim's exit record says so, else it was cut off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from vpo_polling.jobs import process
from vpo_polling.jobs.endings import ending_of
from vpo_polling.jobs.protocol import JOB_MARK
from vpo_polling.logs.paths import LogPaths, read_record, write_record
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.store.types import AttemptRow, Ending

# A shim that lost its server ends its session and writes its record in this time.
SHIM_SECONDS = process.GRACE_SECONDS + 4.0
LOOK_SECONDS = 0.05

End = Callable[[str, int, Ending | None], Awaitable[None]]


async def recover(row: AttemptRow, settings: Settings, end: End) -> None:
    """Settles one attempt; only once its shim and all it started are gone, so that never two attempts run."""
    paths = LogPaths.of(settings.data_dir, row.job_id, row.attempt)
    # Before looking for a shim: one that is only just starting says who it is first and looks for this
    # afterwards, so that at least one of the two sees the other.
    await asyncio.to_thread(_abandon, paths)
    pid, started = _shim(row, paths)
    if pid is not None:
        await asyncio.to_thread(_wait_for, pid, started, _marks(row))
        await asyncio.to_thread(process.kill_marked, pid, JOB_MARK, row.job_id)
    await end(row.job_id, row.attempt, ending_of(read_record(paths.exit)))


def settle_left(store: Store, data_dir: Path, *, now: int) -> None:
    """What a dead runner left, as far as its end can be told without waiting. Only under the runner lock.

    For commands that only look: where no runner lives, nobody else would say that a job no longer runs.
    """
    for row in store.running():
        if row.tracked:
            continue
        paths = LogPaths.of(data_dir, row.job_id, row.attempt)
        _abandon(paths)
        pid, started = _shim(row, paths)
        if pid is not None:
            if process.is_same(pid, started, _marks(row)):
                continue
            process.kill_marked(pid, JOB_MARK, row.job_id)
        ending = ending_of(read_record(paths.exit))
        if ending is None:
            store.interrupt(row.job_id, row.attempt, now=now, requeue=True)
        else:
            store.finish(row.job_id, row.attempt, ending, now=now)


def _marks(row: AttemptRow) -> tuple[str, ...]:
    return ("vpo_polling.jobs.shim", row.job_id, str(row.attempt))


def _abandon(paths: LogPaths) -> None:
    # On a full disk there is no record, and the shim, whose pipe has ended, finds out by itself.
    with suppress(OSError):
        paths.folder.mkdir(parents=True, exist_ok=True)
        write_record(paths.abandoned, {})


def _wait_for(pid: int, started: float, marks: tuple[str, ...]) -> None:
    deadline = time.monotonic() + SHIM_SECONDS
    while process.is_same(pid, started, marks) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def _shim(row: AttemptRow, paths: LogPaths) -> tuple[int | None, float]:
    if row.pid is not None:
        return row.pid, row.process_started or 0.0
    # The server died before it could write down which process it had started.
    record = read_record(paths.start) or {}
    try:
        return int(record["pid"]), float(record["started"])
    except (KeyError, TypeError, ValueError):
        return None, 0.0
