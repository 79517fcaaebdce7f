"""A job's log on standard output, until it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from vpo_polling import logs
from vpo_polling.cli.output import log_text, note
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL, DatabaseUnavailable, Store

LOOK_SECONDS = 0.1


class Follower:
    """Reads from the files directly: it works with a server, without one, and while one dies."""

    def __init__(
        self, store: Store, settings: Settings, job_id: str, *, tail: str = "0", first: int = 1
    ) -> None:
        self._store = store
        self._settings = settings
        self._job_id = job_id
        self._tail = tail
        # Earlier attempts than `first` are not printed.
        self._attempt = first - 1
        self._begun = False
        self._asked: dict[str, str] = {}

    def step(self) -> tuple[dict[str, Any] | None, bool]:
        """Prints what is new. Returns the job (None: it was deleted) and whether all of it was printed."""
        try:
            job = self._store.get_job(self._job_id)
        except DatabaseUnavailable:
            return {"status": "running", "attempts": []}, False
        if job is None:
            return None, True
        done = job["status"] in TERMINAL
        for attempt in job["attempts"]:
            if attempt["number"] > self._attempt:
                self._begin(attempt["number"])
            elif attempt["number"] < self._attempt or not self._begun:
                continue
            if not self._drain(attempt["status"] in TERMINAL):
                return job, False
        return job, done

    def _begin(self, number: int) -> None:
        if self._begun:
            note(f"The job goes on as attempt {number}:")
        self._asked = {"start": "0" if self._begun else self._tail}
        self._attempt = number
        self._begun = True

    def _drain(self, ended: bool) -> bool:
        """Prints what there is of one attempt; whether that was the rest."""
        while True:
            answer = logs.read(self._settings, self._job_id, self._attempt, self._asked, ended)
            log_text(answer["text"])
            self._asked = {"gen": answer["gen"], "start": str(answer["end"])}
            if not answer["more"]:
                return bool(answer["complete"])


def follow(
    store: Store,
    settings: Settings,
    job_id: str,
    *,
    tail: str = "0",
    first: int = 1,
    between: Callable[[], None] = lambda: time.sleep(LOOK_SECONDS),
) -> dict[str, Any] | None:
    """The job as it ended; None when it was deleted meanwhile."""
    follower = Follower(store, settings, job_id, tail=tail, first=first)
    while True:
        job, done = follower.step()
        if done:
            return job
        between()
