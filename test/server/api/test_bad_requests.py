"""Requests that no client should send: each is refused in the contract's shape, and the rest goes on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import httpx
import pytest
from cli.conftest import Vpo
from serving import OWN_PAGE, serving
from timing import PATIENCE
from vpo_polling.api import body
from vpo_polling.settings import Settings
from vpo_polling.store import Store

OPEN = "Host: localhost\r\nSec-Fetch-Site: same-origin\r\n"
HEAD = f"{OPEN}Connection: close\r\n"
POST = f"POST /api/jobs HTTP/1.1\r\n{HEAD}"
JOB = "01234567-89ab-cdef-0123-456789abcdef"
MEGABYTE = b"x" * 1_048_576


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    vpo = Vpo(tmp_path_factory.mktemp("server"))
    vpo.env["VPO_RATE_LIMIT"] = "0"
    try:
        vpo.serve()
        yield int(vpo.url.rpartition(":")[2])
    finally:
        vpo.stop()


class Raw:
    """One connection, byte for byte."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 4)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, data: str | bytes) -> None:
        # It may have answered and closed before everything was sent.
        with suppress(ConnectionError):
            self._socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def answers(self) -> list[tuple[int, bytes]]:
        """Status and body of everything that comes until the server closes."""
        data = b""
        with suppress(ConnectionError):
            while piece := self._socket.recv(65536):
                data += piece
        found = []
        while data:
            head, _, data = data.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            lengths = [int(line.split(":")[1]) for line in lines if line.startswith("content-length:")]
            cut = lengths[0] if lengths else len(data)
            found.append((int(lines[0].split()[1]), data[:cut]))
            data = data[cut:]
        return found

    def leave(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> tuple[int, dict[str, str]]:
        ((status, content),) = self.answers()
        return status, json.loads(content)


def ask(port: int, *sent: str | bytes) -> tuple[int, dict[str, str]]:
    with Raw(port) as raw:
        for data in sent:
            raw.send(data)
        return raw.answer()


@pytest.fixture(autouse=True)
def the_rest_goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "port" in request.fixturenames:
        status, health = ask(request.getfixturevalue("port"), f"GET /health HTTP/1.1\r\n{HEAD}\r\n")
        assert (status, health["status"]) == (200, "healthy")


@pytest.mark.parametrize("part", ["", "/logs", "/errors"])
@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../../../etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5C..%5Cwindows",
        f"{JOB}%0A",
        f"{JOB}%0D%0ASet-Cookie:%20x=1",
        f"{JOB}%00",
        f"%7B{JOB}%7D",
        f"{{{JOB}}}",
        f"urn:uuid:{JOB}",
        JOB.replace("-", ""),
        "a" * 300,
        "%ff%fe",
        "%F0%9D%9F%98" * 8,
        "%",
        "%zz",
    ],
)
def test_an_id_that_is_none_names_nothing(port: int, name: str, part: str) -> None:
    status, refusal = ask(port, f"GET /api/jobs/{name}{part} HTTP/1.1\r\n{HEAD}\r\n")
    assert (status, refusal["code"]) in [(400, "INVALID_ID_FORMAT"), (404, "NOT_FOUND")]
    with Raw(port) as raw:
        raw.send(f"GET /jobs/{name} HTTP/1.1\r\n{HEAD}Accept: text/html\r\n\r\n")
        ((page, html),) = raw.answers()
    assert page in (400, 404)
    assert b"<!doctype html>" in html


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("INVALID_JSON", b"[" * 10_000),
        ("INVALID_JSON", b'{"path":' * 8000),
        ("INVALID_JSON", b'{"type": "\xff\xfe"}'),
        ("INVALID_JSON", b'{"type": "scan", "path": '),
        ("INVALID_JSON", b"9" * 5000),
        ("INVALID_JSON", b"\x00\x01"),
        ("VALIDATION_FAILED", b"\xef\xbb\xbf{}"),
        ("VALIDATION_FAILED", b'{"type": "scan", "type": "command", "path": "."}'),
        ("VALIDATION_FAILED", b'{"type": "scan", "path": {"a": 1}}'),
        ("VALIDATION_FAILED", b'{"type": "scan", "path": "\\u0000"}'),
        ("VALIDATION_FAILED", b'{"type": "scan", "path": "\\ud800"}'),
        ("INVALID_REQUEST", MEGABYTE),
    ],
)
def test_a_bad_body_is_refused(port: int, code: str, content: bytes) -> None:
    head = f"{POST}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    status, refusal = ask(port, head, content)
    assert (status, refusal["code"]) == (400, code)


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "application/jsonx", "application/xml; a=application/json"]
)
def test_another_kind_of_body_is_refused(port: int, kind: str) -> None:
    status, refusal = ask(port, f"{POST}Content-Type: {kind}\r\nContent-Length: 2\r\n\r\n{{}}")
    assert (status, refusal["code"]) == (403, "CSRF_ERROR")


