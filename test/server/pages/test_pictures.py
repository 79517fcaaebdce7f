"""Charts and icon: pictures without a script, kept for as long as their address says what they show."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import pytest
from given_jobs import DONE, ended
from vpo_polling.pages.charts import CHARTS, durations_chart, jobs_chart
from vpo_polling.pages.words import catalogues
from vpo_polling.store import Ending, StatsQuery, Store, now_ms
from vpo_polling.store.stats import HOUR_MS

pytestmark = pytest.mark.anyio
SVG = "{http://www.w3.org/2000/svg}"
HARMFUL = {"script", "foreignObject", "iframe", "image", "use", "a", "animate", "set"}


def parsed(picture: bytes) -> ElementTree.Element:
    tree = ElementTree.fromstring(picture)
    assert tree.tag == f"{SVG}svg"
    for element in tree.iter():
        assert str(element.tag).removeprefix(SVG) not in HARMFUL
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "javascript:" not in value.lower()
    return tree


def said(picture: bytes) -> str:
    return " ".join(text.strip() for text in parsed(picture).itertext() if text.strip())


async def version(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/stats")).json()["version"])


@pytest.mark.parametrize("name", CHARTS)
async def test_a_chart_is_kept_for_ever_only_by_the_version_in_its_address(
    client: httpx.AsyncClient, store: Store, name: str
) -> None:
    for took in (3_000, 90_000):
        ended(store, now=now_ms() - took, took=took)
    current = await client.get(f"/charts/{name}.svg?since=24h&lang=en&v={await version(client)}")
    assert current.status_code == 200
    assert current.headers["content-type"] == "image/svg+xml"
    assert "immutable" in current.headers["cache-control"]
    for query in ("", "?v=older", "?since=7d&v=older"):
        asked = await client.get(f"/charts/{name}.svg{query}")
        assert asked.headers["cache-control"] == "private, no-cache"
        parsed(asked.content)
    assert current.headers.get_list("content-security-policy") == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]
    assert current.headers["x-content-type-options"] == "nosniff"
    style = next(element.text for element in parsed(current.content).iter(f"{SVG}style"))
    assert style is not None
    assert "prefers-color-scheme: dark" in style


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/charts/other.svg", 404),
        ("/charts/..%2fjobs.svg", 404),
        ("/charts/jobs.png", 404),
        ("/charts/jobs.svg?since=1y", 400),
        ("/charts/jobs.svg?lang=tlh", 200),
    ],
)
async def test_a_chart_that_is_none(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


async def test_a_chart_speaks_the_language_of_its_address(client: httpx.AsyncClient, store: Store) -> None:
    ended(store, now=now_ms())
    english = said((await client.get("/charts/jobs.svg?lang=en")).content)
    german = said((await client.get("/charts/jobs.svg?lang=de")).content)
    assert "Completed" in english
    assert catalogues()["de"].word("completed") in german
    assert "Completed" not in german


@pytest.mark.parametrize("took", [0, 999, 5_000, 60_000, 86_400_000, 400 * 86_400_000])
@pytest.mark.parametrize("since", ["24h", "7d"])
def test_any_numbers_can_be_drawn(store: Store, took: int, since: str) -> None:
    now = 1_000_000 * HOUR_MS
    for ending in (DONE, Ending(status="failed", conclusion="failure")):
        ended(store, now=now - took, took=took, ending=ending)
    data, _revision = store.read(StatsQuery(since=since), now=now)
    assert data is not None
    for draw in (jobs_chart, durations_chart):
        picture = draw(data, catalogues()["en"])
        assert len(picture) < 200_000
        assert picture == draw(data, catalogues()["en"]), "the same numbers are the same picture"
        parsed(picture)


def test_nothing_can_be_drawn_too(store: Store) -> None:
    data, _revision = store.read(StatsQuery(), now=1_000_000 * HOUR_MS)
    assert data is not None
    for draw in CHARTS.values():
        parsed(draw(data, catalogues()["en"]))


async def test_the_icon_says_how_many_run_else_how_many_failed(client: httpx.AsyncClient) -> None:
    async def icon(query: str) -> str:
        answer = await client.get(f"/icon.svg{query}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        return said(answer.content)

    assert await icon("?running=3&failed=1") == "3"
    assert await icon("?running=0&failed=12") == "12"
    assert await icon("?running=100") == "99+"
    assert await icon("") == await icon("?running=0&failed=0") == await icon("?running=x&failed=-4") == ""
    assert await icon("?running=<script>") == ""
    pictures = {
        status: (await client.get(f"/icon.svg?status={status}")).content
        for status in ("queued", "running", "completed", "failed", "cancelled")
    }
    assert len(set(pictures.values())) == len(pictures), "each status has a colour of its own"
    assert (await client.get("/icon.svg?status=%22%3E%3Cscript")).content == pictures["cancelled"]
