"""A ready answer: canonical bytes, their compressed form, and the ETag that stands for them."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from typing import Any

MIN_GZIP = 512


@dataclass(frozen=True)
class Entry:
    etag: str
    body: bytes

    gzip: bytes | None
    """None where compression would save nothing."""

    revision: int
    """Of the query's topic, read in the same snapshot as the rows."""

    expires: int | None
    """Wall clock, ms: from then on the same rows may give another answer."""

    def data(self) -> Any:
        """The answer itself, for whoever paints a page from it."""
        return load(self.body)


def compress(body: bytes) -> bytes | None:
    if len(body) < MIN_GZIP:
        return None
    packed = gzip.compress(body, 5, mtime=0)
    return packed if len(packed) < len(body) else None


def load(body: bytes) -> Any:
    """The inverse of `canonical`, lone surrogates included."""
    return json.loads(body)


def canonical(data: object) -> bytes:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def weak_tag(*parts: bytes) -> str:
    """Says what is shown: equal in every process that shows the same."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return f'W/"{digest.hexdigest()}"'


def version_tag(what: str, version: int, build: bytes) -> str:
    """Of a thing that counts its changes: two of its tags say what has changed in between."""
    return f'{weak_tag(what.encode(), build)[:-1]}-{version}"'


def version_since(etag: str, earlier: str) -> int | None:
    """Which version of the same thing the opaque part of an earlier tag stands for."""
    what, _, version = etag.removeprefix("W/").strip('"').rpartition("-")
    before, _, known = earlier.rpartition("-")
    is_known = before == what and known.isascii() and known.isdecimal() and len(known) < 16
    return int(known) if is_known and int(known) <= int(version) else None
