"""A log with its writer, as a shim has it, and answers small enough for random tests."""

from __future__ import annotations

import gzip
import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from vpo_polling import logs
from vpo_polling.jobs.masking import Masker
from vpo_polling.logs import archive, cursor, index, lines, members, search, source, text
from vpo_polling.logs.paths import LogPaths, write_record
from vpo_polling.logs.writer import LogWriter

JOB = str(uuid.UUID(int=7))


@dataclass
class Place:
    data_dir: Path


class Log:
    """A log with its writer, as a shim has it."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        self.paths = LogPaths.of(folder, JOB, 1)
        self.paths.folder.mkdir(parents=True, exist_ok=True)
        self.writer = LogWriter(self.paths, Masker())
        write_record(self.paths.start, self.writer.identity)

    def packed(self) -> None:
        assert archive.compress(self.paths, ended=True)

    def appended(self, data: bytes) -> None:
        """Past the writer, which holds unfinished lines back."""
        with self.paths.log.open("ab") as file:
            file.write(data)

    def close(self) -> None:
        self.writer.close()
        write_record(self.paths.exit, {"reason": "exited"})

    def read(self, ended: bool = False, **params: str | int) -> dict[str, Any]:
        asked = {name: str(value) for name, value in params.items()}
        return logs.read(self.place, JOB, 1, asked, ended)

    @property
    def content(self) -> bytes:
        """What the log says, wherever it is."""
        if self.paths.log.exists():
            return self.paths.log.read_bytes()
        return gzip.decompress(self.paths.packed.read_bytes())


@contextmanager
def small(**sizes: int) -> Iterator[None]:
    """The sizes that cuts are made at, in every module that knows them: `MAX_ANSWER`, `MEMBER`, …"""
    modules = (archive, cursor, index, lines, members, search, source, text)
    with ExitStack() as patched:
        for name, size in sizes.items():
            for module in modules:
                if hasattr(module, name):
                    patched.enter_context(mock.patch.object(module, name, size))
        yield


def small_answers(size: int) -> AbstractContextManager[None]:
    return small(MAX_ANSWER=size)


@contextmanager
def counted_reads() -> Iterator[list[int]]:
    """Bytes asked of the disk, read by read."""
    counts: list[int] = []
    real = os.pread

    def pread(file: int, count: int, offset: int) -> bytes:
        counts.append(count)
        return real(file, count, offset)

    with mock.patch.object(os, "pread", pread):
        yield counts
