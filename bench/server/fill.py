"""`fill.py DATA ROWS PID`: a database with so many ended jobs, and one that runs in that process."""

from __future__ import annotations

import sys
from pathlib import Path

from vpo_polling.jobs.process import started_at
from vpo_polling.store import Ending, NewJob, OwnProcess, Store, now_ms


def fill(data: Path, rows: int, pid: int) -> str:
    """The id of the job that runs."""
    store = Store.open(data / "vpo.db")
    store.migrate()
    before = now_ms() - 1000 * rows
    for i in range(rows):
        job = NewJob(job_type="scan", file_path=f"/media/films/a film with the number {i}.mkv")
        job_id = store.create_job(job, now=before + i)
        store.claim_next(now=before + i, only=job_id)
        store.finish(job_id, 1, Ending(status="completed", conclusion="success"), now=before + i + 900)
    began = started_at(pid)
    assert began is not None
    changing = NewJob(job_type="scan", file_path="/media/films/changing.mkv")
    job_id = store.begin_tracked(changing, OwnProcess(pid=pid, started=began), now=now_ms())
    store.close()
    return job_id


if __name__ == "__main__":
    print(fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
