"""The writing end of a log: whole lines, masked, with a sparse index, one writer per attempt."""

from __future__ import annotations

import os
import re

from vpo_polling.jobs.masking import Masker
from vpo_polling.logs.index import IndexWriter
from vpo_polling.logs.paths import LogPaths

# A line that never ends is written in pieces of this size, so that memory stays bounded.
LONGEST_HELD = 64 * 1024

_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def plain(text: str) -> str:
    """Text without the control sequences that colour a terminal."""
    return _CONTROL_SEQUENCE.sub("", text)


class LogWriter:
    def __init__(self, paths: LogPaths, masker: Masker) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(paths.log, flags, 0o644)
        self._index = IndexWriter(paths.index)
        self._masker = masker
        self._held = b""
        self._lines = 0
        self.size = 0
        self._last = b""

    @property
    def last_line(self) -> str:
        """The last line that says something, without colours: often the reason of a failure."""
        return plain(self._last.decode("utf-8", "replace")).strip()

    def feed(self, data: bytes) -> None:
        """Writes the lines that are finished now and holds the rest."""
        data = self._held + data
        cut = data.rfind(b"\n") + 1
        if cut == 0 and len(data) > LONGEST_HELD:
            cut = _between_words(data)
        self._held = data[cut:]
        if cut:
            self._write(data[:cut])

    def line(self, text: str) -> None:
        """A line of our own, after whatever the child left unfinished."""
        if self._held:
            self.feed(b"\n")
        self.feed(text.encode("utf-8", "replace") + b"\n")

    def close(self) -> None:
        """Writes what is held, and returns when everything is on disk."""
        try:
            if self._held:
                held, self._held = self._held, b""
                self._write(held)
            os.fsync(self._file)
        finally:
            os.close(self._file)
            self._index.close()

    def _write(self, block: bytes) -> None:
        block = self._masker.mask_bytes(block)
        rest = memoryview(block)
        while rest:
            written = os.write(self._file, rest)
            rest = rest[written:]
        self.size += len(block)
        self._last = next((line for line in reversed(block[-2000:].split(b"\n")) if line.strip()), self._last)
        self._lines += block.count(b"\n")
        if block.endswith(b"\n"):
            self._index.note(self._lines, self.size)


def _between_words(data: bytes) -> int:
    """A cut that splits no secret: after the last blank, else everything."""
    blank = data.rfind(b" ", len(data) - 4096)
    return blank + 1 if blank > 0 else len(data)
