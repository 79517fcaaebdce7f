"""Jobs in some state, for tests."""

from __future__ import annotations

from vpo_polling.store import Ending, NewJob, Store

DONE = Ending(status="completed", conclusion="success", exit_code=0)


def queued(store: Store, path: str = "/media", *, job_type: str = "scan", now: int = 1_000) -> str:
    return store.create_job(NewJob(job_type=job_type, file_path=path), now=now)


def running(store: Store, path: str = "/media", *, now: int = 1_000) -> str:
    job_id = queued(store, path, now=now)
    claimed = store.claim_next(now=now, only=job_id)
    assert claimed is not None
    return job_id


def ended(
    store: Store, path: str = "/media", *, now: int = 1_000, ending: Ending = DONE, took: int = 0
) -> str:
    job_id = running(store, path, now=now)
    assert store.finish(job_id, 1, ending, now=now + took)
    return job_id
