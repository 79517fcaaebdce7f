"""What the log endpoint answers: by byte cursor, or by VPO's line numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.logs.text import MAX_ANSWER, LogFile, open_log, whole_characters

DEFAULT_LINES = 500
MAX_LINES = 1000
CUT = "… [{} more bytes]"


class HasDataDir(Protocol):
    @property
    def data_dir(self) -> Path: ...


def read(
    settings: HasDataDir, job_id: str, attempt: int, params: Mapping[str, str], ended: bool
) -> dict[str, Any]:
    """One answer about the log of one attempt; `ended` says that nothing will write to it any more.

    With `gen`, `start` or `line` the answer continues at a byte; otherwise it has VPO's shape (`lines`,
    `offset`). Values that are no numbers count as absent.
    """
    paths = LogPaths.of(settings.data_dir, job_id, attempt)
    with open_log(paths, ended=ended) as log:
        if {"gen", "start", "line"} & set(params):
            return {"job_id": job_id, **_from_cursor(log, generation(paths), params)}
        return {"job_id": job_id, **_by_lines(log, params)}


def generation(paths: LogPaths) -> str:
    """Which file a byte offset belongs to: changes with the attempt and whenever the log is begun anew."""
    record = read_record(paths.start)
    if record is not None and isinstance(record.get("gen"), str):
        return str(record["gen"])
    try:
        return f"{paths.attempt}-{paths.log.stat().st_ino:x}"
    except OSError:
        return f"{paths.attempt}-0"


def _from_cursor(log: LogFile, gen: str, params: Mapping[str, str]) -> dict[str, Any]:
    start = _number(params.get("start"))
    line = _number(params.get("line"))
    reset = params.get("gen", gen) != gen
    if line is not None:
        begin = log.line_start(max(0, line - 1))
    elif start is not None and start < 0:
        begin = _tail(log, -start)
    elif reset or start is None or start > log.size:
        reset = reset or (start is not None and start > log.size)
        begin = 0
    else:
        begin = start
    data = log.bytes_at(begin, min(begin + MAX_ANSWER, log.limit))
    end = begin + _cut(data, at_limit=begin + len(data) >= log.limit)
    return {
        "gen": gen,
        "start": begin,
        "end": end,
        "size": log.size,
        "first_line": log.lines_before(begin) + 1,
        "text": data[: end - begin].decode("utf-8", "replace"),
        "more": end < log.limit,
        "complete": log.closed and end >= log.size,
        "reset": reset,
    }


def _cut(data: bytes, *, at_limit: bool) -> int:
    """Where an answer ends: at what may be shown, else after a line, else at least after a character."""
    if at_limit:
        return len(data)
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


def _by_lines(log: LogFile, params: Mapping[str, str]) -> dict[str, Any]:
    wanted = _number(params.get("lines"))
    offset = max(0, _number(params.get("offset")) or 0)
    count = min(max(1, DEFAULT_LINES if wanted is None else wanted), MAX_LINES)
    total = log.lines_before(log.limit)
    if log.limit and log.bytes_at(log.limit - 1, log.limit) != b"\n":
        total += 1
    lines = _lines_from(log, offset, count) if offset < total else []
    return {
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


def _number(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        return None
