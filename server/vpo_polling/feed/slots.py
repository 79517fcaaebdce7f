"""What the feed keeps: one slot per distinct query, the least recently asked given up first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from vpo_polling.feed.deltas import Bases
from vpo_polling.feed.entry import Entry
from vpo_polling.store import Query


@dataclass
class Slot:
    query: Query
    entry: Entry | None = None
    reading: asyncio.Task[Entry | None] | None = None
    not_before: float = 0.0
    """Loop time before which the database is not read again."""

    waiters: set[asyncio.Future[None]] = field(default_factory=set)
    bases: Bases | None = None
    """Earlier answers; only of queries whose answers have rows."""

    def __post_init__(self) -> None:
        if self.query.rows is not None:
            self.bases = Bases(*self.query.rows)

    @property
    def is_idle(self) -> bool:
        return self.reading is None and not self.waiters

    def is_fresh(self, wanted: int, wall_ms: int) -> bool:
        if self.entry is None or self.entry.revision < wanted:
            return False
        # Longer than any answer of this kind is kept: the clock was set back.
        return self.entry.expires is None or 0 < self.entry.expires - wall_ms <= self.query.lifetime_ms

    def wake(self) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)


class Slots:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots: OrderedDict[Query, Slot] = OrderedDict()
        self._by_topic: dict[str, dict[Query, Slot]] = {}

    def __iter__(self) -> Iterator[Slot]:
        return iter(list(self._slots.values()))

    def __len__(self) -> int:
        return len(self._slots)

    def get(self, query: Query) -> Slot:
        slot = self._slots.get(query)
        if slot is None:
            slot = self._slots[query] = Slot(query)
            self._by_topic.setdefault(query.topic, {})[query] = slot
            self._evict()
        self._slots.move_to_end(query)
        return slot

    def drop(self, slot: Slot) -> None:
        if self._slots.get(slot.query) is not slot:
            return
        del self._slots[slot.query]
        siblings = self._by_topic[slot.query.topic]
        del siblings[slot.query]
        if not siblings:
            del self._by_topic[slot.query.topic]

    def topics(self) -> list[str]:
        """May be called from any thread: copying the keys is one step of the interpreter."""
        return list(self._by_topic)

    def of(self, topic: str) -> list[Slot]:
        return list(self._by_topic.get(topic, {}).values())

    def _evict(self) -> None:
        excess = len(self._slots) - self._limit
        if excess <= 0:
            return
        *older, _newest = self._slots.values()
        for slot in [slot for slot in older if slot.is_idle][:excess]:
            self.drop(slot)
