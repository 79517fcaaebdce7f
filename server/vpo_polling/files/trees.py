"""One ready list per project directory, however many viewers ask; watched only while somebody waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from vpo_polling.feed.deltas import Bases, Delta
from vpo_polling.feed.entry import Entry, canonical, compress, weak_tag
from vpo_polling.feed.feed import FOREVER, Ending
from vpo_polling.files.snapshot import IGNORED, Files, snapshot
from vpo_polling.store.values import instant

MIN_SPACING_S = 0.1
SPACING_FACTOR = 4
LOOK_MS = 1000
"""What happened before the watching began is found after this at the latest."""


@dataclass(frozen=True)
class Tree:
    """The files of a project. Equal ones share an answer."""

    project_id: str
    root: Path


@dataclass
class _Slot:
    tree: Tree
    files: Files = field(default_factory=dict)
    entry: Entry | None = None
    reading: asyncio.Task[Entry] | None = None
    not_before: float = 0.0
    waiters: set[asyncio.Future[None]] = field(default_factory=set)
    watching: asyncio.Task[None] | None = None
    bases: Bases = field(default_factory=lambda: Bases("files", "path"))


class Trees:
    """Belongs to one event loop."""

    def __init__(self, build: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._build = build.encode()
        self._clock = clock
        self._slots: dict[Tree, _Slot] = {}

    async def read(self, tree: Tree) -> Entry:
        """The files as they are, or were a moment ago: a large directory is not read again at once."""
        slot = self._slots.setdefault(tree, _Slot(tree))
        if slot.entry is not None and self._clock() < slot.not_before:
            return slot.entry
        return await self._look(slot)

    async def files(self, tree: Tree) -> Files:
        await self.read(tree)
        return self._slots[tree].files

    async def changed(self, tree: Tree, etag: str, until: Ending = FOREVER) -> Entry:
        """The first answer whose ETag is not `etag`, or the present one when `until` is over."""
        slot = self._slots.setdefault(tree, _Slot(tree))
        while True:
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            slot.waiters.add(woken)
            if slot.watching is None or slot.watching.done():
                slot.watching = asyncio.get_running_loop().create_task(self._watch(slot))
            try:
                if slot.entry is not None and (slot.entry.etag != etag or until.is_over):
                    return slot.entry
                await until.wait(woken, None)
            finally:
                slot.waiters.discard(woken)
                if not slot.waiters and slot.watching is not None:
                    slot.watching.cancel()
                    slot.watching = None

    def delta(self, tree: Tree, entry: Entry, base: str) -> Delta | None:
        return self._slots[tree].bases.to(entry, base)

    async def _watch(self, slot: _Slot) -> None:
        """Looks once the watching has begun, and whenever something happens."""
        has_looked = False
        root = slot.tree.root
        ignored = DefaultFilter(ignore_dirs=tuple(IGNORED), ignore_entity_patterns=())
        with suppress(FileNotFoundError):
            async for happened in awatch(
                root, watch_filter=ignored, debounce=50, step=20, rust_timeout=LOOK_MS, yield_on_timeout=True
            ):
                if happened or not has_looked:
                    has_looked = True
                    await asyncio.sleep(max(0.0, slot.not_before - self._clock()))
                    await self._look(slot)

    async def _look(self, slot: _Slot) -> Entry:
        if slot.reading is None:
            slot.reading = asyncio.get_running_loop().create_task(self._read(slot))
        return await asyncio.shield(slot.reading)

    async def _read(self, slot: _Slot) -> Entry:
        began = self._clock()
        try:
            files, entry = await asyncio.to_thread(self._produce, slot.tree)
        finally:
            slot.reading = None
        ended = self._clock()
        slot.not_before = ended + max(MIN_SPACING_S, SPACING_FACTOR * (ended - began))
        before, slot.files, slot.entry = slot.entry, files, entry
        if before is not None and before.etag != entry.etag:
            slot.bases.keep(before)
            for waiter in slot.waiters:
                if not waiter.done():
                    waiter.set_result(None)
        return entry

    def _produce(self, tree: Tree) -> tuple[Files, Entry]:
        files, is_cut = snapshot(tree.root)
        rows = [
            {
                "path": path,
                "version": file.version,
                "last_modified": instant(max(0, file.modified_ms)),
                "size": file.size,
            }
            for path, file in files.items()
        ]
        body = canonical(
            {"project_id": tree.project_id, "files": rows, "total": len(rows), "truncated": is_cut}
        )
        return files, Entry(weak_tag(body, self._build), body, compress(body), 0, None)
