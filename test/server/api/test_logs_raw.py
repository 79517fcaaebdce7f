"""A log as plain text: ranges, conditions, and what happens when it changes while it is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from given_jobs import DONE, ended, running
from given_logs import write
from hypothesis import given
from hypothesis import settings as chances
from hypothesis import strategies as st
from serving import OWN_PAGE, serving
from vpo_polling.api import raw_log
from vpo_polling.api.ranges import wanted_range
from vpo_polling.app import create_app
from vpo_polling.logs import archive
from vpo_polling.settings import Settings
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio

TEXT = "".join(f"line {number} é😀\n" for number in range(60_000))
DATA = TEXT.encode()


@pytest.fixture(params=["plain", "packed"])
def job_id(request: pytest.FixtureRequest, settings: Settings, store: Store) -> str:
    name = ended(store)
    paths = write(settings, name, TEXT)
    if request.param == "packed":
        assert archive.compress(paths, ended=True)
    return name


def url(job_id: str) -> str:
    return f"/api/jobs/{job_id}/logs/raw"


async def test_all_of_it_with_headers(settings: Settings, store: Store, job_id: str) -> None:
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id))
        assert (answer.status_code, answer.content) == (200, DATA)
        headers = answer.headers
        assert headers["content-type"] == "text/plain; charset=utf-8"
        assert headers["content-length"] == str(len(DATA))
        assert headers["accept-ranges"] == "bytes"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, no-cache"
        assert headers["content-disposition"] == f'inline; filename="{job_id[:8]}-1.log"'
        saved = await client.head(url(job_id) + "?download=1&attempt=1")
        assert saved.headers["content-disposition"] == f'attachment; filename="{job_id[:8]}-1.log"'
        assert (saved.content, saved.headers["content-length"]) == (b"", str(len(DATA)))
        assert saved.headers["etag"] == headers["etag"]
        assert not headers["etag"].startswith("W/")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=1000000-", slice(1_000_000, None)),
        ("Bytes = 1048570-1048590", slice(1_048_570, 1_048_591)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=-99999999", slice(0, None)),
        (f"bytes=5-{'9' * 30}", slice(5, None)),
    ],
)
async def test_a_range(settings: Settings, store: Store, job_id: str, asked: str, part: slice) -> None:
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id), headers={"range": asked})
        begin, end, _ = part.indices(len(DATA))
        assert (answer.status_code, answer.content) == (206, DATA[part])
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(DATA)}"
        assert answer.headers["content-length"] == str(end - begin)


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes", "", "bytes=1--2"]
)
async def test_a_range_that_is_none_or_several_is_ignored(
    settings: Settings, store: Store, asked: str
) -> None:
    job_id = ended(store)
    write(settings, job_id, "text\n")
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id), headers={"range": asked})
        assert (answer.status_code, answer.text) == (200, "text\n")


@pytest.mark.parametrize("asked", ["bytes=5-", "bytes=99-100", "bytes=-0", f"bytes={'9' * 999}-"])
async def test_a_range_behind_the_end_is_refused(settings: Settings, store: Store, asked: str) -> None:
    job_id = ended(store)
    write(settings, job_id, "text\n")
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id), headers={"range": asked})
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */5"


@chances(max_examples=300)
@given(
    size=st.integers(0, 30),
    first=st.one_of(st.just(""), st.integers(0, 40).map(str)),
    last=st.one_of(st.just(""), st.integers(0, 40).map(str)),
)
def test_ranges_are_slices(size: int, first: str, last: str) -> None:
    data = bytes(range(size))
    found = wanted_range(f"bytes={first}-{last}", size)
    if (not first and not last) or (first and last and int(last) < int(first)):
        assert found is None
        return
    assert found is not None
    begin = int(first) if first else max(0, size - int(last))
    end = int(last) + 1 if first and last else size
    assert data[found.start : found.stop] == data[begin:end]
    assert bool(found) == bool(data[begin:end])


async def test_conditions(settings: Settings, store: Store, job_id: str) -> None:
    async with serving(settings, store) as client:
        etag = (await client.head(url(job_id))).headers["etag"]
        same = await client.get(url(job_id), headers={"if-none-match": etag, "range": "bytes=0-1"})
        assert (same.status_code, same.content) == (304, b"")
        date = "Wed, 25 Nov 2026 22:00:00 GMT"
        for tag, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200), (date, 200)):
            answer = await client.get(url(job_id), headers={"if-range": tag, "range": "bytes=0-1"})
            assert answer.status_code == status
        only_get = await client.head(url(job_id), headers={"range": "bytes=0-1"})
        assert (only_get.status_code, only_get.headers["content-length"]) == (200, str(len(DATA)))


async def test_the_tag_survives_packing(settings: Settings, store: Store) -> None:
    job_id = ended(store)
    paths = write(settings, job_id, TEXT)
    async with serving(settings, store) as client:
        etag = (await client.head(url(job_id))).headers["etag"]
        await asyncio.to_thread(archive.compress, paths, ended=True)
        assert not paths.log.exists()
        assert (await client.get(url(job_id), headers={"if-none-match": etag})).status_code == 304
        rest = await client.get(url(job_id), headers={"if-range": etag, "range": "bytes=999999-"})
        assert (rest.status_code, rest.content) == (206, DATA[999_999:])


async def test_of_a_log_that_is_written_the_finished_lines(settings: Settings, store: Store) -> None:
    job_id = running(store)
    write(settings, job_id, "one\ntwo\nthr")
    async with serving(settings, store) as client:
        first = await client.get(url(job_id))
        assert first.text == "one\ntwo\n"
        write(settings, job_id, "ee\n")
        rest = await client.get(url(job_id), headers={"range": "bytes=7-"})
        assert (rest.status_code, rest.text) == (206, "\nthree\n")
        assert rest.headers["etag"] != first.headers["etag"]
        await asyncio.to_thread(store.finish, job_id, 1, DONE, now=2_000)
        assert (await client.get(url(job_id))).text == "one\ntwo\nthree\n"


async def test_an_empty_log(settings: Settings, store: Store) -> None:
    job_id = running(store)
    async with serving(settings, store) as client:
        answer = await client.get(url(job_id))
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
        assert (await client.get(url(job_id), headers={"range": "bytes=0-"})).status_code == 416
        for wrong in ("?attempt=9", "?attempt=x"):
            assert (await client.get(url(job_id) + wrong)).status_code == 404


async def asked_by_hand(settings: Settings, store: Store, job_id: str, **ports: Any) -> list[dict[str, Any]]:
    """The messages of one answer, with ports of the test's own."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)
        await ports["sent"](len(sent))

    async def receive() -> Any:
        await ports.get("leaves", asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    app = create_app(settings, store)
    scope = {"type": "http", "method": "GET", "path": url(job_id), "query_string": b"", "client": ("::1", 1)}
    scope["headers"] = [(b"host", b"localhost:8080")]
    async with app.running():
        await app(scope, receive, send)
    return sent


def body(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message["body"] for message in sent[1:])


async def test_a_log_begun_anew_while_it_is_sent_breaks_the_connection_off(
    settings: Settings, store: Store
) -> None:
    job_id = ended(store)
    paths = write(settings, job_id, TEXT)

    async def sent(count: int) -> None:
        if count == 2:
            paths.start.write_text('{"gen": "1-new"}')

    messages = await asked_by_hand(settings, store, job_id, sent=sent)
    assert messages[0]["status"] == 200
    assert messages[-1]["more_body"] is True
    assert body(messages) == DATA[: raw_log.PIECE]


async def test_whoever_leaves_is_sent_nothing_more(settings: Settings, store: Store, job_id: str) -> None:
    leaves = asyncio.Event()

    async def sent(count: int) -> None:
        if count == 2:
            leaves.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    messages = await asked_by_hand(settings, store, job_id, sent=sent, leaves=leaves)
    assert len(messages) < 2 + len(DATA) // raw_log.PIECE
    assert messages[-1]["more_body"] is True


async def test_a_client_that_takes_nothing_is_given_up(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(store)
    write(settings, job_id, TEXT)
    monkeypatch.setattr(raw_log, "SEND_PATIENCE_S", 0.01)

    async def sent(count: int) -> None:
        if count == 2:
            await asyncio.Event().wait()

    messages = await asked_by_hand(settings, store, job_id, sent=sent)
    assert len(messages) == 2


async def test_pieces_are_never_longer_than_they_may_be(
    settings: Settings, store: Store, job_id: str
) -> None:
    async def sent(count: int) -> None:
        pass

    messages = await asked_by_hand(settings, store, job_id, sent=sent)
    assert max(len(message["body"]) for message in messages[1:]) <= raw_log.PIECE
    assert body(messages) == DATA
    assert messages[-1]["more_body"] is False


async def test_a_deleted_jobs_log_is_gone(settings: Settings, store: Store, job_id: str) -> None:
    folder = Path(settings.data_dir) / "logs" / job_id
    async with serving(settings, store) as client:
        assert folder.exists()
        assert (await client.delete(f"/api/jobs/{job_id}", headers=OWN_PAGE)).status_code == 204
        assert not folder.exists()
        answer = await client.get(url(job_id))
        assert answer.status_code == 404
