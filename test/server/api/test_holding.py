"""Held polls: answered when their answer changes, when time is up, when the server ends; what that costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import given_logs
import httpx
import pytest
from given_jobs import DONE, ended, running
from serving import OWN_PAGE, client_of
from timing import PATIENCE
from viewer import Viewer
from vpo_polling.access.holds import Holds
from vpo_polling.app import Application, create_app
from vpo_polling.settings import Settings
from vpo_polling.store import Progress, Store, now_ms

pytestmark = pytest.mark.anyio


@dataclass(eq=False)
class Timer:
    among: list[Timer]
    when: float
    ring: Callable[[], object]

    def cancel(self) -> None:
        self.among.remove(self)


class Clock:
    """Time that passes when the test says so; of the event loop it has the interface that holds use."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> Timer:
        timer = Timer(self._timers, when, lambda: callback(*args))
        self._timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for timer in list(self._timers):
            if timer.when <= self.now:
                timer.ring()

    def dues(self) -> list[float]:
        return [timer.when - self.now for timer in self._timers]


class World:
    def __init__(self, app: Application, client: httpx.AsyncClient, clock: Clock) -> None:
        self.app = app
        self.client = client
        self.clock = clock
        self.viewers: list[Viewer] = []

    async def tag(self, path: str) -> str:
        tag: str = (await self.client.get(path)).headers["etag"]
        return tag

    async def held(self, path: str, prefer: str = "wait=10", **more: str) -> Viewer:
        """A viewer of what is shown now, once its request is held."""
        before = len(self.app.services.holds)
        headers = {"if-none-match": await self.tag(path), "prefer": prefer, **more}
        viewer = Viewer(self.app, path, headers)
        self.viewers.append(viewer)
        await until(lambda: len(self.app.services.holds) > before and len(self.clock.dues()) > before)
        return viewer


class Answered:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


async def answer(viewer: Viewer) -> Answered:
    start = await viewer.message()
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], headers, (await viewer.message())["body"])


async def until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.001)


@asynccontextmanager
async def world_of(settings: Settings, store: Store, **limits: int) -> AsyncIterator[World]:
    clock = Clock()
    app = create_app(settings, store)
    app.services.holds = Holds(limits.get("per_client", 64), limits.get("in_all", 20_000), clock)
    async with app.running(), client_of(app) as client:
        world = World(app, client, clock)
        yield world
        for viewer in world.viewers:
            viewer.leave()
            await viewer.ended()
        assert (len(app.services.holds), clock.dues()) == (0, []), "nothing is left of those who were held"


@pytest.fixture
async def world(settings: Settings, store: Store) -> AsyncIterator[World]:
    async with world_of(settings, store) as world:
        yield world


@pytest.mark.parametrize("what", ["list", "record", "stats", "errors"])
async def test_a_poll_is_held_until_its_answer_changes(world: World, store: Store, what: str) -> None:
    job_id = running(store)
    path = {
        "list": "/api/jobs",
        "record": f"/api/jobs/{job_id}",
        "stats": "/api/stats",
        "errors": f"/api/jobs/{job_id}/errors",
    }[what]
    viewer = await world.held(path)
    assert not viewer.has_news()
    store.finish(job_id, 1, DONE, now=now_ms())
    held = await answer(viewer)
    fresh = await world.client.get(path, headers={"accept-encoding": "identity"})
    assert (held.status, held.body) == (200, fresh.content)
    assert held.headers["etag"] == fresh.headers["etag"]
    assert held.headers["preference-applied"] == "wait=10"


async def test_what_changes_for_others_answers_nobody(world: World, store: Store) -> None:
    job_id = running(store)
    viewer = await world.held("/api/jobs?type=prune")
    store.report([Progress(job_id=job_id, attempt=1, processed=5, total=10)])
    await world.client.get("/api/jobs")
    assert not viewer.has_news()


async def test_after_its_time_it_is_answered_that_nothing_changed(world: World) -> None:
    viewer = await world.held("/api/jobs", "wait=20")
    (due,) = world.clock.dues()
    assert 18 <= due <= 20
    world.clock.advance(17.9)
    assert not viewer.has_news()
    world.clock.advance(2.1)
    held = await answer(viewer)
    assert (held.status, held.headers["preference-applied"]) == (304, "wait=20")


