"""What a URL may ask for. Texts and defaults are those that VPO's clients know."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl

from vpo_polling.errors import ApiError, bad_request
from vpo_polling.store import JOB_TYPES, STATUSES, ListQuery
from vpo_polling.store.lists import CREATION, MAX_PAGE_SIZE, ORDERS, SINCE_MS, SORTS, Cursor
from vpo_polling.store.queries import canonical_id
from vpo_polling.store.stats import HOURS, StatsQuery
from vpo_polling.store.turns.queries import DEFAULT_LIMIT as PAGE_LIMIT
from vpo_polling.store.turns.queries import MAX_LIMIT as MAX_PAGE_LIMIT
from vpo_polling.store.turns.transcript import BEGINNING, Place

LIST_KEYS = ("status", "type", "since", "search", "sort", "order", "limit", "offset", "cursor")
STATS_KEYS = ("since",)
PAGE_KEYS = ("limit", "offset")
AFTER_KEYS = ("after",)
PLACE_KEYS = ("from",)
DEFAULT_LIMIT = 50
MAX_OFFSET = 2**53 - 1
MAX_SEARCH = 200
MAX_NAMED = 20
MAX_SHOWN = 100
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,1000}\s*")


def first_values(query_string: bytes) -> dict[str, str]:
    """A repeated key counts once, with its first value."""
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, errors="replace")
    return dict(reversed(pairs))


def list_query(values: dict[str, str], types: Collection[str] = JOB_TYPES) -> ListQuery:
    """Raises ApiError for what the list does not know. `types` are those that there may be jobs of."""
    refuse_unknown(values, LIST_KEYS)
    sort = _known(values.get("sort", ""), SORTS, CREATION)
    return ListQuery(
        status=_one_of("status", values, STATUSES),
        type=_one_of("type", values, types),
        since=_one_of("since", values, tuple(SINCE_MS)),
        search=values.get("search", "").strip()[:MAX_SEARCH] or None,
        sort=sort,
        order=_known(values.get("order", "").lower(), ORDERS, "desc"),
        limit=integer(values.get("limit"), DEFAULT_LIMIT, 1, MAX_PAGE_SIZE),
        offset=integer(values.get("offset"), 0, 0, MAX_OFFSET),
        cursor=_cursor(values.get("cursor", ""), sort),
    )


def stats_query(values: dict[str, str]) -> StatsQuery:
    """Raises ApiError."""
    refuse_unknown(values, STATS_KEYS)
    return StatsQuery(since=_one_of("since", values, tuple(HOURS)) or StatsQuery.since)


def _cursor(text: str, sort: str) -> Cursor | None:
    if not text:
        return None
    if sort != CREATION:
        raise bad_request(f"A cursor goes with sort={CREATION} only", "INVALID_PARAMETER")
    try:
        return Cursor.parse(text)
    except ValueError:
        raise bad_request(f"Invalid cursor value: {_cut(text)!r}", "INVALID_PARAMETER") from None


def refuse_unknown(values: dict[str, str], known: tuple[str, ...]) -> None:
    """Raises ApiError for parameters that mean nothing here."""
    unknown = sorted(set(values) - set(known))
    if unknown:
        named = [_cut(key) for key in unknown[:MAX_NAMED]]
        more = f" and {len(unknown) - MAX_NAMED} more" if len(unknown) > MAX_NAMED else ""
        raise bad_request(f"Unknown query parameters: {named}{more}", "UNKNOWN_PARAMETERS")


def known_id(text: str, what: str = "") -> str:
    """The id as it is stored; `what` says in a refusal what it would be the id of."""
    try:
        return canonical_id(text)
    except ValueError:
        name = f"{what} ID" if what else "ID"
        raise ApiError(400, "INVALID_ID_FORMAT", f"Invalid {name} format") from None


def page(values: dict[str, str]) -> dict[str, int]:
    """`limit` and `offset` of a list of projects, sessions or turns."""
    refuse_unknown(values, PAGE_KEYS)
    return {
        "limit": integer(values.get("limit"), PAGE_LIMIT, 1, MAX_PAGE_LIMIT),
        "offset": integer(values.get("offset"), 0, 0, MAX_OFFSET),
    }


def after(values: dict[str, str]) -> int:
    """The number that the asker knows; 0 when it knows nothing yet. Raises ApiError."""
    refuse_unknown(values, AFTER_KEYS)
    return whole_number("after", values.get("after", "0"))


def whole_number(name: str, text: str) -> int:
    """Of a parameter that can't be guessed. Raises ApiError."""
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise bad_request(f"Invalid {name} value: {_cut(text)!r}", "INVALID_PARAMETER")
    return int(text)


def place(values: dict[str, str]) -> Place:
    """Where a transcript is to begin (`from=TURN.BLOCK`). Raises ApiError."""
    refuse_unknown(values, PLACE_KEYS)
    text = values.get("from")
    if text is None:
        return BEGINNING
    try:
        return Place.parse(text)
    except ValueError:
        raise bad_request(f"Invalid from value: {_cut(text)!r}", "INVALID_PARAMETER") from None


def nothing(values: dict[str, str]) -> None:
    """Raises ApiError for any parameter."""
    refuse_unknown(values, ())


def _one_of(key: str, values: dict[str, str], allowed: Collection[str]) -> str | None:
    value = values.get(key, "")
    if value and value not in allowed:
        raise bad_request(f"Invalid {key} value: {_cut(value)!r}", "INVALID_PARAMETER")
    return value or None


def _cut(text: str) -> str:
    """A refusal need not repeat everything that was sent."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _known(value: str, allowed: tuple[str, ...], default: str) -> str:
    return value if value in allowed else default


def integer(text: str | None, default: int, low: int, high: int) -> int:
    if text is None or not _INTEGER.fullmatch(text):
        return default
    return max(low, min(high, int(text)))
