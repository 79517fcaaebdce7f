"""Writes about jobs that are not run here: a program of its own reports what it does."""

from __future__ import annotations

import uuid

from vpo_polling.store.database import Database
from vpo_polling.store.queue import insert_job, open_attempt
from vpo_polling.store.types import NewJob, OwnProcess


class TrackingWrites(Database):
    def begin_tracked(self, job: NewJob, process: OwnProcess, *, now: int) -> str:
        """A job that runs from the start, so that no runner can claim it, in the process that reports it."""
        job_id = str(uuid.uuid4())
        began = {"status": "running", "started_at": now, "has_logs": True, "tracked": True}
        with self.write() as write:
            insert_job(write.connection, job_id, job, now, **began)
            place = {"pid": process.pid, "process_started": process.started}
            open_attempt(write.connection, job_id, 1, now, **place)
            write.touch(job_id)
        return job_id
