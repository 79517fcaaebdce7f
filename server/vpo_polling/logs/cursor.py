"""A log read by byte offsets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vpo_polling.logs.text import MAX_ANSWER, LogFile, number, whole_characters

MIN_ANSWER = 1024


def answer(
    log: LogFile, params: Mapping[str, str], has: Callable[[str], bool]
) -> tuple[str, dict[str, Any] | None]:
    begin, reset = _place(log, params)
    most = _most(params)
    piece = None
    end = max(begin, log.limit)
    if end - begin > most:
        piece = log.bytes_at(begin, begin + most)
        end = begin + _cut(piece)
    tag = _tag(log, end)
    if not reset and has(tag):
        return tag, None
    data = log.bytes_at(begin, end) if piece is None else piece[: end - begin]
    # Shorter than it was a moment ago: truncated while we read.
    end = begin + len(data)
    first_line = log.lines_before(begin) + 1
    return _tag(log, end), {
        "gen": log.gen,
        "start": begin,
        "end": end,
        "size": log.size,
        "first_line": first_line,
        "total_lines": _total(log, end, first_line, data),
        "text": data.decode("utf-8", "replace"),
        "more": end < log.limit,
        "complete": log.closed and end >= log.size,
        "reset": reset,
    }


def _tag(log: LogFile, end: int) -> str:
    """Names what a reader has after this answer: the next part, asked for with this tag, never equals it.

    That a log is complete is news of the same bytes.
    """
    return f'"{log.gen}-{end}-{log.size}{"-end" if log.closed and end >= log.size else ""}"'


def _total(log: LogFile, end: int, first_line: int, data: bytes) -> int:
    if end != log.limit or not data:
        return log.count_lines()
    return first_line - 1 + data.count(b"\n") + (not data.endswith(b"\n"))


def _place(log: LogFile, params: Mapping[str, str]) -> tuple[int, bool]:
    """Where the answer begins, and whether it replaces what the asker has."""
    start = number(params.get("start"))
    line = number(params.get("line"))
    reset = params.get("gen", log.gen) != log.gen
    if line is not None:
        return log.line_start(max(0, line - 1)), reset
    if start is not None and start < 0:
        return _tail(log, -start), reset
    reset = reset or (start is not None and start > log.size)
    return (0 if reset or start is None else start), reset


def _most(params: Mapping[str, str]) -> int:
    wanted = number(params.get("limit"))
    return MAX_ANSWER if wanted is None else min(max(wanted, MIN_ANSWER), MAX_ANSWER)


def _cut(data: bytes) -> int:
    """Where an answer ends that is not the last one: after a line, else at least after a character."""
    return data.rfind(b"\n") + 1 or whole_characters(data)


def _tail(log: LogFile, count: int) -> int:
    begin = max(0, log.limit - min(count, MAX_ANSWER))
    if begin == 0:
        return 0
    # From one byte earlier, so that a cut right behind a line end loses no line.
    after = log.first_line_end(begin - 1, log.limit)
    if 0 <= after < log.limit:
        return after
    # The whole window lies inside the last line: not before a character begins.
    head = log.bytes_at(begin, begin + 4)
    while head and head[0] & 0xC0 == 0x80:
        head = head[1:]
        begin += 1
    return begin
