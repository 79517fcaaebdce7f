"""The tables of sessions. Instants are integer milliseconds since the epoch, UTC.

Everything that changes in a session takes the next number of that session, its `version`: whoever knows a
number can ask for what came after it.
"""

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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from vpo_polling.store.schema import PlainText, metadata

projects = Table(
    "projects",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", PlainText, nullable=False),
    # A directory below one of `project_roots`; null where a project has no files here.
    Column("root", PlainText),
    Column("created_at", BigInteger, nullable=False),
    Index("projects_by_creation", "created_at", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", PlainText, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("turn_count", Integer, nullable=False),
    # Of its newest turn, so that a list of sessions needs no other table.
    Column("status", String(12)),
    Column("version", BigInteger, nullable=False),
    Index("sessions_by_project", "project_id", "created_at", "id"),
    Index("sessions_by_update", "updated_at", "id"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("session_id", String(36), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("prompt", PlainText, nullable=False),
    Column("error_message", PlainText),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("block_count", Integer, nullable=False),
    # Reported by a program of its own; otherwise run here.
    Column("reported", Boolean, nullable=False),
    Column("event_count", BigInteger, nullable=False),
    Column("last_event_id", PlainText),
    # The message whose blocks are growing at the moment.
    Column("message_id", PlainText),
    Column("pid", Integer),
    Column("process_started", Float),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("session_id", "number"),
    Index("turns_by_status", "status"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("turn_id", String(36), ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("text", PlainText, nullable=False),
    Column("name", PlainText),
    Column("input", JSON(none_as_null=True)),
    # What a tool's use and its result have in common.
    Column("tool_use_id", PlainText),
    Column("is_error", Boolean, nullable=False),
    Column("message_id", PlainText),
    # Its place in a message that is still being written; null once it is known to be whole.
    Column("part", Integer),
    Column("version", BigInteger, nullable=False),
    Index("blocks_by_version", "turn_id", "version"),
    Index("blocks_by_tool_use", "turn_id", "tool_use_id"),
)

turn_events = Table(
    "turn_events",
    metadata,
    Column("turn_id", String(36), ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", Text, primary_key=True),
)
