"""A sparse line index beside a log: where the first line after every 64 KiB begins.

Records are (line, offset, check): `line` newlines stand before byte `offset`, which begins a line. Looking up
a line or counting the lines before a byte then costs a binary search and a scan of about 64 KiB, however long
the log is. The check binds each record to its generation: one that is torn, overwritten or of another log is
not believed, and without an index the scan is merely longer. Every record that is believed is true by itself,
so no order and no gap can make an answer wrong.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

SPACING = 64 * 1024
_FIELDS = struct.Struct("<QQ")
_CHECK = struct.Struct("<I")
RECORD_SIZE = _FIELDS.size + _CHECK.size

Known = tuple[int, int]
"""`line` newlines stand before byte `offset`."""

BEGINNING: Known = (0, 0)


def _check(gen: str, fields: bytes) -> bytes:
    return _CHECK.pack(zlib.crc32(fields, zlib.crc32(gen.encode())))


class IndexWriter:
    """`noted`: the last byte that an earlier writer of the same generation noted; what it wrote is kept."""

    def __init__(self, path: Path, gen: str, noted: int = 0) -> None:
        anew = 0 if noted else os.O_TRUNC
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | anew | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._gen = gen
        self._noted = noted

    @property
    def noted(self) -> int:
        return self._noted

    def begin_anew(self, gen: str, offset: int) -> None:
        """For another generation, whose first `offset` bytes are already there."""
        os.ftruncate(self._file, 0)
        self._gen = gen
        self._noted = offset

    def note(self, line: int, offset: int) -> None:
        """`offset` begins line number `line`; kept when it is far enough from the last one kept."""
        if offset - self._noted >= SPACING:
            fields = _FIELDS.pack(line, offset)
            os.write(self._file, fields + _check(self._gen, fields))
            self._noted = offset

    def close(self) -> None:
        os.close(self._file)


class IndexReader:
    """Reads single records, never the whole file."""

    def __init__(self, path: Path, gen: str) -> None:
        self._gen = gen
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = -1

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def before_offset(self, offset: int) -> Known:
        """The last known place at or before a byte."""
        return self._last_at_or_below(1, offset)

    def before_line(self, line: int) -> Known:
        """The last known place at or before the beginning of a line (counted from 0)."""
        return self._last_at_or_below(0, line)

    def _last_at_or_below(self, column: int, value: int) -> Known:
        best = BEGINNING
        low, high = 0, self._count()
        while low < high:
            middle = (low + high) // 2
            record = self._record(middle)
            if record is None:
                return BEGINNING
            if record[column] <= value:
                best, low = record, middle + 1
            else:
                high = middle
        return best

    def _count(self) -> int:
        return os.fstat(self._file).st_size // RECORD_SIZE if self._file >= 0 else 0

    def _record(self, position: int) -> Known | None:
        data = os.pread(self._file, RECORD_SIZE, position * RECORD_SIZE)
        fields = data[: _FIELDS.size]
        if len(data) < RECORD_SIZE or data[_FIELDS.size :] != _check(self._gen, fields):
            return None
        line, offset = _FIELDS.unpack(fields)
        return line, offset
