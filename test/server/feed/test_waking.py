"""Who waits is told of news, by whichever process it was written, and of nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from given_jobs import queued, running
from timing import PATIENCE, in_time
from vpo_polling.feed.watcher import Watcher
from vpo_polling.store import DatabaseUnavailable, JobQuery, ListQuery, Progress, Store

from feed.test_reading import ALL, feeding, read

pytestmark = pytest.mark.anyio

FOREIGN = """
import sys
from pathlib import Path
from vpo_polling.store import NewJob, Store
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    store.create_job(NewJob(job_type="scan", file_path=line.strip()))
    print("written", flush=True)
"""


async def test_a_row_of_another_process_arrives_within_a_second(store: Store) -> None:
    foreign = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FOREIGN, str(store.path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert foreign.stdin is not None
    assert foreign.stdout is not None
    await foreign.stdout.readline()
    loop = asyncio.get_running_loop()
    delays: list[float] = []
    async with feeding(store) as feed:
        entry = await read(feed)
        for n in range(3):
            waiting = asyncio.create_task(feed.changed(ALL, entry.etag))
            foreign.stdin.write(f"/{n}\n".encode())
            await foreign.stdout.readline()
            written = loop.time()
            changed = await asyncio.wait_for(waiting, PATIENCE)
            assert changed is not None
            entry = changed
            assert entry.data()["total"] == n + 1
            delays.append(loop.time() - written)
    assert sorted(delays)[1] < 1, "a busy machine may delay one"
    foreign.stdin.close()
    await foreign.wait()


async def test_news_wakes_everybody_who_waits_for_it_and_costs_one_read(store: Store) -> None:
    async with feeding(store) as feed:
        entry = await read(feed)
        other = await read(feed, ListQuery(type="prune"))
        waiting = [asyncio.create_task(feed.changed(ALL, entry.etag)) for _ in range(200)]
        elsewhere = asyncio.create_task(feed.changed(ListQuery(type="prune"), other.etag))
        await asyncio.sleep(0)
        await asyncio.to_thread(queued, store)
        answers = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)
        assert len({id(answer) for answer in answers}) == 1
        assert not elsewhere.done(), "its answer is the same as before"
        elsewhere.cancel()


async def test_the_same_picture_wakes_nobody(store: Store) -> None:
    job_id = running(store)
    report = Progress(job_id=job_id, attempt=1, percent=50)
    store.report([report])
    async with feeding(store) as feed:
        entry = await read(feed)
        waiting = asyncio.create_task(feed.changed(ALL, entry.etag))
        await asyncio.sleep(0)
        (slot,) = feed._slots
        asleep = set(slot.waiters)
        await asyncio.to_thread(store.report, [report])
        assert (await read(feed)).revision == entry.revision + 1
        await asyncio.sleep(0)
        assert slot.waiters == asleep, "it must not even look"
        assert not waiting.done()
        store.report([Progress(job_id=job_id, attempt=1, percent=51)])
        changed = await asyncio.wait_for(waiting, PATIENCE)
        assert changed is not None
        assert changed.data()["jobs"][0]["progress_percent"] == 51


async def test_news_that_came_before_the_wait_is_told_at_once(store: Store) -> None:
    async with feeding(store) as feed:
        entry = await read(feed)
        queued(store)
        changed = await asyncio.wait_for(feed.changed(ALL, entry.etag), PATIENCE)
        assert changed is not None
        assert changed.data()["total"] == 1


async def test_a_deleted_job_wakes_who_waits_for_it(store: Store) -> None:
    job_id = queued(store)
    store.request_cancel(job_id, now=2_000)
    query = JobQuery(job_id=job_id)
    async with feeding(store) as feed:
        entry = await read(feed, query)
        waiting = asyncio.create_task(feed.changed(query, entry.etag))
        await asyncio.sleep(0)
        store.delete(job_id)
        assert await asyncio.wait_for(waiting, PATIENCE) is None


async def test_waiting_costs_no_thread_and_leaves_nothing_behind(store: Store) -> None:
    async with feeding(store) as feed:
        entry = await read(feed)
        before = threading.active_count()
        waiting = [asyncio.create_task(feed.changed(ALL, entry.etag)) for _ in range(500)]
        await asyncio.sleep(0)
        assert threading.active_count() == before
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert all(slot.is_idle for slot in feed._slots)


async def test_a_database_that_fails_is_told_to_who_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with feeding(store) as feed:
        entry = await read(feed)
        waiting = asyncio.create_task(feed.changed(ALL, entry.etag))
        await asyncio.sleep(0)

        def fail(*_args: object, **_options: object) -> None:
            raise DatabaseUnavailable("away")

        monkeypatch.setattr(store, "read", fail)
        queued(store)
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(waiting, PATIENCE)


async def test_a_database_that_hangs_is_given_up_within_two_seconds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(store, "read", lambda *_args, **_options: release.wait())
    async with feeding(store) as feed:

        async def refused() -> None:
            with pytest.raises(DatabaseUnavailable):
                await feed.read(ALL)

        await in_time(2, refused)
        release.set()


def test_the_watcher_outlives_a_database_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    seen = threading.Event()
    watcher = Watcher(path, seen.set, interval_s=0.01)
    watcher.start()
    assert not seen.wait(0.05)
    store = Store.open(path)
    store.migrate()
    assert seen.wait(PATIENCE)
    watcher.stop()
    store.close()


def test_the_watcher_tells_each_commit_once(store: Store) -> None:
    told = threading.Semaphore(0)
    watcher = Watcher(store.path, told.release, interval_s=0.01)
    watcher.start()
    assert told.acquire(timeout=PATIENCE), "its first look covers what came before"
    for _ in range(3):
        assert not told.acquire(timeout=0.1)
        queued(store)
        assert told.acquire(timeout=PATIENCE)
    watcher.stop()


def test_the_watcher_tries_again_what_failed(store: Store) -> None:
    calls: list[int] = []
    succeeded = threading.Event()

    def changed() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise DatabaseUnavailable("locked")
        succeeded.set()

    watcher = Watcher(store.path, changed, interval_s=0.01)
    watcher.start()
    assert succeeded.wait(PATIENCE)
    watcher.stop()
    assert len(calls) == 3
