"""Rows of sessions as the dictionaries that become JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from vpo_polling.store.records import LONGEST_WORD
from vpo_polling.store.turns.types import MAX_BLOCK, MAX_PROMPT, TURN_ACTIVE
from vpo_polling.store.values import Values, instant, seconds_between

Json = dict[str, Any]


def project_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    return {
        "id": values.text("id"),
        "name": values.text("name"),
        "has_files": row.root is not None,
        "created_at": instant(values.moment("created_at")),
    }


def session_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    status = values.optional_text("status", LONGEST_WORD)
    return {
        "id": values.text("id"),
        "project_id": values.text("project_id"),
        "project_name": values.text("project_name"),
        "has_files": row.root is not None,
        "title": values.text("title"),
        # Of its newest turn; null before the first.
        "status": status,
        "turn_count": values.count("turn_count") or 0,
        "can_interrupt": status in TURN_ACTIVE,
        "created_at": instant(values.moment("created_at")),
        "updated_at": instant(values.moment("updated_at")),
        "version": values.integer("version", 0),
    }


def turn_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    began, ended = values.moment("started_at"), values.moment("completed_at")
    status = values.text("status", LONGEST_WORD)
    return {
        "id": values.text("id"),
        "session_id": values.text("session_id"),
        "number": values.integer("number", 1),
        "attempt": values.integer("attempt", 1),
        "status": status,
        "prompt": values.text("prompt", MAX_PROMPT),
        "error": values.optional_text("error_message"),
        "created_at": instant(values.moment("created_at")),
        "started_at": instant(began),
        "updated_at": instant(values.moment("updated_at")),
        "completed_at": instant(ended),
        "duration_seconds": seconds_between(began, ended),
        "block_count": values.count("block_count") or 0,
        "reported": values.flag("reported"),
        "can_interrupt": status in TURN_ACTIVE,
        "version": values.integer("version", 0),
    }


def block_of(row: Row[Any]) -> Json:
    values = Values(row._mapping)
    number = values.integer("number", 0)
    return {
        # Among all blocks: the turn, and which of its blocks.
        "id": f"{row.turn_id}.{number}",
        "number": number,
        "kind": values.text("kind", LONGEST_WORD),
        "text": values.text("text", MAX_BLOCK),
        "name": values.optional_text("name"),
        "input": row.input if isinstance(row.input, dict) else None,
        "tool_use_id": values.optional_text("tool_use_id"),
        "is_error": values.flag("is_error"),
        "version": values.integer("version", 0),
    }
