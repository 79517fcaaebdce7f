"""The media files below a directory, each once, in a stable order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from vpo_polling.jobs.kinds.media import is_media

Complain = Callable[[str, str], None]


def media_files(root: Path, complain: Complain) -> Iterator[Path]:
    """Yields paths below `root`; `complain(path, why)` hears of directories that can't be read.

    Symbolic links to directories are not followed: what they point to inside the root is walked under its own
    name, and what lies outside is none of this scan's business. So there are no loops either, except by
    mounts, which the set of visited directories ends.
    """
    root = Path(os.path.realpath(root))
    visited: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            complain(str(folder), error.strerror or str(error))
            continue
        folders = []
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif is_media(entry.name) and (not entry.is_symlink() or _is_wanted_link(entry, root)):
                yield Path(entry.path)
        pending.extend(reversed(folders))


def _is_wanted_link(entry: os.DirEntry[str], root: Path) -> bool:
    """A link to a file inside the root that the walk would not find under its own name, or a broken one."""
    target = Path(os.path.realpath(entry.path))
    if root != target and root not in target.parents:
        return False
    return not target.exists() or (target.is_file() and not is_media(target.name))
