"""Whose log is meant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from vpo_polling.errors import bad_request, not_found
from vpo_polling.logs.paths import STAGE, LogPaths, newest_attempt_on_disk
from vpo_polling.services import Services
from vpo_polling.store import TERMINAL, DatabaseUnavailable, JobQuery


async def attempt_of(services: Services, job_id: str, wanted: str | None) -> tuple[int, bool]:
    """Its number, and whether it has ended: the last attempt that began, unless another is asked for."""
    try:
        entry = await services.feed.read(JobQuery(job_id=job_id))
    except DatabaseUnavailable:
        # Logs are files: whoever reads one goes on reading while the database is away.
        folder = LogPaths.of(services.settings.data_dir, job_id, 1).folder
        newest = await asyncio.to_thread(newest_attempt_on_disk, folder)
        if newest is None:
            raise
        return newest, False
    if entry is None:
        raise not_found()
    job = entry.data()
    if wanted is None:
        return newest_attempt(job)
    ended = {row["number"]: _is_over(job, row) for row in job["attempts"]}
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 0
    if number not in ended:
        raise not_found("The job has no such attempt")
    return number, ended[number]


def newest_attempt(job: Mapping[str, Any]) -> tuple[int, bool]:
    """Number of a record's last attempt, and whether anything may still be written to its log.

    A job that was cancelled before it began has no attempt: its log is empty and complete.
    """
    row = job["attempts"][-1] if job["attempts"] else {"number": 1, "status": job["status"]}
    return row["number"], _is_over(job, row)


def stage_of(text: str | None) -> str | None:
    """The stage whose log is meant, None for the attempt's own. Raises ApiError."""
    if text is not None and not STAGE.fullmatch(text):
        raise bad_request("Invalid stage value", "INVALID_PARAMETER")
    return text


def _is_over(job: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Logs of a build may come a little later than its end; then whoever watches it says that it is done."""
    is_watched = job["watch"] == "watching" and row["number"] == job["attempt"]
    return row["status"] in TERMINAL and not is_watched
