"""The list of sessions, and the page of one: what was asked, and what the agent did."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vpo_polling.api import params
from vpo_polling.api.projects import NO_SESSION
from vpo_polling.errors import not_found
from vpo_polling.store.turns.queries import MAX_LIMIT, ProjectsQuery, SessionsQuery
from vpo_polling.store.turns.transcript import BEGINNING, Place, TranscriptQuery

from . import context
from .guarding import Guarded
from .painting import Painting

SHOWN = 300
"""Entries that a page begins with; those before them are behind a link."""


class SessionPages:
    def __init__(self, painting: Painting, guarded: Guarded) -> None:
        self._painting = painting
        self._services = painting.services
        self.routes = [
            Route("/sessions", guarded(self._sessions), name="sessions"),
            Route("/sessions/{session_id}", guarded(self._session), name="session"),
        ]

    async def _sessions(self, request: Request) -> Response:
        links = self._painting.links(request)
        values = params.first_values(request.scope["query_string"])
        asked = SessionsQuery(project_id=None, **params.page(values))
        projects = await self._services.feed.read(ProjectsQuery(limit=MAX_LIMIT))
        page = context.SessionsPage(
            **self._painting.shared_live(request),
            sessions=await self._painting.live(asked, links.api_sessions(asked)),
            pages=(links.sessions(_at(asked, -1)), links.sessions(_at(asked, 1))),
            projects=[] if projects is None else projects.data()["projects"],
            has_agent=self._services.agents.has_command,
            project_root=next(map(str, self._services.settings.project_roots), None),
        )
        return self._painting.render(page, "sessions.html")

    async def _session(self, request: Request) -> Response:
        links = self._painting.links(request)
        session_id = params.known_id(request.path_params["session_id"], "session")
        values = params.first_values(request.scope["query_string"])
        asked = params.place(values) if "from" in values else None
        found = await asyncio.to_thread(self._services.store.session_start, session_id, asked, SHOWN)
        if found is None:
            raise not_found(NO_SESSION)
        project_id, newest, earlier = found
        start = asked or newest
        query = TranscriptQuery(project_id=project_id, session_id=session_id, start=start)
        api = links.api_session(project_id, session_id)
        transcript = await self._painting.live(query, f"{api}/transcript{_from(start)}", NO_SESSION)
        page_of = links.session(session_id)
        page = context.SessionPage(
            **self._painting.shared_live(request),
            transcript=transcript,
            api=api,
            earlier=None if start == BEGINNING else f"{page_of}{_from(earlier, always=True)}",
            has_agent=self._services.agents.has_command,
        )
        return self._painting.render(page, "session.html")


def _at(query: SessionsQuery, pages: int) -> SessionsQuery:
    """The page of the list that is so many further on."""
    return replace(query, offset=max(0, query.offset + pages * query.limit))


def _from(place: Place, *, always: bool = False) -> str:
    return f"?from={place}" if always or place != BEGINNING else ""
