"""Which build this is. Answers of different builds may differ in shape, so ETags contain it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from vpo_polling import __version__
from vpo_polling.resources import CHECKOUT, DIST, PACKAGE, TEMPLATES

_SUFFIXES = {".py", ".html", ".js", ".mjs", ".css", ".yaml", ".svg"}


@cache
def build() -> str:
    """The same in all processes of an installation, another when code, templates or bundles changed."""
    digest = hashlib.blake2b(digest_size=4)
    for place in (PACKAGE, TEMPLATES, DIST):
        for path in sorted(place.rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(place).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return f"{__version__}-{digest.hexdigest()}"


@cache
def git_hash() -> str | None:
    """The commit of a checkout, read from its files: the server starts no `git`."""
    try:
        return _commit(CHECKOUT / ".git")
    except OSError:
        return None


def _commit(folder: Path) -> str | None:
    head = (folder / "HEAD").read_text("ascii").strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    if (folder / name).is_file():
        return (folder / name).read_text("ascii").strip()
    for line in (folder / "packed-refs").read_text("ascii").splitlines():
        commit, _, reference = line.partition(" ")
        if reference == name:
            return commit
    return None
