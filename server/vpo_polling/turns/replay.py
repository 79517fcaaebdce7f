"""A recorded turn, played again: the events of a file, in the time that they took."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from vpo_polling.store import Store
from vpo_polling.store.turns.types import Event, Verdict
from vpo_polling.turns.reporting import end, take
from vpo_polling.turns.stream_json import event_of

STEP_S = 0.1
"""Between two events of which nothing says when they were."""

LONGEST_S = 10.0
"""Nobody wants to see somebody think for an hour again."""


async def replay(
    store: Store,
    turn_id: str,
    recorded: Sequence[tuple[float, Event]],
    speed: float,
    *,
    heard: Callable[[Event], None] = lambda event: None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Verdict:
    """Plays what `parsed` gave into a running turn."""
    for pause, event in recorded:
        if pause:
            await sleep(pause / speed)
        heard(event)
        told = await take(store, turn_id, [event])
        if told is not None:
            return told
    return await end(store, turn_id, Verdict(status="completed"))


def parsed(body: bytes) -> list[tuple[float, Event]]:
    """Each event with the seconds that it came after the one before. Raises BadEvent."""
    return list(_parsed(body))


def _parsed(body: bytes) -> Iterator[tuple[float, Event]]:
    before: datetime | None = None
    is_first = True
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        event = event_of(line, number)
        when = _moment(line)
        pause = STEP_S if when is None or before is None else (when - before).total_seconds()
        yield 0.0 if is_first else min(max(pause, 0.0), LONGEST_S), replace(event, id=f"line {number}")
        is_first = False
        before = when or before


def _moment(line: bytes) -> datetime | None:
    try:
        moment = datetime.fromisoformat(json.loads(line)["timestamp"].replace("Z", "+00:00"))
    except (AttributeError, KeyError, ValueError):
        return None
    return moment if moment.tzinfo else None
