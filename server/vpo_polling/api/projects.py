"""Projects and their sessions: lists, records, and how new ones are made."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from vpo_polling.api import body, params
from vpo_polling.api.actions import is_program, made, see_other
from vpo_polling.api.holding import poll
from vpo_polling.api.roots import directory_within
from vpo_polling.errors import not_found
from vpo_polling.services import Services
from vpo_polling.store import now_ms
from vpo_polling.store.turns.queries import ProjectQuery, ProjectsQuery, SessionQuery, SessionsQuery
from vpo_polling.wire import Answer

NO_PROJECT = "Project not found"
NO_SESSION = "Session not found"


async def list_projects(services: Services, scope: Scope, receive: Receive) -> Answer:
    page = params.page(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, ProjectsQuery(**page))


async def project(services: Services, scope: Scope, receive: Receive, project_id: str) -> Answer:
    return await poll(services, scope, receive, ProjectQuery(project_id=project_id), NO_PROJECT)


async def list_all_sessions(services: Services, scope: Scope, receive: Receive) -> Answer:
    page = params.page(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, SessionsQuery(project_id=None, **page))


async def list_sessions(services: Services, scope: Scope, receive: Receive, project_id: str) -> Answer:
    page = params.page(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, SessionsQuery(project_id=project_id, **page), NO_PROJECT)


async def session(
    services: Services, scope: Scope, receive: Receive, project_id: str, session_id: str
) -> Answer:
    query = SessionQuery(project_id=project_id, session_id=session_id)
    return await poll(services, scope, receive, query, NO_SESSION)


async def create_project(services: Services, request: Request) -> Response:
    fields = await body.fields(request)
    project_id = await _new_project(services, fields, body.text(fields, "name"))
    if not is_program(request):
        return see_other(request, "/sessions")
    record, _ = await asyncio.to_thread(services.store.read, ProjectQuery(project_id=project_id))
    return made(request, record, f"/api/projects/{project_id}")


async def _new_project(services: Services, fields: dict[str, Any], name: str) -> str:
    root = None
    if fields.get("root"):
        text = body.text(fields, "root")
        root = str(await asyncio.to_thread(project_root, text, services))
    return await asyncio.to_thread(services.store.create_project, name, root, now=now_ms())


async def create_session_of(services: Services, request: Request) -> Response:
    """In the newest project of the name, or in a new one."""
    fields = await body.fields(request)
    name = body.text(fields, "project")
    known = None if fields.get("root") else await asyncio.to_thread(services.store.project_named, name)
    project_id = known or await _new_project(services, fields, name)
    return await _create_session(services, request, fields, project_id)


async def create_session(services: Services, request: Request, project_id: str) -> Response:
    return await _create_session(services, request, await body.fields(request), project_id)


async def _create_session(
    services: Services, request: Request, fields: dict[str, Any], project_id: str
) -> Response:
    title = body.text(fields, "title") if fields.get("title") else ""
    session_id = await asyncio.to_thread(services.store.create_session, project_id, title, now=now_ms())
    if session_id is None:
        raise not_found(NO_PROJECT)
    if not is_program(request):
        return see_other(request, f"/sessions/{session_id}")
    query = SessionQuery(project_id=project_id, session_id=session_id)
    record, _ = await asyncio.to_thread(services.store.read, query)
    return made(request, record, f"/api/projects/{project_id}/sessions/{session_id}")


def project_root(text: str, services: Services) -> Path:
    roots = services.settings.project_roots
    return directory_within(text, roots, setting="project_roots", use="shown", field="root")
