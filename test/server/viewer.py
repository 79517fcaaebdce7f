"""A viewer of a stream, in this process: takes events one by one, leaves when told, or takes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message
from timing import PATIENCE


class Event(NamedTuple):
    name: str
    id: str
    data: Any


class Viewer:
    def __init__(self, app: ASGIApp, path: str, headers: Mapping[str, str], method: str = "GET") -> None:
        path, _, query = path.partition("?")
        self._scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), *((k.encode(), v.encode()) for k, v in headers.items())],
            "client": ("127.0.0.1", 1),
        }
        self._app = app
        self._taken: asyncio.Queue[Message] = asyncio.Queue()
        self._events: list[Event] = []
        self._left = asyncio.Event()
        self.takes = asyncio.Event()
        """While this is not set, every send waits."""

        self.takes.set()
        self.retry: list[int] = []
        self.task = asyncio.ensure_future(app(self._scope, self._receive, self._put))

    async def _receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _put(self, message: Message) -> None:
        await self.takes.wait()
        self._taken.put_nowait(message)

    async def message(self) -> Message:
        return await asyncio.wait_for(self._taken.get(), PATIENCE)

    async def event(self) -> Event:
        while not self._events:
            blocks = (await self.message())["body"].decode().split("\n\n")
            assert blocks.pop() == "", "an event is sent as a whole"
            self._events += [self._parsed(block) for block in blocks]
        return self._events.pop(0)

    def _parsed(self, block: str) -> Event:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "retry" in fields:
            self.retry.append(int(fields.pop("retry")))
        assert set(fields) == {"event", "id", "data"}
        return Event(fields["event"], fields["id"], json.loads(fields["data"]))

    def has_news(self) -> bool:
        return bool(self._events) or not self._taken.empty()

    def leave(self) -> None:
        self._left.set()

    async def ended(self) -> None:
        await asyncio.wait_for(asyncio.shield(self.task), PATIENCE)


@asynccontextmanager
async def viewing(
    app: ASGIApp, path: str = "/api/events/jobs", *, method: str = "GET", **headers: str
) -> AsyncIterator[Viewer]:
    viewer = Viewer(app, path, {name.replace("_", "-"): value for name, value in headers.items()}, method)
    try:
        yield viewer
    finally:
        viewer.leave()
        viewer.takes.set()
        await viewer.ended()
