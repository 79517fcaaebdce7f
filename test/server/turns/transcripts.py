"""Events as agent command lines print them."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def lines(*records: Json) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def system() -> Json:
    return {"type": "system", "subtype": "init", "model": "m", "tools": ["Read"], "uuid": "e0"}


def text(words: str, *, message: str = "m1", **more: object) -> Json:
    return _assistant({"type": "text", "text": words}, message, more)


def thinking(words: str, *, message: str = "m1", **more: object) -> Json:
    return _assistant({"type": "thinking", "thinking": words}, message, more)


def use(name: str, given: Json, *, call: str = "t1", message: str = "m1", **more: object) -> Json:
    return _assistant({"type": "tool_use", "id": call, "name": name, "input": given}, message, more)


def result_of(call: str, content: object, *, is_error: bool = False, **more: object) -> Json:
    part = {"type": "tool_result", "tool_use_id": call, "content": content, "is_error": is_error}
    return {"type": "user", "message": {"role": "user", "content": [part]}, **more}


def succeeded(**more: object) -> Json:
    return {"type": "result", "subtype": "success", "is_error": False, "result": "Done.", **more}


def failed(**more: object) -> Json:
    return {"type": "result", "subtype": "error_max_turns", "is_error": True, **more}


def streamed(event: Json, **more: object) -> Json:
    return {"type": "stream_event", "event": event, **more}


def message_start(message: str) -> Json:
    return streamed({"type": "message_start", "message": {"id": message}})


def part_start(index: int, kind: str = "text", **more: object) -> Json:
    return streamed({"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}})


def delta(index: int, words: str, kind: str = "text") -> Json:
    grown = {"type": f"{kind}_delta", kind: words}
    return streamed({"type": "content_block_delta", "index": index, "delta": grown})


def _assistant(part: Json, message: str, more: Json) -> Json:
    return {"type": "assistant", "message": {"id": message, "role": "assistant", "content": [part]}, **more}
