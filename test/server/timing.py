"""Promises in seconds, told from the delays of a busy machine."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
TRIES = 3
PATIENCE = 60.0
"""For what must happen at all; how soon is said where it matters."""


async def in_time(seconds: float, act: Callable[[], Awaitable[T]]) -> T:
    """What `act` gives. A machine may be busy during one try; what is slow is slow in all of them."""
    for _ in range(TRIES):
        began = time.monotonic()
        result = await act()
        took = time.monotonic() - began
        if took < seconds:
            return result
    raise AssertionError(f"{took:.1f} s, {TRIES} times")


def in_time_here(seconds: float, act: Callable[[], T]) -> T:
    """As `in_time`, without an event loop."""
    for _ in range(TRIES):
        began = time.monotonic()
        result = act()
        took = time.monotonic() - began
        if took < seconds:
            return result
    raise AssertionError(f"{took:.1f} s, {TRIES} times")
