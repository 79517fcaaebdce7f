"""The process around one attempt: `python -m vpo_polling.jobs.shim JOB_ID ATTEMPT`, started by the runner.

It leads a session of its own with the work in it, so it can end all of it, and it needs nobody: when the
server dies, its standard input ends; then it ends the work (TERM, three seconds, KILL), writes the rest of
the log, syncs and leaves an exit record, from which the next server learns what happened.

One loop over a selector: output of the work, its reports, the server, signals. No threads, and nothing is
polled while the work runs.
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from vpo_polling.jobs import process
from vpo_polling.jobs.masking import Masker, mask
from vpo_polling.jobs.outbox import Outbox
from vpo_polling.jobs.progress import ProgressReader
from vpo_polling.jobs.protocol import REPORT_FD, Ending, Order, decode
from vpo_polling.logs.paths import LogPaths, write_record
from vpo_polling.logs.writer import LogWriter

READ = 64 * 1024
# Looking for members of the session that is being ended.
LOOK_SECONDS = 0.03
# How long output of a process that left our session is waited for.
DRAIN_SECONDS = 1.0
SEND_SECONDS = 2.0


class Shim:
    def __init__(self, order: Order, inbox: int, early: bytes, outbox: Outbox) -> None:
        self._order = order
        self._paths = LogPaths.of(Path(order.data_dir), order.job_id, order.attempt)
        self._outbox = outbox
        self._selector = selectors.DefaultSelector()
        self._inbox = inbox
        # What came right behind the order is looked at as soon as there is something to end.
        self._inbox_rest = early
        self._report_rest = b""
        self._progress = ProgressReader(order.progress) if order.progress else None
        self._ending = Ending(reason="exited")
        self._child: subprocess.Popen[bytes] | None = None
        self._log: LogWriter | None = None
        self._reading: set[int] = set()
        # None while the work runs, then the moment after which the session is killed.
        self._kill_at: float | None = None

    def run(self) -> Ending:
        try:
            if self._start():
                self._loop()
            self._close()
        except BaseException:
            # A mistake of ours must not leave work behind that nobody watches.
            process.kill_members(os.getpid())
            raise
        return self._ending

    # Start

    def _start(self) -> bool:
        me = {"pid": os.getpid(), "started": process.started_at(os.getpid())}
        try:
            self._paths.folder.mkdir(parents=True, exist_ok=True)
            self._paths.exit.unlink(missing_ok=True)
            self._log = LogWriter(self._paths, Masker(self._order.secrets), self._order.max_log_bytes)
            write_record(self._paths.start, {**self._log.identity, **me})
        except OSError as error:
            return self._fail("log_failed", f"The log cannot be written: {error.strerror}.")
        if self._paths.abandoned.exists() or _has_ended(self._inbox):
            # Whoever gave the order died before this process was ready, and the job may run elsewhere by now.
            return self._fail("server_gone", "The server was gone before the work began.")
        wake, signalled = os.pipe()
        for end in (wake, signalled):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(signalled)
        # Handlers, not SIG_IGN: the work would inherit that.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._end("terminated"))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._read(wake, lambda data: None)
        self._read(self._inbox, self._from_server)
        return self._spawn()

    def _spawn(self) -> bool:
        output, child_output = os.pipe()
        reports, child_reports = os.pipe()
        env = {**self._order.env, REPORT_FD: str(child_reports)}
        try:
            # What runs here is decided by the settings file and the local command line alone.
            self._child = subprocess.Popen(  # noqa: S603
                self._order.argv,
                stdin=subprocess.DEVNULL,
                stdout=child_output,
                stderr=child_output,
                cwd=self._order.cwd,
                env=env,
                pass_fds=[child_reports],
            )
        except (OSError, ValueError) as error:
            return self._fail("not_started", _why_not_started(self._order, error))
        finally:
            os.close(child_output)
            os.close(child_reports)
        self._read(output, self._from_output, counts=True)
        self._read(reports, self._from_work, counts=True)
        self._outbox.put({"t": "started", "pid": self._child.pid})
        if b"\n" in self._inbox_rest:
            self._from_server(b"\n")
        return True

    def _fail(self, reason: str, message: str) -> bool:
        self._ending = Ending(reason=reason, error_message=message)
        if self._log is not None:
            self._log_safely(lambda log: log.line(message))
        return False

    # The loop

    def _loop(self) -> None:
        alone_since: float | None = None
        while alone_since is None or (self._reading and time.monotonic() - alone_since < DRAIN_SECONDS):
            ending = self._kill_at is not None
            for key, _ in self._selector.select(LOOK_SECONDS if ending else None):
                key.data()
            if self._outbox.broken:
                self._end("server_gone")
            elif self._outbox.waiting:
                self._watch_outbox()
            if self._child is not None and self._child.poll() is not None and self._kill_at is None:
                self._end("exited")
            if self._kill_at is not None and alone_since is None and self._is_alone():
                alone_since = time.monotonic()

    def _end(self, reason: str) -> None:
        """Ends what is left of the session. The first reason counts."""
        if self._kill_at is not None or self._child is None:
            return
        self._ending.reason = "exited" if self._child.poll() is not None else reason
        self._kill_at = time.monotonic() + process.GRACE_SECONDS
        process.signal_members(os.getpid(), signal.SIGTERM)

    def _is_alone(self) -> bool:
        assert self._child is not None
        assert self._kill_at is not None
        self._child.poll()
        if not process.members(os.getpid()):
            return True
        return time.monotonic() >= self._kill_at and process.kill_members(os.getpid())

    # What comes in

    def _read(self, file: int, use: Callable[[bytes], None], *, counts: bool = False) -> None:
        if counts:
            self._reading.add(file)

        def ready() -> None:
            try:
                data = os.read(file, READ)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._selector.unregister(file)
                self._reading.discard(file)
            use(data)

        self._selector.register(file, selectors.EVENT_READ, ready)

    def _from_server(self, data: bytes) -> None:
        if not data:
            self._end("server_gone")
            return
        *lines, self._inbox_rest = (self._inbox_rest + data).split(b"\n")
        if any((decode(line) or {}).get("end") == "cancel" for line in lines):
            self._end("cancelled")

    def _from_output(self, data: bytes) -> None:
        self._log_safely(lambda log: log.feed(data))
        if self._progress is not None and (progress := self._progress.feed(data)) is not None:
            self._outbox.put(progress)

    def _from_work(self, data: bytes) -> None:
        *lines, self._report_rest = (self._report_rest + data).split(b"\n")
        for message in filter(None, map(decode, lines)):
            self._report(message)

    def _report(self, message: dict[str, Any]) -> None:
        kind = message.get("t")
        if kind in ("progress", "errors"):
            self._outbox.put(message)
        elif kind == "summary":
            self._ending.summary = message.get("text")
            self._ending.summary_raw = message.get("raw")
        elif kind == "failure":
            self._ending.error_message = message.get("message")

    def _log_safely(self, write: Callable[[LogWriter], None]) -> None:
        """A log that can't be written ends the work: nobody could tell what it did."""
        if self._log is None:
            return
        try:
            write(self._log)
        except OSError as error:
            self._log = None
            self._end("log_failed")
            self._ending.reason = "log_failed"
            self._ending.error_message = f"The log cannot be written: {error.strerror}."

    def _watch_outbox(self) -> None:
        """Lets the selector wake us when the server reads again."""

        def ready() -> None:
            self._outbox.flush()
            if not self._outbox.waiting:
                self._selector.unregister(sys.stdout.fileno())

        if sys.stdout.fileno() not in self._selector.get_map():
            self._selector.register(sys.stdout.fileno(), selectors.EVENT_WRITE, ready)

    # The end

    def _close(self) -> None:
        ending = self._ending
        if self._child is not None:
            code = self._child.wait()
            ending.exit_code, ending.signal = (code, None) if code >= 0 else (None, -code)
        if ending.reason == "exited" and not ending.error_message and (ending.exit_code or ending.signal):
            last = self._log.last_line if self._log else ""
            ending.error_message = _how_it_ended(ending, last)
        self._log_safely(lambda log: log.close())
        ending.error_message = mask(ending.error_message) if ending.error_message else None
        ending.ended_at = time.time_ns() // 1_000_000
        # Only now: whoever sees this record may read the log to its end. On a full disk there is none, and
        # the runner still hears it through the pipe.
        with suppress(OSError):
            write_record(self._paths.exit, vars(ending))
        self._outbox.put({"t": "ended", **vars(ending)})
        self._outbox.flush_until(SEND_SECONDS)