async def test_holds_end_apart(world: World) -> None:
    for _ in range(30):
        await world.held("/api/jobs")
    assert len({round(due, 3) for due in world.clock.dues()}) > 25


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=100", "wait=25"),
        ('respond-async, wait="7"', "wait=7"),
        ("handling=lenient; a=1, wait=3; b=2, wait=9", "wait=3"),
        ('note="a, wait=9", Wait = 4', "wait=4"),
    ],
)
async def test_the_preference_is_read_as_rfc_7240_has_it(world: World, prefer: str, applied: str) -> None:
    viewer = await world.held("/api/jobs", prefer)
    world.clock.advance(30)
    assert (await answer(viewer)).headers["preference-applied"] == applied


@pytest.mark.parametrize("prefer", ["wait", "wait=soon", "wait=-1", "wait=1.5", "wait=", "return=minimal"])
async def test_what_is_no_wait_is_no_preference(world: World, prefer: str) -> None:
    tag = await world.tag("/api/jobs")
    got = await world.client.get("/api/jobs", headers={"if-none-match": tag, "prefer": prefer})
    assert (got.status_code, "preference-applied" in got.headers) == (304, False)


async def test_without_a_tag_it_is_an_ordinary_answer(world: World) -> None:
    got = await world.client.get("/api/jobs", headers={"prefer": "wait=10"})
    assert (got.status_code, "preference-applied" in got.headers) == (200, False)


@pytest.mark.parametrize("wait", [0, 10])
async def test_news_is_given_at_once_and_says_that_waiting_is_known(world: World, wait: int) -> None:
    headers = {"if-none-match": 'W/"of another time"', "prefer": f"wait={wait}"}
    got = await world.client.get("/api/jobs", headers=headers)
    assert (got.status_code, got.headers["preference-applied"]) == (200, f"wait={wait}")


async def test_a_wait_of_nothing_is_not_held_and_says_that_waiting_is_known(world: World) -> None:
    headers = {"if-none-match": await world.tag("/api/jobs"), "prefer": "wait=0"}
    got = await world.client.get("/api/jobs", headers=headers)
    assert (got.status_code, got.headers["preference-applied"]) == (304, "wait=0")


async def test_head_is_not_held(world: World) -> None:
    headers = {"if-none-match": await world.tag("/api/jobs"), "prefer": "wait=10"}
    assert (await world.client.head("/api/jobs", headers=headers)).status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/jobs?limits=1", 400), ("/api/jobs/00000000-0000-0000-0000-000000000000", 404)],
)
async def test_errors_come_first(world: World, path: str, status: int) -> None:
    got = await world.client.get(path, headers={"if-none-match": '"x"', "prefer": "wait=10"})
    assert got.status_code == status


async def test_a_job_that_is_deleted_meanwhile_is_gone(world: World, store: Store) -> None:
    job_id = ended(store)
    viewer = await world.held(f"/api/jobs/{job_id}")
    deleted = await world.client.delete(f"/api/jobs/{job_id}", headers=OWN_PAGE)
    assert deleted.status_code < 300
    gone = await answer(viewer)
    assert (gone.status, json.loads(gone.body)["code"]) == (404, "NOT_FOUND")


async def test_who_leaves_is_not_waited_for(world: World) -> None:
    viewer = await world.held("/api/jobs")
    viewer.leave()
    await viewer.ended()
    assert len(world.app.services.holds) == 0


async def test_when_the_server_ends_everybody_is_answered_and_nobody_held_any_more(
    settings: Settings, store: Store
) -> None:
    async with world_of(settings, store, per_client=200) as world:
        log = f"/api/jobs/{running(store)}/logs"
        viewers = [await world.held("/api/jobs") for _ in range(100)] + [await world.held(f"{log}?start=0")]
        world.app.services.drain()
        for viewer in viewers:
            held = await answer(viewer)
            assert (held.status, "preference-applied" in held.headers) == (304, False)
        headers = {"if-none-match": await world.tag("/api/jobs"), "prefer": "wait=10"}
        got = await world.client.get("/api/jobs", headers=headers)
        assert (got.status_code, "preference-applied" in got.headers) == (304, False)


