"""A log read by line numbers, as VPO's clients do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vpo_polling.logs.text import MAX_ANSWER, LogFile, number, whole_characters

DEFAULT_LINES = 500
MAX_LINES = 1000
CUT = "… [{} more bytes]"


def answer(
    log: LogFile, params: Mapping[str, str], has: Callable[[str], bool]
) -> tuple[str, dict[str, Any] | None]:
    wanted = number(params.get("lines"))
    offset = max(0, number(params.get("offset")) or 0)
    count = min(max(1, DEFAULT_LINES if wanted is None else wanted), MAX_LINES)
    # All that the answer depends on, beside what was asked.
    tag = f'W/"{log.gen}-{log.limit}-{offset}-{count}"'
    if has(tag):
        return tag, None
    total = log.count_lines()
    lines = _lines_from(log, offset, count) if offset < total else []
    return tag, {
        "lines": lines,
        "total_lines": total,
        "offset": offset,
        "has_more": offset + len(lines) < total,
    }


def _lines_from(log: LogFile, first: int, count: int) -> list[str]:
    """Up to `count` lines, as many as fit into one answer, but at least one."""
    begin = log.line_start(first)
    data = log.bytes_at(begin, min(begin + MAX_ANSWER, log.limit))
    *finished, rest = data.split(b"\n")
    lines = [line.removesuffix(b"\r").decode("utf-8", "replace") for line in finished[:count]]
    if rest and len(finished) < count:
        if begin + len(data) >= log.limit:
            lines.append(rest.decode("utf-8", "replace"))
        elif not finished:
            lines.append(_cut_line(log, begin, data))
    return lines


def _cut_line(log: LogFile, begin: int, data: bytes) -> str:
    kept = whole_characters(data)
    after = log.first_line_end(begin + len(data), log.limit)
    end = after - 1 if after >= 0 else log.limit
    return data[:kept].decode("utf-8", "replace") + CUT.format(end - begin - kept)
