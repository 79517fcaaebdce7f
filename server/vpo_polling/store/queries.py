"""Reads about single jobs and about all of them, as the dictionaries that become JSON."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.lists import ListQuery
from vpo_polling.store.records import (
    ATTEMPT_COLUMNS,
    LONGEST_WORD,
    RECORD_COLUMNS,
    Json,
    record_of,
    scan_error_of,
)
from vpo_polling.store.reported.builds import BuildsQuery
from vpo_polling.store.reported.events import JobEventsQuery
from vpo_polling.store.schema import attempts, jobs, scan_errors
from vpo_polling.store.stats import StatsQuery
from vpo_polling.store.turns.queries import TurnsAnswer
from vpo_polling.store.turns.transcript import TranscriptAnswer
from vpo_polling.store.types import ACTIVE, TERMINAL, TYPE_NAME
from vpo_polling.store.values import Values

MAX_ERRORS = 1000
# What every SQLite takes in one statement.
MAX_VARIABLES = 500


@dataclass(frozen=True, kw_only=True)
class _OneJob(Answer):
    """Answers about one job change with that job and nothing else."""

    job_id: str

    @property
    def topic(self) -> str:
        return revisions.job_topic(self.job_id)


@dataclass(frozen=True, kw_only=True)
class JobQuery(_OneJob):
    """One job with its attempts."""

    def read(self, connection: Connection, now: int) -> Json | None:
        row = connection.execute(select(*RECORD_COLUMNS).where(jobs.c.id == self.job_id)).first()
        if row is None:
            return None
        history = select(*ATTEMPT_COLUMNS).where(attempts.c.job_id == self.job_id).order_by(attempts.c.number)
        return record_of(row, connection.execute(history).all())


@dataclass(frozen=True, kw_only=True)
class ErrorsQuery(_OneJob):
    """The unreadable files of a job's current attempt: all of them counted, the first thousand listed."""

    def read(self, connection: Connection, now: int) -> Json | None:
        columns = (jobs.c.attempt, jobs.c.status, jobs.c.scan_error_count)
        job = connection.execute(select(*columns).where(jobs.c.id == self.job_id)).first()
        if job is None:
            return None
        here = (scan_errors.c.job_id == self.job_id) & (scan_errors.c.attempt == job.attempt)
        found = select(scan_errors).where(here).order_by(scan_errors.c.id).limit(MAX_ERRORS)
        values = Values(job._mapping)
        return {
            "job_id": self.job_id,
            # A page that shows only this can tell when it has ended, and when it begins anew.
            "status": values.text("status", LONGEST_WORD),
            "attempt": values.integer("attempt", 1),
            "errors": [scan_error_of(row) for row in connection.execute(found)],
            "total_errors": values.count("scan_error_count") or 0,
        }


Query = (
    ListQuery
    | JobQuery
    | ErrorsQuery
    | StatsQuery
    | JobEventsQuery
    | BuildsQuery
    | TurnsAnswer
    | TranscriptAnswer
)


def canonical_id(text: str) -> str:
    """The id as it is stored. Raises ValueError unless `text` is a UUID in its hyphenated form."""
    parsed = str(uuid.UUID(text))
    if parsed != text.lower():
        raise ValueError("not a hyphenated UUID")
    return parsed


def finished(
    connection: Connection, statuses: Collection[str], ended_before: int | None, keep: int
) -> list[str]:
    ended = select(jobs.c.id, jobs.c.completed_at).where(jobs.c.status.in_(set(statuses) & set(TERMINAL)))
    newest_first = ended.order_by(jobs.c.completed_at.desc(), jobs.c.id.desc()).offset(keep)
    found = connection.execute(newest_first)
    return [row.id for row in found if ended_before is None or row.completed_at < ended_before]


def existing(connection: Connection, job_ids: Collection[str]) -> set[str]:
    wanted = list(job_ids)
    found: set[str] = set()
    for first in range(0, len(wanted), MAX_VARIABLES):
        here = jobs.c.id.in_(wanted[first : first + MAX_VARIABLES])
        found.update(connection.execute(select(jobs.c.id).where(here)).scalars())
    return found


def job_types(connection: Connection) -> list[str]:
    """From one entry of the index to the next, however many jobs there are: DISTINCT would read them all."""
    first = select(func.min(jobs.c.job_type).label("name")).cte("types", recursive=True)
    following = select(func.min(jobs.c.job_type)).where(jobs.c.job_type > first.c.name).scalar_subquery()
    found = first.union_all(select(following).where(first.c.name.is_not(None)))
    names = connection.execute(select(found.c.name).where(found.c.name.is_not(None))).scalars()
    # What another program wrote there may be anything, and no type.
    return [name for name in names if TYPE_NAME.fullmatch(str(name))]


def health(connection: Connection, since: int) -> dict[str, int]:
    """The numbers of the health check; errors are jobs that failed at or after `since`."""
    grouped = select(jobs.c.status, func.count()).where(jobs.c.status.in_(ACTIVE)).group_by(jobs.c.status)
    counts = {row[0]: row[1] for row in connection.execute(grouped)}
    failed = select(func.count()).where(jobs.c.status == "failed", jobs.c.completed_at >= since)
    return {
        "jobs_queued": counts.get("queued", 0),
        "jobs_running": counts.get("running", 0),
        "recent_errors": connection.execute(failed).scalar_one(),
    }
