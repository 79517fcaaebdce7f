"""Requests that are held open: how many there may be, and what ends each of them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """What an event loop knows of time."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> Timer: ...


class Hold:
    """One of them. Ends by time, when its viewer has left, and when the server is about to end."""

    def __init__(self, leaving: Awaitable[Any], seconds: float, clock: Clock) -> None:
        self._clock = clock
        # Up to a tenth less: what began together must not come back together.
        self._ends_at = clock.time() + seconds * random.uniform(0.9, 1)  # noqa: S311
        self._is_ended = False
        self._woken: asyncio.Future[None] | None = None
        self._leaving = asyncio.ensure_future(leaving)
        self._leaving.add_done_callback(self.end)

    @property
    def is_over(self) -> bool:
        return self._is_ended or self._clock.time() >= self._ends_at

    async def wait(self, woken: asyncio.Future[None], seconds: float | None = None) -> None:
        """Until `woken` is done, it is over, or so much time has passed."""
        self._woken = woken
        at = self._ends_at if seconds is None else min(self._ends_at, self._clock.time() + seconds)
        timer = self._clock.call_at(at, _wake, woken)
        try:
            if not self._is_ended:
                await woken
        finally:
            timer.cancel()
            self._woken = None

    def end(self, _why: object = None) -> None:
        self._is_ended = True
        if self._woken is not None:
            _wake(self._woken)

    def close(self) -> None:
        self._leaving.cancel()


class Holds:
    """All of one server. Over a limit a request is answered at once, so nobody is refused.

    `clock`: the running event loop, unless another one is given.
    """

    def __init__(self, per_client: int, in_all: int, clock: Clock | None = None) -> None:
        self._clock = clock
        self._per_client = per_client
        self._in_all = in_all
        self._open: set[Hold] = set()
        self._clients: Counter[str] = Counter()
        self.is_draining = False

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def one(self, client: str, leaving: Awaitable[Any], seconds: float) -> Iterator[Hold | None]:
        """None: it must not be held. `leaving` returns when the viewer has gone away."""
        if self.is_draining or len(self._open) >= self._in_all or self._clients[client] >= self._per_client:
            if asyncio.iscoroutine(leaving):
                leaving.close()
            yield None
            return
        hold = Hold(leaving, seconds, self._clock or asyncio.get_running_loop())
        self._open.add(hold)
        self._clients[client] += 1
        try:
            yield hold
        finally:
            hold.close()
            self._open.discard(hold)
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def drain(self) -> None:
        """Ends them all, and holds no more."""
        self.is_draining = True
        for hold in list(self._open):
            hold.end()


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
