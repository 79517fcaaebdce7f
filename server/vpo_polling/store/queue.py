"""Writes that concern a job before and after its attempts: create, claim, cancel, retry, delete."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    delete,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from vpo_polling.store.database import Database, Write
from vpo_polling.store.schema import attempts, jobs
from vpo_polling.store.types import TERMINAL, Claimed, NewJob
from vpo_polling.store.values import json_value

CLAIM_COLUMNS = (
    *(column for column in jobs.c if not isinstance(column.type, JSON)),
    type_coerce(jobs.c.argv, Text).label("argv"),
    type_coerce(jobs.c.options, Text).label("options"),
)

ASKED_TO_STOP = "The program was asked to stop and has not answered yet."


WHY_NO_CANCEL = {
    "finished": "The job has already ended",
    "elsewhere": "This build runs elsewhere: cancel it there. Watching it can be stopped here",
}
"""For people, about a job that `request_cancel` refused."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class QueueWrites(Database):
    def create_job(self, job: NewJob, *, now: int | None = None) -> str:
        job_id = str(uuid.uuid4())
        with self.write() as write:
            insert_job(write.connection, job_id, job, now_ms() if now is None else now)
            write.touch(job_id)
        return job_id

    def claim_next(self, *, now: int, only: str | None = None) -> Claimed | None:
        """Open an attempt of the first job in the queue (lowest priority, then oldest), or of `only`."""
        order = (jobs.c.priority, jobs.c.created_at, jobs.c.id)
        wanted = [jobs.c.status == "queued", ~jobs.c.reported] + ([] if only is None else [jobs.c.id == only])
        first = select(*CLAIM_COLUMNS).where(*wanted).order_by(*order).limit(1)
        # Runners look every second: an empty queue is no reason to keep other writers out.
        with self.snapshot() as connection:
            if connection.execute(first).first() is None:
                return None
        with self.write() as write:
            row = write.connection.execute(first).first()
            if row is None:
                return None
            write.connection.execute(
                update(jobs)
                .where(jobs.c.id == row.id)
                .values(status="running", started_at=now, waiting_reason=None)
            )
            open_attempt(write.connection, row.id, row.attempt, now)
            write.touch(row.id)
        return Claimed(
            job_id=row.id,
            attempt=row.attempt,
            job_type=row.job_type,
            file_path=row.file_path,
            # What can't be read is left out: the job then fails and says why, instead of stopping the queue.
            argv=_argv(row.argv),
            options=options if isinstance(options := json_value(row.options), dict) else {},
            priority=row.priority,
            policy_name=row.policy_name,
        )

    def explain_waiting(self, reason: str | None) -> None:
        """Why jobs in the queue do not start; None: for no such reason. Those that say so are left alone."""
        said = jobs.c.waiting_reason
        silent = (
            (jobs.c.status == "queued") & ~jobs.c.reported & (said.is_(None) if reason else said.is_not(None))
        )
        with self.snapshot() as connection:
            if connection.execute(select(jobs.c.id).where(silent).limit(1)).first() is None:
                return
        with self.write() as write:
            changed = update(jobs).where(silent).values(waiting_reason=reason).returning(jobs.c.id)
            for job_id in write.connection.execute(changed).scalars().all():
                write.touch(job_id)

    def request_cancel(self, job_id: str, *, now: int) -> str:
        """`cancelled` (it had not begun), `cancelling` (its runner must end it), `finished`, `missing`, or
        `elsewhere`: a build of another system, which nobody here can end.
        """
        with self.write() as write:
            row = _status(write, job_id)
            if row is None:
                return "missing"
            if row["status"] in TERMINAL:
                return "finished"
            if row["watch"] is not None:
                return "elsewhere"
            here = update(jobs).where(jobs.c.id == job_id)
            if row["status"] == "queued" and not row["reported"]:
                ended = {"status": "cancelled", "conclusion": "cancelled", "completed_at": now}
                write.connection.execute(here.values(**ended))
                write.touch(job_id)
                return "cancelled"
            if not row["cancel_requested"]:
                # Nobody ends a program that is not ours; what it was told is all that can be shown.
                why = {"waiting_reason": ASKED_TO_STOP} if row["tracked"] else {}
                write.connection.execute(here.values(cancel_requested=True, **why))
                write.touch(job_id)
            return "cancelling"

    def retry(self, job_id: str) -> bool:
        """Queue a finished job again as its next attempt; it keeps its place in the queue.

        Not one that was tracked: only the program that reported it knows what to do.
        """
        with self.write() as write:
            row = _status(write, job_id)
            if row is None or row["status"] not in TERMINAL or row["tracked"]:
                return False
            write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(**requeued(row)))
            write.touch(job_id)
        return True

    def delete(self, job_id: str) -> bool:
        """Remove a job that has ended, or that nobody watches any more. Its log files are the caller's."""
        with self.write() as write:
            if not write.connection.execute(
                delete(jobs).where(jobs.c.id == job_id, _is_deletable())
            ).rowcount:
                return False
            write.touch(job_id)
        return True


def why_no_retry(record: Mapping[str, object]) -> str:
    """For people, about a job that `retry` refused."""
    if record["watch"] is not None:
        return "This build runs elsewhere; run it again there, and it is watched as its next attempt"
    if record["status"] in TERMINAL:
        return "A program of its own reported this job; run that program again"
    return "The job has not ended yet; only ended jobs can be run again"


def insert_job(connection: Connection, job_id: str, job: NewJob, now: int, **more: object) -> None:
    values = {
        "id": job_id,
        "job_type": job.job_type,
        "status": "queued",
        "file_path": job.file_path,
        "argv": None if job.argv is None else list(job.argv),
        "options": None if job.options is None else dict(job.options),
        "priority": job.priority,
        "policy_name": job.policy_name,
        "attempt": 1,
        "created_at": now,
        "progress_percent": 0.0,
        "has_logs": False,
        "scan_error_count": 0,
        "cancel_requested": False,
    }
    connection.execute(insert(jobs).values(**{**values, **more}))


def open_attempt(connection: Connection, job_id: str, number: int, now: int, **more: object) -> None:
    values = {"job_id": job_id, "number": number, "status": "running", "started_at": now, "heartbeat_at": now}
    connection.execute(insert(attempts).values(**{**values, **more}))


def requeued(row: RowMapping) -> dict[str, object]:
    """The columns of a job that waits for its next attempt; cancelled in the queue, for the same one."""
    began = row["started_at"] is not None
    return {
        "status": "queued",
        "conclusion": None,
        "attempt": row["attempt"] + 1 if began else row["attempt"],
        "started_at": None,
        "completed_at": None,
        "progress_percent": 0.0,
        "processed_count": None,
        "total_count": None,
        "progress_message": None,
        "waiting_reason": None,
        "error_message": None,
        "output_path": None,
        "summary": None,
        "summary_raw": None,
        "scan_error_count": 0,
        "cancel_requested": False,
    }


def _is_deletable() -> ColumnElement[bool]:
    """It has ended, or nobody would ever say that it has."""
    left_alone = jobs.c.watch.is_not(None) & (jobs.c.watch != "watching")
    return or_(jobs.c.status.in_(TERMINAL), left_alone)


def _argv(text: object) -> tuple[str, ...] | None:
    argv = json_value(text)
    return tuple(map(str, argv)) if isinstance(argv, list) else None


def _status(write: Write, job_id: str) -> RowMapping | None:
    names = ("status", "attempt", "started_at", "cancel_requested", "tracked", "reported", "watch")
    columns = [jobs.c[name] for name in names]
    return write.connection.execute(select(*columns).where(jobs.c.id == job_id)).mappings().first()
