"""Builds that are asked for on the page, and the watchers that take them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api.test_openapi import described
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

from reported.support import ACCOUNTS, WATCHERS, Reporter

pytestmark = pytest.mark.anyio
GITHUB = ACCOUNTS["github"]
LEASE_MS = 30_000


async def ask_for(client: httpx.AsyncClient, target: str = "github:octo:repo:123") -> Reporter:
    answer = await client.post("/api/builds", json={"target": target}, headers=OWN_PAGE)
    described(answer, "/api/builds")
    return Reporter(client, answer.json()["id"])


async def claim(client: httpx.AsyncClient, watcher: int = 0, **accounts: str) -> list[dict[str, Any]]:
    body = {"watcher": WATCHERS[watcher], "accounts": accounts}
    answer = await client.post("/api/builds/claim", json=body, headers=OWN_PAGE)
    described(answer, "/api/builds/claim")
    return list(answer.json()["builds"])


async def test_a_build_is_asked_for_and_shown_until_somebody_watches_it(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        listed = await client.get("/api/builds")
        described(listed, "/api/builds")
        job = await ask_for(client, "github:octo/repo@main")
        record = await job.record()
        assert (record["job_type"], record["status"], record["watch"]) == ("build", "queued", "watching")
        assert (record["platform"], record["project"]) == ("github", "octo/repo@main")
        assert record["needs_watcher"]
        assert not record["can_cancel"]
        assert not record["can_delete"]
        # Who watches hears of it.
        news = await client.get("/api/builds", headers={"if-none-match": listed.headers["etag"]})
        assert [row["id"] for row in news.json()["builds"]] == [job.id]
        [taken] = await claim(client, github=GITHUB)
        assert taken == {"job_id": job.id, "target": "github:octo/repo@main", "watch": "watching"}
        assert not (await job.record())["needs_watcher"]
        # A look that finds nothing out yet takes nothing away.
        await job.put("queued", watch_message="GitHub: 502")
        assert (await job.record())["project"] == "octo/repo@main"
        await job.put("running", project="octo/repo", pinned="github:octo:repo:9")
        [taken] = await claim(client, github=GITHUB)
        assert taken["target"] == "github:octo:repo:9"


async def test_the_same_build_again_is_the_same_job(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        again = await client.post("/api/builds", json={"target": " github:octo:repo:123 "}, headers=OWN_PAGE)
        described(again, "/api/builds")
        assert (again.status_code, again.json()["id"]) == (200, job.id)
        form = await client.post("/api/builds", data={"target": "github:octo:repo:123"}, headers=OWN_PAGE)
        assert (form.status_code, form.headers["location"]) == (303, f"/jobs/{job.id}")


@pytest.mark.parametrize(
    "target",
    [
        "",
        "octo/repo",
        "github:",
        "github:octo",
        "github:octo:repo:x",
        "git:a:b:1",
        "jenkins:7",
        "gitlab::4",
        "github:octo:repo:123\n",
        "github:" + "x" * 1000 + ":r:1",
    ],
)
async def test_what_is_no_build_is_refused_with_how_it_is_written(
    settings: Settings, store: Store, target: str
) -> None:
    async with serving(settings, store) as client:
        answer = await client.post("/api/builds", json={"target": target}, headers=OWN_PAGE)
        if target.endswith("\n"):
            assert answer.status_code == 201  # spaces around it are nobody's mistake
            return
        described(answer, "/api/builds")
        assert answer.status_code == 400
        assert answer.json()["details"] == {"field": "target"}


@pytest.mark.parametrize(
    "target",
    [
        "github:octo:repo:123",
        "github:octo/repo@feature/x",
        "github:octo/repo#12",
        "gitlab:group%2Fproject:45",
        "gitlab:7!3",
        "gitlab:group%2Fp@main",
        "jenkins:folder/job:7",
        "jenkins:queue:12",
    ],
)
async def test_builds_of_every_kind_are_taken(settings: Settings, store: Store, target: str) -> None:
    async with serving(settings, store) as client:
        await ask_for(client, target)


async def test_one_watcher_holds_all_builds_of_an_account(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        jobs = [await ask_for(client, f"github:octo:repo:{n}") for n in (1, 2)]
        other = await ask_for(client, "gitlab:7:8")
        assert [row["job_id"] for row in await claim(client, 0, github=GITHUB)] == [job.id for job in jobs]
        assert await claim(client, 1, github=GITHUB) == []
        # Another token of the same platform has nothing of these either.
        assert await claim(client, 1, github="api.github.com ba9876543210") == []
        assert [row["job_id"] for row in await claim(client, 1, gitlab="gitlab.com x")] == [other.id]
        late = await ask_for(client, "github:octo:repo:3")
        assert [row["job_id"] for row in await claim(client, 0, github=GITHUB)][-1] == late.id


async def test_a_lease_that_ends_or_is_given_back_goes_to_the_next_watcher(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        now = 1_000_000_000_000
        assert store.claim_builds(WATCHERS[0], ACCOUNTS, now=now, lease_ms=LEASE_MS)
        assert not store.claim_builds(WATCHERS[1], ACCOUNTS, now=now + LEASE_MS - 1, lease_ms=LEASE_MS)
        assert store.claim_builds(WATCHERS[0], ACCOUNTS, now=now + LEASE_MS - 1, lease_ms=LEASE_MS)
        assert not store.claim_builds(WATCHERS[1], ACCOUNTS, now=now + LEASE_MS + 1, lease_ms=LEASE_MS)
        assert store.claim_builds(WATCHERS[1], ACCOUNTS, now=now + 2 * LEASE_MS, lease_ms=LEASE_MS)
        assert store.claim_builds(WATCHERS[1], {}, now=now + 2 * LEASE_MS, lease_ms=LEASE_MS) == []
        other_token = {"github": "api.github.com ba9876543210"}
        [taken] = store.claim_builds(WATCHERS[0], other_token, now=now + 2 * LEASE_MS, lease_ms=LEASE_MS)
        assert taken["job_id"] == job.id


async def test_who_has_lost_the_lease_overwrites_nothing(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await claim(client, 0, github=GITHUB)
        await claim(client, 0)  # given back
        await claim(client, 1, github=GITHUB)
        old, new = ({"vpo-watcher": name} for name in WATCHERS)
        assert (await job.put("running", headers=new)).status_code == 200
        refused = await job.put("queued", headers=old)
        described(refused, "/api/jobs/{job_id}")
        assert refused.status_code == 409
        assert "Another watcher" in refused.json()["error"]
        assert (await job.event({"type": "X"}, after=0, **old)).status_code == 409
        assert (await job.record())["status"] == "running"


async def test_events_are_stored_once_and_say_how_the_watching_ended(
    settings: Settings, store: Store
) -> None:
    path = "/api/jobs/{job_id}/events"
    async with serving(settings, store) as client:
        job = await ask_for(client)
        first = {"type": "BUILD.POLLING_STARTED", "tags": {"buildId": "octo:repo:123"}, "data": {"n": 1}}
        second = {"type": "BUILD.STATUS_UPDATED"}
        described(await job.event(first, second, after=0), path)
        # The answer was lost: all of it comes again, with one more.
        assert (await job.event(first, second, {"type": "BUILD.QUEUED"}, after=0)).json()["total"] == 3
        gap = await job.event(first, after=5)
        described(gap, path)
        assert (gap.status_code, gap.json()["details"]) == (409, {"after": 3})
        read = await client.get(f"{job.path}/events")
        described(read, path)
        assert [row["type"] for row in read.json()["events"]] == [
            "BUILD.POLLING_STARTED",
            "BUILD.STATUS_UPDATED",
            "BUILD.QUEUED",
        ]
        assert read.json()["events"][0]["data"] == {"n": 1}
        later = (await client.get(f"{job.path}/events?after=2")).json()
        assert [row["number"] for row in later["events"]] == [3]
        described(await job.event({"type": "small"}), path)


ENDS = [
    ({"type": "BUILD.POLLING_COMPLETED"}, "finished", None),
    ({"type": "BUILD.POLLING_TIMEOUT", "data": {"error": "an hour"}}, "timeout", "an hour"),
    (
        {
            "type": "BUILD.POLLING_ERROR",
            "tags": {"reason": "Unauthorized"},
            "data": {"isFinal": True, "error": "401"},
        },
        "unauthorized",
        "401",
    ),
    (
        {"type": "BUILD.POLLING_ERROR", "tags": {"reason": "BuildNotFound"}, "data": {"isFinal": True}},
        "not_found",
        None,
    ),
    ({"type": "BUILD.POLLING_ERROR", "data": {"isFinal": True, "error": "502"}}, "lost", "502"),
    ({"type": "BUILD.POLLING_ERROR", "data": {"error": "502"}}, "watching", None),
]


@pytest.mark.parametrize(("event", "watch", "message"), ENDS)
async def test_a_watching_that_ends_leaves_the_last_status(
    settings: Settings, store: Store, event: dict[str, Any], watch: str, message: str | None
) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await job.put("running")
        await job.event(event)
        record = await job.record()
        assert (record["status"], record["watch"], record["watch_message"]) == ("running", watch, message)
        assert record["can_watch_again"] == record["can_delete"] == (watch != "watching")


async def test_stop_watching_and_watch_again(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await job.put("running")
        stopped = await client.post(f"{job.path}/stop-watching", headers=OWN_PAGE)
        described(stopped, "/api/jobs/{job_id}/stop-watching")
        assert (stopped.json()["watch"], stopped.json()["status"]) == ("stopped", "running")
        assert await claim(client, github=GITHUB) == []
        twice = await client.post(f"{job.path}/stop-watching", headers=OWN_PAGE)
        described(twice, "/api/jobs/{job_id}/stop-watching")
        assert twice.status_code == 409
        again = await client.post(f"{job.path}/watch", headers=OWN_PAGE)
        described(again, "/api/jobs/{job_id}/watch")
        assert again.json()["watch"] == "watching"
        assert len(await claim(client, github=GITHUB)) == 1


async def test_builds_are_neither_cancelled_nor_retried_here(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await job.put("running")
        cancel = await client.post(f"{job.path}/cancel", headers=OWN_PAGE)
        assert cancel.status_code == 409
        assert "cancel it there" in cancel.json()["error"]
        await job.put("failed")
        retry = await client.post(f"{job.path}/retry", headers=OWN_PAGE)
        assert retry.status_code == 409
        assert "run it again there" in retry.json()["error"]


async def test_a_build_that_has_ended_is_looked_at_for_an_hour_and_goes_on_as_the_next_attempt(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await job.put("failed")
        await job.event({"type": "BUILD.POLLING_COMPLETED"})
        [taken] = await claim(client, github=GITHUB)
        assert taken["watch"] == "finished"
        assert store.claim_builds(WATCHERS[0], ACCOUNTS, now=4_000_000_000_000, lease_ms=LEASE_MS) == []
        record = (await job.put("running")).json()
        assert (record["watch"], record["attempt"]) == ("watching", 2)


async def test_logs_of_a_build_may_come_after_its_end(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = await ask_for(client)
        await job.put("failed", stages=[{"id": "a", "name": "A", "status": "failed"}])
        assert not (await job.shown_log(stage="a"))["complete"]
        await job.log(b"why\n", stage="a")
        await job.event({"type": "BUILD.POLLING_COMPLETED"})
        shown = await job.shown_log(stage="a")
        assert (shown["text"], shown["complete"]) == ("why\n", True)
