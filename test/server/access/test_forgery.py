"""Requests that have an effect come from our own pages, from the same origin, or with a token."""

from __future__ import annotations

import httpx
import pytest
from given_jobs import queued
from serving import BASE, OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio

REFUSED = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": ""},
    {"sec-fetch-site": "cross-site", "origin": BASE},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:8081"},
    {"origin": "http://localhost"},
    {"origin": "localhost:8080"},
    {"origin": "ftp://localhost:8080"},
    {"origin": "http://localhost:8080.evil.example"},
    {"origin": "http://[::1"},
    {"origin": f"{BASE}, {BASE}"},
    {"referer": f"{BASE}/jobs"},
    {"authorization": "Bearer guessed"},
    {"authorization": "Basic eDp5"},
]
ALLOWED = [
    OWN_PAGE,
    {"sec-fetch-site": "same-origin", "origin": "http://other.example"},
    {"origin": BASE},
    {"origin": "https://LOCALHOST:8080"},
]


@pytest.mark.parametrize("headers", REFUSED)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_foreign_requests_have_no_effect(
    settings: Settings, store: Store, headers: dict[str, str], accept: str
) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        answers = [
            await client.post(f"/api/jobs/{job_id}/cancel", headers={"accept": accept, **headers}),
            await client.delete(f"/api/jobs/{job_id}", headers={"accept": accept, **headers}),
            await client.post(
                "/api/jobs", data={"type": "scan", "path": "."}, headers={"accept": accept, **headers}
            ),
        ]
    assert [answer.status_code for answer in answers] == [403] * 3
    if accept == "application/json":
        assert {answer.json()["code"] for answer in answers} == {"CSRF_ERROR"}
        assert "Origin" in answers[0].json()["error"], "it says what to do"
    record = store.get_job(job_id)
    assert record is not None
    assert record["status"] == "queued"


@pytest.mark.parametrize("headers", ALLOWED)
async def test_own_requests_have_theirs(settings: Settings, store: Store, headers: dict[str, str]) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        assert (await client.post(f"/api/jobs/{job_id}/cancel", headers=headers)).status_code == 200


async def test_a_default_port_may_be_left_out(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:

        async def cancel(origin: str, host: str) -> httpx.Response:
            return await client.post(f"/api/jobs/{job_id}/cancel", headers={"origin": origin, "host": host})

        assert (await cancel("https://localhost", "localhost:443")).status_code == 200
        assert (await cancel("http://localhost:80", "localhost")).status_code == 409
        assert (await cancel("https://localhost:80", "localhost")).status_code == 403


async def test_a_bearer_token_needs_no_origin(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    token = store.tokens.create(scope="admin", name="cli", now=1_000)
    async with serving(settings, store) as client:
        headers = {"authorization": f"Bearer {token}"}
        assert (await client.post(f"/api/jobs/{job_id}/cancel", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/x-json", "text/plain;application/json", "application/xml"]
)
async def test_other_bodies_are_refused(settings: Settings, store: Store, content_type: str) -> None:
    body = b'{"type": "scan", "path": "."}'
    async with serving(settings, store) as client:
        refused = await client.post(
            "/api/jobs", content=body, headers=OWN_PAGE | {"content-type": content_type}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_ERROR")
        allowed = await client.post(
            "/api/jobs", content=body, headers=OWN_PAGE | {"content-type": "Application/JSON; charset=utf-8"}
        )
        assert allowed.status_code == 201


async def test_reads_need_none_of_this(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
            response = await client.get("/api/jobs", headers=headers)
            assert response.status_code == 200
            assert "access-control-allow-origin" not in response.headers
