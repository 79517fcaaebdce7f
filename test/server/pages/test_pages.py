"""What all pages share: complete, safe, and tied to the same answers that the script will poll."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from given_jobs import ended, queued, running
from serving import BASE, serving
from vpo_polling.app import create_app
from vpo_polling.settings import Settings, load
from vpo_polling.store import DatabaseUnavailable, Ending, NewJob, Store

from pages.reading import elements, links, only, text

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
NASTY = "/media/<img src=x onerror=alert(1)>\"'&{{ 7*7 }}\u202e\x1b[31m.mkv"


@pytest.mark.parametrize("path", ["/", "/jobs/"])
async def test_the_root_leads_to_the_dashboard(client: httpx.AsyncClient, path: str) -> None:
    """By a path alone: scheme and host of this process may be those of a proxy's inside."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, "/jobs")


@pytest.mark.parametrize(
    "path", ["/jobs", "/jobs/{job}", "/jobs/" + NOBODY, "/jobs/x", "/nowhere", "/jobs?status=x"]
)
async def test_every_page_is_guarded_and_can_go_back_from_the_cache(
    client: httpx.AsyncClient, store: Store, path: str
) -> None:
    answer = await client.get(path.format(job=queued(store)))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.status_code in (200,):
        assert answer.headers["cache-control"] == "private, no-cache"
    for element in elements(answer.text):
        assert element.name != "style"
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        if element.name == "script":
            assert element.value("type") == "application/json" or not element.children


async def test_the_body_carries_the_settings_and_the_head_the_build(tmp_path: Path, store: Store) -> None:
    settings = load(
        {
            "data_dir": tmp_path / "data",
            "polling_interval_ms": 3000,
            "polling_enabled": False,
            "polling_log_interval_ms": 9000,
        }
    )
    async with serving(settings, store) as client:
        answer = await client.get("/jobs")
    body = next(e for e in elements(answer.text) if e.name == "body")
    assert body.value("data-polling-interval") == "3000"
    assert body.value("data-polling-enabled") == "false"
    assert body.value("data-polling-log-interval") == "9000"
    assert only(answer.text, "name", "vpo-build").value("content") == answer.headers["vpo-build"]
    indicator = only(answer.text, "id", "connection-status")
    assert indicator.value("class") == "connection-status"
    assert not indicator.children, "what the page shows before the script runs is not live"


async def test_script_and_style_come_from_here_under_names_that_change_with_them(
    client: httpx.AsyncClient,
) -> None:
    html = (await client.get("/jobs")).text
    scripts = [e for e in elements(html) if e.name == "script" and "src" in e.attributes]
    assert all("defer" in script.attributes for script in scripts)
    sheets = [e.value("href") for e in elements(html) if e.value("rel") == "stylesheet"]
    assert sheets
    for url in (*(script.value("src") for script in scripts), *sheets):
        answer = await client.get(url or "")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_the_words_of_the_page_are_those_of_the_script(client: httpx.AsyncClient) -> None:
    html = (await client.get("/jobs")).text
    words = json.loads(text(only(html, "data-vpo-words")))
    assert words["running"] == "Running"
    assert words["timed_out"] == "Timed out"


async def test_the_first_poll_of_an_unchanged_page_is_a_304(client: httpx.AsyncClient, store: Store) -> None:
    job = running(store)
    for page, name in (
        ("/jobs?status=running&sort=status", "jobs"),
        (f"/jobs/{job}", "job"),
        (f"/jobs/{job}", "errors"),
    ):
        region = only((await client.get(page)).text, "id", name)
        source, etag = region.value("data-vpo-src") or "", region.value("data-vpo-etag") or ""
        assert (await client.get(source, headers={"if-none-match": etag})).status_code == 304
        fresh = await client.get(source)
        assert (fresh.status_code, fresh.headers["etag"]) == (200, etag)


@pytest.mark.parametrize("page", ["/jobs", "/jobs/{job}"])
async def test_markup_in_data_stays_text(client: httpx.AsyncClient, store: Store, page: str) -> None:
    ending = Ending(
        status="failed", conclusion="failure", error_message=NASTY, summary=NASTY, output_path=NASTY
    )
    job = ended(store, NASTY, ending=ending)
    html = (await client.get(page.format(job=job))).text
    assert "<img src=x" not in html
    name = NASTY.rsplit("/", 1)[-1]
    shown = [e for e in elements(html) if e.name == "bdi" and name in text(e)]
    assert shown, "names are isolated, so that their direction stays their own"
    assert only(html, "title", NASTY).value("title") == NASTY


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/jobs/" + NOBODY, 404, "There is no such job"),
        ("/jobs/not-an-id", 400, "Invalid job ID format"),
        ("/nowhere", 404, "There is no such page"),
        ("/jobs/x/y", 404, "There is no such page"),
    ],
)
async def test_what_is_not_there_gets_a_page_with_a_way_back(
    client: httpx.AsyncClient, path: str, status: int, heading: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert [text(e) for e in elements(answer.text) if e.name == "h1"] == [heading]
    assert links(answer.text)["All jobs"] == "/jobs"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_database_that_does_not_answer_gets_a_page_that_says_when_to_return(
    client: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("locked")

    monkeypatch.setattr(store, "read", locked)
    answer = await client.get("/jobs")
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert "Database not available" in answer.text


async def test_a_failure_of_ours_gets_a_page_without_details(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(store, "read", broken)
    app = create_app(settings, store)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.running(), httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.get("/jobs")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert "<h1>" in answer.text
    assert "secret" not in answer.text


async def test_below_a_prefix_every_url_has_it(tmp_path: Path, store: Store) -> None:
    settings = load({"data_dir": tmp_path / "data", "url_prefix": "/tools/vpo"})
    job = store.create_job(NewJob(job_type="scan", file_path="/media/a"), now=1)
    async with serving(settings, store) as client:
        assert (await client.get("/tools/vpo/")).headers["location"] == "/tools/vpo/jobs"
        for page in ("/tools/vpo/jobs", f"/tools/vpo/jobs/{job}", "/tools/vpo/nowhere"):
            html = (await client.get(page)).text
            urls = re.findall(r'(?:href|src|action|data-vpo-src|data-vpo-log)="(/[^"]*)"', html)
            assert len(urls) > 3
            assert [url for url in urls if not url.startswith("/tools/vpo/")] == []
            regions = [e.value("data-vpo-src") or e.value("data-vpo-log") for e in elements(html)]
            for url in {*filter(None, regions), *(url for url in urls if "/static/" in url)}:
                assert (await client.get(unescape(url))).status_code == 200


async def test_accessible_names_and_landmarks_are_there(client: httpx.AsyncClient, store: Store) -> None:
    job = running(store)
    for page in ("/jobs", f"/jobs/{job}", "/nowhere"):
        found = elements((await client.get(page)).text)
        names = [e.name for e in found]
        assert (names.count("h1"), names.count("main"), names.count("header")) == (1, 1, 1)
        for table in (e for e in found if e.name == "table"):
            assert next(table.elements()).name == "caption"
        inside = {id(field) for label in found if label.name == "label" for field in label.elements()}
        for field in found:
            if field.name in {"input", "select"} and field.value("type") != "hidden":
                assert id(field) in inside or field.value("aria-label"), "every field has a name"
            if field.name == "progress":
                assert field.value("aria-label")
            if field.name == "th":
                assert field.value("scope") in {"col", "row"}
