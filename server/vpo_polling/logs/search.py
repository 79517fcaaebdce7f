"""Literal search through a whole log, in bounded memory.

One pass counts, block by block, and remembers the few blocks that hold the wanted page; then their lines are
read again and the matches in them placed. So the count is true, and a page costs no more than counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from vpo_polling.logs.matching import Matcher
from vpo_polling.logs.text import BLOCK, MAX_ANSWER, LogFile

DEFAULT_MATCHES = 100
MAX_MATCHES = 1000
LONGEST_QUERY = 500


class SearchStopped(Exception):
    """Whoever asked has gone away."""


@dataclass(frozen=True)
class Wanted:
    query: str
    exact: bool = False
    limit: int = DEFAULT_MATCHES
    begin: int = 0
    """Matches in lines that begin at or after this byte …"""

    until: int | None = None
    """… or, when this is given, the last ones in lines that begin before it."""


@dataclass(frozen=True)
class _Block:
    """Whole lines of about a megabyte, or one line that is longer."""

    start: int
    end: int
    first_line: int
    matches: int
    lines: int


@dataclass(frozen=True)
class _Line:
    number: int
    start: int
    end: int
    matches: int


def search(log: LogFile, wanted: Wanted, stop: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """Raises SearchStopped soon after `stop` says so."""
    scan = _Scan(log, Matcher(wanted.query, exact=wanted.exact), stop)
    edge = log.line_at_or_after(wanted.begin if wanted.until is None else wanted.until)
    if wanted.until is None:
        before = scan.count(0, edge)
        lines, after = scan.first(edge, wanted.limit)
        more = after
    else:
        lines, before = scan.last(edge, wanted.limit)
        scan.count(edge, log.limit)
        more = before
    return {
        "gen": log.gen,
        "query": wanted.query,
        "total": scan.total,
        "lines": scan.lines,
        "before": before,
        "matches": scan.matches(lines, wanted.limit, last=wanted.until is not None),
        "more": more > 0,
        "complete": log.closed,
        "size": log.size,
    }


class _Scan:
    def __init__(self, log: LogFile, matcher: Matcher, stop: Callable[[], bool]) -> None:
        self._log = log
        self._matcher = matcher
        self._stop = stop
        self.total = 0
        self.lines = 0
        self._line = 0

    def count(self, start: int, end: int) -> int:
        return sum(block.matches for block in self._blocks(start, end))

    def first(self, start: int, limit: int) -> tuple[list[_Line], int]:
        """The lines of the first page, and how many matches stand behind it."""
        kept: list[_Block] = []
        found = room = 0
        for block in self._blocks(start, self._log.limit):
            found += block.matches
            if block.matches and room < limit:
                kept.append(block)
                room += block.matches
        lines = _page((line for block in kept for line in self._lines(block)), limit)
        return lines, found - _taken(lines, limit)

    def last(self, end: int, limit: int) -> tuple[list[_Line], int]:
        """The lines of the last page, and how many matches stand before it."""
        kept: deque[_Block] = deque()
        found = room = 0
        for block in self._blocks(0, end):
            found += block.matches
            if block.matches:
                kept.append(block)
                room += block.matches
            while kept and room - kept[0].matches >= limit:
                room -= kept.popleft().matches
        backwards = (line for block in reversed(kept) for line in reversed(list(self._lines(block))))
        lines = _page(backwards, limit)[::-1]
        return lines, found - _taken(lines, limit)

    def matches(self, lines: list[_Line], limit: int, *, last: bool) -> list[dict[str, Any]]:
        placed: list[dict[str, Any]] = []
        for line in lines:
            # Only a line that alone holds more than a page is not shown whole.
            skip = max(0, line.matches - limit) if last else 0
            found = self._matcher.placed(self._pieces(line.start, line.end), skip, limit)
            placed += ({"line": line.number + 1, "start": line.start, **match} for match in found)
        return placed

    def _blocks(self, start: int, end: int) -> Iterator[_Block]:
        while start < end:
            if self._stop():
                raise SearchStopped
            data = self._log.bytes_at(start, min(start + MAX_ANSWER, end))
            cut = data.rfind(b"\n") + 1
            if cut == 0 and start + len(data) < end:
                block = self._long_line(start, end)
            elif data:
                block = self._whole_lines(start, data[:cut] if cut and start + len(data) < end else data)
            else:
                return
            self.total += block.matches
            self.lines += block.lines
            start = block.end
            yield block

    def _whole_lines(self, start: int, data: bytes) -> _Block:
        matches = lines = 0
        for piece in _pieces_of_lines(data):
            in_piece, lines_of_piece = self._matcher.count(piece)
            matches += in_piece
            lines += lines_of_piece
        block = _Block(start, start + len(data), self._line, matches, lines)
        self._line += data.count(b"\n")
        return block

    def _long_line(self, start: int, end: int) -> _Block:
        after = self._log.first_line_end(start, end)
        after = end if after < 0 else after
        matches = self._matcher.count_long(self._pieces(start, after))
        block = _Block(start, after, self._line, matches, min(matches, 1))
        self._line += 1
        return block

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        for piece in self._log.blocks(start, end):
            if self._stop():
                raise SearchStopped
            yield piece

    def _lines(self, block: _Block) -> Iterator[_Line]:
        """Those with a match."""
        if block.end - block.start > MAX_ANSWER:
            yield _Line(block.first_line, block.start, block.end, block.matches)
            return
        data = self._log.bytes_at(block.start, block.end)
        position, number = 0, block.first_line
        for line_in_block, matches in self._matcher.lines(data):
            while number < block.first_line + line_in_block:
                position = data.index(b"\n", position) + 1
                number += 1
            end = data.find(b"\n", position) + 1 or len(data)
            yield _Line(number, block.start + position, block.start + end, matches)


def _pieces_of_lines(data: bytes) -> Iterator[bytes]:
    """Whole lines, about a BLOCK at a time: while one is looked through, nothing else in the process runs."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + BLOCK) + 1 or len(data)
        yield data[start:end]
        start = end


def _page(lines: Iterator[_Line], limit: int) -> list[_Line]:
    """As many whole lines as fit, at least one: so the next page begins with a line."""
    room = limit
    page: list[_Line] = []

    def fits(line: _Line) -> bool:
        nonlocal room
        room -= line.matches
        return room >= 0 or not page

    for line in takewhile(fits, lines):
        page.append(line)
    return page


def _taken(lines: list[_Line], limit: int) -> int:
    return min(sum(line.matches for line in lines), limit)
