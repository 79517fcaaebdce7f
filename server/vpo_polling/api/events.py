"""The job list as a stream of server-sent events, in the format that VPO's clients read."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from vpo_polling.api.conditional import opaque
from vpo_polling.api.leaving import gone
from vpo_polling.api.live import asked_list
from vpo_polling.errors import not_found, shutting_down, too_many_streams
from vpo_polling.feed import Entry, canonical
from vpo_polling.feed.events import event
from vpo_polling.services import Services
from vpo_polling.store import DatabaseUnavailable, ListQuery
from vpo_polling.wire import Headers, header

HEARTBEAT_S = 15.0
SEND_PATIENCE_S = 10.0
"""A reader that takes nothing for so long is let go; it may come back with the id of its last event."""

RETRY_MS = 3000
MAX_RETRY_AFTER_S = 30
HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx would collect events until its buffer is full.
    (b"x-accel-buffering", b"no"),
]

T = TypeVar("T")


async def job_events(services: Services, scope: Scope, receive: Receive, send: Send) -> None:
    """Refused like the list itself until the first event; from then on trouble is an event too."""
    query = await asked_list(services, scope)
    if services.draining.is_set():
        raise shutting_down()
    with services.streams.place() as has_room:
        if not has_room:
            raise too_many_streams()
        entry = await services.feed.read(query)
        if entry is None:
            raise not_found()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        leaving = asyncio.ensure_future(gone(receive))
        draining = asyncio.ensure_future(services.draining.wait())
        try:
            stream = _Stream(services, query, entry, send, leaving, draining)
            await stream.run(header(scope, b"last-event-id").strip())
        finally:
            leaving.cancel()
            draining.cancel()


class _Stream:
    """One viewer. While a send waits, changes are not queued: the next event is what is shown then."""

    def __init__(
        self,
        services: Services,
        query: ListQuery,
        entry: Entry,
        send: Send,
        leaving: asyncio.Future[None],
        draining: asyncio.Future[Any],
    ) -> None:
        self._feed = services.feed
        self._streams = services.streams
        self._query = query
        self._entry = entry
        self._send = send
        self._leaving = leaving
        self._draining = draining
        self._failures = 0

    async def run(self, last_id: str) -> None:
        """Ends when the viewer leaves or takes nothing, and when the server ends."""
        said = await self._say(b"retry: %d\n" % RETRY_MS + self._greeting(last_id))
        while said:
            entry = await _unless(self._look(), self._leaving, self._draining)
            if self._leaving.done():
                return
            if self._draining.done():
                await self._say(self._closing(), is_last=True)
                return
            said = await self._say(self._event(entry))

    async def _look(self) -> Entry | None:
        """The next answer; the same one once there was no news for a while. None: the database fails."""
        try:
            if self._failures:
                await self._streams.sleep(self._retry_after())
                return await self._feed.read(self._query)
            changed = self._feed.changed(self._query, self._entry.etag)
            idle = asyncio.ensure_future(self._streams.sleep(HEARTBEAT_S))
            try:
                return await _unless(changed, idle) or self._entry
            finally:
                idle.cancel()
        except DatabaseUnavailable:
            return None

    def _greeting(self, last_id: str) -> bytes:
        """No history is kept: a viewer either has what is shown now, or gets all of it."""
        if last_id == self._id():
            return self._heartbeat()
        update = self._streams.update(self._entry, self._id())
        if not last_id:
            return update
        # Without an id: who is cut off between the two has nothing, and must not seem to have this state.
        return event("reset", self._stamp(), "") + update

    def _event(self, entry: Entry | None) -> bytes:
        if entry is None:
            self._failures += 1
            trouble = {"message": "Database not available", "retry_after": self._retry_after()}
            return event("trouble", canonical(trouble), self._id())
        is_same = entry.etag == self._entry.etag
        self._failures = 0
        self._entry = entry
        return self._heartbeat() if is_same else self._streams.update(entry, self._id())

    def _heartbeat(self) -> bytes:
        return event("heartbeat", self._stamp(), self._id())

    def _closing(self) -> bytes:
        """Random, so that viewers who were sent away together do not return together."""
        retry = b"retry: %d\n" % random.randint(1000, 5000)  # noqa: S311
        return retry + event("close", canonical({"reason": "server_shutdown"}), self._id())

    def _retry_after(self) -> int:
        """Seconds until the server itself looks again."""
        return min(5 * self._failures, MAX_RETRY_AFTER_S)

    def _stamp(self) -> bytes:
        return canonical({"timestamp": self._streams.timestamp()})

    def _id(self) -> str:
        return opaque(self._entry.etag)

    async def _say(self, body: bytes, *, is_last: bool = False) -> bool:
        """False: the viewer did not take it in time, or not before the server had to end."""
        message = {"type": "http.response.body", "body": body, "more_body": not is_last}
        patience = asyncio.ensure_future(self._streams.sleep(SEND_PATIENCE_S))
        try:
            return await _unless(_true(self._send(message)), patience, self._draining) or False
        finally:
            patience.cancel()


async def _true(work: Awaitable[None]) -> bool:
    await work
    return True


async def _unless(work: Coroutine[Any, Any, T], *others: asyncio.Future[Any]) -> T | None:
    """What `work` gives, if it is there before any of the others; else it is cancelled. It always begins."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task, *others], return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
