"""Jobs of people's own programs: `with jobs.track("import", target="…") as job:`."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from vpo_polling.data_dir import open_store, server_address
from vpo_polling.jobs import process
from vpo_polling.jobs.endings import ending_of
from vpo_polling.jobs.masking import Masker, mask, secret_values
from vpo_polling.jobs.own_log import OwnLog
from vpo_polling.jobs.printable import valid
from vpo_polling.jobs.protocol import Ending
from vpo_polling.jobs.telling import Teller
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings, load
from vpo_polling.store import (
    TYPE_NAME,
    DatabaseUnavailable,
    NewJob,
    OwnProcess,
    Progress,
    now_ms,
)

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.2
LARGEST = 2**53 - 1

T = TypeVar("T")


class Cancelled(BaseException):
    """Somebody asked on the page or the command line that this job be cancelled.

    Like KeyboardInterrupt no `Exception`: code that goes on after the failure of one item must not go on
    after this.
    """


def track(
    job_type: str,
    *,
    target: str | os.PathLike[str],
    total: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> TrackedJob:
    """What the calling program does, as a job on the pages: use it as `with track(…) as job:`.

    `job_type` is any short word, `target` says what is worked on, `total` how many steps there will be.
    Without `data_dir` the settings say where jobs are kept (VPO_DATA_DIR, vpo.toml, the default).
    """
    if not isinstance(job_type, str) or not TYPE_NAME.fullmatch(job_type):
        raise ValueError(
            f"{job_type!r} is no job type: use a word of at most 20 of a-z, 0-9, _ and -, a letter first."
        )
    shown = mask(valid(os.fspath(target)))
    if not shown.strip():
        raise ValueError("The target must say what the job works on.")
    settings = load({"data_dir": None if data_dir is None else Path(data_dir)})
    return TrackedJob(settings, NewJob(job_type=job_type, file_path=shown), _count("total", total))


class TrackedJob:
    """One running job of this process, and of no other: a forked child can't end it."""

    def __init__(self, settings: Settings, job: NewJob, total: int | None) -> None:
        self._settings = settings
        self._job = job
        self._at = Progress(job_id="", attempt=1, total=total)
        self._pid: int | None = None
        self._told = False
        self._summary: tuple[str | None, dict[str, Any] | None] = (None, None)

    def __enter__(self) -> TrackedJob:
        if self._at.job_id:
            raise RuntimeError("A tracked job runs once; call track() again for another one.")
        pid = os.getpid()
        me = OwnProcess(pid=pid, started=process.started_at(pid) or 0.0)
        self._store = open_store(self._settings)
        try:
            job_id = _patiently(lambda: self._store.begin_tracked(self._job, me, now=now_ms()))
        except BaseException:
            self._store.close()
            raise
        secrets = [*secret_values(os.environ), self._settings.token or ""]
        self._log = OwnLog(LogPaths.of(self._settings.data_dir, job_id, 1), Masker(secrets))
        self._at = replace(self._at, job_id=job_id)
        self._teller = Teller(self._store, job_id)
        self._pid = pid
        if self._at.total is not None:
            self._teller.tell(self._at)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pid != os.getpid():
            return
        self._pid = None
        ending = self._ending(error)
        if error is not None and ending.reason == "exited" and not isinstance(error, SystemExit):
            self._log.line("".join(traceback.format_exception(kind, error, trace)).rstrip())
        rest = self._teller.stop()
        self._log.close(ending)
        try:
            _patiently(lambda: self._conclude(ending, rest))
        except DatabaseUnavailable:
            # The exit record says it to whoever looks next.
            return
        finally:
            self._store.close()

    @property
    def id(self) -> str:
        if not self._at.job_id:
            raise RuntimeError("The job has not begun: use `with jobs.track(…) as job:`.")
        return self._at.job_id

    @property
    def url(self) -> str | None:
        """The job's page, while a server runs on the same data directory."""
        server = server_address(self._settings.data_dir)
        return None if server is None else f"{server.url}/jobs/{self.id}"

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked that the job be cancelled. Whoever has seen it and leaves, is."""
        self._check()
        self._told = self._told or self._teller.cancel_requested
        return self._told

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        *,
        message: str | None = None,
        percent: float | None = None,
    ) -> None:
        """How far the work is; costs next to nothing, however often it is called. Raises Cancelled."""
        self._check()
        at = self._at
        if done is not None or total is not None:
            # The share follows from the counts again.
            at = replace(at, percent=None)
        given: dict[str, Any] = {
            "processed": _count("done", done),
            "total": _count("total", total),
            "percent": _percent(percent),
            "message": None if message is None else mask(valid(str(message))),
        }
        self._at = replace(at, **{name: value for name, value in given.items() if value is not None})
        self._teller.tell(self._at)
        if self.cancelled:
            raise Cancelled("The job was cancelled.")

    def log(self, text: object) -> None:
        """Writes a line, or several. Raises Cancelled once only: tidying up may be told too."""
        self._check()
        self._log.line(valid(str(text)))
        if not self._told and self.cancelled:
            raise Cancelled("The job was cancelled.")

    def summary(self, text: str, raw: Mapping[str, Any] | None = None) -> None:
        """What came of it, in a sentence, and for programs as JSON."""
        self._check()
        # Here, where the mistake is: what is no JSON could not be stored at the end.
        kept = None if raw is None else json.loads(json.dumps(raw, allow_nan=False))
        self._summary = (mask(valid(str(text))), kept)

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The items one by one; each counts as done when the next one is asked for. Raises Cancelled."""
        if self._at.total is None and isinstance(items, Sized):
            self.progress(0, len(items))
        for done, item in enumerate(items, 1):
            yield item
            self.progress(done)

    def _check(self) -> None:
        if self._pid == os.getpid():
            return
        if self._pid is not None:
            raise RuntimeError(f"The job {self.id} belongs to process {self._pid}; only that can report it.")
        raise RuntimeError("The job has ended." if self._at.job_id else "The job has not begun.")

    def _ending(self, error: BaseException | None) -> Ending:
        reason, code, message = _how(error)
        if error is None and self._told:
            reason, code = "cancelled", None
        text, raw = self._summary
        message = None if message is None else mask(valid(message))
        return Ending(reason, code, None, message, text, raw, now_ms())

    def _conclude(self, ending: Ending, rest: Progress | None) -> None:
        if rest is not None:
            self._store.report([rest])
        result = ending_of(vars(ending))
        assert result is not None
        self._store.finish(self.id, 1, result, now=now_ms())


def _how(error: BaseException | None) -> tuple[str, int | None, str | None]:
    """Reason, exit code and message, as a shim would tell them."""
    if error is None:
        return "exited", 0, None
    if isinstance(error, (Cancelled, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)):
        return "cancelled", None, None
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            code = int(error.code or 0)
            return "exited", code, f"Ended with exit code {code}." if code else None
        return "exited", 1, str(error.code)
    return "exited", 1, f"{type(error).__name__}: {_said(error)}".removesuffix(": ")


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(it can't be printed)"


def _count(name: str, value: int | None) -> int | None:
    if value is None:
        return None
    if not 0 <= value <= LARGEST:
        raise ValueError(f"{name} must be a number from 0 on, not {value!r}.")
    return int(value)


def _percent(value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"percent must be a number, not {value!r}.")
    return value


def _patiently(write: Callable[[], T]) -> T:
    """Raises DatabaseUnavailable when the database could not be written to for ten seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return write()
        except DatabaseUnavailable:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE_SECONDS)
