"""Conditional and compressed answers, as RFC 9110 has them and as proxies bend them."""

from __future__ import annotations

import re

from starlette.types import Scope

from vpo_polling.feed import Entry
from vpo_polling.wire import JSON, Answer, Headers, header

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
# A proxy that compresses marks the tag: Apache `-gzip`, Jetty `--gzip`, others `;gzip`; nginx makes it weak.
_MARK = re.compile(r"(?:(?:--?|;)(?:gzip|br|zstd|deflate))+$")
_GZIP = re.compile(r"(?:^|,)\s*(?:x-)?(gzip|\*)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)

REVALIDATE: Headers = [(b"cache-control", b"private, no-cache"), (b"vary", b"Accept-Encoding")]


def matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison, without the marks that a compressing proxy leaves on a tag."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    return opaque(etag) in tags(if_none_match)


def tags(if_none_match: str) -> list[str]:
    """The opaque parts of its tags, without those marks."""
    return [_MARK.sub("", tag) for tag in _TAG.findall(if_none_match)]


def opaque(etag: str) -> str:
    return _MARK.sub("", etag.removeprefix("W/").strip('"'))


def accepts_gzip(accept_encoding: str) -> bool:
    weights = {name.lower(): _weight(q) for name, q in _GZIP.findall(accept_encoding)}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(q: str) -> float:
    try:
        return float(q) if q else 1.0
    except ValueError:
        return 0.0


def not_modified(etag: str) -> Answer:
    return Answer(304, [(b"etag", etag.encode()), *REVALIDATE], b"")


def respond(scope: Scope, entry: Entry) -> Answer:
    return respond_with(scope, entry.etag, entry.body, entry.gzip)


def respond_with(
    scope: Scope, etag: str, body: bytes, packed: bytes | None, content_type: tuple[bytes, bytes] = JSON
) -> Answer:
    tag = (b"etag", etag.encode())
    if matches(header(scope, b"if-none-match"), etag):
        return not_modified(etag)
    if packed is None or not accepts_gzip(header(scope, b"accept-encoding")):
        return Answer(200, [content_type, tag, *REVALIDATE], body)
    if not etag.startswith("W/"):
        # A strong tag names bytes, and these are others.
        tag = (b"etag", f'{etag[:-1]}-gzip"'.encode())
    return Answer(200, [content_type, tag, *REVALIDATE, (b"content-encoding", b"gzip")], packed)
