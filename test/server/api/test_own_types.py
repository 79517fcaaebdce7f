"""Jobs of types that people's own programs bring: listed, filtered, never run again from here."""

from __future__ import annotations

import re

import anyio
import pytest
from given_jobs import DONE, queued
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import NewJob, OwnProcess, Store

pytestmark = pytest.mark.anyio
ME = OwnProcess(pid=1, started=1.0)


def tracked(store: Store, job_type: str = "import") -> str:
    return store.begin_tracked(NewJob(job_type=job_type, file_path="orders.csv"), ME, now=1_000)


async def test_a_type_that_there_are_jobs_of_can_be_filtered_by(settings: Settings, store: Store) -> None:
    job_id = tracked(store)
    queued(store)
    async with serving(settings, store) as client:
        found = (await client.get("/api/jobs?type=import")).json()["jobs"]
        assert [(job["id"], job["job_type"]) for job in found] == [(job_id, "import")]
        later = await client.get("/api/jobs?type=export")
        assert (later.status_code, later.json()["error"]) == (400, "Invalid type value: 'export'")
        tracked(store, "export")
        assert (await client.get("/api/jobs?type=export")).json()["total"] == 1


async def test_only_a_word_that_is_new_costs_a_look_at_the_types(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(store)
    looks: list[None] = []
    types = Store.job_types

    def counted(self: Store) -> list[str]:
        looks.append(None)
        return types(self)

    monkeypatch.setattr(Store, "job_types", counted)
    async with serving(settings, store) as client:
        for wanted in ("scan", "import", "import", "", "no%20word", "import"):
            await client.get(f"/api/jobs?type={wanted}")
    assert len(looks) == 1


async def test_the_page_shows_the_word_as_it_is_and_offers_it_as_a_filter(
    settings: Settings, store: Store
) -> None:
    job_id = tracked(store)
    async with serving(settings, store) as client:
        page = (await client.get("/jobs?type=import", headers={"accept": "text/html"})).text
        assert re.search(r'<option value="import" selected[^>]*>import</option>', page)
        assert "orders.csv" in page
        page = (await client.get(f"/jobs/{job_id}", headers={"accept": "text/html"})).text
        assert page.count(">import<") == 1
        refused = await client.get("/jobs?type=export", headers={"accept": "text/html"})
        assert (refused.status_code, "“export” is no type of jobs" in refused.text) == (400, True)


async def test_a_tracked_job_is_not_run_again_from_here(settings: Settings, store: Store) -> None:
    job_id = tracked(store)
    assert store.claim_next(now=2_000) is None, "it runs already, elsewhere"
    await anyio.to_thread.run_sync(lambda: store.finish(job_id, 1, DONE, now=2_000))
    async with serving(settings, store) as client:
        record = (await client.get(f"/api/jobs/{job_id}")).json()
        assert (record["can_retry"], record["can_delete"]) == (False, True)
        refused = await client.post(f"/api/jobs/{job_id}/retry", json={}, headers=OWN_PAGE)
        sentence = "A program of its own reported this job; run that program again"
        assert (refused.status_code, refused.json()["error"]) == (409, sentence)


def test_types_are_found_from_one_to_the_next(store: Store) -> None:
    assert store.job_types() == []
    for word in ("scan", "import", "a", "import", "scan", "scan"):
        tracked(store, word)
    assert store.job_types() == ["a", "import", "scan"]
    with store.snapshot() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT min(job_type) FROM jobs WHERE job_type > 'a'"
        ).all()
    assert "jobs_by_type" in str(plan)
