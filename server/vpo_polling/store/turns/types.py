"""What callers hand to the store about sessions, and get back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

TURN_STATUSES = ("pending", "running", "completed", "failed", "interrupted", "cancelled")
TURN_ACTIVE = ("pending", "running")
BLOCK_KINDS = ("content", "thinking", "tool_use", "tool_result", "error")

MAX_BLOCK = 512 * 1024
"""Characters of one block, its tool input included."""

MAX_PROMPT = 64 * 1024

Kind = Literal["content", "thinking", "tool_use", "tool_result", "error"]


class NotRunning(Exception):
    """The turn has not begun, or has ended: it takes no events."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The turn is {status}")
        self.status = status


class BlockTooLarge(Exception):
    """A block has grown beyond `MAX_BLOCK`."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A block. One of a message that was streamed part by part takes the place of what came before it."""

    kind: Kind
    text: str = ""
    name: str | None = None
    input: Mapping[str, Any] | None = None
    tool_use_id: str | None = None
    is_error: bool = False
    message_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Streaming:
    """A message begins: parts that follow belong to it."""

    message_id: str


@dataclass(frozen=True, kw_only=True)
class PartBegun:
    part: int
    kind: Kind
    text: str = ""
    name: str | None = None
    tool_use_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PartGrew:
    part: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How the turn ended."""

    status: Literal["completed", "failed", "interrupted", "cancelled"]
    error_message: str | None = None


Change = Said | Streaming | PartBegun | PartGrew | Verdict


@dataclass(frozen=True)
class Event:
    id: str | None
    """Names it among the events of its turn, so that it can be sent again. None: it can't."""

    changes: Sequence[Change]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of the events that were sent."""

    accepted: int
    duplicates: int
    status: str
    block_count: int
    event_count: int
    last_event_id: str | None


@dataclass(frozen=True, kw_only=True)
class TurnProcess:
    """A turn that has not ended, and the process of its agent where it is known."""

    turn_id: str
    pid: int | None = None
    process_started: float | None = None
    reported: bool = False


@dataclass(frozen=True, kw_only=True)
class NewTurn:
    turn_id: str
    session_id: str
    number: int
    root: str | None
    """The directory of its project."""

    cancelled: Sequence[TurnProcess]
    """Those that it took the place of."""
