"""How many jobs ended in each hour, and how long they took."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, select

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.records import COUNTS_FROM, Json
from vpo_polling.store.schema import jobs
from vpo_polling.store.values import instant

HOUR_MS = 60 * 60 * 1000
HOURS = {"24h": 24, "7d": 7 * 24}
COUNTED = ("completed", "failed")


@dataclass(frozen=True, kw_only=True)
class StatsQuery(Answer):
    """Whole hours of UTC, the one under way included; a job counts in the hour in which it ended."""

    since: str = "24h"

    topic = revisions.JOBS
    lifetime_ms = HOUR_MS

    def expires(self, now: int) -> int:
        """With the hour a new one begins, although no row changes."""
        return (now // HOUR_MS + 1) * HOUR_MS

    def read(self, connection: Connection, now: int) -> Json:
        last = now // HOUR_MS
        hours = range(last - HOURS[self.since] + 1, last + 1)
        found = {row.hour: row for row in connection.execute(_per_hour(hours.start * HOUR_MS))}
        shown = [_hour(hour, found.get(hour)) for hour in hours]
        return {
            "since": self.since,
            "hours": shown,
            **{f"total_{status}": sum(hour[status] for hour in shown) for status in COUNTED},
            "total_ended": sum(hour[status] for hour in shown for status in COUNTED),
            # In the address of the charts: another picture has another address.
            "version": _version(shown),
        }


def _per_hour(start: int) -> Any:
    """Median and 95th percentile are durations that some job really had (nearest rank)."""
    duration = jobs.c.completed_at - COUNTS_FROM
    hour = func.cast(jobs.c.completed_at // HOUR_MS, BigInteger).label("hour")
    ended = (
        select(
            hour,
            jobs.c.status,
            duration.label("duration"),
            func.row_number().over(partition_by=hour, order_by=duration).label("rank"),
            func.count().over(partition_by=hour).label("size"),
        )
        .where(jobs.c.completed_at >= start, jobs.c.status.in_(COUNTED))
        .subquery()
    )

    def at(rank: ColumnElement[int]) -> ColumnElement[int | None]:
        return func.max(case((ended.c.rank == rank, ended.c.duration)))

    def how_many(status: str) -> ColumnElement[int]:
        return func.sum(case((ended.c.status == status, 1), else_=0)).label(status)

    return select(
        ended.c.hour,
        *(how_many(status) for status in COUNTED),
        at((ended.c.size + 1) // 2).label("median"),
        at((ended.c.size * 95 + 99) // 100).label("p95"),
    ).group_by(ended.c.hour)


def _hour(hour: int, row: Any) -> Json:
    return {
        "hour": instant(hour * HOUR_MS),
        **{status: 0 if row is None else int(getattr(row, status)) for status in COUNTED},
        "median_seconds": None if row is None else _seconds(row.median),
        "p95_seconds": None if row is None else _seconds(row.p95),
    }


def _seconds(ms: int) -> int:
    # A clock that was set back must not draw bars below the axis.
    return max(0, ms) // 1000


def _version(hours: list[Json]) -> str:
    return hashlib.blake2b(json.dumps(hours).encode(), digest_size=8).hexdigest()
