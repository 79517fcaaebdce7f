"""Notices that logs grow: one look at each that somebody waits for, however many wait."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vpo_polling.access.holds import Hold
from vpo_polling.logs.paths import LogPaths

LOOK_EVERY_S = 0.1
T = TypeVar("T")
Find = Callable[[], Awaitable[tuple[LogPaths, object]]]
"""Where the log is at present, and whatever else its answers depend on."""


@dataclass
class Watched:
    find: Find
    seen: object = None
    round: int = 0
    """Counts the changes that were noticed."""

    viewers: int = 0
    waiters: set[asyncio.Future[None]] = field(default_factory=set)
    reads: dict[Hashable, asyncio.Task[Any]] = field(default_factory=dict)

    async def changed(self, hold: Hold) -> None:
        """Returns at the next change, or when `hold` is over."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiters.add(woken)
        try:
            await hold.wait(woken)
        finally:
            self.waiters.discard(woken)

    async def shared(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` gives, for everybody who asks this since the last change."""
        key = (self.round, question)
        reading = self.reads.get(key)
        if reading is None:
            reading = self.reads[key] = asyncio.ensure_future(read())
            reading.add_done_callback(lambda _: self.reads.pop(key))
        result: T = await asyncio.shield(reading)
        return result

    def change(self, seen: object) -> None:
        self.seen = seen
        self.round += 1
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)


class LogWatch:
    """Belongs to one event loop."""

    def __init__(self, look_every_s: float = LOOK_EVERY_S) -> None:
        self._look_every_s = look_every_s
        self._watched: dict[Hashable, Watched] = {}
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, key: Hashable, find: Find) -> AsyncIterator[Watched]:
        """What changed before the first look counts as a change, so nothing falls in between."""
        watched = self._watched.setdefault(key, Watched(find))
        watched.viewers += 1
        if self._looking is None:
            self._looking = asyncio.ensure_future(self._look())
        try:
            yield watched
        finally:
            watched.viewers -= 1
            if not watched.viewers:
                del self._watched[key]

    async def _look(self) -> None:
        try:
            while self._watched:
                await asyncio.sleep(self._look_every_s)
                here = list(self._watched.values())
                found = [await _found(watched.find) for watched in here]
                looks = await asyncio.to_thread(lambda found=found: [look(place) for place, _ in found])  # type: ignore[misc]
                for watched, (_, other), files in zip(here, found, looks, strict=True):
                    if watched.seen != (other, files):
                        watched.change((other, files))
        finally:
            self._looking = None


async def _found(find: Find) -> tuple[LogPaths | None, object]:
    """That a log is gone, or the database does not answer, is for those who wait to find out."""
    try:
        return await find()
    except Exception as error:
        return None, str(error)


def look(paths: LogPaths | None) -> object:
    """Differs when the log has grown, was replaced or packed, or its writer has ended."""
    if paths is None:
        return None
    looks: list[tuple[int, int, int] | None] = []
    for path in (paths.log, paths.packed, paths.start, paths.exit):
        status = None
        with suppress(OSError):
            found = os.stat(path)
            status = (found.st_ino, found.st_size, found.st_mtime_ns)
        looks.append(status)
    return looks
