"""Small tools for plain ASGI: what the live endpoints use in place of request and response objects."""

from __future__ import annotations

from typing import NamedTuple

from starlette.types import Scope, Send

Headers = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json; charset=utf-8")
NO_STORE = (b"cache-control", b"no-store")


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes


def header(scope: Scope, name: bytes) -> str:
    """All values of a request header, joined as HTTP allows it; empty when there is none."""
    found = None
    for key, value in scope["headers"]:
        if key == name:
            found = value if found is None else found + b", " + value
    return "" if found is None else str(found, "latin-1")


def has_header(scope: Scope, name: bytes) -> bool:
    return any(key == name for key, _value in scope["headers"])


def route_path(scope: Scope) -> str:
    """The path below the prefix that this application is mounted at."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path


def accepts(scope: Scope, media_type: str) -> bool:
    """Whether the request names this media type itself; wildcards name nothing."""
    ranges = (part.split(";", 1)[0].strip().lower() for part in header(scope, b"accept").split(","))
    return media_type in ranges


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    headers = answer.headers
    if answer.status not in (204, 304):
        headers = [*headers, (b"content-length", str(len(answer.body)).encode())]
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
