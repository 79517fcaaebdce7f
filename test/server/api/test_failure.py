"""What is answered when the database is taken or the code fails."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from given_jobs import queued
from serving import OWN_PAGE, client_of, serving
from timing import PATIENCE, in_time
from vpo_polling.app import create_app
from vpo_polling.errors import database_unavailable
from vpo_polling.settings import Settings
from vpo_polling.store import DatabaseUnavailable, Store

pytestmark = pytest.mark.anyio


@contextmanager
def stolen(path: Path, *statements: str) -> Iterator[None]:
    thief = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)
    for statement in statements:
        thief.execute(statement)
    yield
    thief.rollback()
    thief.close()


async def test_a_locked_database_is_503_within_two_seconds_and_unchanged_polls_are_304(
    settings: Settings, store: Store
) -> None:
    job_id = queued(store)
    app = create_app(settings, store)
    async with app.running() as services, client_of(app) as client:
        known = {path: await client.get(path) for path in ("/api/jobs", f"/api/jobs/{job_id}")}
        # This kind of lock, which keeps readers out too, is only granted to who is alone with the file.
        await asyncio.to_thread(services.feed._watcher.stop)
        store.close()
        with stolen(store.path, "PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE"):
            for path, first in known.items():
                poll = await client.get(path, headers={"if-none-match": first.headers["etag"]})
                assert poll.status_code == 304
                assert (await client.get(path)).content == first.content
            refused, health, page = await in_time(
                2,
                lambda: asyncio.gather(
                    client.get("/api/jobs?offset=1"),
                    client.get("/health"),
                    client.get("/jobs?offset=99", headers={"accept": "text/html"}),
                ),
            )
            assert refused.status_code == 503
            assert refused.json() == {"error": "Database not available", "code": "DATABASE_UNAVAILABLE"}
            assert refused.headers["cache-control"] == "no-store"
            assert 1 <= int(refused.headers["retry-after"]) <= 5
            assert (health.status_code, health.json()["database"]) == (503, "disconnected")
            assert page.status_code == 503
            assert page.headers["content-type"].startswith("text/html")
        assert (await client.get("/api/jobs?offset=1")).status_code == 200


async def test_pages_refused_together_return_spread_out() -> None:
    waits = [dict(database_unavailable().headers)[b"retry-after"] for _ in range(200)]
    assert set(waits) == {b"1", b"2", b"3", b"4", b"5"}


async def test_a_writer_elsewhere_delays_writes_but_no_reads(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        with stolen(store.path, "BEGIN EXCLUSIVE"):
            refused = await in_time(2, lambda: client.post(f"/api/jobs/{job_id}/cancel", headers=OWN_PAGE))
            assert (refused.status_code, refused.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
            assert 1 <= int(refused.headers["retry-after"]) <= 5
            assert (await client.get("/api/jobs?limit=3")).status_code == 200
        assert (await client.post(f"/api/jobs/{job_id}/cancel", headers=OWN_PAGE)).status_code == 200


async def test_many_polls_of_many_queries_are_all_told_in_time(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(*_args: object, **_options: object) -> None:
        time.sleep(1.5)
        raise DatabaseUnavailable("locked")

    async with serving(settings, store) as client:
        monkeypatch.setattr(store, "read", locked)
        answers = await in_time(
            2.2, lambda: asyncio.gather(*(client.get(f"/api/jobs?offset={n}") for n in range(40)))
        )
        assert {answer.status_code for answer in answers} == {503}
        warnings = [record for record in caplog.records if "does not answer" in record.message]
        assert len(warnings) == 1, "an outage must not fill the log"


async def test_a_fault_of_ours_is_json_without_its_details(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("a secret")

    async with serving(settings, store) as client:
        monkeypatch.setattr(store, "read", fail)
        response = await client.get("/api/jobs")
    assert response.status_code == 500
    assert response.json()["code"] == "INTERNAL_ERROR"
    assert "secret" not in response.text
    assert "a secret" in caplog.text


async def test_while_shutting_down_nothing_else_is_said(settings: Settings, store: Store) -> None:
    app = create_app(settings, store)
    async with app.running() as services, client_of(app) as client:
        services.shutting_down = True
        for path in ("/api/jobs", "/api/jobs?x=1", "/api/nothing"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()) == (
                503,
                {"error": "Service is shutting down", "code": "SHUTTING_DOWN"},
            )
        health = await client.get("/health")
        assert (health.status_code, health.json()["status"], health.json()["shutting_down"]) == (
            503,
            "degraded",
            True,
        )
        assert (await client.get("/livez")).status_code == 200
