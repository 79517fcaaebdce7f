"""The table of the interface, and the plain ASGI application that serves it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vpo_polling.api import (
    actions,
    builds,
    events,
    files,
    live,
    logs,
    params,
    projects,
    reports,
    several,
    transcript,
    turns,
)
from vpo_polling.api.raw_log import raw_log
from vpo_polling.api.refusal import refuse
from vpo_polling.errors import (
    ApiError,
    database_unavailable,
    internal,
    method_not_allowed,
    not_found,
    shutting_down,
)
from vpo_polling.services import Services
from vpo_polling.store import DatabaseUnavailable
from vpo_polling.wire import Answer, route_path, send_answer

_log = logging.getLogger("vpo_polling.api")

# After what is shown here each takes the ids of its path, in their order.
Read = Callable[..., Awaitable[Answer]]  # (services, scope)
Held = Callable[..., Awaitable[Answer]]  # (services, scope, receive)
Long = Callable[..., Awaitable[None]]  # (services, scope, receive, send)
Action = Callable[..., Awaitable[Response]]  # (services, request)

PROJECTS = "/api/projects"
PROJECT = f"{PROJECTS}/{{project_id}}"
SESSIONS = f"{PROJECT}/sessions"
SESSION = f"{SESSIONS}/{{session_id}}"
TURNS = f"{SESSION}/turns"
TURN = f"{TURNS}/{{turn_id}}"

# Polls, which may be held.
POLLS: Mapping[str, Held] = {
    "/api/jobs": live.list_jobs,
    "/api/stats": live.stats,
    "/api/jobs/{job_id}": live.job,
    "/api/jobs/{job_id}/logs": logs.job_log,
    "/api/jobs/{job_id}/errors": live.scan_errors,
    "/api/jobs/{job_id}/events": reports.list_events,
    "/api/builds": builds.list_builds,
    "/api/sessions": projects.list_all_sessions,
    PROJECTS: projects.list_projects,
    PROJECT: projects.project,
    f"{PROJECT}/files": files.list_files,
    SESSIONS: projects.list_sessions,
    SESSION: projects.session,
    TURNS: turns.list_turns,
    TURN: turns.turn,
    f"{SESSION}/transcript": transcript.transcript,
    f"{TURN}/status": turns.turn_status,
    f"{TURN}/blocks": turns.turn_blocks,
    f"{TURN}/events": turns.reported_events,
}
READS: Mapping[str, Read] = {
    "/api/about": live.server_about,
    "/api/openapi.yaml": live.openapi,
    "/health": live.health,
    "/livez": live.livez,
}
# Answers that take their time, and stop when the asker has left.
LONG_READS: Mapping[str, Long] = {
    "/api/events/jobs": events.job_events,
    "/api/jobs/{job_id}/logs/search": logs.search_log,
    "/api/jobs/{job_id}/logs/raw": raw_log,
}
ACTIONS: Mapping[str, Mapping[str, Action]] = {
    "/api/jobs": {"POST": actions.create},
    "/api/jobs/cancel": {"POST": several.cancel},
    "/api/jobs/retry": {"POST": several.retry},
    "/api/jobs/delete": {"POST": several.delete},
    "/api/jobs/{job_id}": {"DELETE": actions.delete, "PUT": reports.put_job},
    "/api/jobs/{job_id}/events": {"POST": reports.add_events},
    "/api/jobs/{job_id}/logs": {"POST": reports.add_log},
    "/api/jobs/{job_id}/watch": {"POST": builds.watch_again},
    "/api/jobs/{job_id}/stop-watching": {"POST": builds.stop_watching},
    "/api/builds": {"POST": builds.watch_build},
    "/api/builds/claim": {"POST": builds.claim},
    "/api/jobs/{job_id}/cancel": {"POST": actions.cancel},
    "/api/jobs/{job_id}/retry": {"POST": actions.retry},
    "/api/jobs/{job_id}/delete": {"POST": actions.delete},
    "/api/sessions": {"POST": projects.create_session_of},
    PROJECTS: {"POST": projects.create_project},
    SESSIONS: {"POST": projects.create_session},
    f"{PROJECT}/files/status": {"POST": files.file_status},
    f"{SESSION}/interrupt": {"POST": turns.interrupt},
    TURNS: {"POST": turns.create_turn},
    f"{TURN}/events": {"POST": turns.report_events},
}
ALWAYS = ("/health", "/livez")
_VERSION = "/api/v1"
QUIET_S = 60.0


def methods(route: str) -> list[str]:
    reads = ["GET", "HEAD"] if route in POLLS or route in READS or route in LONG_READS else []
    return reads + list(ACTIONS.get(route, {}))


# Collections, and what an element of each is named by in the tables.
_NAMED = {"jobs": "{job_id}", "projects": "{project_id}", "sessions": "{session_id}", "turns": "{turn_id}"}


def match(path: str) -> tuple[str, list[str]]:
    """The route's name in the tables and the ids in the path, as they stand there."""
    if path.startswith(_VERSION + "/"):
        path = "/api" + path[len(_VERSION) :]
    if path in ACTIONS or not path.startswith("/api/"):
        return path, []
    parts = path.split("/")
    ids = []
    for i in range(3, len(parts)):
        if parts[i - 1] in _NAMED and parts[i]:
            ids.append(parts[i])
            parts[i] = _NAMED[parts[i - 1]]
    return "/".join(parts), ids


class Api:
    """Serves what is in the tables, and answers all else under /api; the rest goes to the pages."""

    def __init__(self, services: Services, pages: ASGIApp) -> None:
        self._services = services
        self._pages = pages
        self._quiet_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = route_path(scope) if scope["type"] == "http" else ""
        if not path.startswith("/api/") and path != "/api" and path not in ALWAYS:
            await self._pages(scope, receive, send)
            return
        try:
            await self._serve(path, scope, receive, send)
        except ApiError as error:
            await refuse(self._services, scope, receive, send, error)
        except DatabaseUnavailable as error:
            self._warn(error)
            await refuse(self._services, scope, receive, send, database_unavailable(error))
        except Exception:
            _log.exception("%s %s failed", scope["method"], path)
            await refuse(self._services, scope, receive, send, internal())

    def _warn(self, error: DatabaseUnavailable) -> None:
        """Once a minute: thousands of polls would say the same."""
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + QUIET_S
            _log.warning("The database does not answer: %s", error)

    async def _serve(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        route, raw_ids = match(path)
        allowed = methods(route)
        if self._services.shutting_down and route not in ALWAYS:
            raise shutting_down()
        if not allowed:
            raise not_found("There is no such resource")
        if scope["method"] not in allowed:
            raise method_not_allowed(", ".join(allowed))
        ids = [params.known_id(raw, "job" if "{job_id}" in route else "") for raw in raw_ids]
        if route in LONG_READS:
            await LONG_READS[route](self._services, scope, receive, send, *ids)
            return
        if scope["method"] in ("GET", "HEAD") and route in POLLS:
            await send_answer(scope, send, await POLLS[route](self._services, scope, receive, *ids))
            return
        if scope["method"] in ("GET", "HEAD"):
            await send_answer(scope, send, await READS[route](self._services, scope, *ids))
            return
        action = ACTIONS[route][scope["method"]]
        response = await action(self._services, Request(scope, receive), *ids)
        await response(scope, receive, send)
