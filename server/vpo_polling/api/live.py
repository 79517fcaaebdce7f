"""The reads that pages repeat. Plain functions from a scope to an answer: thousands of viewers call them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from functools import cache

from starlette.types import Receive, Scope

from vpo_polling import __version__, about
from vpo_polling.api import params
from vpo_polling.api.conditional import respond_with
from vpo_polling.api.holding import poll
from vpo_polling.api.openapi import document
from vpo_polling.feed import canonical, compress, weak_tag
from vpo_polling.services import Services
from vpo_polling.store import TYPE_NAME, DatabaseUnavailable, ErrorsQuery, JobQuery, ListQuery, now_ms
from vpo_polling.store import queries as store_queries
from vpo_polling.wire import JSON, NO_STORE, Answer

FIRST_PAGE = ListQuery()
DAY_MS = 24 * 60 * 60 * 1000


async def list_jobs(services: Services, scope: Scope, receive: Receive) -> Answer:
    return await poll(services, scope, receive, await asked_list(services, scope))


async def asked_list(services: Services, scope: Scope) -> ListQuery:
    """The page of the list that the request's query names. Raises ApiError."""
    if not scope["query_string"]:
        return FIRST_PAGE
    values = params.first_values(scope["query_string"])
    return params.list_query(values, await known_types(services, values.get("type", "")))


async def known_types(services: Services, wanted: str) -> Collection[str]:
    """The types that a list may be asked for. The database is asked only about a word that is new to us."""
    if wanted not in services.job_types and TYPE_NAME.fullmatch(wanted):
        services.job_types.update(await asyncio.to_thread(services.store.job_types))
    return services.job_types


async def stats(services: Services, scope: Scope, receive: Receive) -> Answer:
    query = params.stats_query(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, query)


async def job(services: Services, scope: Scope, receive: Receive, job_id: str) -> Answer:
    return await poll(services, scope, receive, JobQuery(job_id=job_id))


async def scan_errors(services: Services, scope: Scope, receive: Receive, job_id: str) -> Answer:
    return await poll(services, scope, receive, ErrorsQuery(job_id=job_id))


async def server_about(services: Services, scope: Scope) -> Answer:
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


async def openapi(_services: Services, scope: Scope) -> Answer:
    body, packed = _openapi_file()
    return respond_with(scope, weak_tag(body), body, packed, (b"content-type", b"text/yaml; charset=utf-8"))


@cache
def _openapi_file() -> tuple[bytes, bytes | None]:
    body = document()
    return body, compress(body)


async def livez(_services: Services, _scope: Scope) -> Answer:
    return Answer(200, [(b"content-type", b"text/plain; charset=utf-8"), NO_STORE], b"ok\n")


async def health(services: Services, _scope: Scope) -> Answer:
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
