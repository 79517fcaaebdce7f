"""A log that arrives in pieces over HTTP. Each says at which byte it begins: none is kept twice or lost.

Offsets count the bytes as they are sent; what is kept has its secrets masked and may have another length.
Only whole lines are kept, unless the piece is the last one: the reporter sends an unfinished line again, from
the offset that it is told.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vpo_polling.jobs.masking import Masker
from vpo_polling.logs.index import IndexWriter
from vpo_polling.logs.paths import LogPaths, read_record, write_record
from vpo_polling.logs.text import whole_characters
from vpo_polling.store.reported.outcomes import Closed, Gap

LONGEST_HELD = 64 * 1024
"""A line that is longer arrives in pieces."""


@dataclass(frozen=True)
class Stored:
    offset: int
    """Where the next piece begins."""
    complete: bool


def append(paths: LogPaths, data: bytes, offset: int, *, is_last: bool) -> Stored:
    """Blocks; the same log must not be appended to at the same time. Raises Gap, Closed and OSError."""
    known = read_record(paths.start) or {}
    record = {**_BEGINNING, **known} if _is_whole(paths, known) else _begin(paths)
    received: int = record["received"]
    if offset > received:
        raise Gap("Bytes", received)
    data = data[received - offset :]
    if record["complete"]:
        if data:
            raise Closed("This log is complete")
        return Stored(received, True)
    taken = len(data) if is_last else _whole_lines(data)
    if taken or is_last:
        record = _write(paths, record, data[:taken], is_last=is_last)
    return Stored(record["received"], is_last)


_BEGINNING: dict[str, Any] = {
    "received": 0,
    "written": 0,
    "lines": 0,
    "noted": 0,
    "in_key": False,
    "complete": False,
}


def _is_whole(paths: LogPaths, record: dict[str, Any]) -> bool:
    """Whether all that the record speaks of is there."""
    if "received" not in record:
        return False
    if record.get("complete"):
        return True
    try:
        status = os.stat(paths.log)
    except OSError:
        return False
    return status.st_size >= record.get("written", 0) and status.st_ino == record.get("inode")


def _begin(paths: LogPaths) -> dict[str, Any]:
    paths.folder.mkdir(parents=True, exist_ok=True)
    for old in (paths.packed, paths.members, paths.exit):
        old.unlink(missing_ok=True)
    file = os.open(paths.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        inode = os.fstat(file).st_ino
    finally:
        os.close(file)
    record = {**_BEGINNING, "gen": f"{paths.stem}-{os.urandom(4).hex()}", "inode": inode}
    write_record(paths.start, record)
    return record


def _write(paths: LogPaths, record: dict[str, Any], data: bytes, *, is_last: bool) -> dict[str, Any]:
    masker = Masker()
    masker.in_key = record["in_key"]
    block = masker.mask_bytes(data)
    file = os.open(paths.log, os.O_WRONLY | os.O_CLOEXEC)
    try:
        # A piece that was written when the process was killed, and not yet counted, comes again.
        os.ftruncate(file, record["written"])
        os.lseek(file, record["written"], os.SEEK_SET)
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
    record = {
        **record,
        "received": record["received"] + len(data),
        "written": record["written"] + len(block),
        "lines": record["lines"] + block.count(b"\n"),
        "in_key": masker.in_key,
        "complete": is_last,
    }
    if block.endswith(b"\n"):
        index = IndexWriter(paths.index, record["gen"], record["noted"])
        index.note(record["lines"], record["written"])
        record["noted"] = index.noted
        index.close()
    if is_last:
        record["size"] = record["written"]
    write_record(paths.start, record)
    if is_last:
        with suppress(OSError):  # readers then learn of it when the job ends
            write_record(paths.exit, {})
    return record


def _whole_lines(data: bytes) -> int:
    """How many of the bytes can be kept now."""
    end = data.rfind(b"\n") + 1
    if len(data) - end <= LONGEST_HELD:
        return end
    rest = data[end:]
    masker = Masker()
    cut = masker.safe_cut(rest, LONGEST_HELD) or len(rest)
    return end + whole_characters(rest[:cut])
