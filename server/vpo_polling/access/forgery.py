"""Against requests that another site makes with this browser's credentials."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from vpo_polling.wire import has_header, header

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
# No page can send the last two to another site without asking first.
BODY_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/x-ndjson",
    "application/octet-stream",
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def forgery(scope: Scope, *, has_token: bool) -> str | None:
    """Why this request must not have an effect, or None."""
    if scope["method"] in SAFE_METHODS:
        return None
    if not has_token and not _is_same_origin(scope):
        return (
            "This request may come from another site: send it from this server's own pages, "
            "with an Origin header that equals the host, or with a bearer token"
        )
    if _has_body(scope) and _media_type(scope) not in BODY_TYPES:
        return f"The body must be {BODY_TYPES[0]} or a plain form"
    return None


def _is_same_origin(scope: Scope) -> bool:
    if has_header(scope, b"sec-fetch-site"):
        return header(scope, b"sec-fetch-site").strip().lower() == "same-origin"
    if not has_header(scope, b"origin"):
        return False
    try:
        origin = urlsplit(header(scope, b"origin").strip().lower())
    except ValueError:
        return False
    default = _DEFAULT_PORTS.get(origin.scheme)
    host = header(scope, b"host").strip().lower()
    return default is not None and origin.netloc.removesuffix(default) == host.removesuffix(default)


def _has_body(scope: Scope) -> bool:
    return has_header(scope, b"transfer-encoding") or header(scope, b"content-length") not in ("", "0")


def _media_type(scope: Scope) -> str:
    return header(scope, b"content-type").split(";", 1)[0].strip().lower()
