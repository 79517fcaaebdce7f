"""What runner, shim and work tell one another: JSON objects, one per line.

runner → shim (its standard input): the order, later perhaps `{"end": "cancel"}`; closed: the server is gone.
work → shim (a pipe of its own): progress, scan errors, summary.
shim → runner (its standard output): progress, scan errors, and how it ended.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import Any

REPORT_FD = "VPOPOLLING_REPORT_FD"
# In the environment of all that a job starts, so that what is left of it can be told from strangers.
JOB_MARK = "VPOPOLLING_JOB_ID"


@dataclass(frozen=True)
class Order:
    """Everything a shim needs to know to run one attempt of one job."""

    job_id: str
    attempt: int
    data_dir: str
    argv: list[str]
    cwd: str
    env: dict[str, str]
    # Values that must not appear in the log.
    secrets: list[str] = field(default_factory=list)
    # A regular expression with the groups `done` and `total`, or `percent`, tried on every line of output.
    progress: str | None = None
    # Output beyond is read and not kept; 0 keeps all.
    max_log_bytes: int = 0

    def encode(self) -> bytes:
        return encode(asdict(self))

    @classmethod
    def decode(cls, line: bytes) -> Order:
        return cls(**json.loads(line))


@dataclass
class Ending:
    """How an attempt ended, as far as the shim can tell; also the exit record on disk."""

    # `exited` (by itself), `cancelled`, `terminated` (by a signal from outside), `server_gone`,
    # `not_started`, `log_failed`
    reason: str
    exit_code: int | None = None
    signal: int | None = None
    error_message: str | None = None
    summary: str | None = None
    summary_raw: dict[str, Any] | None = None
    ended_at: int = 0


def encode(message: dict[str, Any]) -> bytes:
    # ASCII only: a lone surrogate from an odd file name must not make a line that nobody can read.
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any] | None:
    """A message, or None for anything else that came through the pipe."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


class Reporter:
    """The work's end of its pipe to the shim. Without one (run by hand) reports go nowhere."""

    def __init__(self) -> None:
        number = os.environ.get(REPORT_FD)
        self._file = int(number) if number else None

    def send(self, message: dict[str, Any]) -> None:
        if self._file is None:
            return
        rest = memoryview(encode(message))
        while rest:
            rest = rest[os.write(self._file, rest) :]
