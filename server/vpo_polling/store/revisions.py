"""One number per topic, in commit order: when to look again, never what is shown.

A topic is `jobs`, `projects` or `sessions` (a table), `job:<id>` or `session:<id>`. The bump is the last
statement before COMMIT, under the write lock, so a reader that saw number n has also seen every row that n
stands for.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from vpo_polling.store.schema import jobs, revisions

JOBS = "jobs"
PROJECTS = "projects"
SESSIONS = "sessions"
_PREFIX = "job:"


def job_topic(job_id: str) -> str:
    return _PREFIX + job_id


def session_topic(session_id: str) -> str:
    return f"session:{session_id}"


def bump(connection: Connection, topics: Collection[str]) -> dict[str, int]:
    fresh = insert(revisions).values([{"topic": topic, "n": 1} for topic in sorted(topics)])
    statement = fresh.on_conflict_do_update(
        index_elements=["topic"], set_={"n": revisions.c.n + 1}
    ).returning(revisions.c.topic, revisions.c.n)
    return {row.topic: row.n for row in connection.execute(statement)}


def read(connection: Connection, topics: Collection[str]) -> dict[str, int]:
    statement = select(revisions.c.topic, revisions.c.n).where(revisions.c.topic.in_(topics))
    return {row.topic: row.n for row in connection.execute(statement)}


def prune(connection: Connection) -> None:
    """Forget jobs that were deleted. Only at start: a feed that still runs compares with these numbers."""
    gone = (
        revisions.c.topic.startswith(_PREFIX)
        & ~select(jobs.c.id).where(revisions.c.topic == _PREFIX + jobs.c.id).exists()
    )
    connection.execute(delete(revisions).where(gone))
