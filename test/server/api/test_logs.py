"""The log endpoint: whose log, which tag, and that it needs no database."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from given_jobs import DONE, queued, running
from given_logs import write
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio


async def test_both_ways_to_read(settings: Settings, store: Store) -> None:
    job_id = running(store)
    write(settings, job_id, "one\ntwo\n")
    async with serving(settings, store) as client:
        lines = (await client.get(f"/api/jobs/{job_id}/logs")).json()
        assert (lines["lines"], lines["total_lines"], lines["offset"], lines["has_more"]) == (
            ["one", "two"],
            2,
            0,
            False,
        )
        piece = (await client.get(f"/api/jobs/{job_id}/logs?start=4&unknown=1")).json()
        assert (piece["text"], piece["start"], piece["end"], piece["complete"]) == ("two\n", 4, 8, False)


async def test_the_tag_is_strong_and_moves_with_size_and_end(settings: Settings, store: Store) -> None:
    job_id = running(store)
    write(settings, job_id, "one\n")
    async with serving(settings, store) as client:
        url = f"/api/jobs/{job_id}/logs?start=4"
        first = await client.get(url)
        tag = first.headers["etag"]
        assert tag == f'"{first.json()["gen"]}-4-4"'
        assert (await client.get(url, headers={"if-none-match": tag})).status_code == 304
        write(settings, job_id, "two\n")
        second = await client.get(url, headers={"if-none-match": tag})
        assert (second.status_code, second.json()["text"]) == (200, "two\n")
        await asyncio.to_thread(store.finish, job_id, 1, DONE, now=2_000)
        third = await client.get(url, headers={"if-none-match": second.headers["etag"]})
        assert (third.status_code, third.json()["complete"]) == (200, True)
        last = await client.get(url, headers={"if-none-match": third.headers["etag"]})
        assert last.status_code == 304


async def test_the_parts_of_a_long_log_can_be_asked_for_with_the_tag_of_the_part_before(
    settings: Settings, store: Store
) -> None:
    job_id = running(store)
    write(settings, job_id, "a line of the log\n" * 150_000)
    await asyncio.to_thread(store.finish, job_id, 1, DONE, now=2_000)
    async with serving(settings, store) as client:
        start, tag, parts = 0, "", 0
        while True:
            answer = await client.get(
                f"/api/jobs/{job_id}/logs?start={start}", headers={"if-none-match": tag} if tag else {}
            )
            assert answer.status_code == 200, f"after {start} bytes"
            parts += 1
            start, tag = answer.json()["end"], answer.headers["etag"]
            if answer.json()["complete"]:
                break
        assert (start, parts) == (150_000 * 18, 3)


async def test_compressed_bytes_have_a_strong_tag_of_their_own(settings: Settings, store: Store) -> None:
    job_id = running(store)
    write(settings, job_id, "line\n" * 1000)
    async with serving(settings, store) as client:
        url = f"/api/jobs/{job_id}/logs?start=0"
        plain = await client.get(url)
        async with client.stream("GET", url, headers={"accept-encoding": "gzip"}) as packed:
            raw = b"".join([chunk async for chunk in packed.aiter_raw()])
        assert gzip.decompress(raw) == plain.content
        assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
        again = await client.get(url, headers={"if-none-match": packed.headers["etag"]})
        assert again.status_code == 304


async def test_the_last_attempt_that_began_is_shown_unless_another_is_asked_for(
    settings: Settings, store: Store
) -> None:
    job_id = running(store)
    write(settings, job_id, "first\n", attempt=1)
    store.finish(job_id, 1, DONE, now=2_000)
    store.retry(job_id)
    async with serving(settings, store) as client:
        url = f"/api/jobs/{job_id}/logs?start=0"
        waiting = (await client.get(url)).json()
        assert (waiting["text"], waiting["complete"]) == ("first\n", True)
        await asyncio.to_thread(store.claim_next, now=4_000)
        write(settings, job_id, "second\n", attempt=2)
        assert (await client.get(url)).json()["text"] == "second\n"
        assert (await client.get(f"{url}&gen={waiting['gen']}")).json()["reset"] is True
        assert (await client.get(f"{url}&attempt=1")).json()["text"] == "first\n"
        for wrong in ("3", "0", "-1", "x", "9" * 30):
            assert (await client.get(f"{url}&attempt={wrong}")).status_code == 404


async def test_a_job_without_a_log_has_an_empty_one(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        data = (await client.get(f"/api/jobs/{job_id}/logs")).json()
        assert (data["lines"], data["total_lines"]) == ([], 0)
        assert (await client.get(f"/api/jobs/{job_id}/logs?start=0")).json()["complete"] is False


async def test_logs_are_read_while_the_database_is_away(settings: Settings, store: Store) -> None:
    job_id = running(store)
    other = queued(store)
    write(settings, job_id, "old\n", attempt=1)
    write(settings, job_id, "new\n", attempt=2)
    async with serving(settings, store) as client:
        with store.writer.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE jobs RENAME TO away")
        response = await client.get(f"/api/jobs/{job_id}/logs")
        assert (response.status_code, response.json()["lines"]) == (200, ["new"])
        assert (await client.get(f"/api/jobs/{other}/logs")).status_code == 503


async def test_the_log_of_a_job_that_never_began_is_complete_once_it_is_cancelled(
    settings: Settings, store: Store
) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        url = f"/api/jobs/{job_id}/logs?start=0"
        assert (await client.get(url)).json()["complete"] is False
        await asyncio.to_thread(store.request_cancel, job_id, now=1_000)
        assert (await client.get(url)).json()["complete"] is True
