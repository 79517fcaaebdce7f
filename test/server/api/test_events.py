"""The list as a stream: what is sent when, to whom, and when it ends. Its clock is the test's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from given_jobs import ended, queued
from serving import OWN_PAGE, client_of
from timing import PATIENCE
from viewer import Event, Viewer, viewing
from vpo_polling.app import Application, create_app
from vpo_polling.feed import Streams
from vpo_polling.settings import Settings
from vpo_polling.store import DatabaseUnavailable, Store

pytestmark = pytest.mark.anyio
MOMENT = 1_700_000_000_000
TIMESTAMP = "2023-11-14T22:13:20.000Z"
PRUNING = "/api/events/jobs?type=prune"


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, woken))
        await woken

    def dues(self) -> list[float]:
        """How long each of those who sleep still does."""
        return sorted(due - self.now for due, woken in self._sleepers if not woken.done())

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for due, woken in self._sleepers:
            if due <= self.now and not woken.done():
                woken.set_result(None)


class World:
    def __init__(self, app: Application, client: httpx.AsyncClient, clock: Clock) -> None:
        self.app = app
        self.client = client
        self.clock = clock

    async def idle(self, streams: int = 1, *, left: float = 15) -> None:
        """Returns once so many streams wait for news, each with this long to its heartbeat."""
        await until(lambda: self.clock.dues() == [left] * streams)

    async def tag(self, query: str = "") -> str:
        etag: str = (await self.client.get("/api/jobs" + query)).headers["etag"]
        return etag.removeprefix('W/"').removesuffix('"')


@asynccontextmanager
async def world_of(settings: Settings, store: Store) -> AsyncIterator[World]:
    clock = Clock()
    app = create_app(settings, store)
    app.services.streams = Streams(sleep=clock.sleep, wall_ms=lambda: MOMENT)
    async with app.running(), client_of(app) as client:
        yield World(app, client, clock)


@pytest.fixture
async def world(settings: Settings, store: Store) -> AsyncIterator[World]:
    async with world_of(settings, store) as world:
        yield world


async def until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.001)


async def started(viewer: Viewer) -> dict[str, str]:
    message = await viewer.message()
    assert message["status"] == 200
    return {name.decode(): value.decode() for name, value in message["headers"]}


@pytest.mark.parametrize("root", ["/api", "/api/v1"])
async def test_the_first_event_is_the_list_as_a_poll_has_it(world: World, store: Store, root: str) -> None:
    queued(store)
    listed = (await world.client.get("/api/jobs")).json()
    async with viewing(world.app, f"{root}/events/jobs") as viewer:
        headers = await started(viewer)
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-cache", "no")
        data = {**listed, "timestamp": TIMESTAMP}
        assert await viewer.event() == Event("jobs_update", await world.tag(), data)
        assert viewer.retry == [3000]


async def test_a_change_is_one_event_for_everybody_who_shows_it(world: World, store: Store) -> None:
    async with viewing(world.app) as one, viewing(world.app) as two, viewing(world.app, PRUNING) as other:
        for viewer in (one, two, other):
            await started(viewer)
            assert (await viewer.event()).data["total"] == 0
        await world.idle(3)
        await asyncio.to_thread(queued, store)
        bodies = [(await viewer.message())["body"] for viewer in (one, two)]
        assert b'"total":1' in bodies[0]
        assert bodies[0] is bodies[1], "made once"
        await world.idle(3)
        assert not other.has_news()


async def test_a_quiet_stream_says_every_fifteen_seconds_that_it_is_there(world: World, store: Store) -> None:
    beat = Event("heartbeat", await world.tag(), {"timestamp": TIMESTAMP})
    async with viewing(world.app) as viewer:
        await started(viewer)
        await viewer.event()
        for _ in range(2):
            await world.idle()
            world.clock.advance(14.9)
            await asyncio.sleep(0)
            assert not viewer.has_news()
            world.clock.advance(0.1)
            assert await viewer.event() == beat
        await world.idle()
        world.clock.advance(10)
        await asyncio.to_thread(queued, store)
        assert (await viewer.event()).name == "jobs_update"
        await world.idle(left=15)


async def test_who_has_what_is_shown_now_gets_nothing_until_it_changes(world: World, store: Store) -> None:
    known = await world.tag()
    async with viewing(world.app, last_event_id=known) as viewer:
        await started(viewer)
        assert (await viewer.event())[:2] == ("heartbeat", known)
        assert viewer.retry == [3000]
        await world.idle()
        assert not viewer.has_news()
        await asyncio.to_thread(queued, store)
        event = await viewer.event()
        assert (event.name, event.id, event.data["total"]) == ("jobs_update", await world.tag(), 1)


@pytest.mark.parametrize("seen", ["0123456789abcdef01234567", "7", "é", '"', "*"])
async def test_who_has_anything_else_is_told_to_begin_anew(world: World, store: Store, seen: str) -> None:
    queued(store)
    async with viewing(world.app, last_event_id=seen) as viewer:
        await started(viewer)
        assert await viewer.event() == Event("reset", "", {"timestamp": TIMESTAMP})
        event = await viewer.event()
        assert (event.name, event.id, event.data["total"]) == ("jobs_update", await world.tag(), 1)


async def test_an_id_belongs_to_one_query(world: World, store: Store) -> None:
    queued(store)
    async with viewing(world.app, PRUNING, last_event_id=await world.tag()) as viewer:
        await started(viewer)
        assert (await viewer.event()).name == "reset"
        assert (await viewer.event()).data["total"] == 0


async def test_every_key_of_the_list_works(world: World, store: Store) -> None:
    ended(store, "/media/b")
    ended(store, "/media/a")
    queued(store, "/media/c")
    query = "?status=completed&type=scan&search=media&sort=file_path&order=asc&limit=1&offset=1"
    async with viewing(world.app, "/api/events/jobs" + query) as viewer:
        await started(viewer)
        event = await viewer.event()
    assert [job["file_path"] for job in event.data["jobs"]] == ["/media/b"]
    assert (event.data["total"], event.data["limit"], event.data["offset"]) == (2, 1, 1)
    assert event.id == await world.tag(query)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?status=bad", "INVALID_PARAMETER"),
        ("?type=x", "INVALID_PARAMETER"),
        ("?since=1h", "INVALID_PARAMETER"),
        ("?cursor=x", "INVALID_PARAMETER"),
        ("?x=1", "UNKNOWN_PARAMETERS"),
    ],
)
async def test_what_the_list_refuses_is_refused(world: World, query: str, code: str) -> None:
    for root in ("/api", "/api/v1"):
        answer = await world.client.get(f"{root}/events/jobs{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert answer.json() == (await world.client.get(f"{root}/jobs{query}")).json()


async def test_head_is_the_headers_and_ends(world: World) -> None:
    async with viewing(world.app, method="HEAD") as viewer:
        assert (await started(viewer))["content-type"] == "text/event-stream; charset=utf-8"
        await viewer.ended()
        assert (await viewer.message())["body"] == b""
    assert (await world.client.post("/api/events/jobs", headers=OWN_PAGE)).headers["allow"] == "GET, HEAD"


async def test_trouble_is_an_event_and_the_stream_goes_on(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("gone")

    async with viewing(world.app) as viewer:
        await started(viewer)
        known = (await viewer.event()).id
        await world.idle()
        with monkeypatch.context() as broken:
            broken.setattr(store, "read", fails)
            await asyncio.to_thread(queued, store)
            for seconds in (5, 10, 15, 20, 25, 30, 30):
                trouble = {"message": "Database not available", "retry_after": seconds}
                assert await viewer.event() == Event("trouble", known, trouble)
                await world.idle(left=seconds)
                world.clock.advance(seconds)
        event = await viewer.event()
        assert (event.name, event.data["total"]) == ("jobs_update", 1)
        await world.idle()


async def test_trouble_that_changed_nothing_ends_with_a_heartbeat(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("gone")

    async with viewing(world.app, PRUNING) as viewer:
        await started(viewer)
        known = (await viewer.event()).id
        await world.idle()
        with monkeypatch.context() as broken:
            broken.setattr(store, "read", fails)
            await asyncio.to_thread(queued, store)
            assert (await viewer.event()).name == "trouble"
        await world.idle(left=5)
        world.clock.advance(5)
        assert (await viewer.event())[:2] == ("heartbeat", known)
        await world.idle()


async def test_a_database_that_fails_from_the_start_is_a_refusal(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(store, "read", fails)
    answer = await world.client.get("/api/events/jobs")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert 1 <= int(answer.headers["retry-after"]) <= 5


async def test_the_end_of_the_server_is_said_to_everybody(world: World) -> None:
    async with viewing(world.app) as one, viewing(world.app, PRUNING) as two:
        for viewer in (one, two):
            await started(viewer)
            known = (await viewer.event()).id
        await world.idle(2)
        world.app.services.draining.set()
        for viewer in (one, two):
            event = await viewer.event()
            assert (event.name, event.data) == ("close", {"reason": "server_shutdown"})
            assert 1000 <= viewer.retry[-1] <= 5000
            await viewer.ended()
        assert event.id == known
        refused = await world.client.get("/api/events/jobs")
        assert (refused.status_code, refused.json()["code"]) == (503, "SHUTTING_DOWN")


async def test_more_streams_than_there_is_room_for_are_sent_to_polling(world: World) -> None:
    async with AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(viewing(world.app)) for _ in range(100)]
        for viewer in viewers:
            await started(viewer)
            await viewer.event()
        async with viewing(world.app) as refused:
            start, answer = await refused.message(), await refused.message()
        assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"10")
        assert json.loads(answer["body"])["code"] == "SERVICE_UNAVAILABLE"
        viewers[0].leave()
        await viewers[0].ended()
        async with viewing(world.app) as viewer:
            await started(viewer)


async def test_a_reader_who_takes_nothing_delays_nobody_and_is_let_go(world: World, store: Store) -> None:
    async with viewing(world.app) as stalled, viewing(world.app) as other:
        for viewer in (stalled, other):
            await started(viewer)
            await viewer.event()
        await world.idle(2)
        stalled.takes.clear()
        await asyncio.to_thread(queued, store)
        assert (await other.event()).data["total"] == 1
        await until(lambda: world.clock.dues() == [10, 15])
        world.clock.advance(9.9)
        await asyncio.sleep(0)
        assert not stalled.task.done()
        world.clock.advance(0.1)
        await stalled.ended()
        assert not stalled.has_news()


async def test_changes_are_not_queued_for_a_slow_reader(world: World, store: Store) -> None:
    async with viewing(world.app) as slow, viewing(world.app) as other:
        for viewer in (slow, other):
            await started(viewer)
            await viewer.event()
        await world.idle(2)
        slow.takes.clear()
        for total in (1, 2, 3):
            await asyncio.to_thread(queued, store)
            assert (await other.event()).data["total"] == total
        slow.takes.set()
        assert [(await slow.event()).data["total"] for _ in range(2)] == [1, 3]
        await world.idle(2)
        assert not slow.has_news()


async def test_a_reader_who_takes_nothing_does_not_keep_the_server(world: World, store: Store) -> None:
    async with viewing(world.app) as stalled:
        await started(stalled)
        await stalled.event()
        await world.idle()
        stalled.takes.clear()
        await asyncio.to_thread(queued, store)
        await until(lambda: world.clock.dues() == [10])
        world.app.services.draining.set()
        await stalled.ended()
