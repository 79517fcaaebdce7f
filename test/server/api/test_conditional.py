"""304, compression and HEAD, also behind proxies that change tags."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from given_jobs import queued
from serving import serving
from vpo_polling.api.conditional import accepts_gzip, matches
from vpo_polling.settings import Settings
from vpo_polling.store import Store

ETAG = 'W/"0a1b"'


@pytest.mark.parametrize(
    "sent",
    [
        'W/"0a1b"',
        '"0a1b"',
        '"0a1b-gzip"',
        'W/"0a1b-gzip"',
        '"0a1b--gzip"',
        '"0a1b;gzip"',
        '"0a1b-br"',
        'W/"0a1b;br"',
        '"0a1b-zstd"',
        '"0a1b-gzip-br"',
        '"else", "0a1b"',
        'W/"else",W/"0a1b-gzip" ,"more"',
        "*",
        " * ",
    ],
)
def test_tags_that_stand_for_the_same(sent: str) -> None:
    assert matches(sent, ETAG)
    assert matches(sent, '"0a1b"')


@pytest.mark.parametrize(
    "sent", ["", '"0a1"', '"0a1b0"', '"0A1B"', "0a1b", '""', '"0a1b-deflated"', '"x*"', '"gzip"', 'W/"-gzip"']
)
def test_tags_that_do_not(sent: str) -> None:
    assert not matches(sent, ETAG)


@pytest.mark.parametrize(
    ("sent", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("*;q=0", False),
        ("identity;q=1, *;q=0", False),
        ("gzipped", False),
        ("gzip;q=x", False),
    ],
)
def test_who_accepts_gzip(sent: str, accepted: bool) -> None:
    assert accepts_gzip(sent) is accepted


@pytest.mark.anyio
async def test_an_unchanged_poll_is_304_without_a_body(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        for path in ("/api/jobs", f"/api/jobs/{job_id}", f"/api/jobs/{job_id}/errors", "/api/about"):
            first = await client.get(path)
            assert first.headers["cache-control"] == "private, no-cache"
            assert first.headers["vary"] == "Accept-Encoding"
            again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == "private, no-cache"
            assert again.headers["vary"] == "Accept-Encoding"
            assert "content-length" not in again.headers
            assert "content-type" not in again.headers


@pytest.mark.anyio
async def test_a_change_is_200_with_another_tag(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        first = await client.get("/api/jobs")
        await asyncio.to_thread(store.request_cancel, job_id, now=2_000)
        second = await client.get("/api/jobs", headers={"if-none-match": first.headers["etag"]})
        assert second.status_code == 200
        assert second.headers["etag"] != first.headers["etag"]
        assert second.json()["jobs"][0]["status"] == "cancelled"


@pytest.mark.anyio
async def test_errors_come_before_conditions(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        anything = {"if-none-match": "*"}
        assert (await client.get("/api/jobs?x=1", headers=anything)).status_code == 400
        missing = "/api/jobs/01234567-89ab-cdef-0123-456789abcdef"
        assert (await client.get(missing, headers=anything)).status_code == 404


@pytest.mark.anyio
async def test_head_is_get_without_its_body(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        for path in (
            "/api/jobs",
            f"/api/jobs/{job_id}",
            f"/api/jobs/{job_id}/logs",
            "/health",
            "/livez",
            "/api/jobs/x",
        ):
            got, head = await client.get(path), await client.head(path)
            assert (head.status_code, head.content) == (got.status_code, b"")
            if path != "/health":
                assert head.headers["content-length"] == got.headers["content-length"]
            assert head.headers.get("etag") == got.headers.get("etag")
        tag = (await client.head("/api/jobs")).headers["etag"]
        assert (await client.head("/api/jobs", headers={"if-none-match": tag})).status_code == 304


@pytest.mark.anyio
async def test_long_answers_are_compressed_for_who_accepts_it(settings: Settings, store: Store) -> None:
    for _ in range(5):
        queued(store)
    async with serving(settings, store) as client:
        plain = await client.get("/api/jobs")
        async with client.stream("GET", "/api/jobs", headers={"accept-encoding": "br, gzip"}) as packed:
            raw = b"".join([chunk async for chunk in packed.aiter_raw()])
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) == len(raw) < len(plain.content)
        assert gzip.decompress(raw) == plain.content
        assert packed.headers["etag"] == plain.headers["etag"], "a weak tag stands for both"
