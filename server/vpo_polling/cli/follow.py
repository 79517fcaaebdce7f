"""A job's log on standard output, until it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vpo_polling import logs
from vpo_polling.cli.output import exit_code, json_line, log_text, note
from vpo_polling.cli.terminal import StatusLine
from vpo_polling.jobs.printable import printable
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL, DatabaseUnavailable, Store, now_ms

LOOK_SECONDS = 0.1


class Telling(Protocol):
    """How what happens to a job is said."""

    def log(self, attempt: int, text: str) -> None:
        """More of the log: whole lines, until the last piece of an attempt."""

    def waits(self, job: dict[str, Any]) -> None:
        """Nothing new for now."""

    def remark(self, text: str) -> None:
        """For people."""

    def end(self, job_id: str, job: Mapping[str, Any] | None) -> int:
        """It has ended, or this command stops following. The exit code."""


class ForPeople:
    def __init__(self, *, with_reason: bool = True) -> None:
        self._line = StatusLine()
        self._with_reason = with_reason

    def log(self, attempt: int, text: str) -> None:
        self._line.clear()
        log_text(text)

    def waits(self, job: dict[str, Any]) -> None:
        self._line.show(job, now_ms())

    def remark(self, text: str) -> None:
        self._line.clear()
        note(text)

    def end(self, job_id: str, job: Mapping[str, Any] | None) -> int:
        self._line.clear()
        if job is None:
            note("The job was deleted.")
        elif self._with_reason and job["status"] in ("failed", "cancelled"):
            note(printable(job["error_message"] or "") or f"The job was {job['conclusion']}.")
        return exit_code(job)


class ForPrograms:
    """One JSON object a line: `{"attempt", "log"}` for each line of the log, last the job's record."""

    def log(self, attempt: int, text: str) -> None:
        for line in text.removesuffix("\n").split("\n"):
            json_line({"attempt": attempt, "log": line})

    def waits(self, job: dict[str, Any]) -> None:
        pass

    def remark(self, text: str) -> None:
        note(text)

    def end(self, job_id: str, job: Mapping[str, Any] | None) -> int:
        json_line({"id": job_id, "error": "The job was deleted."} if job is None else job)
        return exit_code(job)


class Follower:
    """Reads from the files directly: it works with a server, without one, and while one dies.

    `start` says where the log of the attempt `first` is begun, as `logs.read` is asked; nothing of earlier
    attempts is printed.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        job_id: str,
        telling: Telling,
        *,
        start: Mapping[str, str] | None = None,
        first: int = 1,
    ) -> None:
        self._store = store
        self._settings = settings
        self._job_id = job_id
        self._telling = telling
        self._asked: Mapping[str, str] = start or {"start": "0"}
        self._attempt = first - 1
        self._begun = False
        self._reason: str | None = None

    def step(self) -> tuple[dict[str, Any] | None, bool]:
        """Prints what is new. Returns the job (None: it was deleted) and whether all of it was printed."""
        try:
            job = self._store.get_job(self._job_id)
        except DatabaseUnavailable:
            return {"status": "running", "attempts": []}, False
        if job is None:
            return None, True
        done = self._print_log(job) and job["status"] in TERMINAL
        if not done:
            self._say_reason(job)
            self._telling.waits(job)
        return job, done

    def _print_log(self, job: dict[str, Any]) -> bool:
        """Whether that was all there will be of it."""
        for attempt in job["attempts"]:
            if attempt["number"] > self._attempt:
                self._begin(attempt["number"])
            elif attempt["number"] < self._attempt or not self._begun:
                continue
            if not self._drain(attempt["status"] in TERMINAL):
                return False
        return True

    def _begin(self, number: int) -> None:
        if self._begun:
            self._telling.remark(f"The job goes on as attempt {number}:")
            self._asked = {"start": "0"}
        self._attempt = number
        self._begun = True

    def _drain(self, ended: bool) -> bool:
        """Prints what there is of one attempt; whether that was the rest."""
        while True:
            answer = logs.read(self._settings, self._job_id, self._attempt, self._asked, ended)
            if answer["text"]:
                self._telling.log(self._attempt, answer["text"])
            self._asked = {"gen": answer["gen"], "start": str(answer["end"])}
            if not answer["more"]:
                return bool(answer["complete"])

    def _say_reason(self, job: dict[str, Any]) -> None:
        reason = job["waiting_reason"]
        if reason and reason != self._reason:
            self._telling.remark(f"Waiting: {printable(reason)}")
        self._reason = reason


def follow(
    follower: Follower, *, between: Callable[[], None] = lambda: time.sleep(LOOK_SECONDS)
) -> dict[str, Any] | None:
    """The job as it ended; None when it was deleted meanwhile."""
    while True:
        job, done = follower.step()
        if done:
            return job
        between()
