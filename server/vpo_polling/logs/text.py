"""Bytes of a log file, and where they may be cut."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from types import TracebackType

from vpo_polling.logs.index import IndexReader
from vpo_polling.logs.paths import LogPaths

MAX_ANSWER = 1024 * 1024
BLOCK = 64 * 1024


def whole_characters(data: bytes) -> int:
    """How many leading bytes hold no character that is cut off at the end.

    Decoding the pieces of any such cuts one by one gives the same text as decoding everything at once, also
    where bytes are invalid: what is kept back is only a sequence that further bytes could still complete.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data[-4:] if len(data) > 4 else data, False)
    return len(data) - len(decoder.getstate()[0])


class LogFile:
    """One log opened for reading. Everything here reads bounded pieces, whatever the size of the file."""

    def __init__(self, paths: LogPaths, *, closed: bool) -> None:
        try:
            self._file = os.open(paths.log, os.O_RDONLY | os.O_CLOEXEC)
            self.size = os.fstat(self._file).st_size
        except FileNotFoundError:
            self._file = -1
            self.size = 0
        self.closed = closed
        self._index = IndexReader(paths.index)
        # Up to here bytes may be handed out: a line is shown once it is finished or its writer is.
        self.limit = self.size if closed else self._end_of_last_line()

    def __enter__(self) -> LogFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()
        if self._file >= 0:
            os.close(self._file)

    def bytes_at(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as far as the file reaches."""
        if self._file < 0 or end <= start:
            return b""
        return os.pread(self._file, end - start, start)

    def blocks(self, start: int, end: int, size: int = BLOCK) -> Iterator[bytes]:
        while start < end:
            block = self.bytes_at(start, min(start + size, end))
            if not block:
                return
            yield block
            start += len(block)

    def lines_before(self, offset: int) -> int:
        """How many line ends stand before a byte."""
        line, position = self._index.before_offset(offset)
        return line + sum(block.count(b"\n") for block in self.blocks(position, offset))

    def line_start(self, line: int) -> int:
        """Where a line begins (counted from 0), or the limit when there are not that many."""
        known, position = self._index.before_line(line)
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

    def first_line_end(self, start: int, end: int) -> int:
        """The byte after the first line end in a range, or -1."""
        for block in self.blocks(start, end):
            found = block.find(b"\n")
            if found >= 0:
                return start + found + 1
            start += len(block)
        return -1

    def _end_of_last_line(self) -> int:
        end = self.size
        floor = max(0, self.size - MAX_ANSWER)
        while end > floor:
            begin = max(floor, end - BLOCK)
            found = self.bytes_at(begin, end).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
        # A single line longer than any answer: nobody can be made to wait for its end.
        tail = self.bytes_at(max(0, self.size - 4), self.size)
        return self.size - (len(tail) - whole_characters(tail)) if floor else 0


def _end_of_line(block: bytes, count: int) -> int:
    position = 0
    for _ in range(count):
        position = block.index(b"\n", position) + 1
    return position


def open_log(paths: LogPaths, *, ended: bool) -> LogFile:
    # First whether it is closed, then its size: the other way round, bytes written in between would be lost.
    closed = ended or paths.exit.exists()
    return LogFile(paths, closed=closed)
