"""Tracked jobs whose program is gone. Nobody here started it or hears of its end: that is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vpo_polling.jobs import process
from vpo_polling.jobs.endings import ending_of
from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.store import AttemptRow, Store

# Between hosts a process can't be looked at, only what it wrote last.
SILENT_MS = 30_000


def settle_lost(store: Store, data_dir: Path, *, now: int) -> list[str]:
    """Ends the tracked jobs that have ended without being able to write it; their ids.

    May run in any number of processes at a time: an attempt ends once.
    """
    return [row.job_id for row in store.running() if row.tracked and _settle(store, row, data_dir, now)]


def _settle(store: Store, row: AttemptRow, data_dir: Path, now: int) -> bool:
    paths = LogPaths.of(data_dir, row.job_id, row.attempt)
    # Looked at first: a program that ends meanwhile has left its record before it is gone.
    is_gone = not _is_alive(row, read_record(paths.start) or {}, now)
    ending = ending_of(read_record(paths.exit))
    if ending is not None:
        return store.finish(row.job_id, row.attempt, ending, now=now)
    return is_gone and store.interrupt(row.job_id, row.attempt, now=now, requeue=False)


def _is_alive(row: AttemptRow, start: dict[str, Any], now: int) -> bool:
    if start.get("host", process.host()) != process.host():
        return now - (row.heartbeat_at or 0) <= SILENT_MS
    return row.pid is not None and process.started_at(row.pid) == row.process_started
