"""The first tables. Spelled out, not taken from the schema, which goes on changing after this."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _jobs()
    _attempts()
    _scan_errors()
    op.create_table(
        "revisions",
        sa.Column("topic", sa.String(60), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("job_type", sa.String(20), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("conclusion", sa.String(20)),
        sa.Column("file_path", sa.Text, nullable=False),
        sa.Column("argv", sa.JSON),
        sa.Column("options", sa.JSON),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("policy_name", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("progress_percent", sa.Float, nullable=False),
        sa.Column("processed_count", sa.BigInteger),
        sa.Column("total_count", sa.BigInteger),
        sa.Column("progress_message", sa.Text),
        sa.Column("waiting_reason", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("output_path", sa.Text),
        sa.Column("summary", sa.Text),
        sa.Column("summary_raw", sa.JSON),
        sa.Column("has_logs", sa.Boolean, nullable=False),
        sa.Column("scan_error_count", sa.Integer, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
    )
    op.create_index("jobs_by_creation", "jobs", ["created_at", "id"])
    op.create_index("jobs_by_status", "jobs", ["status", "priority", "created_at", "id"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("conclusion", sa.String(20)),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("exit_code", sa.Integer),
        sa.Column("error_message", sa.Text),
        sa.Column("pid", sa.Integer),
        sa.Column("process_started", sa.Float),
        sa.Column("heartbeat_at", sa.BigInteger),
    )
    op.create_index("attempts_by_status", "attempts", ["status"])


def _scan_errors() -> None:
    op.create_table(
        "scan_errors",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("scan_errors_by_job", "scan_errors", ["job_id", "attempt", "id"])
