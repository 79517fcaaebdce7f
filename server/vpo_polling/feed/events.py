"""Server-sent events of a feed: each change is made into an event once, for all streams that show it.

The format is that of the HTML standard, section 9.2 (Server-sent events).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from vpo_polling.feed.entry import Entry, canonical
from vpo_polling.store import now_ms
from vpo_polling.store.values import instant


def event(name: str, data: bytes, event_id: str) -> bytes:
    """`data` is JSON on one line. An empty id makes the reader forget the last one."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event_id.encode(), name.encode(), data)


MAX_UPDATES = 100


class Streams:
    """The open streams of one server, at most `limit`. `sleep` (seconds) and `wall_ms` are its clocks."""

    def __init__(
        self,
        limit: int = 100,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        wall_ms: Callable[[], int] = now_ms,
    ) -> None:
        self.limit = limit
        self.sleep = sleep
        self._wall_ms = wall_ms
        self._open = 0
        self._updates: OrderedDict[str, bytes] = OrderedDict()

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Yields whether there is still room for one more stream, and keeps its place meanwhile."""
        if self._open >= self.limit:
            yield False
            return
        self._open += 1
        try:
            yield True
        finally:
            self._open -= 1

    def timestamp(self) -> str:
        return instant(self._wall_ms()) or ""

    def update(self, entry: Entry, event_id: str) -> bytes:
        """The answer as an event. Its `timestamp` is when this was first asked: soon after the change."""
        known = self._updates.get(entry.etag)
        if known is None:
            stamp = canonical({"timestamp": self.timestamp()})
            known = event("jobs_update", entry.body[:-1] + b"," + stamp[1:], event_id)
            self._updates[entry.etag] = known
            if len(self._updates) > MAX_UPDATES:
                self._updates.popitem(last=False)
        self._updates.move_to_end(entry.etag)
        return known
