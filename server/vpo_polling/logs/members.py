"""The members of a packed log: which bytes of the log each holds, and how many lines stand before it.

A packed log is ordinary gzip (`zcat` gives the log), made of members of 1 MiB that are decompressed one by
one. Where they begin stands in a file beside it. That file is a cache: it carries a digest, and the size and
last bytes of the packed log that it belongs to. What does not fit is made anew from the packed log itself.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vpo_polling.logs.index import BEGINNING, Known
from vpo_polling.logs.paths import write_whole

MEMBER = 1024 * 1024
GZIP = 31
"""zlib's name for the gzip format with the largest window."""

_MAGIC = b"VPOGZIX1"
_HEAD = struct.Struct("<8sQQQ8s")
_RECORD = struct.Struct("<QQQ")
_DIGEST = 16
_READ = 64 * 1024
_SMALLEST = 20
"""No gzip member is shorter."""


@dataclass
class Members:
    packed: list[int] = field(default_factory=list)
    """Where each begins in the packed log; one more, where the last ends. The others likewise."""

    starts: list[int] = field(default_factory=list)
    """In the log."""

    lines: list[int] = field(default_factory=list)
    """Line ends before it."""

    @classmethod
    def none(cls) -> Members:
        return cls([0], [0], [0])

    @property
    def size(self) -> int:
        """Of the log."""
        return self.starts[-1]

    @property
    def longest(self) -> int:
        return max(
            (after - before for before, after in zip(self.starts, self.starts[1:], strict=False)), default=0
        )

    def add(self, packed: int, data: int, lines: int) -> None:
        """One more, by the lengths of what it adds."""
        for column, count in ((self.packed, packed), (self.starts, data), (self.lines, lines)):
            column.append(column[-1] + count)

    def holding(self, offset: int) -> int:
        """Number of the member that holds a byte of the log."""
        return bisect_right(self.starts, offset, hi=len(self.starts) - 1) - 1

    def before_offset(self, offset: int) -> Known:
        number = bisect_right(self.starts, offset) - 1
        return self.lines[number], self.starts[number]

    def before_line(self, line: int) -> Known:
        # Members are cut anywhere: the line that is being written at a cut begins before it.
        number = bisect_left(self.lines, line) - 1
        return (self.lines[number], self.starts[number]) if number >= 0 else BEGINNING


def load(path: Path, file: int) -> Members | None:
    """What stands beside the packed log `file`, if it belongs to it and is whole."""
    try:
        data = _read_small(path, most=os.fstat(file).st_size)
    except OSError:
        return None
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    if len(body) < _HEAD.size or hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        return None
    head = _HEAD.unpack_from(body)
    if head[0] != _MAGIC or (head[1], head[4]) != _identity(file):
        return None
    columns = zip(*_RECORD.iter_unpack(body[_HEAD.size :]), strict=True)
    members = Members(*(list(column) for column in columns))
    return members if members.size == head[2] else None


def save(path: Path, file: int, members: Members) -> None:
    size, tail = _identity(file)
    records = zip(members.packed, members.starts, members.lines, strict=True)
    body = _HEAD.pack(_MAGIC, size, members.size, len(members.starts), tail)
    body += b"".join(_RECORD.pack(*record) for record in records)
    write_whole(path, body + hashlib.blake2b(body, digest_size=_DIGEST).digest())


def rebuild(path: Path, file: int) -> Members:
    """From the packed log itself, in bounded pieces; what stands behind a damage is not counted."""
    members = Members.none()
    with suppress(zlib.error):
        for packed, data, lines in _scan(file):
            members.add(packed, data, lines)
    with suppress(OSError):  # only a cache
        save(path, file, members)
    return members


def _scan(file: int) -> Iterator[tuple[int, int, int]]:
    """The lengths of one whole member after the other."""
    begin = 0
    while True:
        unpacker = zlib.decompressobj(GZIP)
        size = lines = 0
        position, waiting = begin, b""
        while not unpacker.eof:
            if not waiting:
                waiting = os.pread(file, _READ, position)
                position += len(waiting)
                if not waiting:
                    return
            data = unpacker.decompress(waiting, MEMBER)
            waiting = unpacker.unconsumed_tail
            size += len(data)
            lines += data.count(b"\n")
        end = position - len(unpacker.unused_data)
        yield end - begin, size, lines
        begin = end


def _identity(file: int) -> tuple[int, bytes]:
    """Size and last bytes, which are the checksum and length of the last member."""
    size = os.fstat(file).st_size
    return size, os.pread(file, 8, max(0, size - 8)).ljust(8, b"\0")


def _read_small(path: Path, *, most: int) -> bytes:
    """Not more than a packed log of that size can have members."""
    with path.open("rb") as file:
        return file.read(_HEAD.size + _DIGEST + _RECORD.size * (most // _SMALLEST + 2))