def test_a_body_that_says_it_is_a_gigabyte_is_refused_before_it_comes(port: int) -> None:
    head = f"{POST}Content-Type: application/json\r\nContent-Length: {2**30}\r\n\r\n"
    status, refusal = ask(port, head)
    assert (status, refusal["code"]) == (400, "INVALID_REQUEST")
    assert "larger than 65536 bytes" in refusal["error"]


def test_a_body_without_end_is_refused_while_it_comes(port: int) -> None:
    with Raw(port) as raw:
        raw.send(f"{POST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(8):
            raw.send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        status, refusal = raw.answer()
    assert (status, refusal["code"]) == (400, "INVALID_REQUEST")


def test_a_body_that_is_cut_off_is_refused_or_forgotten(port: int) -> None:
    with Raw(port) as raw:
        raw.send(f'{POST}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"type"')
        raw.leave()
        assert {status for status, _ in raw.answers()} <= {400}


@pytest.mark.parametrize("action", ["cancel", "retry", "delete"])
def test_an_action_that_needs_no_body_reads_none(port: int, action: str) -> None:
    head = f"POST /api/jobs/{JOB}/{action} HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\n"
    status, refusal = ask(port, f"{head}Content-Length: {2**30}\r\n\r\n")
    assert (status, refusal["code"]) == (404, "NOT_FOUND")


SMUGGLED = f"GET /api/about HTTP/1.1\r\n{HEAD}\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"Content-Length: 2\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}",
        f"Transfer-Encoding: xchunked\r\n\r\n{SMUGGLED}",
        f"Transfer-Encoding: chunked, identity\r\n\r\n{SMUGGLED}",
        f"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
        f"Content-Length: -1\r\n\r\n{SMUGGLED}",
        f"Content-Length: 0x10\r\n\r\n{SMUGGLED}",
    ],
)
def test_where_a_request_ends_is_never_guessed(port: int, headers: str) -> None:
    with Raw(port) as raw:
        raw.send(f"POST /api/jobs HTTP/1.1\r\n{OPEN}Content-Type: application/json\r\n{headers}")
        statuses = [status for status, _ in raw.answers()]
    assert set(statuses[:1]) <= {400, 501}
    assert 200 not in statuses


@pytest.mark.parametrize(
    "flood",
    [
        "".join(f"X-{number}: {'v' * 100}\r\n" for number in range(20_000)),
        f"Cookie: {'c' * 2_000_000}\r\n",
        f"If-None-Match: {'W/' * 1_000_000}\r\n",
    ],
)
def test_a_flood_of_headers_is_refused(port: int, flood: str) -> None:
    with Raw(port) as raw:
        raw.send(f"GET /api/jobs HTTP/1.1\r\n{HEAD}{flood}\r\n")
        assert {status for status, _ in raw.answers()} <= {400}


@pytest.mark.parametrize("path", ["/api/jobs", "/jobs"])
def test_ten_thousand_keys_are_refused_in_few_words(port: int, path: str) -> None:
    query = "&".join(f"k{number}" for number in range(10_000))
    with Raw(port) as raw:
        raw.send(f"GET {path}?{query} HTTP/1.1\r\n{HEAD}\r\n")
        ((status, content),) = raw.answers()
    assert status == 400
    assert len(content) < 40_000
    assert b"9980 more" in content


@pytest.mark.parametrize("key", ["status", "search", "limit", "offset", "sort", "x"])
def test_long_values_are_answered_in_few_words(port: int, key: str) -> None:
    for path in ("/api/jobs", "/jobs"):
        with Raw(port) as raw:
            raw.send(f"GET {path}?{key}={'9' * 100_000} HTTP/1.1\r\n{HEAD}\r\n")
            ((status, content),) = raw.answers()
        assert status in (200, 302, 400)
        # A whole page, with its words; of what was sent there is little in it.
        assert len(content) < 40_000


def test_a_query_beyond_every_measure_is_refused(port: int) -> None:
    with Raw(port) as raw:
        raw.send(f"GET /api/jobs?search={'a' * 2_000_000} HTTP/1.1\r\n{HEAD}\r\n")
        assert {status for status, _ in raw.answers()} <= {400}


@pytest.mark.anyio
async def test_a_body_of_a_byte_now_and_then_ends_at_a_deadline(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "DEADLINE_S", 0.05)
    ended = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b'{"type"'
        await ended.wait()

    headers = {**OWN_PAGE, "content-type": "application/json"}
    async with serving(settings, store) as client:
        answer: httpx.Response = await client.post("/api/jobs", content=drip(), headers=headers)
        ended.set()
    assert (answer.status_code, answer.json()["code"]) == (408, "INVALID_REQUEST")
