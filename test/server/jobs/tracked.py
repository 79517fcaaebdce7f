"""Jobs that this process reports, and what became of them."""

from __future__ import annotations

from typing import Any

from vpo_polling import jobs
from vpo_polling.jobs.tracking import TrackedJob
from vpo_polling.settings import Settings

from jobs.support import Job


def here(settings: Settings, **more: Any) -> TrackedJob:
    return jobs.track("import", target="orders.csv", data_dir=settings.data_dir, **more)


def outcome(job: Job) -> tuple[str, str | None, str | None]:
    return job["status"], job["conclusion"], job["error_message"]


def having(job: Job, **values: Any) -> Job | None:
    return job if values.items() <= job.items() else None
