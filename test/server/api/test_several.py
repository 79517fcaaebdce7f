"""One action for several jobs: what can be done is done, and who refused is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from given_jobs import ended, queued, running
from serving import BASE, OWN_PAGE, FakeRunner, serving
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
FORM = OWN_PAGE | {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ACTIONS = ("cancel", "retry", "delete")


def status(store: Store, job_id: str) -> str | None:
    record = store.get_job(job_id)
    return None if record is None else str(record["status"])


async def act(client: httpx.AsyncClient, action: str, ids: Any) -> httpx.Response:
    return await client.post(f"/api/jobs/{action}", json={"id": ids}, headers=OWN_PAGE)


async def test_all_do_it(settings: Settings, store: Store) -> None:
    waiting, working, done, other = queued(store), running(store), ended(store), ended(store)
    runner = FakeRunner()
    async with serving(settings, store, runner) as client:
        cancelled = await act(client, "cancel", [waiting, working, waiting])
        assert (cancelled.status_code, cancelled.json()) == (200, {"done": [waiting, working]})
        assert (await act(client, "retry", done)).json() == {"done": [done]}
        assert (await act(client, "delete", [other])).json() == {"done": [other]}
    assert [status(store, job_id) for job_id in (waiting, done, other)] == ["cancelled", "queued", None]
    assert f"cancel {working}" in runner.told
    assert "wake" in runner.told


async def test_one_that_refuses_keeps_no_other_from_it(settings: Settings, store: Store) -> None:
    done, waiting = ended(store), queued(store)
    async with serving(settings, store) as client:
        answer = await act(client, "cancel", [done, NOBODY, waiting])
        said = answer.json()
        assert (answer.status_code, said["code"]) == (409, "RESOURCE_CONFLICT")
        assert said["error"].startswith("Refused by 2 of 3 jobs: ")
        assert said["details"]["done"] == [waiting]
        assert [one["id"] for one in said["details"]["refused"]] == [done, NOBODY]
        assert all(one["error"] and one["code"] for one in said["details"]["refused"])
        alone = (await act(client, "cancel", [done])).json()
        assert "Refused by" not in alone["error"], "of one job, its own reason"
    assert status(store, waiting) == "cancelled"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("ids", [None, [], "", "zz", ["zz"], [1], {"a": 1}, [NOBODY] * 1001, [[NOBODY]]])
async def test_what_names_no_jobs_is_refused_and_does_nothing(
    settings: Settings, store: Store, action: str, ids: Any
) -> None:
    job_id = ended(store)
    async with serving(settings, store) as client:
        sent = [*ids, job_id] if ids == ["zz"] else ids
        answer = await act(client, action, sent)
        assert answer.status_code == 400
        empty = await client.post(f"/api/jobs/{action}", json={}, headers=OWN_PAGE)
        assert (empty.status_code, empty.json()["code"]) == (400, "VALIDATION_FAILED")
    assert status(store, job_id) == "completed"


async def test_a_form_leads_back_to_the_list_it_stood_on(settings: Settings, store: Store) -> None:
    shown = f"{BASE}/jobs?status=queued&limit=3"
    cases = {
        shown: "/jobs?status=queued&limit=3",
        f"{BASE}/jobs": "/jobs",
        "http://evil.example/jobs?status=queued": "/jobs",
        f"{BASE}/elsewhere?status=queued": "/jobs",
        "": "/jobs",
    }
    async with serving(settings, store) as client:
        for referer, location in cases.items():
            ids = [queued(store), queued(store)]
            sent = await client.post(
                "/api/jobs/cancel", data={"id": ids}, headers=FORM | {"referer": referer}
            )
            assert (sent.status_code, sent.headers["location"]) == (303, location)
            assert [status(store, job_id) for job_id in ids] == ["cancelled"] * 2
        nothing = await client.post("/api/jobs/cancel", data={"x": "y"}, headers=FORM)
        assert nothing.status_code == 400
        assert nothing.headers["content-type"].startswith("text/html")
        assert "Select the jobs first" in nothing.text


async def test_a_thousand_at_once_fit_into_a_form(settings: Settings, store: Store) -> None:
    there = queued(store)
    ids = [there, *(f"01234567-89ab-cdef-0123-{number:012d}" for number in range(999))]
    async with serving(settings, store) as client:
        sent = await client.post("/api/jobs/cancel", data={"id": ids}, headers=FORM)
    assert sent.status_code == 409
    assert "Refused by 999 of 1000 jobs" in sent.text
    assert status(store, there) == "cancelled"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}])
async def test_foreign_pages_do_nothing(
    settings: Settings, store: Store, action: str, headers: dict[str, str]
) -> None:
    job_id = ended(store)
    async with serving(settings, store) as client:
        answer = await client.post(f"/api/jobs/{action}", json={"id": job_id}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_ERROR")
    assert status(store, job_id) == "completed"


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_list_is_no_second_door_for_reporters_and_strangers(
    settings: Settings, store: Store, media: Path, action: str
) -> None:
    job_id = ended(store)
    token = store.tokens.create(scope="report", name="ci", now=1_000)
    locked = load({"data_dir": settings.data_dir, "scan_roots": [media], "auth_token": "the server's own"})
    async with serving(locked, store) as client:
        for headers, status_code in (
            ({"authorization": f"Bearer {token}"}, 403),
            ({"authorization": "Bearer guessed"}, 401),
            (OWN_PAGE, 401),
        ):
            answer = await client.post(f"/api/jobs/{action}", json={"id": [job_id]}, headers=headers)
            assert answer.status_code == status_code
    assert status(store, job_id) == "completed"
