"""The tables. Instants are integer milliseconds since the epoch, UTC; the migrations build exactly this."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class PlainText(TypeDecorator[str]):
    """Text that may come from a file system: bytes that are no UTF-8 arrive as lone surrogates, which
    neither SQLite nor JSON can carry, so they are stored as the visible escape `\\udcff`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")


metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("job_type", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("conclusion", String(20)),
    Column("file_path", PlainText, nullable=False),
    Column("argv", JSON(none_as_null=True)),
    Column("options", JSON(none_as_null=True)),
    Column("priority", Integer, nullable=False),
    Column("policy_name", PlainText),
    Column("attempt", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("progress_percent", Float, nullable=False),
    Column("processed_count", BigInteger),
    Column("total_count", BigInteger),
    Column("progress_message", PlainText),
    Column("waiting_reason", PlainText),
    Column("error_message", PlainText),
    Column("output_path", PlainText),
    Column("summary", PlainText),
    Column("summary_raw", JSON(none_as_null=True)),
    Column("has_logs", Boolean, nullable=False),
    Column("scan_error_count", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    # Reported by a program of its own; no runner ever runs it.
    Column("tracked", Boolean, nullable=False, server_default=false()),
    # Reported over HTTP, from wherever it runs; what follows is known of such jobs only.
    Column("reported", Boolean, nullable=False, server_default=false()),
    Column("platform", String(20)),
    Column("project", PlainText),
    Column("number", PlainText),
    Column("url", PlainText),
    Column("raw_status", PlainText),
    Column("stages", JSON(none_as_null=True)),
    Column("artifacts", JSON(none_as_null=True)),
    # Which stages of the current attempt have a log: "open", or "complete".
    Column("stage_logs", JSON(none_as_null=True)),
    Column("event_count", Integer, nullable=False, server_default="0"),
    # Of a build that a watcher follows: whether one does, what is in its way, the target that it found for
    # one like "the newest run of main", and on which platform account it is watched.
    Column("watch", String(12)),
    Column("watch_message", PlainText),
    Column("pinned", PlainText),
    Column("account", PlainText),
    Index("jobs_by_watch", "watch"),
    Index("jobs_by_creation", "created_at", "id"),
    Index("jobs_by_completion", "completed_at"),
    Index("jobs_by_type", "job_type"),
    Index("jobs_by_status", "status", "priority", "created_at", "id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("status", String(12), nullable=False),
    Column("conclusion", String(20)),
    Column("started_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("exit_code", Integer),
    Column("error_message", PlainText),
    Column("pid", Integer),
    Column("process_started", Float),
    Column("heartbeat_at", BigInteger),
    # Of one that was reported and is over; those of the current one are the job's.
    Column("stages", JSON(none_as_null=True)),
    Index("attempts_by_status", "status"),
)

scan_errors = Table(
    "scan_errors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("path", PlainText, nullable=False),
    Column("filename", PlainText, nullable=False),
    Column("error", PlainText, nullable=False),
    Index("scan_errors_by_job", "job_id", "attempt", "id"),
)

job_events = Table(
    "job_events",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("type", PlainText, nullable=False),
    Column("tags", JSON(none_as_null=True), nullable=False),
    Column("data", JSON(none_as_null=True), nullable=False),
)

# Who watches the builds of a platform account (a host and a token, which is not told), and until when.
leases = Table(
    "leases",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("watcher", String(36), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("topic", String(60), primary_key=True),
    Column("n", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("scope", String(20), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)
