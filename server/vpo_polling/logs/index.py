"""A sparse line index beside a log: where the first line after every 64 KiB begins.

Records are pairs (line, offset): `line` newlines stand before byte `offset`, which begins a line. Looking up
a line or counting the lines before a byte then costs a binary search and a scan of about 64 KiB, however long
the log is. A missing or short index only makes that scan longer; it never makes an answer wrong.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

SPACING = 64 * 1024
RECORD = struct.Struct("<QQ")


class IndexWriter:
    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._noted = 0

    def note(self, line: int, offset: int) -> None:
        """`offset` begins line number `line`; kept when it is far enough from the last one kept."""
        if offset - self._noted >= SPACING:
            os.write(self._file, RECORD.pack(line, offset))
            self._noted = offset

    def close(self) -> None:
        os.close(self._file)


class IndexReader:
    """Reads single records, never the whole file."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._file = -1

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def before_offset(self, offset: int) -> tuple[int, int]:
        """The last known (line, offset) at or before a byte."""
        return self._last_at_or_below(1, offset)

    def before_line(self, line: int) -> tuple[int, int]:
        """The last known (line, offset) at or before a line."""
        return self._last_at_or_below(0, line)

    def _last_at_or_below(self, column: int, value: int) -> tuple[int, int]:
        best = (0, 0)
        low, high = 0, self._count()
        while low < high:
            middle = (low + high) // 2
            record = self._record(middle)
            if record[column] <= value:
                best, low = record, middle + 1
            else:
                high = middle
        return best

    def _count(self) -> int:
        return os.fstat(self._file).st_size // RECORD.size if self._file >= 0 else 0

    def _record(self, position: int) -> tuple[int, int]:
        line, offset = RECORD.unpack(os.pread(self._file, RECORD.size, position * RECORD.size))
        return (line, offset)
