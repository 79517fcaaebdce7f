"""The log of a tracked job: written by its own program, with the records that a shim would leave."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from threading import RLock

from vpo_polling.jobs import process
from vpo_polling.jobs.masking import Masker
from vpo_polling.jobs.protocol import Ending
from vpo_polling.logs.paths import LogPaths, write_record
from vpo_polling.logs.writer import LogWriter


class OwnLog:
    """Never raises OSError: a disk that is full is no reason to end the work, only to say so at its end."""

    def __init__(self, paths: LogPaths, masker: Masker) -> None:
        self._paths = paths
        # Several threads may write; and a signal handler, in the middle of a write of its own thread.
        self._turn = RLock()
        self._writer: LogWriter | None = None
        self.trouble: str | None = None
        pid = os.getpid()
        gen = f"{paths.attempt}-{os.urandom(4).hex()}"
        me = {"gen": gen, "pid": pid, "started": process.started_at(pid), "host": process.host()}
        try:
            paths.folder.mkdir(parents=True, exist_ok=True)
            self._writer = LogWriter(paths, masker)
            write_record(paths.start, me)
        except OSError as error:
            self._fail(error)
            self._end()

    def line(self, text: str) -> None:
        self._safely(lambda writer: writer.line(text))

    def close(self, ending: Ending) -> None:
        """Leaves the record from which others learn the end if it can't be written to the database."""
        with self._turn:
            self._end()
        if self.trouble is not None:
            ending.error_message = ending.error_message or self.trouble
        with suppress(OSError):
            write_record(self._paths.exit, vars(ending))

    def _safely(self, write: Callable[[LogWriter], None]) -> None:
        with self._turn:
            if self._writer is None:
                return
            try:
                write(self._writer)
            except OSError as error:
                self._fail(error)
                self._end()

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except OSError as error:
                self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.trouble = f"The log could not be written: {error.strerror}."
