"""Cursors and statistics as the API speaks them."""

from __future__ import annotations

import asyncio

import pytest
from given_jobs import ended, queued
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

pytestmark = pytest.mark.anyio


async def test_a_list_is_read_from_cursor_to_cursor(settings: Settings, store: Store) -> None:
    there = [queued(store, now=moment) for moment in range(1, 6)][::-1]
    async with serving(settings, store) as client:
        found, cursor = [], ""
        while cursor is not None:
            answer = (await client.get("/api/jobs", params={"limit": 2, "cursor": cursor})).json()
            found += [job["id"] for job in answer["jobs"]]
            cursor = answer["next_cursor"]
            queued(store, now=100)
    assert found == there


@pytest.mark.parametrize(
    "cursor", ["x", "a1", "a1.", "c1.0", "a-1.0", "a" + "9" * 16 + ".0", "a1.0;--", "a\u0661.0"]
)
async def test_what_is_no_cursor_is_refused_by_name(settings: Settings, store: Store, cursor: str) -> None:
    queued(store)
    async with serving(settings, store) as client:
        answer = await client.get("/api/jobs", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
        assert "cursor" in answer.json()["error"]
        page = await client.get("/jobs", params={"cursor": cursor})
        assert page.status_code == 400
        assert "the list begins at its first page" in page.text
        assert page.text.count("data-vpo-row=") > 0


async def test_a_cursor_goes_with_the_order_of_creation_only(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    params = {"sort": "status", "cursor": f"a1.{job_id}"}
    async with serving(settings, store) as client:
        answer = await client.get("/api/jobs", params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
        assert "sort=created_at" in answer.json()["error"]
        assert (await client.get("/jobs", params=params)).status_code == 400


async def test_statistics_are_conditional_and_move_with_jobs_that_end(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        first = await client.get("/api/stats")
        assert first.status_code == 200
        tag = {"if-none-match": first.headers["etag"]}
        assert (await client.get("/api/stats", headers=tag)).status_code == 304
        await asyncio.to_thread(ended, store, now=now_ms())
        second = await client.get("/api/stats", headers=tag)
        assert (second.status_code, second.json()["total_completed"]) == (200, 1)
        week = (await client.get("/api/stats?since=7d")).json()
        assert (week["since"], len(week["hours"])) == ("7d", 168)
        for bad, code in (("since=1y", 400), ("status=failed", 400), ("since=30d", 400)):
            assert (await client.get(f"/api/stats?{bad}")).status_code == code
        unknown = (await client.get("/api/stats?limit=3")).json()
        assert unknown["code"] == "UNKNOWN_PARAMETERS"
        assert (await client.post("/api/stats")).status_code in (403, 405)
