"""Writes about projects, sessions and turns. Each takes one number of the session it changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from vpo_polling.store import revisions
from vpo_polling.store.database import Database, Write
from vpo_polling.store.turns.growth import Growing
from vpo_polling.store.turns.schema import projects, sessions, turn_events, turns
from vpo_polling.store.turns.transcript import Place, place_before
from vpo_polling.store.turns.types import (
    TURN_ACTIVE,
    Event,
    NewTurn,
    NotRunning,
    Taken,
    TurnProcess,
    Verdict,
)

LONGEST_TITLE = 200
REPLACED = "Cancelled by a new turn"
INTERRUPTED = "Interrupted"


class TurnWrites(Database):
    def create_project(self, name: str, root: str | None, *, now: int) -> str:
        project_id = str(uuid.uuid4())
        row = {"id": project_id, "name": name[:LONGEST_TITLE], "root": root, "created_at": now}
        with self.write() as write:
            write.connection.execute(insert(projects).values(**row))
            write.topics.add(revisions.PROJECTS)
        return project_id

    def create_session(self, project_id: str, title: str, *, now: int) -> str | None:
        """None: there is no such project."""
        session_id = str(uuid.uuid4())
        with self.write() as write:
            known = select(projects.c.id).where(projects.c.id == project_id)
            if write.connection.execute(known).first() is None:
                return None
            row = {"id": session_id, "project_id": project_id, "title": title[:LONGEST_TITLE]}
            begun = {"created_at": now, "updated_at": now, "turn_count": 0, "version": 0}
            write.connection.execute(insert(sessions).values(**row, **begun))
            write.topics |= {revisions.SESSIONS, revisions.session_topic(session_id)}
        return session_id

    def create_turn(
        self, project_id: str, session_id: str, prompt: str, *, reported: bool, now: int
    ) -> NewTurn | None:
        """A turn, in place of those that run: they are cancelled. Reported ones run from the start.

        None: there is no such session in the project.
        """
        turn_id = str(uuid.uuid4())
        with self.write() as write:
            session = _session(write.connection, project_id, session_id)
            if session is None:
                return None
            version = _next_version(write, session_id, now)
            cancelled = _end_active(write.connection, session_id, "cancelled", REPLACED, version, now)
            number = session.turn_count + 1
            status = "running" if reported else "pending"
            row = {
                "id": turn_id,
                "session_id": session_id,
                "number": number,
                "attempt": 1,
                "status": status,
                "prompt": prompt,
                "created_at": now,
                "started_at": now if reported else None,
                "updated_at": now,
                "block_count": 0,
                "reported": reported,
                "event_count": 0,
                "version": version,
            }
            write.connection.execute(insert(turns).values(**row))
            _show(write.connection, session_id, status=status, turn_count=number)
            if number == 1 and not session.title:
                _show(write.connection, session_id, title=_first_line(prompt))
            in_project = select(projects.c.root).where(projects.c.id == project_id)
            root = write.connection.execute(in_project).scalar_one()
        return NewTurn(turn_id=turn_id, session_id=session_id, number=number, root=root, cancelled=cancelled)

    def start_turn(self, turn_id: str, *, pid: int, process_started: float, now: int) -> bool:
        """The agent of a turn runs. False: it is no longer wanted."""
        with self.write() as write:
            turn = _turn(write.connection, turn_id)
            if turn is None or turn.status not in TURN_ACTIVE:
                return False
            place = {"pid": pid, "process_started": process_started, "started_at": now}
            _change_turn(write, turn, {"status": "running", **place}, now)
        return True

    def interrupt_turns(self, project_id: str, session_id: str, *, now: int) -> list[TurnProcess] | None:
        """Those that ran, none where none did. None: there is no such session in the project."""
        with self.write() as write:
            if _session(write.connection, project_id, session_id) is None:
                return None
            if not _active(write.connection, session_id):
                return []
            version = _next_version(write, session_id, now)
            ended = _end_active(write.connection, session_id, "interrupted", INTERRUPTED, version, now)
            _show(write.connection, session_id, status="interrupted")
        return ended

    def end_turn(self, turn_id: str, verdict: Verdict, *, now: int) -> bool:
        """False: it had ended already."""
        with self.write() as write:
            turn = _turn(write.connection, turn_id)
            if turn is None or turn.status not in TURN_ACTIVE:
                return False
            _change_turn(write, turn, _ended(verdict, now), now)
        return True

    def take_events(self, turn_id: str, events: list[Event], *, now: int) -> Taken:
        """All of them or none. Events that were taken before are left out. Raises NotRunning, BlockTooLarge.

        Only duplicates change nothing and are taken where the turn has ended too: an answer may be lost.
        """
        with self.write() as write:
            turn = _turn(write.connection, turn_id)
            if turn is None:
                raise NotRunning("gone")
            fresh = _unknown(write.connection, turn_id, events)
            duplicates = len(events) - len(fresh)
            if (fresh or not events) and turn.status != "running":
                raise NotRunning(turn.status)
            if fresh:
                turn = self._apply(write, turn, fresh, now)
        return Taken(
            accepted=len(fresh),
            duplicates=duplicates,
            status=turn.status,
            block_count=turn.block_count,
            event_count=turn.event_count,
            last_event_id=turn.last_event_id,
        )

    def _apply(self, write: Write, turn: Row[Any], fresh: list[Event], now: int) -> Row[Any]:
        version = _next_version(write, turn.session_id, now)
        growing = Growing(write.connection, turn, version)
        verdict: Verdict | None = None
        for event in fresh:
            if verdict is not None:
                raise NotRunning(verdict.status)
            for change in event.changes:
                if isinstance(change, Verdict):
                    verdict = change
                else:
                    growing.take(change)
        growing.store()
        named = [event.id for event in fresh if event.id is not None]
        if named:
            rows = [{"turn_id": turn.id, "event_id": name} for name in named]
            write.connection.execute(insert(turn_events), rows)
        values = {
            "block_count": growing.count,
            "message_id": growing.message_id,
            "event_count": turn.event_count + len(fresh),
            "last_event_id": named[-1] if named else turn.last_event_id,
            **({} if verdict is None else _ended(verdict, now)),
        }
        _change_turn(write, turn, values, now, version)
        after = _turn(write.connection, turn.id)
        assert after is not None
        return after

    def project_root(self, project_id: str) -> str | None:
        """Its directory, empty where it has none. None: there is no such project."""
        with self.snapshot() as connection:
            row = connection.execute(select(projects.c.root).where(projects.c.id == project_id)).first()
        return None if row is None else row.root or ""

    def project_named(self, name: str) -> str | None:
        """The newest of this name."""
        newest = projects.c.created_at.desc()
        found = select(projects.c.id).where(projects.c.name == name[:LONGEST_TITLE]).order_by(newest)
        with self.snapshot() as connection:
            return connection.execute(found.limit(1)).scalar()

    def session_place(self, session_id: str) -> tuple[str, str] | None:
        """The project and the session of an id, or of the beginning of one that no other id begins with."""
        escaped = sessions.c.id.startswith(session_id.lower(), autoescape=True)
        found = select(sessions.c.project_id, sessions.c.id).where(escaped).limit(2)
        with self.snapshot() as connection:
            rows = connection.execute(found).all()
        return (rows[0][0], rows[0][1]) if len(rows) == 1 else None

    def session_start(
        self, session_id: str, asked: Place | None, count: int
    ) -> tuple[str, Place, Place] | None:
        """Its project, where its newest `count` entries begin, and where as many before `asked` or them."""
        with self.snapshot() as connection:
            found = connection.execute(
                select(sessions.c.project_id).where(sessions.c.id == session_id)
            ).scalar()
            if found is None:
                return None
            newest = place_before(connection, session_id, None, count)
            return found, newest, place_before(connection, session_id, asked or newest, count)

    def active_turns(self) -> list[TurnProcess]:
        """All turns that have not ended."""
        with self.snapshot() as connection:
            return _active(connection)


def _session(connection: Connection, project_id: str, session_id: str) -> Row[Any] | None:
    here = (sessions.c.id == session_id) & (sessions.c.project_id == project_id)
    return connection.execute(select(sessions).where(here)).first()


def _turn(connection: Connection, turn_id: str) -> Row[Any] | None:
    return connection.execute(select(turns).where(turns.c.id == turn_id)).first()


def _active(connection: Connection, session_id: str | None = None) -> list[TurnProcess]:
    columns = (turns.c.id, turns.c.pid, turns.c.process_started, turns.c.reported)
    here = select(*columns).where(turns.c.status.in_(TURN_ACTIVE))
    if session_id is not None:
        here = here.where(turns.c.session_id == session_id)
    return [
        TurnProcess(turn_id=row.id, pid=row.pid, process_started=row.process_started, reported=row.reported)
        for row in connection.execute(here)
    ]


def _next_version(write: Write, session_id: str, now: int) -> int:
    """Under the write lock: numbers are in the order of commits."""
    write.topics |= {revisions.SESSIONS, revisions.session_topic(session_id)}
    here = update(sessions).where(sessions.c.id == session_id)
    raised = here.values(version=sessions.c.version + 1, updated_at=now).returning(sessions.c.version)
    return int(write.connection.execute(raised).scalar_one())


def _show(connection: Connection, session_id: str, **values: object) -> None:
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))


def _end_active(
    connection: Connection, session_id: str, status: str, reason: str, version: int, now: int
) -> list[TurnProcess]:
    ended = _active(connection, session_id)
    here = turns.c.id.in_([turn.turn_id for turn in ended])
    values = {
        "status": status,
        "error_message": reason,
        "completed_at": now,
        "updated_at": now,
        "version": version,
    }
    connection.execute(update(turns).where(here).values(**values))
    return ended


def _change_turn(
    write: Write, turn: Row[Any], values: Mapping[str, object], now: int, version: int | None = None
) -> None:
    number = _next_version(write, turn.session_id, now) if version is None else version
    changed = {"version": number, "updated_at": now, **values}
    write.connection.execute(update(turns).where(turns.c.id == turn.id).values(**changed))
    if "status" in values:
        _show(write.connection, turn.session_id, status=values["status"])


def _ended(verdict: Verdict, now: int) -> dict[str, object]:
    return {"status": verdict.status, "error_message": verdict.error_message, "completed_at": now}


def _unknown(connection: Connection, turn_id: str, events: list[Event]) -> list[Event]:
    """Those that were not taken before, and each only once."""
    named = [event.id for event in events if event.id is not None]
    seen: set[str] = set()
    for first in range(0, len(named), 500):
        here = (turn_events.c.turn_id == turn_id) & turn_events.c.event_id.in_(named[first : first + 500])
        seen.update(connection.execute(select(turn_events.c.event_id).where(here)).scalars())
    fresh = []
    for event in events:
        if event.id is None or event.id not in seen:
            fresh.append(event)
        if event.id is not None:
            seen.add(event.id)
    return fresh


def _first_line(prompt: str) -> str:
    line = prompt.strip().split("\n", 1)[0].strip()
    return line if len(line) <= 80 else f"{line[:79]}…"
