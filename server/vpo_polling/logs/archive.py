"""Packs the log of an ended attempt: less than a tenth of the space, and every offset stays what it was.

Killed at any moment, it leaves a log that can be read: the packed one gets its name when it is whole and on
disk, and only then the plain one goes. What is left of an earlier try is overwritten.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from vpo_polling.logs import members
from vpo_polling.logs.identity import generation
from vpo_polling.logs.members import GZIP, MEMBER, Members
from vpo_polling.logs.paths import LogPaths, own_temporary, read_record, sync_folder, write_record

LEVEL = 6
_READ = 64 * 1024


def compress(paths: LogPaths, *, ended: bool, stop: Callable[[], bool] = lambda: False) -> bool:
    """True: the log is packed now. That nobody writes to it any more says `ended`, or its writer's record.

    False: it is still written, there is none, it changed meanwhile, or `stop` said so.
    """
    if not ended and not paths.exit.exists():
        return False
    try:
        source = os.open(paths.log, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        status = os.fstat(source)
        _settle(paths, status)
        temporary = _temporary(paths)
        target = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            found = _pack(source, target, stop)
            if found.size != status.st_size or not _is_same(paths.log, status):
                os.unlink(temporary)
                return False
            os.fsync(target)
            members.save(paths.members, target, found)
        finally:
            os.close(target)
    finally:
        os.close(source)
    os.replace(temporary, paths.packed)
    sync_folder(paths.folder)
    paths.index.unlink(missing_ok=True)
    for left_over in paths.folder.glob(f"{paths.stem}.*.tmp"):
        left_over.unlink(missing_ok=True)
    os.unlink(paths.log)
    sync_folder(paths.folder)
    return True


def unpack(paths: LogPaths) -> None:
    """Gives a log back that somebody else compressed, as far as it can be read."""
    temporary = own_temporary(paths.log)
    with paths.packed.open("rb") as packed, temporary.open("wb") as target:
        for data in _unpacked(packed.fileno()):
            target.write(data)
        target.flush()
        os.fsync(target.fileno())
    os.replace(temporary, paths.log)
    paths.packed.unlink(missing_ok=True)  # another reader may have been as quick
    paths.members.unlink(missing_ok=True)
    sync_folder(paths.folder)


def _settle(paths: LogPaths, status: os.stat_result) -> None:
    """The generation no longer depends on the plain file, which will be gone."""
    record = read_record(paths.start) or {}
    gen = generation(record, paths.attempt, status.st_ino, status.st_size)
    settled = {**record, "gen": gen, "size": status.st_size}
    settled.pop("inode", None)
    if settled != record:
        write_record(paths.start, settled)


def _pack(source: int, target: int, stop: Callable[[], bool]) -> Members:
    """Stops early when asked to: then the size tells."""
    found = Members.none()
    while not stop():
        data = os.pread(source, MEMBER, found.size)
        if not data:
            break
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        packed = packer.compress(data) + packer.flush()
        rest = memoryview(packed)
        while rest:
            rest = rest[os.write(target, rest) :]
        found.add(len(packed), len(data), data.count(b"\n"))
    return found


def _is_same(path: Path, before: os.stat_result) -> bool:
    try:
        now = os.stat(path)
    except FileNotFoundError:
        return False
    return (now.st_ino, now.st_size, now.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)


def _temporary(paths: LogPaths) -> Path:
    return paths.packed.with_name(f"{paths.packed.name}.tmp")


def _unpacked(file: int) -> Iterator[bytes]:
    position, waiting = 0, b""
    unpacker = zlib.decompressobj(GZIP)
    while True:
        if unpacker.eof:
            waiting, unpacker = unpacker.unused_data, zlib.decompressobj(GZIP)
        if not waiting:
            waiting = os.pread(file, _READ, position)
            position += len(waiting)
            if not waiting:
                return
        try:
            data = unpacker.decompress(waiting, MEMBER)
        except zlib.error:
            return
        waiting = unpacker.unconsumed_tail
        yield data
