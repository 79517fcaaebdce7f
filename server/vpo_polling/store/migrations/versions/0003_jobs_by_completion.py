"""What ended in each hour is found without reading all jobs."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("jobs_by_completion", "jobs", ["completed_at"])
