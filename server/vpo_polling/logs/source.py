"""The bytes of a log, wherever they are: in the file that grows, or packed once it is closed."""

from __future__ import annotations

import errno
import logging
import os
import zlib
from contextlib import suppress
from typing import Protocol

from vpo_polling.logs import members
from vpo_polling.logs.archive import unpack
from vpo_polling.logs.paths import LogPaths

_log = logging.getLogger("vpo_polling.logs")


# Also where the path leads through a file or in a circle: the job's own error says that it wrote none.
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class LogDamaged(OSError):
    """A packed log is not what was written. Its index is made anew: open it again."""


class Source(Protocol):
    size: int
    inode: int | None
    """Of the file that grows; a packed log has its identity from the record beside it."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as far as there are any."""
        ...

    def close(self) -> None: ...


class Nothing:
    size = 0
    inode: int | None = None

    def read(self, start: int, end: int) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is open."""


class Plain:
    def __init__(self, paths: LogPaths) -> None:
        self._file = os.open(paths.log, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self._file)
        self.size = status.st_size
        self.inode: int | None = status.st_ino

    def read(self, start: int, end: int) -> bytes:
        return os.pread(self._file, end - start, start)

    def close(self) -> None:
        os.close(self._file)


class Packed:
    """Decompresses the members that hold what is asked for, and no others."""

    inode: int | None = None

    def __init__(self, paths: LogPaths) -> None:
        self._paths = paths
        self._file = os.open(paths.packed, os.O_RDONLY | os.O_CLOEXEC)
        self.members = members.load(paths.members, self._file) or members.rebuild(paths.members, self._file)
        self.size = self.members.size
        self._last: tuple[int, bytes] = (-1, b"")

    def read(self, start: int, end: int) -> bytes:
        pieces: list[bytes] = []
        end = min(end, self.size)
        while start < end:
            number = self.members.holding(start)
            begin = self.members.starts[number]
            piece = self._member(number)[start - begin : end - begin]
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        os.close(self._file)

    def _member(self, number: int) -> bytes:
        if self._last[0] != number:
            self._last = (number, self._unpacked(number))
        return self._last[1]

    def _unpacked(self, number: int) -> bytes:
        begin, after = self.members.packed[number : number + 2]
        first, last = self.members.starts[number : number + 2]
        unpacker = zlib.decompressobj(members.GZIP)
        try:
            data = unpacker.decompress(os.pread(self._file, after - begin, begin), last - first + 1)
        except zlib.error:
            data = b""
        # The end of a member is reached only when its checksum is right.
        if not unpacker.eof or len(data) != last - first:
            _log.warning("%s is damaged; what stands before the damage is shown.", self._paths.packed)
            raise LogDamaged(f"{self._paths.packed} is damaged.")
        return data


def open_source(paths: LogPaths, size: int | None) -> Source:
    """`size`: of the closed log, as far as that was written down."""
    # Packing removes the plain log only once the packed one is there, and unpacking the other way round: who
    # finds neither looks a second time.
    for _ in range(2):
        plain = _plain(paths)
        if plain is not None and size in (None, plain.size):
            return plain
        packed = _packed(paths)
        if packed is None:
            if plain is not None:
                return plain
        elif plain is not None and packed.size != size:
            packed.close()
            return plain
        elif plain is None and packed.members.longest > members.MEMBER:
            # Somebody else's gzip, which could only be read from its beginning.
            packed.close()
            with suppress(FileNotFoundError):  # another reader was quicker
                unpack(paths)
        else:
            if plain is not None:
                plain.close()
            return packed
    return Nothing()


def _plain(paths: LogPaths) -> Plain | None:
    try:
        return Plain(paths)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        return None


def _packed(paths: LogPaths) -> Packed | None:
    try:
        return Packed(paths)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        return None
