"""Writes of the process that runs a job: progress, heartbeats, scan errors, the end of an attempt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import RowMapping, insert, select, update

from vpo_polling.store.database import Database, Write
from vpo_polling.store.queue import requeued
from vpo_polling.store.schema import attempts, jobs, scan_errors
from vpo_polling.store.types import MAX_ATTEMPTS, AttemptRow, Ending, Progress

INTERRUPTED = Ending(
    status="cancelled", conclusion="interrupted", error_message="The job was cut off before it could finish."
)
CANCELLED = Ending(status="cancelled", conclusion="cancelled")


class RunningWrites(Database):
    def set_process(self, job_id: str, attempt: int, *, pid: int, process_started: float) -> None:
        """The attempt has a process, and with it a log."""
        with self.write() as write:
            here = (attempts.c.job_id == job_id) & (attempts.c.number == attempt)
            write.connection.execute(
                update(attempts).where(here).values(pid=pid, process_started=process_started)
            )
            write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(has_logs=True))
            write.touch(job_id)

    def report(self, reports: Iterable[Progress]) -> None:
        """Progress of any number of jobs in one transaction; what is no longer running is left alone."""
        with self.write() as write:
            for report in reports:
                values = _progress_values(report)
                if not values:
                    continue
                here = (jobs.c.id == report.job_id) & (jobs.c.attempt == report.attempt)
                running = jobs.c.status == "running"
                if write.connection.execute(update(jobs).where(here, running).values(**values)).rowcount:
                    write.touch(report.job_id)

    def heartbeat(self, job_ids: Collection[str], *, now: int) -> None:
        """Takes no revision: that a job is alive changes no answer."""
        with self.write() as write:
            here = attempts.c.job_id.in_(job_ids) & (attempts.c.status == "running")
            write.connection.execute(update(attempts).where(here).values(heartbeat_at=now))

    def add_scan_errors(self, job_id: str, attempt: int, errors: Sequence[tuple[str, str, str]]) -> None:
        """`errors` are (path, filename, error)."""
        if not errors:
            return
        rows = [
            {"job_id": job_id, "attempt": attempt, "path": path, "filename": filename, "error": error}
            for path, filename, error in errors
        ]
        with self.write() as write:
            here = (jobs.c.id == job_id) & (jobs.c.attempt == attempt)
            more = {"scan_error_count": jobs.c.scan_error_count + len(rows)}
            if write.connection.execute(update(jobs).where(here).values(**more)).rowcount:
                write.connection.execute(insert(scan_errors), rows)
                write.touch(job_id)

    def finish(self, job_id: str, attempt: int, ending: Ending, *, now: int) -> bool:
        """End the attempt and its job. False: it had already ended."""
        with self.write() as write:
            if not _end_attempt(write, job_id, attempt, ending, now):
                return False
            _end_job(write, job_id, ending, now)
        return True

    def interrupt(self, job_id: str, attempt: int, *, now: int, requeue: bool) -> bool:
        """The attempt was cut off. The job goes on as its next attempt if it may, else it ends."""
        with self.write() as write:
            row = _running_job(write, job_id, attempt)
            if row is None:
                return False
            ending = CANCELLED if row["cancel_requested"] else INTERRUPTED
            _end_attempt(write, job_id, attempt, ending, now)
            if requeue and ending is INTERRUPTED and attempt < MAX_ATTEMPTS:
                write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(**requeued(row)))
                write.touch(job_id)
            else:
                _end_job(write, job_id, ending, now)
        return True

    def cancel_requested(self, job_ids: Collection[str]) -> set[str]:
        wanted = jobs.c.id.in_(job_ids) & jobs.c.cancel_requested & (jobs.c.status == "running")
        with self.snapshot() as connection:
            return set(connection.execute(select(jobs.c.id).where(wanted)).scalars())

    def running(self) -> list[AttemptRow]:
        columns = (attempts.c.job_id, attempts.c.number, attempts.c.pid, attempts.c.process_started)
        statement = (
            select(*columns, attempts.c.heartbeat_at, jobs.c.tracked)
            .join_from(attempts, jobs)
            # What is reported from elsewhere runs in no process that could be looked at here.
            .where(attempts.c.status == "running", ~jobs.c.reported)
            .order_by(attempts.c.started_at, attempts.c.job_id)
        )
        with self.snapshot() as connection:
            return [
                AttemptRow(
                    job_id=row.job_id,
                    attempt=row.number,
                    pid=row.pid,
                    process_started=row.process_started,
                    heartbeat_at=row.heartbeat_at,
                    tracked=row.tracked,
                )
                for row in connection.execute(statement)
            ]


def _progress_values(report: Progress) -> dict[str, object]:
    percent = report.percent
    if percent is None and report.total and report.processed is not None:
        percent = report.processed * 100 / report.total
    values = {
        "processed_count": report.processed,
        "total_count": report.total,
        # One decimal is all that is shown; finer steps would only make new answers of the same picture.
        "progress_percent": None if percent is None else round(min(100.0, max(0.0, percent)), 1),
        "progress_message": report.message,
    }
    return {name: value for name, value in values.items() if value is not None}


def _running_job(write: Write, job_id: str, attempt: int) -> RowMapping | None:
    columns = (jobs.c.status, jobs.c.attempt, jobs.c.started_at, jobs.c.cancel_requested)
    here = (jobs.c.id == job_id) & (jobs.c.attempt == attempt) & (jobs.c.status == "running")
    return write.connection.execute(select(*columns).where(here)).mappings().first()


def _end_attempt(write: Write, job_id: str, attempt: int, ending: Ending, now: int) -> bool:
    here = (attempts.c.job_id == job_id) & (attempts.c.number == attempt) & (attempts.c.status == "running")
    ended = (
        update(attempts)
        .where(here)
        .values(
            status=ending.status,
            conclusion=ending.conclusion,
            completed_at=now,
            exit_code=ending.exit_code,
            error_message=ending.error_message,
        )
    )
    return write.connection.execute(ended).rowcount > 0


def _end_job(write: Write, job_id: str, ending: Ending, now: int) -> None:
    values: dict[str, object] = {
        "status": ending.status,
        "conclusion": ending.conclusion,
        "completed_at": now,
        "error_message": ending.error_message,
        "summary": ending.summary,
        "summary_raw": None if ending.summary_raw is None else dict(ending.summary_raw),
        "output_path": ending.output_path,
        "progress_message": None,
        "waiting_reason": None,
    }
    if ending.status == "completed":
        values["progress_percent"] = 100.0
    write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
    write.touch(job_id)
