"""What changed between two answers to one query (RFC 3229): whole rows, and the other members that differ."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from vpo_polling.feed.entry import Entry, canonical, compress, load

MAX_BASES = 16
"""Of one query. A viewer that is further behind gets the whole answer, which is then not much longer."""
MAX_BASE_BYTES = 1024 * 1024

Json = dict[str, Any]


@dataclass(frozen=True)
class Delta:
    base: str
    """ETag of the answer that it applies to."""

    body: bytes
    gzip: bytes | None


class Bases:
    """Earlier answers to one query, the oldest forgotten first, and the way from each to the present one."""

    def __init__(self, rows: str, key: str) -> None:
        self._rows = rows
        self._key = key
        self._bases: OrderedDict[str, bytes] = OrderedDict()
        self._deltas: dict[str, Delta | None] = {}

    def keep(self, entry: Entry) -> None:
        """`entry` is no longer the present answer."""
        self._deltas.clear()
        self._bases.pop(entry.etag, None)
        self._bases[entry.etag] = entry.body
        while len(self._bases) > MAX_BASES or sum(map(len, self._bases.values())) > MAX_BASE_BYTES:
            self._bases.popitem(last=False)

    def to(self, entry: Entry, base: str) -> Delta | None:
        """Made once, however many viewers ask. None where the whole answer has to be given."""
        if base not in self._bases or base == entry.etag:
            return None
        if base not in self._deltas:
            self._deltas[base] = self._made(base, entry)
        return self._deltas[base]

    def _made(self, base: str, entry: Entry) -> Delta | None:
        before, after = load(self._bases[base]), load(entry.body)
        changes = difference(before, after, self._rows, self._key)
        if changes is None:
            return None
        body = canonical({"base": base, "etag": entry.etag, **changes})
        delta = Delta(base, body, compress(body))
        is_smaller = len(body) < len(entry.body) and len(delta.gzip or body) < len(entry.gzip or entry.body)
        return delta if is_smaller else None


def difference(before: Json, after: Json, rows: str, key: str) -> Json | None:
    """`{fields, rows, removed, order?}`, or None where `apply` would not give `after`, byte for byte."""
    old = {row[key]: row for row in before[rows]}
    new = {row[key]: row for row in after[rows]}
    if len(old) != len(before[rows]) or len(new) != len(after[rows]):
        return None
    changes: Json = {
        "fields": {
            name: value for name, value in after.items() if name != rows and _differs(before, after, name)
        },
        "rows": [row for name, row in new.items() if _differs(old, new, name)],
        "removed": [name for name in old if name not in new],
    }
    explained = [name for name in old if name in new] + [name for name in new if name not in old]
    if explained != list(new):
        changes["order"] = list(new)
    return changes if canonical(apply(before, changes, rows, key)) == canonical(after) else None


def apply(before: Json, changes: Json, rows: str, key: str) -> Json:
    """What a client makes of it: members and rows keep their places, new ones come last, or in `order`."""
    kept = {row[key]: row for row in before[rows]}
    for gone in changes["removed"]:
        del kept[gone]
    for row in changes["rows"]:
        kept[row[key]] = row
    return {**before, **changes["fields"], rows: [kept[name] for name in changes.get("order", kept)]}


def _differs(before: Json, after: Json, name: str) -> bool:
    """Byte for byte: 1, 1.0 and true are equal in Python and not in JSON."""
    return name not in before or canonical(before[name]) != canonical(after[name])
