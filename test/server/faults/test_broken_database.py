"""A database that is damaged, foreign, away or in use: one sentence, 503 as JSON, nothing lost."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from cli.conftest import Vpo
from foreign import scanned
from given_jobs import queued
from jobs.support import eventually
from timing import PATIENCE
from vpo_polling.store import NewJob, Store

OWN_PAGE = {"sec-fetch-site": "same-origin"}


def database(vpo: Vpo) -> Path:
    return vpo.data_dir / "vpo.db"


def filled(vpo: Vpo, jobs: int = 300) -> str:
    """A database of some pages, all of it in its main file."""
    assert vpo("jobs", "list").returncode == 0
    store = Store.open(database(vpo))
    job_id = scanned(store)
    for number in range(jobs):
        queued(store, f"/media/{number}", job_type="move")
    store.close()
    with closing(sqlite3.connect(database(vpo), isolation_level=None)) as connection:
        # Nothing that a server would run, so that the list stays as it is.
        connection.execute("UPDATE jobs SET status = 'cancelled' WHERE status = 'queued'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return job_id


def garbage_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xde\xad" * ((size - 4096) // 2))


def no_database(path: Path) -> None:
    path.write_text("This is a letter, not a database.\n" * 200)


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_loop_of_links(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def of_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (garbage_in_the_middle, "malformed"),
        (no_database, "not a database"),
        (a_directory, "unable to open"),
        (a_loop_of_links, "unable to open"),
        (of_a_newer_version, "newer version"),
    ],
)
def test_a_command_says_what_is_wrong_in_one_sentence(
    vpo: Vpo, damage: Callable[[Path], None], says: str
) -> None:
    filled(vpo)
    damage(database(vpo))
    for command in (("serve", "--port", "0"), ("jobs", "list")):
        refused = vpo(*command)
        assert (refused.returncode, refused.stdout) == (1, ""), command
        assert refused.stderr.count("\n") == 1, refused.stderr
        assert says in refused.stderr
        assert str(database(vpo)) in refused.stderr


def test_an_empty_file_becomes_a_database(vpo: Vpo) -> None:
    vpo.data_dir.mkdir()
    database(vpo).touch()
    vpo.serve()
    assert vpo.get("/api/jobs")["total"] == 0


def test_a_journal_that_was_cut_off_costs_no_more_than_what_it_held(vpo: Vpo) -> None:
    job_id = filled(vpo)
    keeper = sqlite3.connect(database(vpo))
    keeper.execute("SELECT count(*) FROM jobs").fetchone()
    store = Store.open(database(vpo))
    queued(store, "/late", job_type="move")
    store.close()
    wal = database(vpo).with_name("vpo.db-wal")
    kept = wal.read_bytes()
    keeper.close()
    wal.write_bytes(kept[: len(kept) // 2 + 7])
    vpo.serve()
    assert vpo.get(f"/api/jobs/{job_id}")["status"] == "completed"
    assert vpo.get("/api/jobs")["total"] in (301, 302)


def damaged_while_running(path: Path) -> None:
    garbage_in_the_middle(path)


def deleted(path: Path) -> None:
    for file in path.parent.glob("vpo.db*"):
        file.unlink()


def replaced(path: Path) -> None:
    deleted(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE jobs (id TEXT)")


def data_directory_removed(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("damage", [damaged_while_running, deleted, replaced, data_directory_removed])
def test_a_running_server_says_so_and_keeps_showing_what_it_has(
    vpo: Vpo, damage: Callable[[Path], None]
) -> None:
    job_id = filled(vpo)
    server = vpo.serve()
    with httpx.Client(base_url=vpo.url, headers=OWN_PAGE, timeout=PATIENCE) as client:
        known = client.get("/api/jobs")
        damage(database(vpo))
        unchanged = client.get("/api/jobs", headers={"if-none-match": known.headers["etag"]})
        assert unchanged.status_code == 304

        def refused() -> httpx.Response | None:
            # A reader may have some of the file in its memory for one answer more.
            answer = client.get(f"/api/jobs?search={time.monotonic_ns()}")
            return answer if answer.status_code != 200 else None

        for answer in (eventually(refused), client.post(f"/api/jobs/{job_id}/retry")):
            assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
            assert 1 <= int(answer.headers["retry-after"]) <= 5
        page = client.get("/jobs?search=nothing-known", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        health = client.get("/health")
        # Of a damaged file some can still be read; which, nobody knows.
        if damage is not damaged_while_running:
            assert (health.status_code, health.json()["database"]) == (503, "disconnected")
        assert client.get("/livez").status_code == 200
        assert client.get("/api/about").status_code == 200
    server.terminate()
    _, said = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert "Traceback" not in said
    assert str(database(vpo)) in said


def test_a_database_that_comes_back_is_used_again(vpo: Vpo) -> None:
    filled(vpo)
    vpo.serve()
    away = vpo.folder / "away"
    away.mkdir()
    with httpx.Client(base_url=vpo.url, timeout=PATIENCE) as client:
        files = list(vpo.data_dir.glob("vpo.db*"))
        for file in files:
            file.rename(away / file.name)
        assert client.get("/api/jobs?search=one").status_code == 503
        for file in files:
            (away / file.name).rename(file)
        assert client.get("/api/jobs?search=one").status_code == 200


def test_what_may_not_be_written_can_still_be_read(vpo: Vpo) -> None:
    job_id = filled(vpo)
    store = Store.open(database(vpo))
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(Exception, match="readonly database"):
        store.retry(job_id)
    job = store.get_job(job_id)
    assert job is not None
    assert job["status"] == "completed"
    store.close()


def test_a_job_that_ends_while_the_database_is_locked_loses_nothing(vpo: Vpo) -> None:
    vpo.serve()
    store = Store.open(database(vpo))
    job_id = store.create_job(NewJob(job_type="command", file_path="waits", options={"command": "waits"}))
    other = queued(store, job_type="move")
    store.close()
    vpo.wait_for_status(job_id, "running")
    log = vpo.data_dir / "logs" / job_id / "1.log"
    eventually(lambda: log.exists() and log.read_text())
    with httpx.Client(base_url=vpo.url, headers=OWN_PAGE, timeout=PATIENCE) as client:
        known = client.get(f"/api/jobs/{job_id}")
        thief = sqlite3.connect(database(vpo), isolation_level=None, timeout=PATIENCE)
        thief.execute("BEGIN IMMEDIATE")
        (vpo.folder / "go").touch()
        eventually(lambda: (log.with_name("1.exit.json")).exists())
        assert (
            client.get(f"/api/jobs/{job_id}", headers={"if-none-match": known.headers["etag"]}).status_code
            == 304
        )
        assert client.get("/api/jobs?limit=7").status_code == 200
        refused = client.post(f"/api/jobs/{other}/cancel")
        assert (refused.status_code, refused.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert client.get(f"/api/jobs/{job_id}").json()["status"] == "running"
        thief.rollback()
        thief.close()
        vpo.wait_for_status(job_id, "completed")
        assert eventually(lambda: client.get(f"/api/jobs/{job_id}").json()["status"] == "completed")
        log_end = client.get(f"/api/jobs/{job_id}/logs?start=0").json()
        assert log_end["complete"] is True
        assert log_end["text"].startswith("pid=")
