"""The writing end of a log: whole lines, masked, with a sparse index, one writer per attempt."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from vpo_polling.amounts import size_text
from vpo_polling.jobs.masking import Masker
from vpo_polling.logs.index import IndexWriter
from vpo_polling.logs.paths import LogPaths, read_record, write_record
from vpo_polling.logs.plain import plain
from vpo_polling.logs.text import whole_characters

# A line that never ends is written in pieces of this size, so that memory stays bounded.
LONGEST_HELD = 64 * 1024
_READ = 64 * 1024
_LIMIT_REACHED = "… log limit reached ({}): what follows is not kept"
_NOT_KEPT = "… {} bytes with {} line ends were not kept"


class LogWriter:
    """`limit`: bytes of output that are kept; 0 keeps all. What comes after them is read and only counted."""

    def __init__(self, paths: LogPaths, masker: Masker, limit: int = 0) -> None:
        for old in (paths.packed, paths.members):
            old.unlink(missing_ok=True)
        self._paths = paths
        self._gen = _new_generation(paths)
        self._file = _opened(paths, os.O_TRUNC)
        self._inode = os.fstat(self._file).st_ino
        self._index = IndexWriter(paths.index, self._gen)
        self._masker = masker
        self._limit = limit
        self._held = b""
        self._swallows = False
        self._lines = 0
        self._ends_line = True
        self.size = 0
        self._last = b""
        self._dropped_bytes = 0
        self._dropped_lines = 0

    @property
    def identity(self) -> dict[str, Any]:
        """Belongs into the record beside the log: what byte offsets refer to."""
        return {"gen": self._gen, "inode": self._inode}

    @property
    def last_line(self) -> str:
        """The last line that says something, without colours: often the reason of a failure."""
        return plain(self._last.decode("utf-8", "replace")).strip()

    def feed(self, data: bytes) -> None:
        """Writes the lines that are finished now and holds the rest."""
        if self._swallows:
            data = self._after_secret(data)
        data = self._held + data
        cut = data.rfind(b"\n") + 1
        if cut:
            self._write(self._masker.mask_bytes(data[:cut]))
        while len(data) - cut > LONGEST_HELD + self._masker.lookahead:
            cut = self._write_part(data, cut)
        self._held = data[cut:]

    def line(self, text: str) -> None:
        """A line of our own, after whatever the child left unfinished; kept also where the log is full."""
        if self._held:
            self.feed(b"\n")
        self._swallows = False
        self._append(self._masker.mask_bytes(text.encode("utf-8", "replace") + b"\n"))

    def close(self) -> None:
        """Writes what is held, and returns when everything is on disk."""
        try:
            if self._held:
                held, self._held = self._held, b""
                self._write(self._masker.mask_bytes(held))
            if self._dropped_bytes:
                self._append(f"{_NOT_KEPT.format(self._dropped_bytes, self._dropped_lines)}\n".encode())
            os.fsync(self._file)
            with suppress(OSError):  # it only makes later changes of the file visible
                self._tell(size=self.size)
        finally:
            os.close(self._file)
            self._index.close()

    def _write_part(self, data: bytes, begin: int) -> int:
        """Of a line that is too long to be held: up to a place that is in no secret. Returns that place."""
        rest = data[begin:]
        cut = self._masker.safe_cut(rest, LONGEST_HELD)
        if cut == 0:
            # A secret that has not ended yet: it is masked, and dropped up to the end of the line.
            self._swallows = True
            cut = len(rest)
        self._write(self._masker.mask_bytes(rest[:cut]))
        if self._swallows:
            self._masker.pass_over(rest)
        return begin + cut

    def _after_secret(self, data: bytes) -> bytes:
        end = data.find(b"\n")
        self._swallows = end < 0
        self._masker.pass_over(data if end < 0 else data[: end + 1])
        return data[end:] if end >= 0 else b""

    def _write(self, block: bytes) -> None:
        """Output of the child, already masked."""
        if self._limit and self.size + len(block) > self._limit:
            block = self._fitting(block)
        if block:
            self._append(block)

    def _fitting(self, block: bytes) -> bytes:
        """What is still kept; the first time that something is not, a line says so."""
        self._note_last(block)
        is_first, kept = self._dropped_bytes == 0, b""
        if is_first:
            kept = block[: max(0, self._limit - self.size)]
            cut = kept.rfind(b"\n") + 1
            # Whole lines, unless of a single one there would be nothing.
            kept = kept[: cut if cut or (self._ends_line and self.size) else whole_characters(kept)]
        self._dropped_bytes += len(block) - len(kept)
        self._dropped_lines += block.count(b"\n", len(kept))
        if is_first:
            kept += b"" if kept.endswith(b"\n") or (not kept and self._ends_line) else b"\n"
            kept += f"{_LIMIT_REACHED.format(size_text(self._limit))}\n".encode()
        return kept

    def _append(self, block: bytes) -> None:
        self._notice_changes()
        rest = memoryview(block)
        while rest:
            written = os.write(self._file, rest)
            self.size += written
            rest = rest[written:]
        self._note_last(block)
        self._ends_line = block.endswith(b"\n")
        self._lines += block.count(b"\n")
        if self._ends_line:
            self._index.note(self._lines, self.size)

    def _note_last(self, block: bytes) -> None:
        self._last = next((line for line in reversed(block[-2000:].split(b"\n")) if line.strip()), self._last)

    def _notice_changes(self) -> None:
        """Nobody else writes here: another size or file means truncated, rotated, replaced or removed."""
        try:
            now = os.stat(self._paths.log)
        except FileNotFoundError:
            now = None
        if now is not None and (now.st_ino, now.st_size) == (self._inode, self.size):
            return
        if now is None or now.st_ino != self._inode:
            self._paths.folder.mkdir(parents=True, exist_ok=True)
            file = _opened(self._paths, 0)
            os.close(self._file)
            self._file = file
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Another generation, which readers hear of before they can read its first byte of ours."""
        status = os.fstat(self._file)
        self._gen = _new_generation(self._paths)
        self._inode, self.size = status.st_ino, status.st_size
        self._lines, self._ends_line = _count(self._paths, self.size)
        self._index.begin_anew(self._gen, self.size)
        self._tell()

    def _tell(self, **more: Any) -> None:
        record = read_record(self._paths.start) or {}
        write_record(self._paths.start, {**record, **self.identity, **more})


def _new_generation(paths: LogPaths) -> str:
    return f"{paths.attempt}-{os.urandom(4).hex()}"


def _opened(paths: LogPaths, more: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | more
    return os.open(paths.log, flags, 0o644)


def _count(paths: LogPaths, size: int) -> tuple[int, bool]:
    """Lines of what others left there, and whether it ends with one."""
    lines, last = 0, b"\n"
    with paths.log.open("rb") as file:
        while size > 0 and (block := file.read(min(_READ, size))):
            lines += block.count(b"\n")
            last = block[-1:]
            size -= len(block)
    return lines, last == b"\n"
