"""Projects, sessions and turns over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from api.test_openapi import described
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

from . import transcripts as t
from .conftest import Place

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
NDJSON = {**OWN_PAGE, "content-type": "application/x-ndjson"}
SESSION = "/api/projects/{project_id}/sessions/{session_id}"
TURN = f"{SESSION}/turns/{{turn_id}}"


@pytest.fixture
async def client(settings: Settings, store: Store, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "work" / "site").mkdir(parents=True)
    rooted = settings.model_copy(update={"project_roots": (tmp_path / "work",)})
    async with serving(rooted, store) as client:
        yield client


async def made(client: httpx.AsyncClient, path: str, **fields: object) -> t.Json:
    response = await client.post(path, json=fields, headers=OWN_PAGE)
    assert response.status_code == 201, response.text
    record: t.Json = response.json()
    assert (await client.get(response.headers["location"])).json() == record
    return record


async def begun(client: httpx.AsyncClient) -> str:
    """The path of a turn that another program reports."""
    project = await made(client, "/api/projects", name="Films")
    session = await made(client, f"/api/projects/{project['id']}/sessions")
    turns = f"/api/projects/{project['id']}/sessions/{session['id']}/turns"
    return f"{turns}/{(await made(client, turns, prompt='Do it', reported=True))['id']}"


async def report(client: httpx.AsyncClient, path: str, *records: t.Json) -> httpx.Response:
    return await client.post(f"{path}/events", content=t.lines(*records), headers=NDJSON)


async def test_what_is_made_is_found_and_as_described(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    assert (await report(client, path, t.text("a"), t.use("Read", {"p": 1}))).json()["accepted"] == 2
    session = path.rsplit("/turns/", 1)[0]
    for real, route in (
        ("/api/projects", "/api/projects"),
        (session.rsplit("/sessions/", 1)[0], "/api/projects/{project_id}"),
        (session.rsplit("/", 1)[0], "/api/projects/{project_id}/sessions"),
        (session, SESSION),
        (f"{session}/turns", f"{SESSION}/turns"),
        (path, TURN),
        (f"{path}/status", f"{TURN}/status"),
        (f"{path}/blocks", f"{TURN}/blocks"),
        (f"{path}/events", f"{TURN}/events"),
    ):
        found = await client.get(real)
        assert found.status_code == 200
        described(found, route)
        again = await client.get(real, headers={"if-none-match": found.headers["etag"]})
        assert again.status_code == 304
    described(await client.post(f"{session}/interrupt", headers=OWN_PAGE), f"{SESSION}/interrupt")


async def test_lists_have_pages_of_twenty_and_at_most_a_hundred(client: httpx.AsyncClient) -> None:
    for i in range(25):
        await made(client, "/api/projects", name=f"{i}")
    first = (await client.get("/api/projects")).json()
    assert (len(first["projects"]), first["total"], first["has_more"]) == (20, 25, True)
    rest = (await client.get("/api/projects?offset=20")).json()
    assert (len(rest["projects"]), rest["has_more"]) == (5, False)
    assert not {row["id"] for row in first["projects"]} & {row["id"] for row in rest["projects"]}
    for asked, got in (("1000", 100), ("0", 1), ("x", 20)):
        assert (await client.get(f"/api/projects?limit={asked}")).json()["limit"] == got
    assert (await client.get("/api/projects?page=2")).json()["code"] == "UNKNOWN_PARAMETERS"


async def test_a_held_poll_of_blocks_is_answered_by_what_is_new(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    await report(client, path, t.text("a"))
    first = await client.get(f"{path}/blocks")
    after = first.json()["version"]
    held = asyncio.create_task(
        client.get(
            f"{path}/blocks?after={after}",
            headers={"if-none-match": first.headers["etag"], "prefer": "wait=20"},
        )
    )
    await asyncio.sleep(0.1)
    assert not held.done(), "the tag of one page of blocks goes with the next"
    await report(client, path, t.text("b"), t.succeeded())
    answer = await asyncio.wait_for(held, 5)
    assert [block["text"] for block in answer.json()["blocks"]] == ["b"]
    assert (answer.json()["status"], answer.headers["preference-applied"]) == ("completed", "wait=20")


async def test_a_turn_is_answered_by_a_delta(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    await report(client, path, *(t.text("x" * 200, uuid=f"e{i}") for i in range(20)))
    before = await client.get(path)
    await report(client, path, t.text("more"))
    headers = {"if-none-match": before.headers["etag"], "a-im": "vpo-rows"}
    delta = await client.get(path, headers=headers)
    assert delta.status_code == 226
    described(delta, TURN)
    assert [row["text"] for row in delta.json()["rows"]] == ["more"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"type": "system"}\n{"type": "assistant"}\n', 400, "INVALID_EVENT"),
        (b"\xff\xfe\n", 400, "INVALID_EVENT"),
        (t.lines(t.text("x" * 1024 * 1024)), 413, "TOO_LARGE"),
        (b" " * (4 * 1024 * 1024 + 1), 413, "TOO_LARGE"),
        (t.lines(t.succeeded(), t.text("late")), 409, "RESOURCE_CONFLICT"),
    ],
)
async def test_bad_events_are_refused_and_nothing_is_stored(
    client: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    path = await begun(client)
    before = (await client.get(path)).json()
    refused = await client.post(f"{path}/events", content=t.lines(t.text("a")) + body, headers=NDJSON)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    described(refused, f"{TURN}/events")
    if code == "INVALID_EVENT":
        assert refused.json()["details"]["line"] == (3 if b"system" in body else 2)
    assert (await client.get(path)).json() == before


async def test_who_lost_the_connection_asks_how_far_it_came(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    await report(client, path, t.text("a", uuid="e1"), t.text("b", uuid="e2"))
    assert (await client.get(f"{path}/events")).json()["last_event_id"] == "e2"
    again = await report(client, path, t.text("b", uuid="e2"), t.text("c", uuid="e3"), t.succeeded(uuid="e4"))
    assert (again.json()["accepted"], again.json()["duplicates"], again.json()["status"]) == (
        2,
        1,
        "completed",
    )
    lost = await report(client, path, t.succeeded(uuid="e4"))
    assert (lost.status_code, lost.json()["duplicates"]) == (200, 1)
    assert [block["text"] for block in (await client.get(path)).json()["blocks"]] == ["a", "b", "c"]


async def test_what_there_is_not_is_said(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    turn_id, session = path.rsplit("/", 1)[1], path.rsplit("/turns/", 1)[0]
    for gone in (
        f"/api/projects/{NOBODY}",
        f"/api/projects/{NOBODY}/sessions",
        f"/api/projects/{NOBODY}/sessions/{session.rsplit('/', 1)[1]}/turns/{turn_id}",
        f"{session}/turns/{NOBODY}",
        f"{session}/turns/{NOBODY}/blocks",
    ):
        assert (await client.get(gone)).status_code == 404, gone
    assert (await client.get(f"{session}/turns/x")).json()["code"] == "INVALID_ID_FORMAT"
    assert (await client.get(f"{path}/blocks?after=-1")).json()["code"] == "INVALID_PARAMETER"
    elsewhere = session.replace(session.split("/")[3], NOBODY)
    for post in (f"{elsewhere}/interrupt", f"/api/projects/{NOBODY}/sessions"):
        assert (await client.post(post, headers=OWN_PAGE)).status_code == 404
    assert (await report(client, f"{session}/turns/{NOBODY}", t.text("a"))).status_code == 404


async def test_projects_stay_inside_their_roots(client: httpx.AsyncClient, settings: Settings) -> None:
    site = await made(client, "/api/projects", name="Site", root="site")
    assert site["has_files"] is True
    for root in ("../..", "/", "site/../.."):
        refused = await client.post("/api/projects", json={"name": "Out", "root": root}, headers=OWN_PAGE)
        assert (refused.status_code, refused.json()["code"]) == (403, "PATH_NOT_ALLOWED")
        assert "project_roots" in refused.json()["error"]
    assert (await client.get("/api/projects")).json()["total"] == 1


async def test_without_an_agent_only_reported_turns_begin(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    turns = path.rsplit("/", 1)[0]
    refused = await client.post(turns, json={"prompt": "x"}, headers=OWN_PAGE)
    assert (refused.status_code, "agent_command" in refused.json()["error"]) == (409, True)
    large = await client.post(turns, json={"prompt": "x" * 65_537}, headers=OWN_PAGE)
    assert large.status_code in (400, 413)
    for nothing in ({}, {"prompt": " "}, {"prompt": 3}):
        bad = await client.post(turns, json=nothing, headers=OWN_PAGE)
        assert (bad.status_code, bad.json()["code"]) == (400, "VALIDATION_FAILED")
    assert (await client.get(turns)).json()["total"] == 1
    assert (await client.get(path)).json()["status"] == "running"


async def test_another_site_begins_ends_and_reports_nothing(client: httpx.AsyncClient) -> None:
    path = await begun(client)
    session = path.rsplit("/turns/", 1)[0]
    foreign = {"sec-fetch-site": "cross-site", "content-type": "application/x-ndjson"}
    for target in (f"{path}/events", f"{session}/turns", f"{session}/interrupt", "/api/projects"):
        refused = await client.post(target, content=b"{}", headers=foreign)
        assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_ERROR")
    assert (await client.get(path)).json()["status"] == "running"


async def test_forms_lead_to_what_they_made(client: httpx.AsyncClient, place: Place) -> None:
    form = {**OWN_PAGE, "accept": "text/html"}
    session = f"/api/projects/{place.project_id}/sessions"
    answer = await client.post(session, data={"title": "Mine"}, headers=form)
    assert answer.status_code == 303
    page = answer.headers["location"]
    assert "Mine" in (await client.get(page)).text
    asked = {"project": "Films", "title": "Other"}
    other = await client.post("/api/sessions", data=asked, headers=form)
    assert other.status_code == 303
    assert "Other" in (await client.get(other.headers["location"])).text
    listed = (await client.get("/api/sessions")).json()
    assert {one["project_id"] for one in listed["sessions"]} == {place.project_id}, "the project was known"
    ended = await client.post(f"/api/projects/{place.project_id}{page}/interrupt", headers=form)
    assert (ended.status_code, ended.headers["location"]) == (303, page)
