"""One page of the job list, by offset or, where rows keep their place, from one row to the next.

A cursor names a row of the list by creation: its page begins behind that row (or ends before it) however many
jobs were created meanwhile, so nobody who pages through sees a row twice or misses one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, UnaryExpression, case, func, select, tuple_

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.records import COUNTS_FROM, ITEM_COLUMNS, LONGEST_WORD, Json, item_of
from vpo_polling.store.schema import jobs
from vpo_polling.store.types import ACTIVE, STATUSES
from vpo_polling.store.values import Values

MINUTE_MS = 60_000
SINCE_MS = {"24h": 24 * 60 * MINUTE_MS, "7d": 7 * 24 * 60 * MINUTE_MS, "30d": 30 * 24 * 60 * MINUTE_MS}
FILTERS = ("status", "type", "since", "search")
CREATION = "created_at"
SORTS = (CREATION, "job_type", "status", "file_path", "duration")
ORDERS = ("asc", "desc")
MAX_PAGE_SIZE = 100
_CURSOR = re.compile(r"([ab])([0-9]{1,15})\.([0-9a-f-]{1,36})", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """A row, and whether the page lies after or before it in the order that is asked for."""

    is_after: bool
    created_at: int
    job_id: str

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises ValueError."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("no cursor")
        return cls(found[1] == "a", int(found[2]), found[3])

    def __str__(self) -> str:
        return f"{'a' if self.is_after else 'b'}{self.created_at}.{self.job_id}"


@dataclass(frozen=True, kw_only=True)
class ListQuery(Answer):
    """One page of the job list; equal queries share one answer."""

    status: str | None = None
    type: str | None = None
    since: str | None = None
    search: str | None = None
    sort: str = CREATION
    order: str = "desc"
    limit: int = 50
    offset: int = 0
    cursor: Cursor | None = None
    """Only with the order of creation; the offset then counts for nothing."""

    topic = revisions.JOBS
    lifetime_ms = MINUTE_MS
    rows = ("jobs", "id")

    @property
    def has_filters(self) -> bool:
        return any((self.status, self.type, self.since, self.search))

    def expires(self, now: int) -> int | None:
        """`since` moves on with the whole minute."""
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
        rows, neighbours = self._page(connection, select(*ITEM_COLUMNS).where(*filters), total)
        return {
            "jobs": [item_of(row) for row in rows],
            "total": total,
            "limit": self.limit,
            "offset": self.offset,
            "has_filters": self.has_filters,
            "max_page_size": MAX_PAGE_SIZE,
            "counts": counts,
            "counts_total": sum(counts.values()),
            "active": any(counts[status] for status in ACTIVE),
            "filters": {name: getattr(self, name) or "" for name in FILTERS},
            **neighbours,
        }

    def _page(self, connection: Connection, matching: Select[Any], total: int) -> tuple[list[Any], Json]:
        """The rows, and what a page needs to link to its neighbours."""
        ordered = matching.order_by(*self._order())
        if self.cursor is not None:
            found = self._from_cursor(connection, matching, self.cursor)
            if found is not None:
                return found
        offset = 0 if self.cursor is not None else self.offset
        rows = list(connection.execute(ordered.limit(self.limit).offset(offset)))
        after = offset + self.limit
        # From far beyond the end the way back leads to the last page that shows anything.
        before = max(0, min(offset - self.limit, (total - 1) // self.limit * self.limit))
        by_creation = self.sort == CREATION
        return rows, {
            "previous_offset": before if offset else None,
            "next_offset": after if after < total else None,
            "previous_cursor": _cursor(rows[:1], is_after=False) if by_creation and offset else None,
            "next_cursor": _cursor(rows[-1:], is_after=True) if by_creation and after < total else None,
        }

    def _from_cursor(
        self, connection: Connection, matching: Select[Any], cursor: Cursor
    ) -> tuple[list[Any], Json] | None:
        """None: there is less than a page before the row, so that the first page is the one to show."""
        key = tuple_(jobs.c.created_at, jobs.c.id)
        here = (cursor.created_at, cursor.job_id)
        wants_older = cursor.is_after == (self.order == "desc")
        beyond = matching.where(key < here if wants_older else key > here)
        directed = [
            column.desc() if wants_older else column.asc() for column in (jobs.c.created_at, jobs.c.id)
        ]
        rows = list(connection.execute(beyond.order_by(*directed).limit(self.limit + 1)))
        more = len(rows) > self.limit
        rows = rows[: self.limit]
        if not cursor.is_after:
            if len(rows) < self.limit:
                return None
            rows.reverse()
        return rows, {
            "previous_offset": None,
            "next_offset": None,
            "previous_cursor": _cursor(rows[:1], is_after=False) if cursor.is_after or more else None,
            "next_cursor": _cursor(rows[-1:], is_after=True) if more or not cursor.is_after else None,
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
            "duration": [jobs.c.completed_at - COUNTS_FROM],
        }.get(self.sort, [jobs.c[self.sort if self.sort in jobs.c else CREATION]])
        keys.append(jobs.c.id)
        directed = [key.asc() if self.order == "asc" else key.desc() for key in keys]
        unfinished_last = [case((jobs.c.completed_at.is_(None), 1), else_=0).asc()]
        return unfinished_last + directed if self.sort == "duration" else directed


def _cursor(rows: list[Any], *, is_after: bool) -> str | None:
    """Of the page's row at that end; none for rows that another program gave no proper time."""
    row = rows[0] if rows else None
    if row is None or not isinstance(row.created_at, int) or row.created_at < 0:
        return None
    return str(Cursor(is_after, row.created_at, row.id))
