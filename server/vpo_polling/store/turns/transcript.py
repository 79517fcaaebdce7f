"""A session as one list of entries, as its page shows it: prompts, blocks, ends of turns, in their order.

An entry never moves, and only whole entries change. So what has changed since a version of the session
follows from the numbers of its rows alone: nobody has to keep what was shown before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from vpo_polling.store.turns.entries import Key, block_entry, end_of, key_of, prompt_of
from vpo_polling.store.turns.queries import OfSession
from vpo_polling.store.turns.records import Json, block_of, session_of
from vpo_polling.store.turns.schema import blocks, turns
from vpo_polling.store.turns.types import TURN_ACTIVE

_PLACE = re.compile(r"([1-9][0-9]{0,8})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where in a session a transcript begins: at a turn (0), or at one of its blocks."""

    turn: int = 1
    block: int = 0

    @classmethod
    def parse(cls, text: str) -> Place:
        """Raises ValueError."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.turn}.{self.block}"


BEGINNING = Place()


@dataclass(frozen=True, kw_only=True)
class _Transcript(OfSession):
    start: Place = BEGINNING

    # Thousands of blocks are parsed once; pages wait ten seconds for an answer.
    patience_s = 8.0

    def identity(self, data: Json) -> tuple[str, int] | None:
        return f"transcript {self.session_id} {self.start}", data["version"]


@dataclass(frozen=True, kw_only=True)
class TranscriptHead(_Transcript):
    """No more than tells whether it has changed; its ETag is that of the transcript."""

    def read(self, connection: Connection, now: int) -> Json | None:
        row = self.session(connection)
        return None if row is None else {"version": row.version}


@dataclass(frozen=True, kw_only=True)
class TranscriptQuery(_Transcript):
    """All entries from `start` on."""

    def read(self, connection: Connection, now: int) -> Json | None:
        row = self.session(connection)
        if row is None:
            return None
        entries, _ = _entries(connection, self.session_id, self.start, 0)
        return {**_members(row, self.start), "entries": entries}


@dataclass(frozen=True, kw_only=True)
class TranscriptChanges(_Transcript):
    """What became of the entries since version `after`, as `{version, fields, rows, removed}`."""

    after: int

    def read(self, connection: Connection, now: int) -> Json | None:
        row = self.session(connection)
        if row is None:
            return None
        entries, removed = _entries(connection, self.session_id, self.start, self.after)
        fields = _members(row, self.start)
        return {"version": row.version, "fields": fields, "rows": entries, "removed": removed}


TranscriptAnswer = TranscriptHead | TranscriptQuery | TranscriptChanges


def place_before(connection: Connection, session_id: str, place: Place | None, count: int) -> Place:
    """About `count` entries before `place`, or before the end."""
    counts = select(turns.c.number, turns.c.block_count).where(turns.c.session_id == session_id)
    if place is not None:
        counts = counts.where(turns.c.number <= place.turn)
    for number, blocks_of_turn in connection.execute(counts.order_by(turns.c.number.desc())):
        last = place.block - 1 if place is not None and number == place.turn else blocks_of_turn
        if last >= count:
            return Place(number, last - count + 1)
        count -= last + 1
    return BEGINNING


def _members(row: Row[Any], start: Place) -> Json:
    session = session_of(row)
    is_active = session["status"] in TURN_ACTIVE
    return {**session, "active": is_active, "from": str(start), "has_earlier": start != BEGINNING}


def _entries(
    connection: Connection, session_id: str, start: Place, after: int
) -> tuple[list[Json], list[str]]:
    """Those from `start` on that have changed after a version (0: all), and ids of those that are gone."""
    shown = select(turns).where(turns.c.session_id == session_id, turns.c.number >= start.turn)
    by_id = {row.id: row for row in connection.execute(shown.order_by(turns.c.number))}
    changed = [row for row in by_id.values() if row.version > after]
    found = _changed_blocks(connection, session_id, start, after)

    def begins(row: Row[Any]) -> bool:
        return (by_id[row.turn_id].number, row.number) >= (start.turn, start.block)

    if after:
        found |= _unanswered(connection, [row.id for row in changed if row.status not in TURN_ACTIVE], begins)
        results = _results(_belonging(connection, found.values(), "tool_use", "tool_result", begins))
        uses = {
            key_of(row) for row in _belonging(connection, found.values(), "tool_result", "tool_use", begins)
        }
    else:
        results = _results(row for row in found.values() if row.kind == "tool_result")
        uses = {key_of(row) for row in found.values() if row.kind == "tool_use"}
    placed: list[tuple[int, int, Json]] = []
    for row in changed:
        if (row.number, 0) >= (start.turn, start.block):
            placed.append((row.number, 0, prompt_of(row)))
        end = end_of(row, _said_last(connection, row))
        if end is not None:
            placed.append((row.number, row.block_count + 1, end))
    for row in found.values():
        turn = by_id[row.turn_id]
        entry = block_entry(row, turn, results, uses)
        if entry is not None:
            placed.append((turn.number, row.number, entry))
    # A result that came before its use stood alone until then.
    before = [row for row in found.values() if row.kind == "tool_use" and key_of(row) in results]
    gone = [
        block_of(result)["id"]
        for row in before
        for result in results[key_of(row)]
        if result.number < row.number
    ]
    return [entry for _, _, entry in sorted(placed, key=lambda one: one[:2])], gone


def _here(start: Place) -> ColumnElement[bool]:
    return or_(
        turns.c.number > start.turn, and_(turns.c.number == start.turn, blocks.c.number >= start.block)
    )


def _changed_blocks(
    connection: Connection, session_id: str, start: Place, after: int
) -> dict[tuple[str, int], Row[Any]]:
    joined = select(blocks).join(turns, turns.c.id == blocks.c.turn_id)
    wanted = joined.where(turns.c.session_id == session_id, _here(start))
    if after:
        # A turn is never older than its blocks: those of older ones need no look.
        wanted = wanted.where(turns.c.version > after, blocks.c.version > after)
    ordered = wanted.order_by(turns.c.number, blocks.c.number)
    return {(row.turn_id, row.number): row for row in connection.execute(ordered)}


def _unanswered(
    connection: Connection, ended: Sequence[str], begins: Callable[[Row[Any]], bool]
) -> dict[tuple[str, int], Row[Any]]:
    """Uses of tools in turns that have just ended: those that ran have been broken off."""
    uses = select(blocks).where(blocks.c.turn_id.in_(ended), blocks.c.kind == "tool_use")
    rows = connection.execute(uses) if ended else ()
    return {(row.turn_id, row.number): row for row in rows if begins(row)}


def _results(rows: Iterable[Row[Any]]) -> dict[Key, list[Row[Any]]]:
    """By the use that they belong to."""
    results: dict[Key, list[Row[Any]]] = {}
    for row in rows:
        results.setdefault(key_of(row), []).append(row)
    return results


def _belonging(
    connection: Connection,
    found: Collection[Row[Any]],
    of: str,
    kind: str,
    begins: Callable[[Row[Any]], bool],
) -> list[Row[Any]]:
    """Blocks of one kind with the tool_use_id of those of another among `found`, in their order."""
    turn_ids = {row.turn_id for row in found}
    names = sorted({row.tool_use_id for row in found if row.kind == of and row.tool_use_id is not None})
    rows: list[Row[Any]] = []
    for first in range(0, len(names), 500):
        named = blocks.c.tool_use_id.in_(names[first : first + 500]) & (blocks.c.kind == kind)
        here = select(blocks).where(blocks.c.turn_id.in_(turn_ids), named).order_by(blocks.c.number)
        rows += [row for row in connection.execute(here) if begins(row)]
    return rows


def _said_last(connection: Connection, turn: Row[Any]) -> str | None:
    """The error that the last block of a turn tells."""
    last = (blocks.c.turn_id == turn.id) & (blocks.c.number == turn.block_count) & (blocks.c.kind == "error")
    return connection.execute(select(blocks.c.text).where(last)).scalar()
