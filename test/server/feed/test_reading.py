"""One read per change, however many ask; the same ETag for the same picture."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from given_jobs import DONE, queued, running
from sqlalchemy import event
from timing import PATIENCE
from vpo_polling.feed import Entry, Feed
from vpo_polling.store import ErrorsQuery, JobQuery, ListQuery, NewJob, Progress, Query, Store, now_ms

pytestmark = pytest.mark.anyio
BUILD = "1-test"
ALL = ListQuery()


@asynccontextmanager
async def feeding(
    store: Store, *, wall_ms: Callable[[], int] = now_ms, max_entries: int = 1024
) -> AsyncIterator[Feed]:
    feed = Feed(store, BUILD, wall_ms=wall_ms, max_entries=max_entries)
    await feed.start()
    try:
        yield feed
    finally:
        await feed.stop()


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """SQL that readers send; the watcher's look at the revisions after a commit is counted apart."""
    seen: list[str] = []

    def note(*args: object) -> None:
        statement = str(args[2])
        if statement.startswith("SELECT") and not statement.startswith("SELECT revisions"):
            seen.append(statement)

    event.listen(store.reader, "before_cursor_execute", note)
    yield seen
    event.remove(store.reader, "before_cursor_execute", note)


async def read(feed: Feed, query: Query = ALL) -> Entry:
    entry = await feed.read(query)
    assert entry is not None
    return entry


async def test_an_unchanged_poll_asks_the_database_nothing(store: Store) -> None:
    job_id = queued(store)
    every: list[str] = []
    async with feeding(store) as feed:
        queries: list[Query] = [
            ALL,
            JobQuery(job_id=job_id),
            ErrorsQuery(job_id=job_id),
            ListQuery(status="queued"),
        ]
        first = [await read(feed, query) for query in queries]
        await settled(feed)
        event.listen(store.reader, "before_cursor_execute", lambda *args: every.append(args[2]))
        event.listen(store.writer, "before_cursor_execute", lambda *args: every.append(args[2]))
        for _ in range(100):
            assert [await read(feed, query) for query in queries] == first
    assert every == []


async def settled(feed: Feed) -> None:
    """Until the watcher has taken its first look, which is not a poll's."""
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()
    look = feed._look_again

    def observed() -> None:
        look()
        loop.call_soon_threadsafe(looked.set)

    feed._watcher._changed = observed
    other = Store.open(feed._store.path)
    with other.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET priority = priority")
    other.close()
    await asyncio.wait_for(looked.wait(), PATIENCE)
    await asyncio.sleep(0)


async def test_many_viewers_of_one_query_cost_one_query_per_change(
    store: Store, statements: list[str]
) -> None:
    queued(store)
    async with feeding(store) as feed:
        await read(feed)
        cost = len(statements)
        for change in range(2, 5):
            queued(store)
            statements.clear()
            entries = await asyncio.gather(*(read(feed) for _ in range(500)))
            assert len(statements) == cost
            assert {json.loads(entry.body)["total"] for entry in entries} == {change}
            assert len({id(entry.body) for entry in entries}) == 1, "the body is shared"


async def test_a_burst_of_changes_is_read_at_most_once_per_spacing(
    store: Store, statements: list[str]
) -> None:
    async with feeding(store) as feed:
        await read(feed)
        cost = len(statements)
        loop = asyncio.get_running_loop()
        statements.clear()
        began = loop.time()
        for n in range(1, 7):
            await asyncio.to_thread(queued, store)
            # Waits for its turn, and sees the write before it.
            assert (await read(feed)).data()["total"] == n
        assert loop.time() - began >= 0.55
        assert len(statements) == 6 * cost


async def test_a_poll_after_a_write_shows_that_write(store: Store) -> None:
    job_id = queued(store)
    async with feeding(store) as feed:
        await read(feed, JobQuery(job_id=job_id))
        store.request_cancel(job_id, now=2_000)
        await asyncio.sleep(0)
        assert (await read(feed, JobQuery(job_id=job_id))).data()["status"] == "cancelled"


async def test_a_poll_that_joins_a_read_begun_before_the_write_reads_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_rows, begun, release = store.read, threading.Event(), threading.Event()

    def slow(query: Query, *, now: int | None = None) -> tuple[dict[str, Any] | None, int]:
        answer = read_rows(query, now=now)
        begun.set()
        release.wait(PATIENCE)
        return answer

    monkeypatch.setattr(store, "read", slow)
    async with feeding(store) as feed:
        early = asyncio.create_task(feed.read(ALL))
        await asyncio.to_thread(begun.wait, 5)
        await asyncio.to_thread(queued, store)
        late = asyncio.create_task(feed.read(ALL))
        await asyncio.sleep(0)
        release.set()
        entries = await asyncio.gather(early, late)
    assert [entry.data()["total"] for entry in entries if entry is not None] == [0, 1]


