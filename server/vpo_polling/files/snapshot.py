"""The files below a directory at one moment, each with a number that another content has another of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vpo_polling.store.values import instant

MAX_FILES = 20_000
IGNORED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"})
"""Directories that nobody wants to see, and that would fill the list alone."""


@dataclass(frozen=True)
class File:
    version: int
    modified_ms: int
    size: int


Files = dict[str, File]


def snapshot(root: Path) -> tuple[Files, bool]:
    """By path below the root, in the order of names, and whether there are more. Links aren't followed.

    The version follows from what the file system says: it is the same in every process and after a restart.
    """
    files: Files = {}
    for path, status in _walk(root, ""):
        if len(files) == MAX_FILES:
            return files, True
        files[path] = File(_version(status), status.st_mtime_ns // 1_000_000, status.st_size)
    return files, False


def changes(
    files: Mapping[str, File], since: Mapping[str, int], only: Collection[str]
) -> list[dict[str, Any]]:
    """What differs from the versions that the asker has; of `only` those paths, where any are named."""
    wanted = list(dict.fromkeys(only)) if only else sorted({*files, *since})
    return [change for path in wanted if (change := _change(path, files.get(path), since.get(path)))]


def _change(path: str, file: File | None, known: int | None) -> dict[str, Any] | None:
    if file is None:
        gone = {"last_modified": None, "version": None}
        return {"path": path, **gone, "change_type": "deleted"}
    if known == file.version:
        return None
    kind = "created" if known is None else "modified"
    at = instant(max(0, file.modified_ms))
    return {"path": path, "last_modified": at, "version": file.version, "change_type": kind}


def _walk(folder: Path, below: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return  # gone meanwhile, or not ours to read
    for entry in entries:
        path = below + entry.name.encode("utf-8", "backslashreplace").decode()
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in IGNORED:
                    yield from _walk(Path(entry.path), f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                yield path, entry.stat(follow_symlinks=False)
        except OSError:
            continue


def _version(status: os.stat_result) -> int:
    """48 bits, which every reader of JSON can hold."""
    facts = f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"
    return int.from_bytes(hashlib.blake2b(facts.encode(), digest_size=6).digest(), "big")
