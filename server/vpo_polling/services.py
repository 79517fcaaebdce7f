"""What the parts of one running server share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from vpo_polling.access.holds import Holds
from vpo_polling.assets import Assets
from vpo_polling.feed import Feed, Streams
from vpo_polling.files import Trees
from vpo_polling.logs.watch import LogWatch
from vpo_polling.settings import Settings
from vpo_polling.store import JOB_TYPES, Store
from vpo_polling.store.turns.types import NewTurn, TurnProcess


class JobRunner(Protocol):
    """What the server needs of the runner; without one it shows jobs that others run."""

    @property
    def active_workers(self) -> int: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def wake(self) -> None: ...

    async def cancel(self, job_id: str) -> None: ...


class Agents(Protocol):
    """What the server needs to run turns."""

    @property
    def has_command(self) -> bool:
        """Whether there is a program to run for a turn."""

    def start(self, turn: NewTurn, prompt: str) -> None: ...

    async def stop(self, turns: Sequence[TurnProcess]) -> None:
        """Ends their processes; the turns themselves have ended already."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


ErrorPage = Callable[[Request, int, str], Response]


def plain_page(_request: Request, status: int, message: str) -> Response:
    return PlainTextResponse(f"{message}.\n", status, headers={"cache-control": "no-store"})


@dataclass
class Services:
    settings: Settings
    store: Store
    feed: Feed
    assets: Assets
    build: str
    holds: Holds
    agents: Agents
    trees: Trees
    log_watch: LogWatch = field(default_factory=LogWatch)
    runner: JobRunner | None = None
    error_page: ErrorPage = plain_page
    started: float = field(default_factory=time.monotonic)
    streams: Streams = field(default_factory=Streams)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is asked to end: whoever waits for news is answered, and nobody waits any more."""

    shutting_down: bool = False
    """No request is served any more. Later than `draining`: first the open answers end."""

    # Types of jobs that were seen; programs that report jobs of their own bring more.
    job_types: set[str] = field(default_factory=lambda: set(JOB_TYPES))

    def drain(self) -> None:
        """The server is about to end. To be called in its event loop."""
        self.draining.set()
        self.holds.drain()
