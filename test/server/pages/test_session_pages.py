"""The pages of sessions and files: complete when they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from serving import OWN_PAGE, serving
from turns import transcripts as t
from vpo_polling.pages.sessions import SHOWN
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.turns.stream_json import parse

from pages.reading import elements, is_shown, links, only, text

pytestmark = pytest.mark.anyio
FORM = {**OWN_PAGE, "accept": "text/html"}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work" / "src").mkdir(parents=True)
    (tmp_path / "work" / "a.md").write_text("a")
    (tmp_path / "work" / "src" / "<b>.py").write_text("b")
    return tmp_path / "work"


@pytest.fixture
def with_agent(settings: Settings, work: Path) -> Settings:
    return settings.model_copy(update={"project_roots": (work,), "agent_command": ("true",)})


@pytest.fixture
async def client(with_agent: Settings, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(with_agent, store) as client:
        yield client


def session_in(store: Store, root: Path | None = None, title: str = "") -> tuple[str, str]:
    project_id = store.create_project("Films", None if root is None else str(root), now=1)
    session_id = store.create_session(project_id, title, now=1)
    assert session_id is not None
    return project_id, session_id


def reported(store: Store, place: tuple[str, str], *records: t.Json) -> str:
    turn = store.create_turn(*place, "Do <it>", reported=True, now=2)
    assert turn is not None
    store.take_events(turn.turn_id, parse(t.lines(*records)), now=3)
    return turn.turn_id


async def test_the_list_shows_sessions_of_all_projects(client: httpx.AsyncClient, store: Store) -> None:
    first, second = session_in(store, title="First <1>"), session_in(store)
    reported(store, second, t.text("a"))
    html = (await client.get("/sessions")).text
    rows = [e for e in elements(html) if e.name == "tr" and e.value("data-vpo-row")]
    assert [row.value("data-vpo-row") for row in rows] == [second[1], first[1]], "the last changed first"
    assert [row.value("data-status") for row in rows] == ["running", None]
    assert "First <1>" in text(rows[1])
    assert f"/sessions/{first[1]}" in links(html).values()
    assert only(html, "id", "sessions").value("data-vpo-src") == "/api/sessions"


async def test_the_pages_of_the_list(client: httpx.AsyncClient, store: Store) -> None:
    for _ in range(5):
        session_in(store)
    html = (await client.get("/sessions?limit=2&offset=2")).text
    found = {e.value("rel"): e for e in elements(html) if e.name == "a" and e.value("rel")}
    assert found["prev"].value("href") == "/sessions?limit=2"
    assert found["next"].value("href") == "/sessions?limit=2&offset=4"
    last = (await client.get("/sessions?limit=2&offset=4")).text
    assert not is_shown(next(e for e in elements(last) if e.value("rel") == "next"))


async def test_who_begins_a_session_is_led_to_its_page(
    client: httpx.AsyncClient, store: Store, work: Path
) -> None:
    assert "form" in {e.name for e in elements((await client.get("/sessions")).text)}
    answer = await client.post("/api/sessions", data={"project": "Films", "root": "src"}, headers=FORM)
    assert answer.status_code == 303
    html = (await client.get(answer.headers["location"])).text
    assert "Films" in html
    listed = (await client.get("/api/projects")).json()["projects"]
    assert store.project_root(listed[0]["id"]) == str(work / "src")
    refused = await client.post("/api/sessions", data={"project": "X", "root": "/etc"}, headers=FORM)
    assert refused.status_code == 403
    assert len((await client.get("/api/projects")).json()["projects"]) == 1, "nothing was made"


async def test_a_session_is_painted_with_its_transcript(client: httpx.AsyncClient, store: Store) -> None:
    place = session_in(store)
    reported(store, place, t.text("**Bold** `x`"), t.use("Read", {"path": "a"}), t.result_of("t1", "<r>"))
    html = (await client.get(f"/sessions/{place[1]}")).text
    region = only(html, "id", "session")
    source = region.value("data-vpo-src")
    assert source == f"/api/projects/{place[0]}/sessions/{place[1]}/transcript"
    again = await client.get(source, headers={"if-none-match": region.value("data-vpo-etag") or ""})
    assert again.status_code == 304, "the first poll of an unchanged page"
    rows = [e for e in elements(html) if e.name == "li" and "." in (e.value("data-vpo-row") or ".")]
    assert [row.value("class") for row in rows if row.value("class")] == ["content", "tool"]
    assert [text(e) for e in elements(html) if e.name == "strong" and e.value("data-vpo-row")] == ["Bold"]
    assert "<r>" in [text(e) for e in elements(html) if e.name == "pre"]
    assert text(next(e for e in elements(html) if e.name == "title")) == "Running · Do <it>"


async def test_a_long_session_begins_further_down(client: httpx.AsyncClient, store: Store) -> None:
    place = session_in(store)
    reported(store, place, *(t.text(f"Block {n}") for n in range(SHOWN + 20)))
    html = (await client.get(f"/sessions/{place[1]}")).text
    assert "Block 21" in html
    assert "Block 19<" not in html
    assert (only(html, "id", "session").value("data-vpo-src") or "").endswith("?from=1.21")
    earlier = links(html)["Show what was before"]
    before = (await client.get(earlier)).text
    assert "Block 19<" in before
    assert "Show what was before" not in links(before)


async def test_without_an_agent_the_composer_says_why(settings: Settings, store: Store) -> None:
    place = session_in(store)
    async with serving(settings, store) as client:
        html = (await client.get(f"/sessions/{place[1]}")).text
        field = next(e for e in elements(html) if e.name == "textarea")
        assert "disabled" in field.attributes
        assert f"vpo turn --session {place[1][:8]}" in html
        assert "agent_command" in html
        assert "<form" not in (await client.get("/sessions")).text


async def test_with_an_agent_a_prompt_can_be_sent_without_the_script(
    client: httpx.AsyncClient, store: Store
) -> None:
    place = session_in(store)
    html = (await client.get(f"/sessions/{place[1]}")).text
    form = next(e for e in elements(html) if "composer" in (e.value("class") or ""))
    answer = await client.post(form.value("action") or "", data={"prompt": "Do it"}, headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{place[1]}")
    assert "Do it" in (await client.get(answer.headers["location"])).text


async def test_files_are_painted_as_a_tree(client: httpx.AsyncClient, store: Store, work: Path) -> None:
    project_id, _ = session_in(store, work)
    html = (await client.get(f"/projects/{project_id}/files")).text
    rows = [e.value("data-vpo-row") for e in elements(html) if e.value("data-vpo-row")]
    assert rows == ["a.md", "src/", "src/<b>.py"]
    region = only(html, "id", "files")
    again = await client.get(
        region.value("data-vpo-src") or "", headers={"if-none-match": region.value("data-vpo-etag") or ""}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sessions/01234567-89ab-cdef-0123-456789abcdef", 404),
        ("/sessions/x", 400),
        ("/sessions?limit=1&x=1", 400),
        ("/projects/01234567-89ab-cdef-0123-456789abcdef/files", 404),
        ("/projects/x/files", 400),
    ],
)
async def test_what_is_not_there_is_said_on_a_page(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text


async def test_a_place_in_a_session_that_is_none_is_refused(client: httpx.AsyncClient, store: Store) -> None:
    place = session_in(store)
    assert (await client.get(f"/sessions/{place[1]}?from=x")).status_code == 400
    assert (await client.get(f"/sessions/{place[1]}?other=1")).status_code == 200
