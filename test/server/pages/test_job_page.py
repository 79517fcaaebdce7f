"""The page of one job, its log and its forms."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from given_jobs import ended, queued, running
from serving import BASE
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import Progress, Store

from pages.reading import elements, is_shown, only, text

pytestmark = pytest.mark.anyio


async def test_the_job_page_is_complete_before_any_script_runs(
    client: httpx.AsyncClient, store: Store, settings: Settings
) -> None:
    job = running(store, "/media/a.mkv")
    store.report([Progress(job_id=job, attempt=1, processed=25, total=100)])
    store.add_scan_errors(job, 1, [("/media/<i>.wav", "<i>.wav", "not a media file")])
    log = LogPaths.of(settings.data_dir, job, 1).log
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\n<b>one</b>\r\ntwo \x1b[31m\n")
    html = (await client.get(f"/jobs/{job}")).text
    region = only(html, "id", "job")
    assert region.value("data-status") == "running"
    assert "25 of 100" in text(region)
    assert only(html, "class", "attempts").name == "table"
    errors = only(html, "id", "errors")
    assert "Files that could not be read: 1" in text(errors)
    assert "<i>.wav" in text(errors)
    pane = only(html, "data-vpo-log")
    assert text(pane) == "\n<b>one</b>\r\ntwo \x1b[31m\n", "byte for byte, whitespace around included"
    follow = (
        f"{pane.value('data-vpo-log')}?gen={pane.value('data-vpo-gen')}&start={pane.value('data-vpo-end')}"
    )
    more = (await client.get(follow)).json()
    assert (more["text"], more["reset"], more["end"]) == ("", False, log.stat().st_size)


async def test_only_a_scan_has_a_list_of_unreadable_files(client: httpx.AsyncClient, store: Store) -> None:
    job = queued(store, "npm test", job_type="command")
    html = (await client.get(f"/jobs/{job}")).text
    assert not [e for e in elements(html) if e.value("id") == "errors"]


@pytest.mark.parametrize(
    ("state", "offered"),
    [(queued, ["Cancel job"]), (running, ["Cancel job"]), (ended, ["Run again", "Delete"])],
)
async def test_only_what_can_be_done_is_offered(
    client: httpx.AsyncClient, store: Store, state: object, offered: list[str]
) -> None:
    assert callable(state)
    html = (await client.get(f"/jobs/{state(store)}")).text
    actions = next(e for e in elements(html) if e.value("class") == "actions")
    buttons = [button for form in actions.elements() for button in form.elements()]
    assert [text(e) for e in buttons if is_shown(e)] == offered
    assert all(("hidden" in e.attributes) == ("disabled" in e.attributes) for e in buttons)


async def test_the_forms_work_without_script(client: httpx.AsyncClient, store: Store, media: Path) -> None:
    """As a browser sends them: the fields of the form, from this origin, wanting a page."""
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html", "origin": BASE}
    html = (await client.get("/jobs")).text
    form = next(e for e in elements(html) if e.name == "form" and e.value("method") == "post")
    fields = {"type": "scan", "path": str(media)}
    answer = await client.post(form.value("action") or "", data=fields, headers=headers)
    assert answer.status_code == 303
    page = answer.headers["location"]
    for label, after in (("cancel", page), ("retry", page), ("cancel", page), ("delete", "/jobs")):
        action = await _offered(client, page, label)
        answer = await client.post(action, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, after)
    assert (await client.get(page)).status_code == 404


async def _offered(client: httpx.AsyncClient, page: str, label: str) -> str:
    """Where the form leads whose button can be pressed: after a slow read a page may be old for a moment."""
    for _ in range(100):
        html = (await client.get(page)).text
        form = next(
            e for e in elements(html) if e.name == "form" and (e.value("action") or "").endswith(label)
        )
        button = next(e for e in form.elements() if e.name == "button")
        if "disabled" not in button.attributes:
            return form.value("action") or ""
        await anyio.sleep(0.05)
    raise AssertionError(f"{label} is not offered")


async def test_a_refused_form_gets_a_page_that_says_why(client: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html"}
    answer = await client.post("/api/jobs", data={"type": "scan", "path": "/"}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>" in answer.text
