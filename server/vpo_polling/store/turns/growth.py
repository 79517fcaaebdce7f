"""How the blocks of one turn grow by the events of one request."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from vpo_polling.store.turns.schema import blocks
from vpo_polling.store.turns.types import (
    MAX_BLOCK,
    BlockTooLarge,
    PartBegun,
    PartGrew,
    Said,
    Streaming,
)

_Values = dict[str, Any]


class Growing:
    """Takes changes in their order, in memory, and stores what came of them in two statements.

    A message may be printed while it is written, part by part, and once more when it is whole. Its whole
    blocks then take the places of the parts, in order, kind by kind, so that nothing is shown twice.
    """

    def __init__(self, connection: Connection, turn: Row[Any], version: int) -> None:
        self._connection = connection
        self._turn_id = turn.id
        self._version = version
        self.count: int = turn.block_count
        self.message_id: str | None = turn.message_id
        self._first_new = self.count + 1
        # Blocks that may still change, and those that are new.
        self._open: dict[int, _Values] = self._unfinished()
        self._changed: set[int] = set()
        self._answered: set[str] = set()

    def take(self, change: Said | Streaming | PartBegun | PartGrew) -> None:
        if isinstance(change, Streaming):
            self.message_id = change.message_id
        elif isinstance(change, PartBegun):
            self._add(
                kind=change.kind,
                text=change.text,
                name=change.name,
                tool_use_id=change.tool_use_id,
                message_id=self.message_id,
                part=change.part,
            )
        elif isinstance(change, PartGrew):
            block = self._part(change.part)
            if block is not None:
                self._set(block, text=block["text"] + change.text)
        else:
            self._say(change)

    def store(self) -> None:
        new = [self._open[number] for number in sorted(self._changed) if number >= self._first_new]
        if new:
            self._connection.execute(insert(blocks), new)
        for number in sorted(self._changed):
            if number < self._first_new:
                here = (blocks.c.turn_id == self._turn_id) & (blocks.c.number == number)
                self._connection.execute(update(blocks).where(here).values(**self._open[number]))
        if self._answered:
            # A tool's use is shown with its result: it has changed too.
            uses = (blocks.c.turn_id == self._turn_id) & blocks.c.tool_use_id.in_(self._answered)
            self._connection.execute(update(blocks).where(uses).values(version=self._version))

    def _say(self, said: Said) -> None:
        block = self._place_of(said)
        if block is not None:
            self._set(block, text=said.text, input=_plain(said), part=None)
            return
        if not said.text and said.kind in ("content", "thinking"):
            return
        self._add(
            kind=said.kind,
            text=said.text,
            name=said.name,
            input=_plain(said),
            tool_use_id=said.tool_use_id,
            is_error=said.is_error,
            message_id=said.message_id,
        )
        if said.kind == "tool_result" and said.tool_use_id is not None:
            self._answered.add(said.tool_use_id)

    def _place_of(self, said: Said) -> _Values | None:
        """The first part of its message that is still open and of its kind."""
        if said.message_id is None:
            return None
        for block in self._open.values():
            if (
                block["part"] is not None
                and block["message_id"] == said.message_id
                and block["kind"] == said.kind
                and block["tool_use_id"] == said.tool_use_id
            ):
                return block
        return None

    def _part(self, part: int) -> _Values | None:
        for block in reversed(self._open.values()):
            if block["part"] == part and block["message_id"] == self.message_id:
                return block
        return None

    def _add(self, **values: Any) -> None:
        self.count += 1
        block: _Values = {
            "turn_id": self._turn_id,
            "number": self.count,
            "name": None,
            "input": None,
            "tool_use_id": None,
            "is_error": False,
            "message_id": None,
            "part": None,
            **values,
        }
        self._open[self.count] = block
        self._set(block)

    def _set(self, block: _Values, **values: Any) -> None:
        block.update(values, version=self._version)
        if len(block["text"]) + len(str(block["input"] or "")) > MAX_BLOCK:
            raise BlockTooLarge(f"A block may have {MAX_BLOCK} characters")
        self._changed.add(block["number"])

    def _unfinished(self) -> dict[int, _Values]:
        here = (blocks.c.turn_id == self._turn_id) & blocks.c.part.is_not(None)
        found = self._connection.execute(select(blocks).where(here).order_by(blocks.c.number)).mappings()
        return {row["number"]: dict(row) for row in found}


def _plain(said: Said) -> dict[str, Any] | None:
    return None if said.input is None else dict(said.input)
