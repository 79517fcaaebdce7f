"""Tells the database how a tracked job is getting on, in a thread of its own: the work never waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from vpo_polling.jobs.reports import FLUSH_SECONDS, RETRY_SECONDS
from vpo_polling.jobs.runner import HEARTBEAT_SECONDS, LOOK_SECONDS
from vpo_polling.store import Progress, Store, StoreError, now_ms

_log = logging.getLogger("vpo_polling.jobs")


class Teller:
    """Writes the newest progress, at most every 100 ms, and a heartbeat; looks for a wish to cancel."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._newest: Progress | None = None
        # A signal handler may report too, in the middle of a report of its own thread.
        self._turn = threading.RLock()
        self._some = threading.Event()
        self._stopped = threading.Event()
        self._next_look = 0.0
        self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
        self.cancel_requested = False
        self._thread = threading.Thread(target=self._run, name=f"vpo-job-{job_id[:8]}", daemon=True)
        self._thread.start()

    def tell(self, progress: Progress) -> None:
        with self._turn:
            self._newest = progress
        self._some.set()

    def stop(self) -> Progress | None:
        """Ends the thread. What it had not written yet is the caller's."""
        self._stopped.set()
        self._some.set()
        self._thread.join()
        return self._newest

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._some.wait(LOOK_SECONDS)
            if self._stopped.is_set():
                return
            told = self._try(self._write) and self._try(self._look)
            self._stopped.wait(FLUSH_SECONDS if told else RETRY_SECONDS)

    def _write(self) -> None:
        self._some.clear()
        progress = self._newest
        if progress is None:
            return
        self._store.report([progress])
        with self._turn:
            # Unless there is news already.
            if self._newest is progress:
                self._newest = None

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self._next_look:
            self.cancel_requested |= bool(self._store.cancel_requested([self._job_id]))
            self._next_look = now + LOOK_SECONDS
        if now >= self._next_beat:
            self._store.heartbeat([self._job_id], now=now_ms())
            self._next_beat = now + HEARTBEAT_SECONDS

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except StoreError as error:
            _log.debug("Job %s waits for the database: %s", self._job_id, error)
            self._some.set()
            return False
        return True
