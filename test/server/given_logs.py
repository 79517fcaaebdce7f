"""Logs as a killed shim would leave them: a file, and nothing beside it."""

from __future__ import annotations

from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings


def write(settings: Settings, job_id: str, text: str, attempt: int = 1) -> LogPaths:
    paths = LogPaths.of(settings.data_dir, job_id, attempt)
    paths.folder.mkdir(parents=True, exist_ok=True)
    with paths.log.open("a", encoding="utf-8", newline="") as file:
        file.write(text)
    return paths