def _why_not_started(order: Order, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        missing = order.cwd if not Path(order.cwd).is_dir() else order.argv[0]
        return f"{missing}: not found."
    return f"{order.argv[0]}: {error.strerror if isinstance(error, OSError) else error}."


def _how_it_ended(ending: Ending, last_line: str) -> str:
    if ending.signal is not None:
        try:
            how = f"Ended by {signal.Signals(ending.signal).name}"
        except ValueError:
            how = f"Ended by signal {ending.signal}"
    else:
        how = f"Ended with exit code {ending.exit_code}"
    return f"{how}: {last_line[:500]}" if last_line else f"{how}."


def _has_ended(pipe: int) -> bool:
    """Whether the other end of a pipe is closed and nothing is left to read."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return any(event & select.POLLHUP and not event & select.POLLIN for _, event in poll.poll(0))


def _read_order(file: int) -> tuple[Order, bytes] | None:
    received = b""
    while b"\n" not in received:
        data = os.read(file, READ)
        if not data:
            return None
        received += data
    line, _, early = received.partition(b"\n")
    return Order.decode(line), early


def main() -> int:
    found = _read_order(sys.stdin.fileno())
    if found is None:
        return 1
    order, early = found
    Shim(order, sys.stdin.fileno(), early, Outbox(sys.stdout.fileno())).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
