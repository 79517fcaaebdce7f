"""Events of reported jobs: what they say of the watching, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.reported.report import Event
from vpo_polling.store.schema import job_events, jobs
from vpo_polling.store.values import instant, json_value

MAX_EVENTS = 1000

# Why a build is no longer watched, by the name of the watcher's error.
_REASONS = {"Unauthorized": "unauthorized", "BuildNotFound": "not_found"}


def watch_after(events: Sequence[Event]) -> dict[str, Any]:
    """The columns that say how a build is watched, where these events change that."""
    values: dict[str, Any] = {}
    for event in events:
        said = event.data.get("error")
        message = said if isinstance(said, str) else None
        if event.type == "BUILD.POLLING_COMPLETED":
            values = {"watch": "finished", "watch_message": None}
        elif event.type == "BUILD.POLLING_TIMEOUT":
            values = {"watch": "timeout", "watch_message": message}
        elif event.type == "BUILD.POLLING_ERROR" and event.data.get("isFinal") is True:
            why = _REASONS.get(event.tags.get("reason", ""), "lost")
            values = {"watch": why, "watch_message": message}
    return values


@dataclass(frozen=True, kw_only=True)
class JobEventsQuery(Answer):
    """The events of one job, the newest thousand after a number, oldest first."""

    job_id: str
    after: int = 0

    @property
    def topic(self) -> str:
        return revisions.job_topic(self.job_id)

    def read(self, connection: Connection, now: int) -> dict[str, Any] | None:
        job = connection.execute(select(jobs.c.event_count).where(jobs.c.id == self.job_id)).first()
        if job is None:
            return None
        columns = (
            job_events.c.number,
            job_events.c.created_at,
            job_events.c.type,
            type_coerce(job_events.c.tags, Text).label("tags"),
            type_coerce(job_events.c.data, Text).label("data"),
        )
        here = (job_events.c.job_id == self.job_id) & (job_events.c.number > self.after)
        newest = select(*columns).where(here).order_by(job_events.c.number.desc()).limit(MAX_EVENTS)
        rows = connection.execute(newest).all()
        return {
            "job_id": self.job_id,
            "total": job.event_count,
            "events": [
                {
                    "number": row.number,
                    "created_at": instant(row.created_at),
                    "type": row.type,
                    "tags": json_value(row.tags) or {},
                    "data": json_value(row.data) or {},
                }
                for row in reversed(rows)
            ],
        }
