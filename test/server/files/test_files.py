"""The files of a project over HTTP."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from api.test_openapi import described
from pydantic import SecretStr
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

pytestmark = pytest.mark.anyio
FILES = "/api/projects/{project_id}/files"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "work" / "site"
    root.mkdir(parents=True)
    return root


@pytest.fixture
async def client(settings: Settings, store: Store, root: Path) -> AsyncIterator[httpx.AsyncClient]:
    rooted = settings.model_copy(update={"project_roots": (root.parent,)})
    async with serving(rooted, store) as client:
        yield client


@pytest.fixture
def files(store: Store, root: Path) -> str:
    return f"/api/projects/{store.create_project('Site', str(root), now=1000)}/files"


async def status(client: httpx.AsyncClient, files: str, **asked: object) -> httpx.Response:
    return await client.post(f"{files}/status", json=asked, headers=OWN_PAGE)


def paths(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


async def test_files_are_listed_with_their_versions(
    client: httpx.AsyncClient, files: str, root: Path
) -> None:
    (root / "a.md").write_text("one")
    listed = await client.get(files)
    described(listed, FILES)
    (row,) = listed.json()["files"]
    assert (row["path"], row["size"]) == ("a.md", 3)
    again = await client.get(files, headers={"if-none-match": listed.headers["etag"]})
    assert again.status_code == 304
    known = await status(client, files, paths=["a.md"], since={"a.md": row["version"]})
    described(known, f"{FILES}/status")
    assert known.json() == {"changes": []}


async def test_a_held_list_is_answered_when_a_file_changes(
    client: httpx.AsyncClient, files: str, root: Path
) -> None:
    for i in range(30):
        (root / f"{i:02}").write_text("x")
    tag = (await client.get(files)).headers["etag"]
    headers = {"if-none-match": tag, "prefer": "wait=25", "a-im": "vpo-rows"}
    held = asyncio.create_task(client.get(files, headers=headers))
    await asyncio.sleep(0.3)
    assert not held.done()
    (root / "05").write_text("changed")
    # Long before its time is up.
    answer = await asyncio.wait_for(held, 15)
    assert (answer.status_code, [row["path"] for row in answer.json()["rows"]]) == (226, ["05"])
    described(answer, FILES)


async def test_a_thousand_operations_no_change_missed_and_none_invented(
    client: httpx.AsyncClient, files: str, root: Path
) -> None:
    """A viewer who asks for changes between them ends with exactly the files that there are."""
    chance = random.Random(7)
    known: dict[str, int] = {}
    seen = 0

    async def ask() -> None:
        nonlocal seen
        for change in (await status(client, files, since=known)).json()["changes"]:
            seen += 1
            if change["change_type"] == "deleted":
                assert known.pop(change["path"], None) is not None, "what was never known can't go"
            else:
                is_new = change["path"] not in known
                assert is_new == (change["change_type"] == "created")
                known[change["path"]] = change["version"]

    for number in range(1000):
        folder = root / chance.choice(("", "src", "src/deep", "docs"))
        file = folder / chance.choice("abcdefgh")
        doing = chance.random()
        if doing < 0.6:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{number}" * chance.randrange(1, 9))
        elif doing < 0.8:
            file.unlink(missing_ok=True)
        elif doing < 0.9 and file.exists():
            file.rename(file.with_name(chance.choice("ijkl")))
        elif doing > 0.99:
            shutil.rmtree(root / "src", ignore_errors=True)
        if number % 100 == 0:
            await asyncio.sleep(0.15)
            await ask()
    await asyncio.sleep(0.2)
    await ask()
    there = paths(root)
    assert set(known) == there
    assert seen > len(there), "it was asked while things changed"
    await ask()
    listed = (await client.get(files)).json()["files"]
    assert {row["path"]: row["version"] for row in listed} == known


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../b"])
async def test_paths_stay_inside_the_project(client: httpx.AsyncClient, files: str, path: str) -> None:
    for asked in ({"paths": [path]}, {"since": {path: 1}}):
        refused = await status(client, files, **asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "PATH_NOT_ALLOWED")
        described(refused, f"{FILES}/status")


@pytest.mark.parametrize(
    "asked", [{"paths": "a"}, {"paths": [1]}, {"since": []}, {"since": {"a": "1"}}, {"since": {"a": True}}]
)
async def test_what_can_not_be_read_is_refused(
    client: httpx.AsyncClient, files: str, asked: dict[str, object]
) -> None:
    refused = await status(client, files, **asked)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_projects_without_files_and_no_projects_have_none(
    client: httpx.AsyncClient, store: Store
) -> None:
    bare = store.create_project("Bare", None, now=now_ms())
    for project in (bare, "01234567-89ab-cdef-0123-456789abcdef"):
        assert (await client.get(f"/api/projects/{project}/files")).status_code == 404
        assert (await status(client, f"/api/projects/{project}/files")).status_code == 404


async def test_a_project_outside_the_roots_of_today_is_not_shown(
    client: httpx.AsyncClient, store: Store, tmp_path: Path
) -> None:
    outside = store.create_project("Out", str(tmp_path), now=now_ms())
    assert (await client.get(f"/api/projects/{outside}/files")).status_code == 403


async def test_who_may_only_read_may_ask_for_changes(settings: Settings, store: Store, root: Path) -> None:
    reader = store.tokens.create(scope="read", name="reader", now=1)
    locked = settings.model_copy(update={"project_roots": (root.parent,), "auth_token": SecretStr("a token")})
    project = store.create_project("Site", str(root), now=1)
    async with serving(locked, store) as client:
        bearer = {"authorization": f"Bearer {reader}"}
        asked = await client.post(f"/api/projects/{project}/files/status", json={}, headers=bearer)
        assert asked.status_code == 200
        begun = await client.post("/api/projects", json={"name": "x"}, headers=bearer)
        assert (begun.status_code, begun.json()["code"]) == (403, "FORBIDDEN")
