"""A database without room: writes are refused in words, readers go on, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from given_jobs import queued
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import DatabaseFull, Store

pytestmark = pytest.mark.anyio


def limit(store: Store, pages: int) -> None:
    """The writing connection may let the file grow to so many pages."""
    connection = store.writer.raw_connection()
    connection.cursor().execute(f"PRAGMA max_page_count = {pages}")
    connection.close()


def fill(store: Store) -> int:
    """How many jobs there was room for."""
    limit(store, 1)
    count = 0
    while count < 1000:
        try:
            queued(store, "/media/" + "x" * 3000)
        except DatabaseFull:
            return count
        count += 1
    raise AssertionError("it is never full")


async def scan(client: httpx.AsyncClient, path: Path) -> httpx.Response:
    return await client.post("/api/jobs", json={"type": "scan", "path": str(path)}, headers=OWN_PAGE)


async def test_writes_answer_503_readers_go_on_and_with_new_room_all_is_there(
    settings: Settings, store: Store, media: Path
) -> None:
    first = queued(store)
    count = fill(store) + 1
    async with serving(settings, store) as client:
        # The last pages have room for some small rows.
        while (refused := await scan(client, media)).status_code == 201:
            count += 1
        assert refused.status_code == 503
        assert refused.json() == {
            "error": "The disk is full; nothing was changed",
            "code": "DATABASE_UNAVAILABLE",
        }
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        assert (await client.get("/api/jobs")).json()["total"] == count
        assert (await client.get(f"/api/jobs/{first}")).status_code == 200
        assert (await client.get("/jobs", headers={"accept": "text/html"})).status_code == 200
        limit(store, 1_000_000)
        assert (await scan(client, media)).status_code == 201
        assert (await client.get("/api/jobs")).json()["total"] == count + 1
