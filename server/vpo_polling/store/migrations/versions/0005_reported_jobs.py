"""Jobs that are reported over HTTP, their events, and who watches which builds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("reported", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("platform", sa.String(20)))
    for name in ("project", "number", "url", "raw_status"):
        op.add_column("jobs", sa.Column(name, sa.Text))
    for name in ("stages", "artifacts", "stage_logs"):
        op.add_column("jobs", sa.Column(name, sa.JSON))
    op.add_column("jobs", sa.Column("event_count", sa.Integer, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("watch", sa.String(12)))
    for name in ("watch_message", "pinned", "account"):
        op.add_column("jobs", sa.Column(name, sa.Text))
    op.add_column("attempts", sa.Column("stages", sa.JSON))
    op.create_index("jobs_by_watch", "jobs", ["watch"])
    op.create_table(
        "job_events",
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("watcher", sa.String(36), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
