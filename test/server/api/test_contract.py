"""The contract of `test/contract/http`, asked of our own server; that breaking it is noticed."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cli.conftest import Vpo
from conformance.cases import FOLDER, Case, all_cases
from conformance.checks import differences
from conformance.client import answer, asking, names
from conformance.shapes import misfits
from vpo_polling.store import NewJob, Store, now_ms

SETTINGS = """
scan_roots = ["media"]
[commands.counts]
argv = ["seq", "1200"]
[commands.fails]
argv = ["false"]
[commands.waits]
argv = ["sleep", "600"]
"""
PATHS = ("Films", "Ä", "a" * 200)
TOKEN = "a token of this test"
CASES = all_cases()


@dataclass
class Asked:
    client: httpx.Client
    names: dict[str, str]


CREATED = itertools.count(now_ms())
"""Jobs of one millisecond would be run in any order."""


def command(store: Store, name: str, path: str | None = None) -> str:
    job = NewJob(job_type="command", file_path=path or name, options={"command": name})
    return store.create_job(job, now=next(CREATED))


def with_jobs(vpo: Vpo, media: Path) -> dict[str, str]:
    """One job in every state: real ones, run by the server's only worker; the last of them waits for it."""
    store = Store.open(vpo.data_dir / "vpo.db")
    try:
        scan = NewJob(job_type="scan", file_path=str(media))
        jobs = {"scanned": store.create_job(scan, now=next(CREATED))}
        jobs["logged"] = jobs["completed"] = command(store, "counts")
        jobs["failed"] = command(store, "fails")
        jobs["running"] = command(store, "waits")
        jobs["queued"] = command(store, "waits", PATHS[0])
        for path in PATHS[1:]:
            command(store, "waits", path)
        jobs["cancelled"] = command(store, "waits", "given up")
        assert vpo("jobs", "cancel", jobs["cancelled"]).returncode == 0
        for status in ("completed", "failed", "running", "cancelled"):
            vpo.wait_for_status(jobs[status], status)
    finally:
        store.close()
    return jobs | {"any": jobs["completed"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("contract")
    (folder / "vpo.toml").write_text(SETTINGS)
    media = folder / "media"
    media.mkdir()
    (media / "broken.wav").write_text("no sound")
    vpo = Vpo(folder)
    vpo.env["VPO_RATE_LIMIT"] = "0"
    try:
        vpo.serve("--workers", "1")
        jobs = with_jobs(vpo, media)
        with asking(vpo.url) as client:
            yield Asked(client, names(client) | jobs)
    finally:
        vpo.stop()


@pytest.fixture(scope="module")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    vpo = Vpo(tmp_path_factory.mktemp("locked"))
    vpo.env["VPO_AUTH_TOKEN"] = TOKEN
    try:
        vpo.serve()
        with asking(vpo.url, TOKEN) as client:
            yield Asked(client, names(client))
    finally:
        vpo.stop()


def named(case: Case) -> str:
    return f"{case.asked[:80]}: {case.it}".encode("ascii", "replace").decode()


@pytest.mark.parametrize("case", [case for case in CASES if case.auth is None], ids=named)
def test_the_server_keeps_the_contract(server: Asked, case: Case) -> None:
    assert case.needs - server.names.keys() == set()
    assert answer(server.client, case, server.names) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.auth is not None], ids=named)
def test_a_server_with_a_token_keeps_the_contract(locked_server: Asked, case: Case) -> None:
    assert answer(locked_server.client, case, locked_server.names, TOKEN) == []


def test_any_server_can_be_asked_and_what_it_breaks_is_one_line(server: Asked) -> None:
    def run(url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, FOLDER / "run.py", url], capture_output=True, text=True)

    before = server.client.get("/api/jobs").json()["total"]
    kept = run(str(server.client.base_url))
    assert (kept.returncode, kept.stderr) == (0, "")
    assert " kept, 0 broken\n" in kept.stdout
    assert "not asked: may change something (--write)\n" in kept.stdout
    assert server.client.get("/api/jobs").json()["total"] == before
    nobody = run("http://127.0.0.1:1")
    assert nobody.returncode == 2
    assert nobody.stderr.startswith("http://127.0.0.1:1 can't be asked for its jobs: ")


def test_a_broken_promise_is_named() -> None:
    answered = httpx.Response(200, json={"limit": True, "jobs": [{"id": "x"}]}, headers={"etag": "1"})
    wanted = {
        "status": 404,
        "type": "json",
        "has": {"limit": 1},
        "all": {"id": "y"},
        "count": {"jobs": 2},
        "headers": {"ETag": "^W/"},
        "lacks": ["ETag"],
        "says": ["nothing like it"],
        "empty": True,
        "sorted": "id asc",
        "shape": "list",
    }
    for name, value in wanted.items():
        held = name == "sorted"
        assert (differences(answered, {name: value}) == []) is held, name
    backwards = httpx.Response(200, json={"jobs": [{"id": "x"}, {"id": "a"}]})
    assert differences(backwards, {"sorted": "id asc"}) == ["jobs sorted by id asc, got ['x', 'a']…"]


def test_a_wrong_shape_is_named_by_its_place() -> None:
    refusal = {"error": 1, "code": "NEW_WORD"}
    assert [text.split(" ")[0] for text in misfits(refusal, "refusal")] == ["error", "code"]
    item = {"created_at": "2026-01-01T00:00:00.000Z", "completed_at": "2026-01-01T00:00:02.900Z"}
    listed = {"jobs": [item | {"duration_seconds": 3}], "total": 0, "limit": 0}
    found = "\n".join(misfits(listed, "list"))
    for part in ("jobs[0].id, got no such", "duration_seconds to be 2", "total to be 1 at least", "max_page"):
        assert part in found
