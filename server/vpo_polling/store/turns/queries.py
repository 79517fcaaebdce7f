"""Reads about projects, sessions and turns, as the dictionaries that become JSON.

A turn's answers change with its session. Those that give only what is new (`after`) are known by the turn's
number and not by their text: one ETag goes with all of them, so that who has just got something can wait for
what follows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.turns.records import Json, block_of, project_of, session_of, turn_of
from vpo_polling.store.turns.schema import blocks, projects, sessions, turns
from vpo_polling.store.turns.types import TURN_ACTIVE

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


@dataclass(frozen=True, kw_only=True)
class ProjectsQuery(Answer):
    limit: int = DEFAULT_LIMIT
    offset: int = 0

    topic = revisions.PROJECTS
    rows = ("projects", "id")

    def read(self, connection: Connection, now: int) -> Json | None:
        newest = select(projects).order_by(projects.c.created_at.desc(), projects.c.id.desc())
        found = connection.execute(newest.limit(self.limit).offset(self.offset))
        return _page(connection, self, select(projects), "projects", [project_of(row) for row in found])


@dataclass(frozen=True, kw_only=True)
class ProjectQuery(Answer):
    project_id: str

    topic = revisions.PROJECTS

    def read(self, connection: Connection, now: int) -> Json | None:
        row = connection.execute(select(projects).where(projects.c.id == self.project_id)).first()
        return None if row is None else project_of(row)


def with_project() -> Select[Any]:
    """Sessions, and what their records say of their projects."""
    of_project = (projects.c.name.label("project_name"), projects.c.root)
    return select(sessions, *of_project).join(projects, projects.c.id == sessions.c.project_id)


@dataclass(frozen=True, kw_only=True)
class SessionsQuery(Answer):
    """Of one project, or of all."""

    project_id: str | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0

    topic = revisions.SESSIONS
    rows = ("sessions", "id")

    def read(self, connection: Connection, now: int) -> Json | None:
        wanted = with_project()
        if self.project_id is not None:
            if (
                connection.execute(select(projects.c.id).where(projects.c.id == self.project_id)).first()
                is None
            ):
                return None
            wanted = wanted.where(sessions.c.project_id == self.project_id)
        newest = wanted.order_by(sessions.c.updated_at.desc(), sessions.c.id.desc())
        found = [session_of(row) for row in connection.execute(newest.limit(self.limit).offset(self.offset))]
        return _page(connection, self, wanted, "sessions", found)


@dataclass(frozen=True, kw_only=True)
class OfSession(Answer):
    project_id: str
    session_id: str

    @property
    def topic(self) -> str:
        return revisions.session_topic(self.session_id)

    def session(self, connection: Connection) -> Row[Any] | None:
        """None: there is no such session in this project, or no such project."""
        here = (sessions.c.id == self.session_id) & (sessions.c.project_id == self.project_id)
        return connection.execute(with_project().where(here)).first()


@dataclass(frozen=True, kw_only=True)
class SessionQuery(OfSession):
    def read(self, connection: Connection, now: int) -> Json | None:
        row = self.session(connection)
        return None if row is None else session_of(row)


@dataclass(frozen=True, kw_only=True)
class TurnsQuery(OfSession):
    """In the order in which they were begun."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0

    rows = ("turns", "id")

    def read(self, connection: Connection, now: int) -> Json | None:
        if self.session(connection) is None:
            return None
        wanted = select(turns).where(turns.c.session_id == self.session_id)
        page = wanted.order_by(turns.c.number).limit(self.limit).offset(self.offset)
        found = [turn_of(row) for row in connection.execute(page)]
        return _page(connection, self, wanted, "turns", found)


@dataclass(frozen=True, kw_only=True)
class _OfTurn(OfSession):
    turn_id: str

    def turn(self, connection: Connection) -> Row[Any] | None:
        """None: there is no such turn in this session."""
        here = (turns.c.id == self.turn_id) & (turns.c.session_id == self.session_id)
        return (
            None
            if self.session(connection) is None
            else connection.execute(select(turns).where(here)).first()
        )

    def blocks(self, connection: Connection, after: int = 0) -> list[Json]:
        here = (blocks.c.turn_id == self.turn_id) & (blocks.c.version > after)
        return [
            block_of(row) for row in connection.execute(select(blocks).where(here).order_by(blocks.c.number))
        ]


@dataclass(frozen=True, kw_only=True)
class TurnQuery(_OfTurn):
    """A turn with all its blocks."""

    rows = ("blocks", "id")

    def read(self, connection: Connection, now: int) -> Json | None:
        turn = self.turn(connection)
        return None if turn is None else {**turn_of(turn), "blocks": self.blocks(connection)}


@dataclass(frozen=True, kw_only=True)
class TurnStatusQuery(_OfTurn):
    """No more than tells whether anything has changed."""

    def read(self, connection: Connection, now: int) -> Json | None:
        turn = self.turn(connection)
        if turn is None:
            return None
        record = turn_of(turn)
        kept = {name: record[name] for name in ("status", "attempt", "block_count")}
        return {**kept, "last_updated": record["updated_at"], "version": record["version"]}


@dataclass(frozen=True, kw_only=True)
class BlocksQuery(_OfTurn):
    """The turn, and those of its blocks that are new or have grown since its version was `after`."""

    after: int = 0

    def read(self, connection: Connection, now: int) -> Json | None:
        turn = self.turn(connection)
        if turn is None:
            return None
        return {**turn_of(turn), "after": self.after, "blocks": self.blocks(connection, self.after)}

    def identity(self, data: Json) -> tuple[str, int] | None:
        return self.turn_id, data["version"]


@dataclass(frozen=True, kw_only=True)
class EventsQuery(_OfTurn):
    """How far whoever reports the turn has come."""

    def read(self, connection: Connection, now: int) -> Json | None:
        turn = self.turn(connection)
        if turn is None:
            return None
        return {
            "status": turn.status,
            "block_count": turn.block_count,
            "event_count": turn.event_count,
            "last_event_id": turn.last_event_id,
        }


TurnsAnswer = (
    ProjectsQuery
    | ProjectQuery
    | SessionsQuery
    | SessionQuery
    | TurnsQuery
    | TurnQuery
    | TurnStatusQuery
    | BlocksQuery
    | EventsQuery
)


def _page(
    connection: Connection,
    query: ProjectsQuery | SessionsQuery | TurnsQuery,
    wanted: Select[Any],
    name: str,
    rows: list[Json],
) -> Json:
    total = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    return {
        name: rows,
        "total": total,
        "limit": query.limit,
        "offset": query.offset,
        "has_more": query.offset + len(rows) < total,
        # What tells a page whether to look again soon.
        "active": any(row.get("status") in TURN_ACTIVE for row in rows),
    }
