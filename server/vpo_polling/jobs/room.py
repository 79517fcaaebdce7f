"""A disk that is almost full starts no more jobs: those that run may need what is left to end in order."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from vpo_polling.store import DatabaseUnavailable, Store

LEAST_FREE = 0.05
# Saying why jobs wait may itself find no room; asking for it again and again helps nobody.
RETRY_SECONDS = 30.0

_log = logging.getLogger("vpo_polling.jobs")

Free = Callable[[Path], float]


def free_share(folder: Path) -> float:
    """Of the file system that a folder is on, from 0 to 1."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total if usage.total else 1.0


class Room:
    """Whether there is room for another job. Jobs in the queue say so when there is none."""

    def __init__(self, store: Store, folder: Path, free: Free = free_share) -> None:
        self._store = store
        self._folder = folder
        self._free = free
        # None: not looked yet; an earlier runner may have left its reasons.
        self._was_there: bool | None = None
        self._not_before = 0.0

    def is_there(self) -> bool:
        """Looks; writes only when that changes what the queue says."""
        share = self._free(self._folder)
        there = share >= LEAST_FREE
        if there and self._was_there is not True:
            self._say(None)
        elif not there:
            if self._was_there is not False:
                _log.warning("No job is started: only %d %% of the disk is free.", share * 100)
            self._say(f"The disk is almost full ({int(share * 100)} % free). Jobs start again above 5 %.")
        self._was_there = there
        return there

    def _say(self, reason: str | None) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            self._store.explain_waiting(reason)
        except DatabaseUnavailable as error:
            _log.warning("Jobs can't say why they wait: %s", error)
            self._not_before = time.monotonic() + RETRY_SECONDS
