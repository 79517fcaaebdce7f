"""Reports of jobs that run elsewhere, and the events that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Text, insert, select, type_coerce, update

from vpo_polling.store.database import Database, Write
from vpo_polling.store.queue import ASKED_TO_STOP, insert_job, open_attempt
from vpo_polling.store.reported.events import watch_after
from vpo_polling.store.reported.holders import check_holder
from vpo_polling.store.reported.outcomes import Gap, Refused, Unknown
from vpo_polling.store.reported.report import Event, Report
from vpo_polling.store.schema import attempts, job_events, jobs
from vpo_polling.store.types import TERMINAL, NewJob
from vpo_polling.store.values import json_value

_Values = dict[str, Any]
_JSON = ("argv", "options", "summary_raw", "stages", "artifacts", "stage_logs")
_COLUMNS = (
    *(column for column in jobs.c if column.name not in _JSON),
    *(type_coerce(jobs.c[name], Text).label(name) for name in _JSON),
)
# Told at the first report, and left alone by those that follow.
_KEPT = ("file_path", "job_type")


class ReportWrites(Database):
    def report_job(
        self, job_id: str, report: Report, *, now: int, must_exist: bool = False, watcher: str | None = None
    ) -> bool:
        """Takes a report; whether it is the first one of the job. The same one again changes nothing.

        Raises Unknown (only with `must_exist`) and Refused.
        """
        with self.write() as write:
            row = _row(write, job_id)
            is_new = row is None
            if row is None:
                if must_exist:
                    raise Unknown
                _begin(write, job_id, report, now)
                row = _row(write, job_id)
                assert row is not None
            _check(row, report)
            check_holder(write, row["account"], watcher, now)
            if _take(write, row, report, now) or is_new:
                write.touch(job_id)
        return is_new

    def note_stage_log(self, job_id: str, attempt: int, stage: str, state: str) -> None:
        """The stage has a log: `open`, or `complete`."""
        with self.write() as write:
            row = _row(write, job_id)
            if row is None or row["attempt"] != attempt:
                return
            known = json_value(row["stage_logs"]) or {}
            if known.get(stage) != state:
                _set(write, job_id, stage_logs={**known, stage: state})
                write.touch(job_id)

    def note_log(self, job_id: str) -> None:
        """The job has a log of its own."""
        with self.write() as write:
            here = (jobs.c.id == job_id) & ~jobs.c.has_logs
            if write.connection.execute(update(jobs).where(here).values(has_logs=True)).rowcount:
                write.touch(job_id)

    def add_events(
        self, job_id: str, events: Sequence[Event], *, after: int | None, now: int, watcher: str | None = None
    ) -> int:
        """The number of events that are stored now. `after`: how many the reporter knows to be stored.

        Those that are stored already are not stored again. Raises Unknown, Refused and Gap.
        """
        with self.write() as write:
            row = _row(write, job_id)
            if row is None:
                raise Unknown
            if not row["reported"]:
                raise Refused(_NOT_REPORTED)
            check_holder(write, row["account"], watcher, now)
            count: int = row["event_count"]
            first = count if after is None else after
            if first > count:
                raise Gap("Events", count)
            new = events[count - first :]
            if not new:
                return count
            rows = [
                {
                    "job_id": job_id,
                    "number": number,
                    "created_at": now,
                    "type": event.type,
                    "tags": event.tags,
                    "data": event.data,
                }
                for number, event in enumerate(new, count + 1)
            ]
            write.connection.execute(insert(job_events), rows)
            values: _Values = {"event_count": count + len(new)}
            if row["watch"] is not None:
                values.update(watch_after(new))
            _set(write, job_id, **values)
            write.touch(job_id)
            return count + len(new)


_NOT_REPORTED = "This job runs here: nobody else can report it"


def _row(write: Write, job_id: str) -> RowMapping | None:
    return write.connection.execute(select(*_COLUMNS).where(jobs.c.id == job_id)).mappings().first()


def _set(write: Write, job_id: str, **values: Any) -> None:
    write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))


def _begin(write: Write, job_id: str, report: Report, now: int) -> None:
    if report.job_type is None or report.file_path is None:
        raise Refused("The first report of a job must have its 'job_type' and 'file_path'")
    created = report.created_at if report.created_at is not None else now
    insert_job(
        write.connection,
        job_id,
        NewJob(job_type=report.job_type, file_path=report.file_path),
        created,
        attempt=report.attempt or 1,
        reported=True,
        tracked=True,
    )


def _check(row: RowMapping, report: Report) -> None:
    if not row["reported"]:
        raise Refused(_NOT_REPORTED)
    for name in _KEPT:
        told = getattr(report, name)
        if told is not None and told != row[name]:
            raise Refused(f"The job's '{name}' is {row[name]!r} and stays so")
    if report.attempt is not None and report.attempt < row["attempt"]:
        raise Refused(f"Attempt {report.attempt} is over; the current one is {row['attempt']}")


def _take(write: Write, row: RowMapping, report: Report, now: int) -> bool:
    """Whether anything has changed."""
    has_ended = report.status in TERMINAL
    # What goes on after its end has begun again.
    attempt = report.attempt or row["attempt"] + int(row["status"] in TERMINAL and not has_ended)
    is_new = attempt > row["attempt"]
    began = None if is_new else row["started_at"]
    if report.status != "queued":
        began = report.started_at if report.started_at is not None else began if began is not None else now
    ended = None
    if has_ended:
        ended = report.completed_at if report.completed_at is not None else row["completed_at"] or now
        began = min(began or ended, ended)
    values: _Values = {
        "status": report.status,
        "conclusion": report.conclusion,
        "attempt": attempt,
        "started_at": began,
        "completed_at": ended,
        "progress_percent": report.percent,
        "summary_raw": None if report.summary_raw is None else dict(report.summary_raw),
        "stages": report.shown_stages(),
        "artifacts": report.shown_artifacts(),
        **{name: getattr(report, name) for name in _PLAIN},
    }
    for name in ("pinned", "platform", "project"):
        # Who has found out no more than before says nothing of these.
        values[name] = values[name] or row[name]
    if row["cancel_requested"] and not has_ended and not is_new:
        values["waiting_reason"] = values["waiting_reason"] or ASKED_TO_STOP
    if is_new:
        values.update(stage_logs=None, has_logs=False, cancel_requested=False)
    if row["watch"] is not None and not has_ended and row["watch"] == "finished":
        values["watch"] = "watching"
    changed = {name: value for name, value in values.items() if _known(row, name) != value}
    if changed:
        _set(write, row["id"], **changed)
    if is_new:
        _leave_attempt(write, row, now)
    history = report.status != "queued" and _write_attempt(write, row["id"], attempt, report, began, ended)
    return bool(changed) or history


_PLAIN = (
    "processed_count",
    "total_count",
    "progress_message",
    "waiting_reason",
    "error_message",
    "output_path",
    "summary",
    "platform",
    "project",
    "number",
    "url",
    "raw_status",
    "watch_message",
    "pinned",
)


def _known(row: RowMapping, name: str) -> Any:
    return json_value(row[name]) if name in _JSON else row[name]


def _leave_attempt(write: Write, row: RowMapping, now: int) -> None:
    """Its logs stay. One that had not ended when the next one was heard of was cut off, as far as we know."""
    mine = attempts.c.job_id == row["id"]
    ended = {"status": "cancelled", "conclusion": "interrupted", "completed_at": now}
    write.connection.execute(update(attempts).where(mine, attempts.c.status == "running").values(**ended))
    logs = json_value(row["stage_logs"]) or {}
    stages = [
        {**stage, "attempt": row["attempt"], "log": logs[stage["id"]]}
        for stage in json_value(row["stages"]) or []
        if stage["id"] in logs
    ]
    here = update(attempts).where(mine, attempts.c.number == row["attempt"])
    write.connection.execute(here.values(stages=stages or None))


def _write_attempt(
    write: Write, job_id: str, number: int, report: Report, began: int | None, ended: int | None
) -> bool:
    values: _Values = {
        "status": report.status,
        "conclusion": report.conclusion,
        "started_at": began,
        "completed_at": ended,
        "error_message": report.error_message,
    }
    here = (attempts.c.job_id == job_id) & (attempts.c.number == number)
    row = write.connection.execute(select(attempts).where(here)).mappings().first()
    if row is None:
        open_attempt(write.connection, job_id, number, began or 0, **{**values, "heartbeat_at": None})
        return True
    if all(row[name] == value for name, value in values.items()):
        return False
    write.connection.execute(update(attempts).where(here).values(**values))
    return True
