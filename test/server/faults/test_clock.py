"""A wall clock that is set back or forth by a day between writes."""

from __future__ import annotations

import asyncio

import pytest
from given_jobs import DONE, queued, running
from vpo_polling.feed import Feed
from vpo_polling.store import ListQuery, Store

DAY = 24 * 60 * 60 * 1000
NOW = 1_800_000_000_000


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_durations_are_never_negative_and_the_order_stays(store: Store, jump: int) -> None:
    first = queued(store, "/first", now=NOW)
    assert store.claim_next(now=NOW + jump, only=first) is not None
    store.heartbeat([first], now=NOW)
    assert store.finish(first, 1, DONE, now=NOW + 2 * jump)
    second = queued(store, "/second", now=NOW + jump)
    job = store.get_job(first)
    assert job is not None
    assert job["duration_seconds"] == max(0, 2 * jump // 1000)
    assert job["attempts"][0]["duration_seconds"] == max(0, jump // 1000)
    for order in ("asc", "desc"):
        page, _ = store.read(ListQuery(order=order), now=NOW)
        assert page is not None
        shown = [job["id"] for job in page["jobs"]]
        by_time = [first, second] if jump > 0 else [second, first]
        assert shown == (by_time if order == "asc" else by_time[::-1])


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_job_that_was_cut_off_goes_on_whatever_the_clock_says(store: Store, jump: int) -> None:
    job_id = running(store, now=NOW)
    store.heartbeat([job_id], now=NOW + jump)
    assert [row.job_id for row in store.running()] == [job_id]
    assert store.interrupt(job_id, 1, now=NOW - jump, requeue=True)
    claimed = store.claim_next(now=NOW + 2 * jump)
    assert claimed is not None
    assert (claimed.job_id, claimed.attempt) == (job_id, 2)


@pytest.mark.anyio
async def test_a_list_of_the_last_day_follows_a_clock_that_was_set_back(store: Store) -> None:
    wall = [NOW + DAY]
    queued(store, now=NOW - 60_000)
    feed = Feed(store, "build", wall_ms=lambda: wall[0])
    await feed.start()
    try:

        async def total() -> int:
            entry = await asyncio.wait_for(feed.read(ListQuery(since="24h")), 60)
            assert entry is not None
            return int(entry.data()["total"])

        assert await total() == 0
        wall[0] = NOW
        assert await total() == 1
        wall[0] = NOW + DAY
        assert await total() == 0
    finally:
        await feed.stop()
