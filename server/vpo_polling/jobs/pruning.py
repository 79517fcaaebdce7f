"""Deleting jobs that have ended, with their logs, and logs that outlived their jobs."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vpo_polling.logs.paths import LogPaths
from vpo_polling.store import TERMINAL, Store


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which of the jobs that have ended may go; at least one of these must be given."""

    older_than_ms: int | None = None
    """Only those that ended longer ago."""
    keep: int | None = None
    """Not the newest of them."""
    statuses: tuple[str, ...] = TERMINAL

    def __post_init__(self) -> None:
        if self.older_than_ms is None and self.keep is None and self.statuses == TERMINAL:
            raise ValueError("A rule must say which jobs may go.")


@dataclass(frozen=True)
class Pruned:
    jobs: int
    """Deleted with their logs."""
    leftovers: int
    """Logs whose job was gone already."""
    bytes: int


def prune(
    store: Store,
    data_dir: Path,
    rule: Rule,
    *,
    now: int,
    delete: Callable[[str], bool] | None = None,
    dry_run: bool = False,
) -> Pruned:
    """`delete` removes one job and says whether it did; without it the store does. Logs are removed here."""
    delete = delete or store.delete
    before = None if rule.older_than_ms is None else now - rule.older_than_ms
    jobs = freed = 0
    for job_id in store.finished(rule.statuses, ended_before=before, keep=rule.keep or 0):
        folder = LogPaths.of(data_dir, job_id, 1).folder
        size = _size(folder)
        # The job first: what is left behind by a crash is then a log without one, which the next time finds.
        if dry_run or delete(job_id):
            jobs += 1
            freed += size
            if not dry_run:
                shutil.rmtree(folder, ignore_errors=True)
    leftovers = list(_leftovers(store, data_dir / "logs"))
    for folder in leftovers:
        freed += _size(folder)
        if not dry_run:
            shutil.rmtree(folder, ignore_errors=True)
    return Pruned(jobs, len(leftovers), freed)


def _leftovers(store: Store, folder: Path) -> Iterator[Path]:
    """Folders named as a job that does not exist.

    The folders are listed before the jobs are asked for: a job is always in the database before its folder is
    made, so none that is just being made can be missing there.
    """
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return
    ours = [name for name in names if _is_id(name)]
    known = store.existing(ours)
    yield from (folder / name for name in ours if name not in known)


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _size(folder: Path) -> int:
    try:
        with os.scandir(folder) as found:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in found)
    except FileNotFoundError:
        return 0
