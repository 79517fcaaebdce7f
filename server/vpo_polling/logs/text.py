"""Bytes of a log, and where they may be cut."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from vpo_polling.logs.identity import generation
from vpo_polling.logs.index import BEGINNING, IndexReader, Known
from vpo_polling.logs.members import Members
from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.logs.source import Packed, Source, open_source

MAX_ANSWER = 1024 * 1024
BLOCK = 64 * 1024
FIRST_LOOK = 4 * 1024
"""Most lines are shorter: a poll that finds nothing new reads no more."""


def whole_characters(data: bytes) -> int:
    """How many leading bytes hold no character that is cut off at the end.

    Decoding the pieces of any such cuts one by one gives the same text as decoding everything at once, also
    where bytes are invalid: what is kept back is only a sequence that further bytes could still complete.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data[-4:] if len(data) > 4 else data, False)
    return len(data) - len(decoder.getstate()[0])


class LogFile:
    """One log opened for reading. Everything here reads bounded pieces, whatever the size of the log."""

    def __init__(self, paths: LogPaths, *, closed: bool) -> None:
        self._paths = paths
        self.closed = closed
        # The record before the bytes: a writer that begins anew names the new generation first.
        self._record = read_record(paths.start) or {}
        size = self._record.get("size")
        self._source = open_source(paths, size if isinstance(size, int) else None)
        self.size = self._source.size
        self.gen = self._generation(self._record)
        self._index = _index(paths, self._source, self.gen)
        # Up to here bytes may be handed out: a line is shown once it is finished or its writer is.
        self.limit = self.size if closed else self._end_of_last_line()

    def __enter__(self) -> LogFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._index, IndexReader):
            self._index.close()
        self._source.close()

    def is_current(self) -> bool:
        """Whether what was read until now is of this generation: else its writer has begun anew meanwhile."""
        record = read_record(self._paths.start) or {}
        return record == self._record or self._generation(record) == self.gen

    def _generation(self, record: Mapping[str, Any]) -> str:
        return generation(record, self._paths.attempt, self._source.inode, self.size)

    def bytes_at(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as far as the file reaches."""
        return self._source.read(start, end) if end > start else b""

    def blocks(self, start: int, end: int, size: int = BLOCK) -> Iterator[bytes]:
        while start < end:
            block = self.bytes_at(start, min(start + size, end))
            if not block:
                return
            yield block
            start += len(block)

    def count_lines(self) -> int:
        """How many lines may be shown, an unfinished last one among them."""
        return self.lines_before(self.limit) + self.ends_within_a_line()

    def ends_within_a_line(self) -> bool:
        return self.limit > 0 and self.bytes_at(self.limit - 1, self.limit) != b"\n"

    def lines_before(self, offset: int) -> int:
        """How many line ends stand before a byte."""
        line, position = self._believed(self._index.before_offset(offset))
        return line + sum(block.count(b"\n") for block in self.blocks(position, offset))

    def line_start(self, line: int) -> int:
        """Where a line begins (counted from 0), or the limit when there are not that many."""
        known, position = self._believed(self._index.before_line(line))
        # After a power failure the index may know more of a log than the disk kept: then there is nothing to
        # read from there, and the limit is the answer.
        missing = line - known
        if missing <= 0:
            return min(position, self.limit)
        for block in self.blocks(position, self.limit):
            found = block.count(b"\n")
            if found >= missing:
                return position + _end_of_line(block, missing)
            missing -= found
            position += len(block)
        return self.limit

    def line_at_or_after(self, offset: int) -> int:
        """Where the first line begins that does not begin before a byte."""
        if offset <= 0:
            return 0
        after = self.first_line_end(offset - 1, self.limit)
        return self.limit if after < 0 else after

    def first_line_end(self, start: int, end: int) -> int:
        """The byte after the first line end in a range, or -1."""
        for block in self.blocks(start, end):
            found = block.find(b"\n")
            if found >= 0:
                return start + found + 1
            start += len(block)
        return -1

    def _believed(self, known: Known) -> Known:
        """An index may know of more than the disk kept, or of bytes that somebody has changed since."""
        _, offset = known
        if isinstance(self._index, Members) or offset == 0:
            return known
        return known if self.bytes_at(offset - 1, offset) == b"\n" else BEGINNING

    def _end_of_last_line(self) -> int:
        end, step = self.size, FIRST_LOOK
        floor = max(0, self.size - MAX_ANSWER)
        while end > floor:
            begin = max(floor, end - step)
            found = self.bytes_at(begin, end).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end, step = begin, BLOCK
        # A single line longer than any answer: nobody can be made to wait for its end.
        tail = self.bytes_at(max(0, self.size - 4), self.size)
        return self.size - (len(tail) - whole_characters(tail)) if floor else 0


def _index(paths: LogPaths, source: Source, gen: str) -> IndexReader | Members:
    return source.members if isinstance(source, Packed) else IndexReader(paths.index, gen)


def _end_of_line(block: bytes, count: int) -> int:
    position = 0
    for _ in range(count):
        position = block.index(b"\n", position) + 1
    return position


def open_log(paths: LogPaths, *, ended: bool) -> LogFile:
    # First whether it is closed, then its size: the other way round, bytes written in between would be lost.
    closed = ended or paths.exit.exists()
    return LogFile(paths, closed=closed)


def number(value: str | None) -> int | None:
    """Of a parameter; what is none counts as absent."""
    try:
        return None if value is None else int(value)
    except ValueError:
        return None
