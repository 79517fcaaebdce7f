"""How many requests one client may make in a minute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

WINDOW_S = 60.0
MAX_CLIENTS = 10_000


class RateLimit:
    """A sliding window: this minute's count, and of the last one the share that is still within it."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int, int]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Counts one request; False: too many. What is refused does not count: nobody stays locked out."""
        if self._per_minute == 0:
            return True
        now = self._clock()
        began, before, count = self._windows.get(client, (now, 0, 0))
        passed = now - began
        if passed >= WINDOW_S:
            whole = passed // WINDOW_S
            began, before, count = began + whole * WINDOW_S, count if whole == 1 else 0, 0
        allowed = before * (1 - (now - began) / WINDOW_S) + count < self._per_minute
        self._windows[client] = (began, before, count + allowed)
        self._windows.move_to_end(client)
        if len(self._windows) > MAX_CLIENTS:
            self._windows.popitem(last=False)
        return allowed
