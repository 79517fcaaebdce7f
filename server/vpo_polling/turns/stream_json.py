"""The records that agent command lines print, one JSON object per line, as changes of a turn.

Known are `system`, `assistant`, `user`, `result` and, where messages are printed while they are written,
`stream_event`. A record of another type says nothing about a turn and is taken without an effect: programs
print more from version to version. A record of a known type that is not what it should be is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vpo_polling.store.turns.types import Change, Event, Kind, PartBegun, PartGrew, Said, Streaming, Verdict

_ID_KEYS = ("uuid", "event_id", "id")
_STREAMED: Mapping[str, Kind] = {"text": "content", "thinking": "thinking", "tool_use": "tool_use"}


class BadEvent(ValueError):
    """`line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line}: {reason}")
        self.line = line


class _Malformed(ValueError):
    pass


def parse(body: bytes) -> list[Event]:
    """All events of newline JSON, empty lines left out. Raises BadEvent for the first that can't be read."""
    events = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            events.append(event_of(line, number))
    return events


def event_of(line: bytes, number: int = 1) -> Event:
    """Raises BadEvent."""
    try:
        record = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadEvent(number, "this is not valid JSON") from None
    if not isinstance(record, dict):
        raise BadEvent(number, "an event is a JSON object")
    try:
        kind = _text(record, "type")
        changes = tuple(_READERS[kind](record)) if kind in _READERS else ()
    except _Malformed as fault:
        raise BadEvent(number, str(fault)) from None
    name = next((record[key] for key in _ID_KEYS if isinstance(record.get(key), str)), None)
    return Event(name or None, changes)


def _assistant(record: Mapping[str, Any]) -> Iterator[Change]:
    message = _object(record, "message")
    name = message.get("id")
    message_id = name if isinstance(name, str) and name else None
    for part in _parts(message):
        yield from _said(part, message_id)


def _user(record: Mapping[str, Any]) -> Iterator[Change]:
    """What the tools gave back. Texts are prompts of the program's own, and no part of what the agent did."""
    for part in _parts(_object(record, "message")):
        if part.get("type") == "tool_result":
            yield Said(
                kind="tool_result",
                text=_readable(part.get("content")),
                tool_use_id=_text(part, "tool_use_id"),
                is_error=part.get("is_error") is True,
            )


def _result(record: Mapping[str, Any]) -> Iterator[Change]:
    subtype = _text(record, "subtype")
    has_failed = record.get("is_error") is True or subtype.startswith("error")
    if not has_failed:
        yield Verdict(status="completed")
        return
    result = record.get("result")
    message = result if isinstance(result, str) and result.strip() else subtype.replace("_", " ")
    yield Said(kind="error", text=message, is_error=True)
    yield Verdict(status="failed", error_message=message)


def _stream_event(record: Mapping[str, Any]) -> Iterator[Change]:
    event = _object(record, "event")
    kind = _text(event, "type")
    if kind == "message_start":
        yield Streaming(message_id=_text(_object(event, "message"), "id"))
    elif kind == "content_block_start":
        part = _object(event, "content_block")
        streamed = _STREAMED.get(_text(part, "type"))
        if streamed:
            yield PartBegun(
                part=_index(event),
                kind=streamed,
                text=_optional(part, "thinking" if streamed == "thinking" else "text") or "",
                name=_optional(part, "name"),
                tool_use_id=_optional(part, "id"),
            )
    elif kind == "content_block_delta":
        delta = _object(event, "delta")
        text = {"text_delta": "text", "thinking_delta": "thinking"}.get(_text(delta, "type"))
        if text:
            yield PartGrew(part=_index(event), text=_string(delta, text))


def _nothing(_record: Mapping[str, Any]) -> Iterator[Change]:
    return iter(())


_READERS = {
    "system": _nothing,
    "assistant": _assistant,
    "user": _user,
    "result": _result,
    "stream_event": _stream_event,
}


def _said(part: Mapping[str, Any], message_id: str | None) -> Iterator[Change]:
    kind = _text(part, "type")
    if kind == "text":
        yield Said(kind="content", text=_string(part, "text"), message_id=message_id)
    elif kind == "thinking":
        yield Said(kind="thinking", text=_string(part, "thinking"), message_id=message_id)
    elif kind == "tool_use":
        given = part.get("input", {})
        if not isinstance(given, dict):
            raise _Malformed("'input' of a tool_use must be an object")
        yield Said(
            kind="tool_use",
            name=_text(part, "name"),
            input=given,
            tool_use_id=_text(part, "id"),
            message_id=message_id,
        )


def _parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise _Malformed("'message.content' must be a text or a list of objects")
    return content


def _readable(content: object) -> str:
    """A result is a text, or parts of which the texts can be read."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise _Malformed("'content' of a tool_result must be a text or a list of objects")
    texts = [
        part["text"] if isinstance(part.get("text"), str) else f"[{part.get('type')}]" for part in content
    ]
    return "\n".join(texts)


def _object(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    if not isinstance(value, dict):
        raise _Malformed(f"'{name}' must be an object")
    return value


def _string(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise _Malformed(f"'{name}' must be a text")
    return value


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise _Malformed(f"'{name}' must be a text that is not empty")
    return value


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) else None


def _index(event: Mapping[str, Any]) -> int:
    value = event.get("index")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _Malformed("'index' must be a whole number, 0 or more")
    return value


def _no_number(text: str) -> None:
    raise ValueError(text)
