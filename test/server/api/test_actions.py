"""Starting, cancelling, retrying and deleting, for programs and for plain forms."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from given_jobs import ended, queued, running
from serving import OWN_PAGE, FakeRunner, serving
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import ListQuery, Store

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
FORM = OWN_PAGE | {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def total(store: Store) -> int:
    data, _revision = store.read(ListQuery())
    assert data is not None
    return int(data["total"])


async def test_a_scan_is_started_and_its_runner_woken(settings: Settings, store: Store, media: Path) -> None:
    (media / "films").mkdir()
    runner = FakeRunner()
    async with serving(settings, store, runner) as client:
        response = await client.post(
            "/api/jobs", json={"type": "scan", "path": str(media / "films")}, headers=OWN_PAGE
        )
        assert response.status_code == 201
        record = response.json()
        assert (record["job_type"], record["status"], record["file_path"]) == (
            "scan",
            "queued",
            str(media / "films"),
        )
        assert response.headers["location"] == f"/api/jobs/{record['id']}"
        assert (await client.get(response.headers["location"])).json() == record
    assert runner.told == ["start", "wake", "stop"]


@pytest.mark.parametrize("path", [".", "films", "films/../films/", "./films"])
async def test_relative_paths_begin_at_the_first_root(
    settings: Settings, store: Store, media: Path, path: str
) -> None:
    (media / "films").mkdir()
    async with serving(settings, store) as client:
        response = await client.post("/api/jobs", json={"type": "scan", "path": path}, headers=OWN_PAGE)
        assert response.status_code == 201
        assert response.json()["file_path"] == str((media / path).resolve())


async def test_a_directory_whose_name_is_no_utf8_can_be_scanned(
    settings: Settings, store: Store, media: Path
) -> None:
    folder = media / "caf\udce9"
    folder.mkdir()
    body = json.dumps({"type": "scan", "path": folder.name}).encode()
    async with serving(settings, store) as client:
        headers = OWN_PAGE | {"content-type": "application/json"}
        created = await client.post("/api/jobs", content=body, headers=headers)
    assert created.json()["file_path"] == f"{media}/caf\\udce9"
    claimed = store.claim_next(now=1_000)
    assert claimed is not None
    assert claimed.options["path"] == str(folder)


async def test_what_lies_outside_the_roots_is_refused_whether_it_exists_or_not(
    settings: Settings, store: Store, media: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "secret"
    outside.mkdir()
    (media / "way-out").symlink_to(outside)
    (media / "inside").mkdir()
    (media / "inside" / "up").symlink_to("..")
    (tmp_path / "media-too").mkdir()
    refusals = set()
    async with serving(settings, store) as client:
        for path in (
            "/",
            "/etc",
            str(outside),
            str(outside / "missing"),
            "..",
            "../secret",
            "way-out",
            "way-out/missing",
            "inside/up/../../secret",
            str(tmp_path / "media-too"),
            str(media) + "/../secret",
        ):
            response = await client.post("/api/jobs", json={"type": "scan", "path": path}, headers=OWN_PAGE)
            assert response.status_code == 403, path
            refusals.add(json.dumps(response.json()))
        assert response.json()["code"] == "PATH_NOT_ALLOWED"
        assert "scan_roots" in response.json()["error"]
        inside = await client.post("/api/jobs", json={"type": "scan", "path": "inside/up"}, headers=OWN_PAGE)
        assert inside.status_code == 201, "a link that stays inside is no way out"
    assert len(refusals) == 1, "the answer must not tell what exists outside"
    assert total(store) == 1


async def test_without_roots_nothing_may_be_scanned(settings: Settings, store: Store, media: Path) -> None:
    settings = settings.model_copy(update={"scan_roots": ()})
    async with serving(settings, store) as client:
        refused = await client.post("/api/jobs", json={"type": "scan", "path": str(media)}, headers=OWN_PAGE)
    assert (refused.status_code, refused.json()["code"]) == (403, "PATH_NOT_ALLOWED")
    assert total(store) == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "INVALID_JSON"),
        (b"{", "INVALID_JSON"),
        (b"\xff\xfe", "INVALID_JSON"),
        (b"[" * 30_000, "INVALID_JSON"),
        (b"{}" + b" " * 70_000, "INVALID_REQUEST"),
        (b"[]", "INVALID_REQUEST"),
        (b'"scan"', "INVALID_REQUEST"),
        (b"null", "INVALID_REQUEST"),
        (b"{}", "VALIDATION_FAILED"),
        (b'{"type": "scan"}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": ""}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": " "}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": 7}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": ["x"]}', "VALIDATION_FAILED"),
        (b'{"type": ["scan"], "path": "x"}', "VALIDATION_FAILED"),
        (b'{"type": "command", "path": "rm"}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": "missing"}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": "a\\u0000b"}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": "\\ud800"}', "VALIDATION_FAILED"),
        (b'{"type": "scan", "path": "~nobody-of-this-name/x"}', "VALIDATION_FAILED"),
    ],
)
async def test_bad_bodies_are_400_in_the_shape_of_the_interface(
    settings: Settings, store: Store, body: bytes, code: str
) -> None:
    async with serving(settings, store) as client:
        response = await client.post(
            "/api/jobs", content=body, headers=OWN_PAGE | {"content-type": "application/json"}
        )
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert isinstance(response.json()["error"], str)
    assert response.headers["cache-control"] == "no-store"
    assert total(store) == 0


async def test_a_long_path_and_endless_links_are_400(settings: Settings, store: Store, media: Path) -> None:
    (media / "a").symlink_to("b")
    (media / "b").symlink_to("a")
    async with serving(settings, store) as client:
        for path in ("a/x", "x" * 60_000):
            response = await client.post("/api/jobs", json={"type": "scan", "path": path}, headers=OWN_PAGE)
            assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_a_form_is_sent_on_to_the_job(settings: Settings, store: Store, media: Path) -> None:
    async with serving(settings, store) as client:
        for kind in (
            {"data": {"type": "scan", "path": "."}},
            {"files": {"type": (None, "scan"), "path": (None, ".")}},
        ):
            response = await client.post("/api/jobs", headers=FORM, **kind)
            assert response.status_code == 303
            page = await client.get(response.headers["location"], headers={"accept": "text/html"})
            assert page.status_code == 200
            assert str(media) in page.text
        by_script = await client.post(
            "/api/jobs", data={"type": "scan", "path": "."}, headers=OWN_PAGE | {"accept": "application/json"}
        )
        assert by_script.status_code == 201


async def test_a_refused_form_gets_a_page(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        response = await client.post("/api/jobs", data={"type": "scan", "path": "/etc"}, headers=FORM)
        assert response.status_code == 403
        assert response.headers["content-type"].startswith("text/html")
        assert "outside" in response.text
        for data in ({}, {f"f{n}": "x" for n in range(50)}):
            bad = await client.post("/api/jobs", data=data, headers=FORM)
            assert bad.status_code == 400


async def test_cancelling(settings: Settings, store: Store) -> None:
    waiting, working, done = queued(store), running(store), ended(store)
    runner = FakeRunner()
    async with serving(settings, store, runner) as client:

        async def cancel(job_id: str) -> httpx.Response:
            return await client.post(f"/api/jobs/{job_id}/cancel", headers=OWN_PAGE)

        assert ((await cancel(waiting)).json()["status"]) == "cancelled"
        answer = await cancel(working)
        assert (answer.status_code, answer.json()["status"], answer.json()["can_cancel"]) == (
            200,
            "running",
            False,
        )
        refused = await cancel(done)
        assert (refused.status_code, refused.json()["code"]) == (409, "RESOURCE_CONFLICT")
        assert (await cancel(NOBODY)).status_code == 404
        assert (await cancel("zz")).status_code == 400
        form = await client.post(f"/api/jobs/{working}/cancel", headers=FORM)
        assert (form.status_code, form.headers["location"]) == (303, f"/jobs/{working}")
    assert f"cancel {working}" in runner.told
    assert f"cancel {waiting}" not in runner.told


async def test_retrying(settings: Settings, store: Store) -> None:
    working, done = running(store), ended(store)
    runner = FakeRunner()
    async with serving(settings, store, runner) as client:
        again = await client.post(f"/api/jobs/{done}/retry", headers=OWN_PAGE)
        assert (again.status_code, again.json()["status"], again.json()["attempt"]) == (200, "queued", 2)
        assert "wake" in runner.told
        assert (await client.post(f"/api/jobs/{working}/retry", headers=OWN_PAGE)).status_code == 409
        assert (await client.post(f"/api/jobs/{NOBODY}/retry", headers=OWN_PAGE)).status_code == 404


async def test_deleting_takes_the_logs_along(settings: Settings, store: Store) -> None:
    working, done, other = running(store), ended(store), ended(store)
    for job_id in (done, other):
        folder = LogPaths.of(settings.data_dir, job_id, 1).folder
        folder.mkdir(parents=True)
        (folder / "1.log").write_text("x\n")
    async with serving(settings, store) as client:
        assert (await client.delete(f"/api/jobs/{working}", headers=OWN_PAGE)).status_code == 409
        gone = await client.delete(f"/api/jobs/{done}", headers=OWN_PAGE)
        assert (gone.status_code, gone.content) == (204, b"")
        assert not LogPaths.of(settings.data_dir, done, 1).folder.exists()
        assert LogPaths.of(settings.data_dir, other, 1).folder.exists()
        assert (await client.delete(f"/api/jobs/{done}", headers=OWN_PAGE)).status_code == 404
        form = await client.post(f"/api/jobs/{other}/delete", headers=FORM)
        assert (form.status_code, form.headers["location"]) == (303, "/jobs")
        assert (await client.get(f"/api/jobs/{other}")).status_code == 404


async def test_an_action_shows_in_the_very_next_poll(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        before = await client.get("/api/jobs")
        await client.post(f"/api/jobs/{job_id}/cancel", headers=OWN_PAGE)
        after = await client.get("/api/jobs", headers={"if-none-match": before.headers["etag"]})
        assert after.json()["jobs"][0]["status"] == "cancelled"
