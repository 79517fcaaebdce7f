"""Real jobs for an empty dashboard, when the settings ask for them."""

from __future__ import annotations

import threading

from vpo_polling.settings import Settings
from vpo_polling.store import ListQuery, NewJob, Store

LIBRARY = "sample-library"
COMMAND = "unit-tests"

_turn = threading.Lock()


def ensure_demo_jobs(store: Store, settings: Settings) -> list[str]:
    """Queues a scan of the sample library and the project's own unit tests; the new ids, if there are any.

    Cheap to call whenever the dashboard is opened. Synchronous, like the store.
    """
    if not settings.demo:
        return []
    with _turn:
        page, _ = store.read(ListQuery(limit=1))
        if page is None or page["total"]:
            return []
        library = settings.data_dir / LIBRARY
        # The scan writes the library itself, so that opening the page does not wait for 2,000 files.
        library.mkdir(parents=True, exist_ok=True)
        jobs = [NewJob(job_type="scan", file_path=str(library), options={"samples": True, "levels": True})]
        if COMMAND in settings.commands:
            jobs.append(NewJob(job_type="command", file_path=COMMAND, options={"command": COMMAND}))
        return [store.create_job(job) for job in jobs]
