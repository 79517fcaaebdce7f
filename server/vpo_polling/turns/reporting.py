"""Events into the store, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from vpo_polling.store import DatabaseUnavailable, Store, now_ms
from vpo_polling.store.turns.types import BlockTooLarge, Event, NotRunning, Verdict

Result = TypeVar("Result")
RETRY_S = 0.5


async def take(store: Store, turn_id: str, events: list[Event]) -> Verdict | None:
    """Stores events. The verdict that is known after them, if any: theirs, or that of who ended the turn."""
    try:
        taken = await stored(store.take_events, turn_id, events, now=now_ms())
    except NotRunning:
        return Verdict(status="interrupted")
    except BlockTooLarge as error:
        return Verdict(status="failed", error_message=f"The agent printed too much at once: {error}")
    if taken.status == "failed":
        return Verdict(status="failed")
    return Verdict(status="completed") if taken.status == "completed" else None


async def end(store: Store, turn_id: str, verdict: Verdict) -> Verdict:
    """Ends the turn, unless it has ended already."""
    await stored(store.end_turn, turn_id, verdict, now=now_ms())
    return verdict


async def stored(write: Callable[..., Result], *args: object, **named: object) -> Result:
    """Again and again while the database can't be written: what was said must not be lost."""
    while True:
        try:
            return await asyncio.to_thread(write, *args, **named)
        except DatabaseUnavailable:
            await asyncio.sleep(RETRY_S)
