"""The reads that pages repeat. Plain functions from a scope to an answer: thousands of viewers call them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.types import Scope

from vpo_polling import __version__, about, logs
from vpo_polling.api import params
from vpo_polling.api.conditional import respond, respond_with
from vpo_polling.errors import not_found
from vpo_polling.feed import canonical, compress, weak_tag
from vpo_polling.logs.paths import LogPaths
from vpo_polling.services import Services
from vpo_polling.store import TERMINAL, DatabaseUnavailable, ErrorsQuery, JobQuery, Query, now_ms
from vpo_polling.store import queries as store_queries
from vpo_polling.wire import JSON, NO_STORE, Answer

LOG_KEYS = ("gen", "start", "line", "lines", "offset")
DAY_MS = 24 * 60 * 60 * 1000


async def list_jobs(services: Services, scope: Scope, _job_id: str) -> Answer:
    return await _from_feed(services, scope, params.list_query(params.first_values(scope["query_string"])))


async def job(services: Services, scope: Scope, job_id: str) -> Answer:
    return await _from_feed(services, scope, JobQuery(job_id=job_id))


async def scan_errors(services: Services, scope: Scope, job_id: str) -> Answer:
    return await _from_feed(services, scope, ErrorsQuery(job_id=job_id))


async def _from_feed(services: Services, scope: Scope, query: Query) -> Answer:
    entry = await services.feed.read(query)
    if entry is None:
        raise not_found()
    return respond(scope, entry)


async def job_log(services: Services, scope: Scope, job_id: str) -> Answer:
    values = params.first_values(scope["query_string"])
    attempt, ended = await _attempt(services, job_id, values.get("attempt"))
    asked = {key: values[key] for key in LOG_KEYS if key in values}

    def read() -> tuple[str, bytes, bytes | None]:
        data = logs.read(services.settings, job_id, attempt, asked, ended)
        body = canonical(data)
        return _log_tag(data, body), body, compress(body)

    etag, body, packed = await asyncio.to_thread(read)
    return respond_with(scope, etag, body, packed)


def _log_tag(data: dict[str, Any], body: bytes) -> str:
    """Names what a reader has after this answer: the next part, asked for with this tag, never equals it.

    That a log is complete is news of the same bytes.
    """
    if "gen" not in data:
        return weak_tag(body)
    return f'"{data["gen"]}-{data["end"]}-{data["size"]}{"-end" if data["complete"] else ""}"'


async def _attempt(services: Services, job_id: str, wanted: str | None) -> tuple[int, bool]:
    """Whose log, and whether it has ended: of the last attempt that began, unless another is asked for."""
    try:
        entry = await services.feed.read(JobQuery(job_id=job_id))
    except DatabaseUnavailable:
        # Logs are files: whoever reads one goes on reading while the database is away.
        newest = await asyncio.to_thread(
            _newest_on_disk, LogPaths.of(services.settings.data_dir, job_id, 1).folder
        )
        if newest is None:
            raise
        return newest, False
    if entry is None:
        raise not_found()
    job = entry.data()
    if wanted is None:
        return newest_attempt(job)
    ended = {row["number"]: row["status"] in TERMINAL for row in job["attempts"]}
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 0
    if number not in ended:
        raise not_found("The job has no such attempt")
    return number, ended[number]


def newest_attempt(job: Mapping[str, Any]) -> tuple[int, bool]:
    """Number of a record's last attempt, and whether anything may still be written to its log.

    A job that was cancelled before it began has no attempt: its log is empty and complete.
    """
    row = job["attempts"][-1] if job["attempts"] else {"number": 1, "status": job["status"]}
    return row["number"], row["status"] in TERMINAL


def _newest_on_disk(folder: Path) -> int | None:
    return max((int(path.stem) for path in folder.glob("*.log") if path.stem.isdigit()), default=None)


async def server_about(services: Services, scope: Scope, _job_id: str) -> Answer:
    root = scope.get("root_path", "")
    body = canonical(
        {
            "version": __version__,
            "git_hash": about.git_hash(),
            "profile_name": "default",
            "api_url": f"{root}/api",
            "docs_url": f"{root}/api/openapi.yaml",
            "is_read_only": False,
        }
    )
    return respond_with(scope, weak_tag(body, services.build.encode()), body, compress(body))


async def openapi(_services: Services, scope: Scope, _job_id: str) -> Answer:
    body, packed = _openapi_file()
    return respond_with(scope, weak_tag(body), body, packed, (b"content-type", b"text/yaml; charset=utf-8"))


@cache
def _openapi_file() -> tuple[bytes, bytes | None]:
    body = Path(__file__).with_name("openapi.yaml").read_bytes()
    return body, compress(body)


async def livez(_services: Services, _scope: Scope, _job_id: str) -> Answer:
    return Answer(200, [(b"content-type", b"text/plain; charset=utf-8"), NO_STORE], b"ok\n")


async def health(services: Services, _scope: Scope, _job_id: str) -> Answer:
    def count() -> dict[str, int] | None:
        try:
            with services.store.snapshot() as connection:
                return store_queries.health(connection, now_ms() - DAY_MS)
        except DatabaseUnavailable:
            return None

    counts = await asyncio.to_thread(count)
    status = "unhealthy" if counts is None else "degraded" if services.shutting_down else "healthy"
    body = {
        "status": status,
        "database": "disconnected" if counts is None else "connected",
        "uptime_seconds": round(time.monotonic() - services.started, 3),
        "version": __version__,
        "shutting_down": services.shutting_down,
        **(counts or {"jobs_queued": 0, "jobs_running": 0, "recent_errors": 0}),
        "active_workers": 0 if services.runner is None else services.runner.active_workers,
        "last_config_reload": None,
        "config_reload_count": 0,
        "config_reload_error": None,
    }
    return Answer(200 if status == "healthy" else 503, [JSON, NO_STORE], canonical(body))
