"""Reads, as the dictionaries that become JSON. Nothing here depends on the clock except a list's `since`."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, UnaryExpression, case, func, select

from vpo_polling.store import revisions
from vpo_polling.store.records import (
    ITEM_COLUMNS,
    LONGEST_WORD,
    RECORD_COLUMNS,
    Json,
    item_of,
    record_of,
    scan_error_of,
)
from vpo_polling.store.schema import attempts, jobs, scan_errors
from vpo_polling.store.types import ACTIVE, STATUSES, TERMINAL, TYPE_NAME
from vpo_polling.store.values import Values

MINUTE_MS = 60_000
SINCE_MS = {"24h": 24 * 60 * MINUTE_MS, "7d": 7 * 24 * 60 * MINUTE_MS, "30d": 30 * 24 * 60 * MINUTE_MS}
FILTERS = ("status", "type", "since", "search")
SORTS = ("created_at", "job_type", "status", "file_path", "duration")
ORDERS = ("asc", "desc")
MAX_PAGE_SIZE = 100
MAX_ERRORS = 1000
# What every SQLite takes in one statement.
MAX_VARIABLES = 500


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """One page of the job list; equal queries share one answer."""

    status: str | None = None
    type: str | None = None
    since: str | None = None
    search: str | None = None
    sort: str = "created_at"
    order: str = "desc"
    limit: int = 50
    offset: int = 0

    topic = revisions.JOBS

    @property
    def has_filters(self) -> bool:
        return any((self.status, self.type, self.since, self.search))

    def expires(self, now: int) -> int | None:
        """When the answer may change although no row does: `since` moves on with the whole minute."""
        return None if self.since is None else (now // MINUTE_MS + 1) * MINUTE_MS

    def read(self, connection: Connection, now: int) -> Json:
        filters = self._filters(now)
        counts = dict.fromkeys(STATUSES, 0)
        grouped = select(jobs.c.status, func.count()).where(*filters).group_by(jobs.c.status)
        for row in connection.execute(grouped):
            word = Values(row._mapping).text("status", LONGEST_WORD)
            counts[word] = counts.get(word, 0) + row[1]
        if self.status is not None:
            filters.append(jobs.c.status == self.status)
        total = sum(counts.values()) if self.status is None else counts[self.status]
        page = (
            select(*ITEM_COLUMNS)
            .where(*filters)
            .order_by(*self._order())
            .limit(self.limit)
            .offset(self.offset)
        )
        return {
            "jobs": [item_of(row) for row in connection.execute(page)],
            "total": total,
            "limit": self.limit,
            "offset": self.offset,
            "has_filters": self.has_filters,
            "max_page_size": MAX_PAGE_SIZE,
            "counts": counts,
            "active": any(counts[status] for status in ACTIVE),
            **self._links(total),
        }

    def _links(self, total: int) -> Json:
        """What a page needs to link to the same list in another order, and to its neighbours."""
        after = self.offset + self.limit
        # From far beyond the end the way back leads to the last page that shows anything.
        before = max(0, min(self.offset - self.limit, (total - 1) // self.limit * self.limit))
        return {
            "filters": {name: getattr(self, name) or "" for name in FILTERS},
            "previous_offset": before if self.offset else None,
            "next_offset": after if after < total else None,
        }

    def _filters(self, now: int) -> list[ColumnElement[bool]]:
        filters: list[ColumnElement[bool]] = []
        if self.type is not None:
            filters.append(jobs.c.job_type == self.type)
        if self.since is not None:
            filters.append(jobs.c.created_at >= now // MINUTE_MS * MINUTE_MS - SINCE_MS[self.since])
        if self.search is not None:
            # SQLite's LOWER knows ASCII only, so the needle must not be folded further than that.
            needle = "".join(c.lower() if c.isascii() else c for c in self.search)
            # Not LIKE, which ends a pattern at its first NUL and would then match everything.
            filters.append(func.instr(func.lower(jobs.c.file_path), needle) > 0)
        return filters

    def _order(self) -> list[UnaryExpression[Any]]:
        keys: list[ColumnElement[Any]] = {
            "duration": [jobs.c.completed_at - jobs.c.created_at],
        }.get(self.sort, [jobs.c[self.sort if self.sort in jobs.c else "created_at"]])
        keys.append(jobs.c.id)
        directed = [key.asc() if self.order == "asc" else key.desc() for key in keys]
        unfinished_last = [case((jobs.c.completed_at.is_(None), 1), else_=0).asc()]
        return unfinished_last + directed if self.sort == "duration" else directed


@dataclass(frozen=True, kw_only=True)
class _OneJob:
    """Answers about one job change with that job and nothing else."""

    job_id: str

    @property
    def topic(self) -> str:
        return revisions.job_topic(self.job_id)

    def expires(self, now: int) -> int | None:
        return None


@dataclass(frozen=True, kw_only=True)
class JobQuery(_OneJob):
    """One job with its attempts."""

    def read(self, connection: Connection, now: int) -> Json | None:
        row = connection.execute(select(*RECORD_COLUMNS).where(jobs.c.id == self.job_id)).first()
        if row is None:
            return None
        history = select(attempts).where(attempts.c.job_id == self.job_id).order_by(attempts.c.number)
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


Query = ListQuery | JobQuery | ErrorsQuery


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
