"""The dashboard: the list, its order, filters and pages, all by the URL."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from given_jobs import ended, queued, running
from vpo_polling.pages.markup import Element
from vpo_polling.store import Ending, Progress, Store

from pages.reading import elements, is_shown, links, only, rows, text

pytestmark = pytest.mark.anyio


async def test_the_dashboard_is_complete_before_any_script_runs(
    client: httpx.AsyncClient, store: Store
) -> None:
    first = running(store, "/media/a.mkv", now=1_000)
    store.report([Progress(job_id=first, attempt=1, processed=25, total=100)])
    late = Ending(status="failed", conclusion="timed_out")
    second = ended(store, "/media/b.mkv", now=2_000, ending=late, took=65_000)
    html = (await client.get("/jobs")).text
    failed, active = rows(html)
    assert [row.value("data-job-id") for row in (failed, active)] == [second, first]
    assert [row.value("data-vpo-row") for row in (failed, active)] == [second, first]
    assert [row.value("data-status") for row in (failed, active)] == ["failed", "running"]
    assert re.search(r"25 of 100\b", text(active))
    assert re.search(r"Failed\s+Timed out", text(failed))
    assert "1 min 5 s" in text(failed)
    bar = next(e for e in elements(html) if e.name == "progress" and is_shown(e))
    assert bar.value("value") == "25"
    assert links(html)["a.mkv"] == f"/jobs/{first}"
    assert "2 in all" in html


async def test_the_markup_of_a_row_exists_once(client: httpx.AsyncClient, store: Store) -> None:
    for number in range(3):
        queued(store, f"/media/{number}.mkv", now=number)
    html = (await client.get("/jobs")).text
    template = re.search(r"<template>\n(.*?)\n</template>", html, re.DOTALL)
    assert template

    def bare(markup: str) -> str:
        """The bindings alone."""
        return "".join(
            re.findall(
                r"<[a-z]+|data-vpo-[a-z-]+=\"[^\"]*\"|</[a-z]+>", re.sub(r' data-vpo-row="[^"]*"', "", markup)
            )
        )

    painted = re.findall(r"<tr [^>]*data-job-id=[^>]*data-vpo-row=.*?</tr>", html, re.DOTALL)
    assert len(painted) == 3
    assert {bare(row) for row in painted} == {bare(template[1])}


async def test_the_url_decides_filter_order_and_page(client: httpx.AsyncClient, store: Store) -> None:
    for number in range(5):
        queued(store, f"/media/show {number}.mkv", now=number)
    ended(store, "/media/film.mkv")
    html = (await client.get("/jobs?search=SHOW&sort=file_path&order=asc&limit=2&offset=2")).text
    assert [text(row).split(".")[0].strip() for row in rows(html)] == ["show 2", "show 3"]
    assert only(html, "name", "search").value("value") == "SHOW"
    source = only(html, "id", "jobs").value("data-vpo-src") or ""
    assert (await client.get(source)).json()["offset"] == 2
    names = [e for e in elements(html) if "aria-sort" in e.attributes]
    assert {e.value("class"): e.value("aria-sort") for e in names} == {
        "file_path": "ascending",
        "job_type": "none",
        "status": "none",
        "created_at": "none",
        "duration": "none",
    }
    found = links(html)
    for label, offset, jobs in (("Previous page", "0", "show 0"), ("Next page", "4", "show 4")):
        assert parse_qs(urlsplit(found[label]).query)["offset"] == [offset]
        page = await client.get(found[label], follow_redirects=True)
        assert text(rows(page.text)[0]).strip().startswith(jobs)
    other_way = await client.get(found["File"], follow_redirects=True)
    assert text(rows(other_way.text)[0]).strip().startswith("show 4")


async def test_pages_are_offered_only_where_there_are_any(client: httpx.AsyncClient, store: Store) -> None:
    queued(store)
    assert {"Previous page", "Next page"}.isdisjoint(links((await client.get("/jobs")).text))


async def test_a_form_without_script_leads_to_a_clean_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/jobs?status=running&type=&since=&search=&sort=status&order=desc")
    assert (answer.status_code, answer.headers["location"]) == (302, "/jobs?status=running&sort=status")


async def test_the_filter_form_keeps_the_order_and_shows_the_filters(client: httpx.AsyncClient) -> None:
    html = (await client.get("/jobs?status=failed&since=7d&sort=duration&limit=10")).text
    hidden = {e.value("name"): e.value("value") for e in elements(html) if e.value("type") == "hidden"}
    assert hidden == {"sort": "duration", "limit": "10", "type": "scan"}
    chosen = [e.value("value") for e in elements(html) if e.name == "option" and "selected" in e.attributes]
    assert chosen == ["", "7d"]
    ticked = [
        e.value("value") for e in elements(html) if e.value("type") == "radio" and "checked" in e.attributes
    ]
    assert ticked == ["failed"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=rnning", "“rnning” is no status of jobs"),
        ("type=<b>", "“<b>” is no type of jobs"),
        ("since=1h", "“1h” is no age of jobs"),
        ("colour=red", "no filter called “colour”"),
    ],
)
async def test_a_wrong_filter_is_named_and_the_list_stays_usable(
    client: httpx.AsyncClient, store: Store, query: str, sentence: str
) -> None:
    queued(store, "/media/a.mkv")
    answer = await client.get(f"/jobs?{query}&search=a.mkv")
    assert answer.status_code == 400
    alerts = [text(e) for e in elements(answer.text) if e.value("role") == "alert" and is_shown(e)]
    assert len(alerts) == 1
    assert sentence in alerts[0]
    assert len(rows(answer.text)) == 1
    assert only(answer.text, "id", "jobs").value("data-vpo-src") == "/api/jobs?search=a.mkv"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("", "No jobs yet."), ("?search=zzz", "No job matches"), ("?offset=500", "page of the list is empty")],
)
async def test_nothing_to_show_says_why(
    client: httpx.AsyncClient, store: Store, query: str, sentence: str
) -> None:
    if query:
        queued(store)
    html = (await client.get(f"/jobs{query}")).text

    def visible(element: Element) -> str:
        if "hidden" in element.attributes:
            return ""
        return "".join(visible(c) if isinstance(c, Element) else c.raw for c in element.children)

    said = visible(only(html, "class", "empty"))
    assert sentence in said
    others = {"No jobs yet.", "No job matches", "page of the list is empty"} - {sentence}
    assert not [other for other in others if other in said]
    assert "hidden" in only(html, "class", "jobs").attributes
