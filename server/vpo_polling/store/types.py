"""What callers hand to the store and get back. Instants are integer milliseconds since the epoch, UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JOB_TYPES = ("scan", "apply", "transcode", "move", "process", "prune", "command", "build")
STATUSES = ("queued", "running", "completed", "failed", "cancelled")
ACTIVE = ("queued", "running")
TERMINAL = ("completed", "failed", "cancelled")
CONCLUSIONS: Mapping[str, Sequence[str]] = {
    "completed": ("success", "neutral", "skipped"),
    "failed": ("failure", "timed_out", "startup_failure", "action_required", "unstable", "not_built"),
    "cancelled": ("cancelled", "stale", "interrupted"),
}
"""How what has ended may have ended, by its status; the usual one first."""

MAX_ATTEMPTS = 3
# What a type may be called; programs that report jobs of their own choose the word.
TYPE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,19}", re.ASCII)


class StoreError(Exception):
    """Anything that keeps the store from answering."""


class DatabaseUnavailable(StoreError):
    """The database is locked, missing or broken; asking again later may succeed."""


class DatabaseFull(DatabaseUnavailable):
    """There is no room for what should be written; what was there before can be read, and nothing is lost."""


class SchemaError(StoreError):
    """The database was written by another version of this program."""


@dataclass(frozen=True, kw_only=True)
class NewJob:
    job_type: str
    file_path: str
    argv: Sequence[str] | None = None
    options: Mapping[str, Any] | None = None
    priority: int = 100
    policy_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class OwnProcess:
    """The process that reports a tracked job."""

    pid: int
    started: float


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A job that this process may now run, with the attempt that was opened for it."""

    job_id: str
    attempt: int
    job_type: str
    file_path: str
    argv: tuple[str, ...] | None
    options: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 100
    policy_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an attempt is; None leaves a value as it is. Without `percent` it follows from the counts."""

    job_id: str
    attempt: int
    processed: int | None = None
    total: int | None = None
    percent: float | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an attempt ended."""

    status: str
    conclusion: str
    exit_code: int | None = None
    error_message: str | None = None
    summary: str | None = None
    summary_raw: Mapping[str, Any] | None = None
    output_path: str | None = None


@dataclass(frozen=True, kw_only=True)
class AttemptRow:
    """An attempt that the database believes to be running."""

    job_id: str
    attempt: int
    pid: int | None
    process_started: float | None
    heartbeat_at: int | None
    tracked: bool = False
