"""One ready answer per distinct query, however many viewers ask for it.

A poll of an unchanged answer is a dictionary look-up. After a commit the first poll reads the database again,
and everybody who asks meanwhile waits for the same read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from vpo_polling.feed.deltas import Delta
from vpo_polling.feed.entry import Entry, canonical, compress, version_tag, weak_tag
from vpo_polling.feed.slots import Slot, Slots
from vpo_polling.feed.watcher import Watcher
from vpo_polling.store import DatabaseUnavailable, Query, Store, now_ms

MIN_SPACING_S = 0.1
SPACING_FACTOR = 4
MAX_ENTRIES = 1024
MAX_READINGS = 256
"""Different questions that wait for the database. One more would wait longer than its asker does."""

STALE_AFTER_S = 1.0
"""Where reads are so slow that their spacing is longer than this, the previous answer is given meanwhile."""


class Ending(Protocol):
    """When somebody who waits has waited long enough."""

    @property
    def is_over(self) -> bool: ...

    async def wait(self, woken: asyncio.Future[None], seconds: float | None) -> None:
        """Until `woken` is done, it is over, or so much time has passed."""


class _Forever:
    is_over = False

    async def wait(self, woken: asyncio.Future[None], seconds: float | None) -> None:
        await asyncio.wait([woken], timeout=seconds)


FOREVER: Ending = _Forever()


class Feed:
    """Belongs to one event loop: call it there, between `start` and `stop`."""

    def __init__(
        self,
        store: Store,
        build: str,
        *,
        wall_ms: Callable[[], int] = now_ms,
        max_entries: int = MAX_ENTRIES,
    ) -> None:
        self._store = store
        self._build = build.encode()
        self._wall_ms = wall_ms
        self._slots = Slots(max_entries)
        self._known: dict[str, int] = {}
        self._readings = 0
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="vpo-feed")
        self._watcher = Watcher(store.path, self._look_again)
        self._undo: Callable[[], None] = lambda: None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._undo = self._store.on_commit(self._tell)
        self._watcher.start()

    async def stop(self) -> None:
        self._undo()
        await asyncio.to_thread(self._watcher.stop)
        for slot in self._slots:
            if slot.reading is not None:
                slot.reading.cancel()
            slot.wake()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    async def read(self, query: Query) -> Entry | None:
        """The answer, no older than this call. None: no such job. Raises DatabaseUnavailable."""
        slot = self._slots.get(query)
        wanted = self._known.get(query.topic, 0)
        # A read that is under way may have begun before `wanted` was written; the one after it has not.
        for _ in range(2):
            if slot.is_fresh(wanted, self._wall_ms()):
                return slot.entry
            if slot.reading is None and self._readings >= MAX_READINGS:
                raise DatabaseUnavailable("The database has more to do than it can.")
            reading = self._begin_reading(slot)
            if slot.entry is not None and slot.not_before - self._loop.time() > STALE_AFTER_S:
                return slot.entry
            if await _result(reading, query.patience_s) is None:
                return None
        return slot.entry

    async def changed(self, query: Query, etag: str, until: Ending = FOREVER) -> Entry | None:
        """The first answer whose ETag is not `etag`, or the present one when `until` is over. No thread."""
        while True:
            slot = self._slots.get(query)
            woken: asyncio.Future[None] = self._loop.create_future()
            slot.waiters.add(woken)  # before the read, so that no change falls in between
            try:
                entry = await self.read(query)
                if entry is None or entry.etag != etag or until.is_over:
                    return entry
                left = None if entry.expires is None else max(0, entry.expires - self._wall_ms()) / 1000
                await until.wait(woken, left)
            finally:
                slot.waiters.discard(woken)

    def delta(self, query: Query, entry: Entry, base: str) -> Delta | None:
        """From the answer whose ETag is `base` to `entry`, where that is known and worth while."""
        bases = self._slots.get(query).bases
        return None if bases is None else bases.to(entry, base)

    def _begin_reading(self, slot: Slot) -> asyncio.Task[Entry | None]:
        if slot.reading is None:
            self._readings += 1
            slot.reading = self._loop.create_task(self._read(slot))
            slot.reading.add_done_callback(_retrieve)
        return slot.reading

    async def _read(self, slot: Slot) -> Entry | None:
        before = slot.entry
        try:
            await asyncio.sleep(max(0.0, slot.not_before - self._loop.time()))
            began = self._loop.time()
            entry = await self._loop.run_in_executor(self._threads, self._produce, slot.query, before)
            ended = self._loop.time()
            slot.not_before = ended + max(MIN_SPACING_S, SPACING_FACTOR * (ended - began))
            slot.entry = entry
        except BaseException:
            slot.wake()  # they ask again and hear the error themselves
            raise
        finally:
            slot.reading = None
            self._readings -= 1
        self._settle(slot, before)
        return entry

    def _settle(self, slot: Slot, before: Entry | None) -> None:
        """After a read: tell those who wait, unless they would see what they already see."""
        if slot.entry is None:
            slot.wake()
            self._slots.drop(slot)
            return
        self._note({slot.query.topic: slot.entry.revision})
        if before is not None and before.etag != slot.entry.etag:
            if slot.bases is not None:
                slot.bases.keep(before)
            slot.wake()
        self._rouse(slot)

    def _produce(self, query: Query, before: Entry | None) -> Entry | None:
        """In a thread: one snapshot, one serialisation, one compression."""
        now = self._wall_ms()
        data, revision = self._store.read(query, now=now)
        if data is None:
            return None
        body = canonical(data)
        identity = query.identity(data)
        if identity is None:
            etag = weak_tag(body, repr(query).encode(), self._build)
        else:
            etag = version_tag(*identity, self._build)
        if before is not None and before.etag == etag:
            return Entry(etag, before.body, before.gzip, revision, query.expires(now))
        return Entry(etag, body, compress(body), revision, query.expires(now))

    def _tell(self, revisions: Mapping[str, int]) -> None:
        """From any thread."""
        with suppress(RuntimeError):  # the loop has ended, and with it everybody who could want to know
            self._loop.call_soon_threadsafe(self._note, revisions)

    def _look_again(self) -> None:
        """From the watcher's thread. Queries newer than this list are read after the commit that was seen."""
        topics = self._slots.topics()
        if topics:
            self._tell(self._store.revisions(topics))

    def _note(self, revisions: Mapping[str, int]) -> None:
        for topic, revision in revisions.items():
            slots = self._slots.of(topic)
            if slots and revision > self._known.get(topic, 0):
                self._known[topic] = revision
                for slot in slots:
                    self._rouse(slot)
        if len(self._known) > 2 * len(self._slots) + 16:
            live = set(self._slots.topics())
            self._known = {topic: n for topic, n in self._known.items() if topic in live}

    def _rouse(self, slot: Slot) -> None:
        """Somebody waits for news of this query, and there may be some."""
        wanted = self._known.get(slot.query.topic, 0)
        if slot.waiters and slot.entry is not None and slot.entry.revision < wanted:
            self._begin_reading(slot)


async def _result(reading: asyncio.Task[Entry | None], patience_s: float) -> Entry | None:
    """Shielded: a viewer who goes away must not take the answer from the others."""
    try:
        return await asyncio.wait_for(asyncio.shield(reading), patience_s)
    except asyncio.TimeoutError:
        raise DatabaseUnavailable("The database takes too long.") from None


def _retrieve(task: asyncio.Task[Entry | None]) -> None:
    """Whoever waited has seen the error; when nobody did, it concerns nobody."""
    if not task.cancelled():
        task.exception()