@pytest.mark.parametrize("limits", [{"per_client": 2}, {"in_all": 2}])
async def test_over_the_limit_polls_are_answered_without_holding(
    settings: Settings, store: Store, limits: dict[str, int]
) -> None:
    async with world_of(settings, store, **limits) as world:
        for _ in range(2):
            await world.held("/api/jobs")
        headers = {"if-none-match": await world.tag("/api/jobs"), "prefer": "wait=10"}
        got = await world.client.get("/api/jobs", headers=headers)
        assert (got.status_code, "preference-applied" in got.headers) == (304, False)
        world.viewers[0].leave()
        await world.viewers[0].ended()
        await world.held("/api/jobs")


async def test_a_thousand_changes_are_read_a_few_times_and_the_last_one_is_shown(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = running(store)
    viewers = [await world.held(f"/api/jobs/{job_id}") for _ in range(50)]
    reads = 0
    read = store.read

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal reads
        reads += 1
        return read(*arguments, **named)

    monkeypatch.setattr(store, "read", counted)
    for n in range(1, 1001):
        store.report([Progress(job_id=job_id, attempt=1, processed=n, total=1000)])
    first = [await answer(viewer) for viewer in viewers]
    assert len({held.body for held in first}) == 1
    assert 1 <= reads <= 3
    assert (await world.client.get(f"/api/jobs/{job_id}")).json()["processed_count"] == 1000


async def test_a_held_log_is_answered_when_it_grows(world: World, settings: Settings, store: Store) -> None:
    job_id = running(store)
    given_logs.write(settings, job_id, "one\n")
    path = f"/api/jobs/{job_id}/logs?start=4"
    viewers = [await world.held(path) for _ in range(3)]
    given_logs.write(settings, job_id, "two\n")
    for viewer in viewers:
        held = await answer(viewer)
        assert json.loads(held.body)["text"] == "two\n"
        assert held.headers["preference-applied"] == "wait=10"


async def test_a_held_log_is_answered_when_its_job_has_ended(
    world: World, settings: Settings, store: Store
) -> None:
    job_id = running(store)
    given_logs.write(settings, job_id, "one\n")
    viewer = await world.held(f"/api/jobs/{job_id}/logs?start=4")
    store.finish(job_id, 1, DONE, now=now_ms())
    assert json.loads((await answer(viewer)).body)["complete"] is True


async def test_many_who_wait_for_one_log_cost_one_look_and_one_read(
    world: World, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpo_polling import logs
    from vpo_polling.logs import watch

    job_id = running(store)
    given_logs.write(settings, job_id, "one\n")
    viewers = [await world.held(f"/api/jobs/{job_id}/logs?start=4") for _ in range(40)]
    looks, reads, look, read = 0, 0, watch.look, logs.read_unless

    def counted_look(paths: Any) -> object:
        nonlocal looks
        looks += 1
        return look(paths)

    def counted_read(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return read(*arguments)

    monkeypatch.setattr(watch, "look", counted_look)
    monkeypatch.setattr(logs, "read_unless", counted_read)
    await until(lambda: looks > 2)
    before, quiet = looks, reads
    await until(lambda: looks > before + 2)
    assert reads == quiet, "nothing is read while nothing changes"
    given_logs.write(settings, job_id, "two\n")
    for viewer in viewers:
        assert json.loads((await answer(viewer)).body)["text"] == "two\n"
    assert reads - quiet <= 3


async def test_a_tag_from_before_a_restart_is_still_good_and_a_strange_one_gets_the_whole_answer(
    settings: Settings, store: Store
) -> None:
    running(store)
    async with world_of(settings, store) as first:
        tag = (await first.client.get("/api/jobs")).headers["etag"]
    wanted = {"a-im": "vpo-rows", "prefer": "wait=20"}
    async with world_of(settings, store) as second:
        again = await second.client.get(
            "/api/jobs", headers={**wanted, "prefer": "wait=0", "if-none-match": tag}
        )
        assert again.status_code == 304
    running(store)
    async with world_of(settings, store) as third:
        for unknown in (tag, 'W/"of-another-database"'):
            whole = await third.client.get("/api/jobs", headers={**wanted, "if-none-match": unknown})
            assert (whole.status_code, len(whole.json()["jobs"])) == (200, 2)
