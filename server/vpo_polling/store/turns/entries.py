"""What the entries of a transcript say, each by its kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from vpo_polling.markdown import tree
from vpo_polling.store.turns.records import Json, block_of, turn_of
from vpo_polling.store.turns.types import TURN_ACTIVE

LONGEST_MARKDOWN = 100_000
LONGEST_TEXT = 20_000
"""Characters of an entry that a page gets; what is cut says so (`cut`)."""

LONGEST_ABOUT = 120
_TELLING = ("command", "file_path", "path", "pattern", "query", "url", "description", "prompt")

Key = tuple[str, Any]
"""What a tool's use and its results have in common."""


def key_of(row: Row[Any]) -> Key:
    return row.turn_id, row.tool_use_id


def prompt_of(row: Row[Any]) -> Json:
    turn = turn_of(row)
    kept = ("number", "status", "reported", "started_at", "completed_at", "duration_seconds")
    return {
        "id": turn["id"],
        "kind": "prompt",
        "turn_id": turn["id"],
        **_text(turn["prompt"]),
        **{name: turn[name] for name in kept},
    }


def end_of(row: Row[Any], said: str | None) -> Json | None:
    """How a turn ended that did not complete; its reason once, if its last block has `said` it already."""
    turn = turn_of(row)
    if turn["status"] in (*TURN_ACTIVE, "completed"):
        return None
    reason = turn["error"] or ""
    return {
        "id": f"{turn['id']}.end",
        "turn_id": turn["id"],
        "kind": "end",
        "status": turn["status"],
        **_text("" if reason == said else reason),
    }


def block_entry(
    row: Row[Any], turn: Row[Any], results: Mapping[Key, Sequence[Row[Any]]], uses: set[Key]
) -> Json | None:
    """None: it is shown with another one."""
    block = block_of(row)
    entry = {"id": block["id"], "kind": block["kind"], "turn_id": row.turn_id}
    if block["kind"] == "content":
        text = block["text"]
        return {**entry, "tree": tree(text[:LONGEST_MARKDOWN]), "cut": len(text) > LONGEST_MARKDOWN}
    if block["kind"] == "tool_use":
        return {**entry, **_use(block, turn, [] if row.tool_use_id is None else results.get(key_of(row), []))}
    if block["kind"] == "tool_result":
        is_shown_there = row.tool_use_id is not None and key_of(row) in uses
        return None if is_shown_there else {**entry, **_text(block["text"]), "is_error": block["is_error"]}
    return {**entry, **_text(block["text"])}


def _use(block: Json, turn: Row[Any], results: Sequence[Row[Any]]) -> Json:
    given = block["input"] or {}
    if not results:
        state = "running" if turn.status in TURN_ACTIVE else "interrupted"
        answer = _text("")
    else:
        answered = block_of(results[-1])
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
