"""Rows as the dictionaries that become JSON: an item of a list, a whole record, an attempt, a scan error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Row, Text, case, type_coerce

from vpo_polling.store.schema import attempts, jobs
from vpo_polling.store.types import ACTIVE, TERMINAL
from vpo_polling.store.values import LONGEST_TEXT, Values, instant, seconds_between

Json = dict[str, Any]

LONGEST_WORD = 100
LONGEST_NAME = 1024
# A thousand stages.
LONGEST_STAGE_LOGS = 100_000

ITEM_COLUMNS = tuple(
    jobs.c[name]
    for name in (
        "id",
        "job_type",
        "status",
        "conclusion",
        "file_path",
        "progress_percent",
        "processed_count",
        "total_count",
        "attempt",
        "created_at",
        "started_at",
        "completed_at",
        "cancel_requested",
        "tracked",
        "reported",
        "platform",
        "project",
        "number",
        "url",
        "waiting_reason",
        "watch",
    )
)
RECORD_COLUMNS = (
    *(column for column in jobs.c if not isinstance(column.type, JSON)),
    # As text: one that is no JSON must not keep the rest of the record from being read.
    *(
        type_coerce(jobs.c[name], Text).label(name)
        for name in ("summary_raw", "stages", "artifacts", "stage_logs")
    ),
)


ATTEMPT_COLUMNS = (
    *(column for column in attempts.c if column.name != "stages"),
    type_coerce(attempts.c.stages, Text).label("stages"),
)
COUNTS_FROM = case((jobs.c.reported, jobs.c.started_at), else_=jobs.c.created_at)
"""From when the duration of a job counts."""


def item_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    item = _item(values)
    values.complain(f"Job {item['id']}")
    return item


def record_of(row: Row[Any], history: Sequence[Row[Any]]) -> Json:
    values = Values(row._mapping)
    record = _record(values, [attempt_of(attempt) for attempt in history])
    values.complain(f"Record of job {record['id']}")
    return record


def attempt_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    began, ended = values.moment("started_at") or 0, values.moment("completed_at")
    conclusion = values.optional_text("conclusion", LONGEST_WORD)
    heartbeat = instant(values.moment("heartbeat_at"))
    attempt = {
        "number": values.integer("number", 1),
        "status": values.text("status", LONGEST_WORD),
        "conclusion": conclusion,
        "started_at": instant(began),
        "completed_at": instant(ended),
        "duration_seconds": seconds_between(began, ended),
        "exit_code": values.integer("exit_code", 0) if row.exit_code is not None else None,
        "error_message": values.optional_text("error_message"),
        # Only where it is history: a running job's heartbeat would make a new answer every few seconds.
        "last_heartbeat_at": heartbeat if conclusion == "interrupted" else None,
        "stages": values.json_list("stages"),
    }
    values.complain(f"Attempt {attempt['number']} of job {row.job_id}")
    return attempt


def scan_error_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    error = {
        "path": values.text("path"),
        "filename": values.text("filename", LONGEST_NAME),
        "error": values.text("error", LONGEST_NAME),
    }
    values.complain(f"Scan error {row.id}")
    return error


def _item(values: Values) -> Json:
    created, completed = values.moment("created_at") or 0, values.moment("completed_at")
    status = values.text("status", LONGEST_WORD)
    counts_from = values.moment("started_at") if values.flag("reported") else created
    return {
        "id": values.text("id"),
        "job_type": values.text("job_type", LONGEST_WORD),
        "status": status,
        "conclusion": values.optional_text("conclusion", LONGEST_WORD),
        "file_path": values.text("file_path"),
        "progress_percent": values.percent("progress_percent"),
        "processed_count": values.count("processed_count"),
        "total_count": values.count("total_count"),
        "attempt": values.integer("attempt", 1),
        "created_at": instant(created),
        "started_at": instant(values.moment("started_at")),
        "completed_at": instant(completed),
        # What runs elsewhere may have begun long before it was heard of here, or is run again days later.
        "counts_from": instant(counts_from),
        "duration_seconds": seconds_between(counts_from, completed),
        "waiting_reason": values.optional_text("waiting_reason"),
        "platform": values.optional_text("platform", LONGEST_WORD),
        "project": values.optional_text("project", LONGEST_WORD),
        "number": values.optional_text("number", LONGEST_WORD),
        "url": values.optional_text("url"),
        "watch": values.optional_text("watch", LONGEST_WORD),
        "can_cancel": status in ACTIVE
        and not values.flag("cancel_requested")
        and values.optional_text("watch") is None,
        "can_retry": status in TERMINAL and not values.flag("tracked"),
    }


def _stages(values: Values) -> list[Json]:
    logs = values.json_object("stage_logs", LONGEST_STAGE_LOGS) or {}
    attempt = values.integer("attempt", 1)
    return [
        {**stage, "attempt": attempt, "log": logs.get(str(stage.get("id")))}
        for stage in values.json_list("stages")
        if isinstance(stage.get("id"), str)
    ]


def _record(values: Values, history: list[Json]) -> Json:
    item = _item(values)
    raw = values.json_object("summary_raw")
    reported = None if raw is None else raw.get("errors")
    scan_failures = values.count("scan_error_count") or (reported if isinstance(reported, int) else 0)
    terminal = item["status"] in TERMINAL
    return {
        **item,
        "file_path": values.text("file_path", LONGEST_TEXT),
        "id_short": item["id"][:8],
        "priority": values.integer("priority", 100),
        "policy_name": values.optional_text("policy_name"),
        "error_message": values.optional_text("error_message", LONGEST_TEXT),
        "output_path": values.optional_text("output_path", LONGEST_TEXT),
        "summary": values.optional_text("summary", LONGEST_TEXT),
        "summary_raw": raw,
        "has_logs": values.flag("has_logs"),
        "has_scan_errors": item["job_type"] == "scan" and scan_failures > 0,
        "progress_message": values.optional_text("progress_message"),
        # While somebody watches a build that has ended, its logs may still come, or its next attempt.
        "settled": "ended" if terminal and item["watch"] != "watching" else "going",
        "can_delete": terminal or item["watch"] not in (None, "watching"),
        "can_stop_watching": item["watch"] == "watching",
        "can_watch_again": item["watch"] not in (None, "watching"),
        "cancel_requested": values.flag("cancel_requested"),
        "reported": values.flag("reported"),
        "raw_status": values.optional_text("raw_status", LONGEST_WORD),
        "watch_message": values.optional_text("watch_message"),
        "stages": _stages(values),
        "artifacts": values.json_list("artifacts"),
        "needs_watcher": item["watch"] == "watching" and values.optional_text("account") is None,
        "last_heartbeat_at": history[-1]["last_heartbeat_at"] if history and terminal else None,
        "attempts": history,
    }
