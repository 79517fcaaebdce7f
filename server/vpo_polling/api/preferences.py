"""What a request would like where that is possible: to wait (RFC 7240), and only what changed (RFC 3229)."""

from __future__ import annotations

import re

from starlette.types import Scope

from vpo_polling.wire import header

MAX_WAIT_S = 25
_PART = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_ROWS = re.compile(r"(?:^|,)\s*vpo-rows\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?=,|$)")


def preferred_wait(scope: Scope) -> int | None:
    """Seconds, at most 25. None where nothing readable is preferred; the first counts (RFC 7240, 2)."""
    for part in _PART.findall(header(scope, b"prefer")):
        name, _, value = part.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            text = value.strip().strip('"')
            return min(int(text), MAX_WAIT_S) if _NUMBER.fullmatch(text) else None
    return None


def wants_rows(scope: Scope) -> bool:
    """Whether `A-IM` names the deltas that we make."""
    return _ROWS.search(header(scope, b"a-im")) is not None
