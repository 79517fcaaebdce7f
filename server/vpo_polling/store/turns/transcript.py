"""A session as one list of entries, as its page shows it: prompts, blocks, ends of turns, in their order.

An entry never moves, and only whole entries change. So what has changed since a version of the session
follows from the numbers of its rows alone: nobody has to keep what was shown before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from vpo_polling.markdown import tree
from vpo_polling.store.turns.queries import OfSession
from vpo_polling.store.turns.records import Json, block_of, session_of, turn_of
from vpo_polling.store.turns.schema import blocks, turns
from vpo_polling.store.turns.types import TURN_ACTIVE

LONGEST_MARKDOWN = 100_000
LONGEST_TEXT = 20_000
"""Characters of an entry that a page gets; what is cut says so (`cut`)."""

LONGEST_ABOUT = 120
_PLACE = re.compile(r"([1-9][0-9]{0,8})\.([0-9]{1,9})", re.ASCII)
_TELLING = ("command", "file_path", "path", "pattern", "query", "url", "description", "prompt")


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
    if after:
        found |= _unanswered(
            connection, [row.id for row in changed if row.status not in TURN_ACTIVE], start, by_id
        )
    results = _results(connection, found.values(), is_all=not after)
    uses = _uses(connection, found.values(), start, by_id, is_all=not after)
    placed: list[tuple[int, int, Json]] = []
    for row in changed:
        if (row.number, 0) >= (start.turn, start.block):
            placed.append((row.number, 0, _prompt(row)))
        end = _end(connection, row)
        if end is not None:
            placed.append((row.number, row.block_count + 1, end))
    for row in found.values():
        turn = by_id[row.turn_id]
        entry = _block(row, turn, results, uses)
        if entry is not None:
            placed.append((turn.number, row.number, entry))
    # A result that came before its use stood alone until then.
    before = [row for row in found.values() if row.kind == "tool_use" and _key(row) in results]
    gone = [block_of(results[_key(row)])["id"] for row in before if results[_key(row)].number < row.number]
    return [entry for _, _, entry in sorted(placed, key=lambda one: one[:2])], gone


_Key = tuple[str, Any]


def _key(row: Row[Any]) -> _Key:
    return row.turn_id, row.tool_use_id


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
    connection: Connection, ended: Sequence[str], start: Place, by_id: Mapping[str, Row[Any]]
) -> dict[tuple[str, int], Row[Any]]:
    """Uses of tools in turns that have just ended: those that ran have been broken off."""
    uses = select(blocks).where(blocks.c.turn_id.in_(ended), blocks.c.kind == "tool_use")
    rows = connection.execute(uses) if ended else ()
    return {
        (row.turn_id, row.number): row
        for row in rows
        if (by_id[row.turn_id].number, row.number) >= (start.turn, start.block)
    }


def _results(connection: Connection, found: Collection[Row[Any]], *, is_all: bool) -> dict[_Key, Row[Any]]:
    """Of the uses among `found`."""
    if is_all:
        return {_key(row): row for row in found if row.kind == "tool_result"}
    named = {row.tool_use_id for row in found if row.kind == "tool_use" and row.tool_use_id is not None}
    return {_key(row): row for row in _of_kind(connection, "tool_result", found, named)}


def _uses(
    connection: Connection,
    found: Collection[Row[Any]],
    start: Place,
    by_id: Mapping[str, Row[Any]],
    *,
    is_all: bool,
) -> set[_Key]:
    """Which of the results among `found` are shown with the use that they belong to."""
    if is_all:
        return {_key(row) for row in found if row.kind == "tool_use"}
    named = {row.tool_use_id for row in found if row.kind == "tool_result" and row.tool_use_id is not None}
    return {
        _key(row)
        for row in _of_kind(connection, "tool_use", found, named)
        if (by_id[row.turn_id].number, row.number) >= (start.turn, start.block)
    }


def _of_kind(
    connection: Connection, kind: str, found: Collection[Row[Any]], named: set[str]
) -> list[Row[Any]]:
    turn_ids = {row.turn_id for row in found}
    rows: list[Row[Any]] = []
    names = sorted(named)
    for first in range(0, len(names), 500):
        here = (blocks.c.turn_id.in_(turn_ids), blocks.c.tool_use_id.in_(names[first : first + 500]))
        rows += connection.execute(
            select(blocks).where(*here, blocks.c.kind == kind).order_by(blocks.c.number)
        )
    return rows


def _prompt(row: Row[Any]) -> Json:
    turn = turn_of(row)
    kept = ("number", "status", "reported", "started_at", "completed_at", "duration_seconds")
    return {
        "id": turn["id"],
        "kind": "prompt",
        "turn_id": turn["id"],
        **_text(turn["prompt"]),
        **{name: turn[name] for name in kept},
    }


def _end(connection: Connection, row: Row[Any]) -> Json | None:
    """How a turn ended that did not complete; its reason once, if a block has said it already."""
    turn = turn_of(row)
    if turn["status"] in (*TURN_ACTIVE, "completed"):
        return None
    last = (blocks.c.turn_id == row.id) & (blocks.c.number == row.block_count) & (blocks.c.kind == "error")
    said = connection.execute(select(blocks.c.text).where(last)).scalar()
    reason = turn["error"] or ""
    return {
        "id": f"{turn['id']}.end",
        "kind": "end",
        "status": turn["status"],
        **_text("" if reason == said else reason),
    }


def _block(row: Row[Any], turn: Row[Any], results: Mapping[_Key, Row[Any]], uses: set[_Key]) -> Json | None:
    """None: it is shown with another one."""
    block = block_of(row)
    entry = {"id": block["id"], "kind": block["kind"], "turn_id": row.turn_id}
    if block["kind"] == "content":
        text = block["text"]
        return {**entry, "tree": tree(text[:LONGEST_MARKDOWN]), "cut": len(text) > LONGEST_MARKDOWN}
    if block["kind"] == "tool_use":
        return {**entry, **_use(block, turn, None if row.tool_use_id is None else results.get(_key(row)))}
    if block["kind"] == "tool_result":
        is_shown_there = row.tool_use_id is not None and _key(row) in uses
        return None if is_shown_there else {**entry, **_text(block["text"]), "is_error": block["is_error"]}
    return {**entry, **_text(block["text"])}


def _use(block: Json, turn: Row[Any], result: Row[Any] | None) -> Json:
    given = block["input"] or {}
    if result is None:
        state = "running" if turn.status in TURN_ACTIVE else "interrupted"
        answer = _text("")
    else:
        answered = block_of(result)
        state = "failed" if answered["is_error"] else "completed"
        answer = _text(answered["text"])
    shown = _text(json.dumps(given, ensure_ascii=False, indent=2) if given else block["text"])
    return {
        "name": block["name"],
        "about": _about(given),
        "state": state,
        "input": shown["text"],
        "result": answer["text"],
        "cut": shown["cut"] or answer["cut"],
    }


def _about(given: Json) -> str:
    """The argument that says most, in one line."""
    values = [given.get(name) for name in _TELLING] + list(given.values())
    text = next((value for value in values if isinstance(value, str) and value.strip()), "")
    line = " ".join(text[: 4 * LONGEST_ABOUT].split())
    return line if len(line) <= LONGEST_ABOUT else f"{line[: LONGEST_ABOUT - 1]}…"


def _text(text: str) -> Json:
    return {"text": text[:LONGEST_TEXT], "cut": len(text) > LONGEST_TEXT}