async def test_a_heartbeat_changes_no_etag_and_costs_no_read(store: Store, statements: list[str]) -> None:
    job_id = running(store)
    async with feeding(store) as feed:
        before = await read(feed, JobQuery(job_id=job_id))
        statements.clear()
        store.heartbeat([job_id], now=99_000)
        await settled(feed)
        assert (await read(feed, JobQuery(job_id=job_id))).etag == before.etag
        assert statements == []


async def test_a_write_that_shows_nothing_new_keeps_the_etag_and_the_bytes(store: Store) -> None:
    job_id = running(store)
    report = Progress(job_id=job_id, attempt=1, percent=50)
    store.report([report])
    async with feeding(store) as feed:
        before = await read(feed)
        store.report([report])
        await asyncio.sleep(0)
        after = await read(feed)
        assert after.revision == before.revision + 1
        assert after.etag == before.etag
        assert after.body is before.body


async def test_the_etag_is_the_same_in_every_process_and_another_for_another_query_or_build(
    store: Store,
) -> None:
    queued(store)
    async with feeding(store) as one, feeding(store) as two:
        assert (await read(one)).etag == (await read(two)).etag
        by_status = await read(one, ListQuery(sort="status"))
        assert by_status.body == (await read(one)).body
        assert by_status.etag != (await read(one)).etag
    other = Feed(store, "2-test")
    await other.start()
    async with feeding(store) as one:
        assert (await read(other)).etag != (await read(one)).etag
    await other.stop()


async def test_since_expires_with_the_minute(store: Store) -> None:
    wall = [1_800_000_000_000 // 60_000 * 60_000 + 59_000]
    queued(store, now=wall[0] - 24 * 3_600_000 - 30_000)
    query = ListQuery(since="24h")
    async with feeding(store, wall_ms=lambda: wall[0]) as feed:
        first = await read(feed, query)
        assert first.data()["total"] == 1
        wall[0] += 999
        assert await read(feed, query) is first
        wall[0] += 1
        assert (await read(feed, query)).data()["total"] == 0


async def test_a_job_that_is_gone_is_none(store: Store) -> None:
    job_id = queued(store)
    async with feeding(store) as feed:
        query = JobQuery(job_id=job_id)
        await read(feed, query)
        store.request_cancel(job_id, now=2_000)
        store.delete(job_id)
        await asyncio.sleep(0)
        assert await feed.read(query) is None
        assert await feed.read(query) is None


async def test_the_least_recently_asked_is_given_up(store: Store, statements: list[str]) -> None:
    async with feeding(store, max_entries=3) as feed:
        for offset in (0, 1, 2):
            await read(feed, ListQuery(offset=offset))
        await read(feed, ListQuery(offset=0))
        await read(feed, ListQuery(offset=3))
        statements.clear()
        await read(feed, ListQuery(offset=0))
        assert statements == [], "asked for lately, so it was kept"
        await read(feed, ListQuery(offset=1))
        assert statements != []
        assert len(feed._slots) == 3


async def test_one_viewer_who_leaves_takes_the_answer_from_nobody(store: Store) -> None:
    async with feeding(store) as feed:
        leaving = asyncio.create_task(feed.read(ALL))
        staying = asyncio.create_task(feed.read(ALL))
        await asyncio.sleep(0)
        leaving.cancel()
        entry = await staying
        assert entry is not None
        assert entry.data()["total"] == 0


async def test_the_body_is_canonical_and_compressed_once(store: Store) -> None:
    for n in range(20):
        store.create_job(NewJob(job_type="scan", file_path=f"/Zoë/<b>&{n}\x00"))
    async with feeding(store) as feed:
        entry = await read(feed)
    assert entry.gzip is not None
    assert gzip.decompress(entry.gzip) == entry.body
    assert len(entry.gzip) < len(entry.body) / 4
    assert entry.body.decode() == json.dumps(entry.data(), ensure_ascii=False, separators=(",", ":"))
    assert "Zoë" in entry.body.decode()


async def test_every_state_of_a_job_is_another_etag(store: Store) -> None:
    job_id = queued(store)
    query = JobQuery(job_id=job_id)
    seen = set()
    async with feeding(store) as feed:
        for step in (
            lambda: None,
            lambda: store.claim_next(now=2_000),
            lambda: store.set_process(job_id, 1, pid=1, process_started=1.0),
            lambda: store.report([Progress(job_id=job_id, attempt=1, processed=1, total=2)]),
            lambda: store.finish(job_id, 1, DONE, now=3_000),
            lambda: store.retry(job_id),
        ):
            step()
            await asyncio.sleep(0)
            seen.add((await read(feed, query)).etag)
    assert len(seen) == 6
