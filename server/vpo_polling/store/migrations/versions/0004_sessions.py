"""Projects, sessions, turns and their blocks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("root", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("projects_by_creation", "projects", ["created_at", "id"])
    _sessions()
    _turns()
    _blocks()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "project_id", sa.String(36), sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("turn_count", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12)),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_by_project", "sessions", ["project_id", "created_at", "id"])
    op.create_index("sessions_by_update", "sessions", ["updated_at", "id"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "session_id", sa.String(36), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("error_message", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("block_count", sa.Integer, nullable=False),
        sa.Column("reported", sa.Boolean, nullable=False),
        sa.Column("event_count", sa.BigInteger, nullable=False),
        sa.Column("last_event_id", sa.Text),
        sa.Column("message_id", sa.Text),
        sa.Column("pid", sa.Integer),
        sa.Column("process_started", sa.Float),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("session_id", "number"),
    )
    op.create_index("turns_by_status", "turns", ["status"])


def _blocks() -> None:
    turn = sa.ForeignKey("turns.id", ondelete="CASCADE")
    op.create_table(
        "blocks",
        sa.Column("turn_id", sa.String(36), turn, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("input", sa.JSON),
        sa.Column("tool_use_id", sa.Text),
        sa.Column("is_error", sa.Boolean, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("part", sa.Integer),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("blocks_by_version", "blocks", ["turn_id", "version"])
    op.create_index("blocks_by_tool_use", "blocks", ["turn_id", "tool_use_id"])
    turn = sa.ForeignKey("turns.id", ondelete="CASCADE")
    op.create_table(
        "turn_events",
        sa.Column("turn_id", sa.String(36), turn, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
    )
