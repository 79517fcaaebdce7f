"""A delta applied to its base is the fresh answer, byte for byte."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from given_jobs import queued, running
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import client_of
from vpo_polling.app import create_app
from vpo_polling.feed import canonical
from vpo_polling.feed.deltas import MAX_BASES, apply, difference
from vpo_polling.settings import Settings
from vpo_polling.store import Progress, Store

values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1.0, 0.5, "", "é", "\ud800"])
)
rows = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcdef__"), "status": values, "n": values}),
    max_size=6,
    unique_by=lambda row: row["id"],
)
answers = st.fixed_dictionaries({"jobs": rows, "total": values}, optional={"counts": values, "more": values})


@settings(max_examples=400)
@given(before=answers, after=answers)
def test_a_delta_applied_is_the_fresh_answer(before: dict[str, Any], after: dict[str, Any]) -> None:
    changes = difference(before, after, "jobs", "id")
    if changes is None:
        assert list(before) != list(after), "only members that come or go can't be told"
        return
    assert canonical(apply(before, changes, "jobs", "id")) == canonical(after)
    unchanged = {row["id"] for row in before["jobs"] if canonical(row) in map(canonical, after["jobs"])}
    assert not unchanged & {row["id"] for row in changes["rows"]}


HEADERS = {"a-im": "vpo-rows"}


async def fetched(client: httpx.AsyncClient, tag: str) -> httpx.Response:
    return await client.get("/api/jobs", headers={**HEADERS, "if-none-match": tag})


@pytest.mark.anyio
async def test_what_changed_of_the_list_is_sent_alone(settings: Settings, store: Store) -> None:
    app = create_app(settings, store)
    ids = [running(store, f"/media/{n}") for n in range(20)]
    async with app.running(), client_of(app) as client:
        base = await client.get("/api/jobs")
        await asyncio.to_thread(store.report, [Progress(job_id=ids[3], attempt=1, processed=1, total=2)])
        got = await fetched(client, base.headers["etag"])
        assert (got.status_code, got.headers["im"]) == (226, "vpo-rows")
        assert got.headers["delta-base"] == base.headers["etag"]
        assert got.headers["cache-control"] == "no-store"
        assert [row["id"] for row in got.json()["rows"]] == [ids[3]]
        fresh = await client.get("/api/jobs")
        assert canonical(apply(base.json(), got.json(), "jobs", "id")) == canonical(fresh.json())
        assert got.headers["etag"] == fresh.headers["etag"] == got.json()["etag"]
        plain = await client.get("/api/jobs", headers={"if-none-match": base.headers["etag"]})
        assert plain.status_code == 200, "who does not ask for deltas gets none"
        unknown = await fetched(client, 'W/"of another server"')
        assert (unknown.status_code, unknown.content) == (200, fresh.content)


@pytest.mark.anyio
async def test_who_is_far_behind_gets_everything(settings: Settings, store: Store) -> None:
    app = create_app(settings, store)
    async with app.running(), client_of(app) as client:
        for n in range(20):
            running(store, f"/media/{n}")
        old = (await client.get("/api/jobs")).headers["etag"]
        for n in range(MAX_BASES + 2):
            await asyncio.to_thread(queued, store, f"/new/{n}")
            await client.get("/api/jobs")
        assert (await fetched(client, old)).status_code == 200
