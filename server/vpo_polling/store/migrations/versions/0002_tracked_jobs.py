"""Jobs that people's own programs report, of types of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("tracked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("jobs_by_type", "jobs", ["job_type"])
