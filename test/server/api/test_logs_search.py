"""Search over HTTP: what may be asked, and that it costs nobody else."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from given_jobs import DONE, running
from given_logs import write
from serving import serving
from timing import PATIENCE
from vpo_polling.api import logs as api_logs
from vpo_polling.app import create_app
from vpo_polling.logs.search import SearchStopped, search
from vpo_polling.settings import Settings
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio


def url(job_id: str) -> str:
    return f"/api/jobs/{job_id}/logs/search"


async def test_a_page_of_matches(settings: Settings, store: Store) -> None:
    job_id = running(store)
    write(settings, job_id, "Error one\nfine\n\x1b[31mERROR\x1b[0m two error\nerr")
    async with serving(settings, store) as client:
        data = (await client.get(url(job_id), params={"q": "error"})).json()
        assert data["job_id"] == job_id
        assert (data["query"], data["total"], data["lines"], data["before"]) == ("error", 3, 2, 0)
        assert data["matches"] == [
            {"line": 1, "start": 0, "column": 0, "length": 5, "text": "Error one", "text_offset": 0},
            {"line": 3, "start": 15, "column": 0, "length": 5, "text": "ERROR two error", "text_offset": 0},
            {"line": 3, "start": 15, "column": 10, "length": 5, "text": "ERROR two error", "text_offset": 0},
        ]
        assert (data["more"], data["complete"], data["size"]) == (False, False, 43)
        exact = (await client.get(url(job_id), params={"q": "error", "case": "1"})).json()
        assert (exact["total"], exact["matches"][0]["column"]) == (1, 10)
        rest = (await client.get(url(job_id), params={"q": "error", "from": "1"})).json()
        assert (rest["total"], rest["before"], len(rest["matches"])) == (3, 1, 2)
        first = (await client.get(url(job_id), params={"q": "error", "limit": "1"})).json()
        assert (len(first["matches"]), first["more"]) == (1, True)
        last = (await client.get(url(job_id), params={"q": "error", "until": "15"})).json()
        assert (last["before"], [match["line"] for match in last["matches"]], last["more"]) == (0, [1], False)
        await asyncio.to_thread(store.finish, job_id, 1, DONE, now=2_000)
        assert (await client.get(url(job_id), params={"q": "err"})).json()["total"] == 4


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "x" * 501}])
async def test_what_can_not_be_looked_for(settings: Settings, store: Store, params: dict[str, str]) -> None:
    job_id = running(store)
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id), params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
        assert "500 characters" in answer.json()["error"]


async def test_an_unchanged_log_is_not_searched_again(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = running(store)
    write(settings, job_id, "needle\n")
    searched = 0

    def counting(*args: Any) -> dict[str, Any]:
        nonlocal searched
        searched += 1
        return search(*args)

    monkeypatch.setattr(api_logs, "search", counting)
    async with serving(settings, store) as client:
        first = await client.get(url(job_id), params={"q": "needle"})
        assert first.headers["cache-control"] == "private, no-cache"
        tag = {"if-none-match": first.headers["etag"]}
        again = await client.get(url(job_id), params={"q": "needle"}, headers=tag)
        assert (again.status_code, searched) == (304, 1)
        for params in ({"q": "needl"}, {"q": "needle", "from": "3"}, {"q": "needle", "case": "1"}):
            assert (await client.get(url(job_id), params=params, headers=tag)).status_code == 200
        write(settings, job_id, "needle\n")
        answer = await client.get(url(job_id), params={"q": "needle"}, headers=tag)
        assert (answer.status_code, answer.json()["total"]) == (200, 2)


async def test_a_search_ends_when_its_asker_leaves_and_takes_no_thread_from_polls(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = running(store)
    write(settings, job_id, "line\n")
    begun, stopped = threading.Semaphore(0), threading.Semaphore(0)

    def endless(_log: object, _wanted: object, stop: Any) -> dict[str, Any]:
        begun.release()
        pause = threading.Event()
        while not stop():
            pause.wait(0.005)
        stopped.release()
        raise SearchStopped

    monkeypatch.setattr(api_logs, "search", endless)
    app = create_app(settings, store)
    leaves = asyncio.Event()
    sent: list[Any] = []

    async def receive() -> Any:
        await leaves.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "client": ("::1", 1), "headers": [(b"host", b"localhost:8080")]}
    asked = {**scope, "path": url(job_id), "query_string": b"q=x"}
    async with app.running():
        searches = [asyncio.ensure_future(app(asked, receive, send)) for _ in range(8)]
        for _ in range(2):
            assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
        # Others wait behind these two; the log itself is answered all the same.
        poll = {**scope, "path": f"/api/jobs/{job_id}/logs", "query_string": b"start=0"}
        await asyncio.wait_for(app(poll, receive, send), PATIENCE)
        assert sent[0]["status"] == 200
        del sent[:]
        leaves.set()
        await asyncio.wait_for(asyncio.gather(*searches), PATIENCE)
        assert sent == []
        assert await asyncio.to_thread(stopped.acquire, timeout=PATIENCE)
