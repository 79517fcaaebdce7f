"""What is left of ended jobs: old ones go, logs that nobody writes to any more are packed.

One at a time, in a thread that gives way to all others.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from vpo_polling.jobs.pruning import Rule, prune
from vpo_polling.logs.archive import compress
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL, DatabaseUnavailable, Store, now_ms
from vpo_polling.store.values import milliseconds

_log = logging.getLogger("vpo_polling.logs")

INTERVAL_S = 300.0
SMALLEST = 64 * 1024
"""Smaller logs would hardly become smaller: a file takes whole blocks of the disk."""

NICENESS = 10
DAY_MS = 24 * 60 * 60 * 1000


def retention(settings: Settings) -> list[Rule]:
    """Which ended jobs go by themselves; none unless the settings say so."""
    rules = []
    if settings.retention_days:
        rules.append(Rule(older_than_ms=settings.retention_days * DAY_MS))
    if settings.retention_jobs:
        rules.append(Rule(keep=settings.retention_jobs))
    return rules


class Housekeeper:
    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        clock_ms: Callable[[], int] = now_ms,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._store = store
        self._data_dir = settings.data_dir
        self._after_ms = settings.compress_logs_after_s * 1000
        self._retention = retention(settings)
        self._clock_ms = clock_ms
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Does nothing where the settings say that everything stays as it is."""
        if self._after_ms or self._retention:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="vpo-housekeeping", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """At once: a log that is half packed stays as it was."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def tidy(self) -> None:
        """One round. What goes need not be packed first."""
        with suppress(DatabaseUnavailable):  # the next round asks again
            self._prune()
        if self._after_ms:
            self._pack_logs()

    def _prune(self) -> None:
        for rule in self._retention:
            gone = prune(self._store, self._data_dir, rule, now=self._clock_ms())
            if gone.jobs:
                _log.info("%d old jobs were deleted with their logs (%d bytes).", gone.jobs, gone.bytes)

    def _pack_logs(self) -> None:
        for paths in self._candidates():
            if self._stop.is_set():
                return
            try:
                if self._ended_before(paths, self._clock_ms() - self._after_ms):
                    self._pack(paths)
            except DatabaseUnavailable:
                return  # the next round asks again
            except OSError as error:
                _log.warning("%s can't be compressed: %s", paths.log, error)

    def _run(self) -> None:
        if sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while not self._stop.wait(self._interval_s):
            try:
                self.tidy()
            except Exception:
                _log.exception("A round of housekeeping failed")

    def _candidates(self) -> Iterator[LogPaths]:
        for path in (self._data_dir / "logs").glob("*/*.log"):
            with suppress(OSError, ValueError):
                if path.stat().st_size > SMALLEST:
                    yield LogPaths.of_file(path)

    def _ended_before(self, paths: LogPaths, moment: int) -> bool:
        row = self._attempt(paths)
        if row is None or row["status"] not in TERMINAL or row["completed_at"] is None:
            return False
        return milliseconds(row["completed_at"]) <= moment

    def _attempt(self, paths: LogPaths) -> dict[str, Any] | None:
        job = self._store.get_job(paths.folder.name)
        rows = [] if job is None else job["attempts"]
        return next((row for row in rows if row["number"] == paths.attempt), None)

    def _pack(self, paths: LogPaths) -> None:
        before = paths.log.stat().st_size
        if compress(paths, ended=True, stop=self._stop.is_set):
            _log.debug("%s: %d bytes packed.", paths.log, before)
        if self._attempt(paths) is None:
            # The job was deleted meanwhile: nothing of it may come back.
            shutil.rmtree(paths.folder, ignore_errors=True)
