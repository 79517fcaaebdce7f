"""What another program wrote into the database is shown as well as can be, and keeps no other row from it."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from cli.conftest import Vpo, vpo
from foreign import (
    BIDI,
    COLUMNS,
    CONTROL,
    LONG,
    MARKUP,
    NUMBERS,
    OBJECTS,
    TEXTS,
    columns,
    overwrite,
    overwrite_many,
    scanned,
)
from given_jobs import queued
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import NewJob, Store

__all__ = ["vpo"]  # a fixture
pytestmark = pytest.mark.anyio
LARGEST_ANSWER = 200_000


async def answers(client: httpx.AsyncClient, job_id: str) -> dict[str, httpx.Response]:
    paths = ("/api/jobs", f"/api/jobs/{job_id}", f"/api/jobs/{job_id}/errors", f"/api/jobs/{job_id}/logs")
    pages = ("/jobs", f"/jobs/{job_id}")
    return {path: await client.get(path) for path in (*paths, "/health", *pages)}


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, column, _values in columns()])
async def test_no_value_of_a_column_takes_an_answer_down(
    settings: Settings, store: Store, table: str, column: str
) -> None:
    bad, good = scanned(store), queued(store, "/good")
    async with serving(settings, store) as client:
        for value in COLUMNS[table][column].values():
            overwrite(store.path, bad, table, column, value)
            for path, answer in (await answers(client, bad)).items():
                assert answer.status_code == 200, f"{column} = {value[:60]}: {path} {answer.text[:200]}"
                assert len(answer.content) < LARGEST_ANSWER, f"{column} = {value[:60]}: {path}"
            listed = (await client.get("/api/jobs")).json()
            assert {job["id"] for job in listed["jobs"]} == {bad, good}
            for job in (listed["jobs"][0], (await client.get(f"/api/jobs/{bad}")).json()):
                _assert_sound(job)
            for query in ("?since=30d", "?search=x", "?sort=duration", "?sort=status&order=asc"):
                assert (await client.get("/api/jobs" + query)).status_code == 200


def _assert_sound(job: dict[str, object]) -> None:
    """Types are those that are promised, whatever the column holds."""
    for name, kinds in {
        "progress_percent": (int, float),
        "attempt": (int,),
        "file_path": (str,),
        "status": (str,),
        "job_type": (str,),
        "processed_count": (int, type(None)),
        "duration_seconds": (int, type(None)),
    }.items():
        assert type(job[name]) in kinds, name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(job["created_at"]))
    assert job["duration_seconds"] is None or int(str(job["duration_seconds"])) >= 0
    assert 0 <= float(str(job["progress_percent"])) <= 100


async def test_all_at_once_is_said_once_per_row(
    settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = scanned(store)
    odd = [(table, column, next(reversed(values.values()))) for table, column, values in columns()]
    overwrite_many(store.path, job_id, odd)
    async with serving(settings, store) as client:
        for _ in range(2):
            assert {answer.status_code for answer in (await answers(client, job_id)).values()} == {200}
            overwrite(store.path, job_id, "jobs", "priority", "7")
    said = [record.message for record in caplog.records if "can't be read as written" in record.message]
    assert len(said) == len(set(said)) > 0
    assert any(job_id in line and "created_at" in line for line in said)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("text", TEXTS)
async def test_texts_stay_text(settings: Settings, store: Store, text: str) -> None:
    job_id = scanned(store)
    for table, column, values in columns():
        if values is TEXTS and column not in ("status", "job_type"):
            overwrite(store.path, job_id, table, column, TEXTS[text])
    async with serving(settings, store) as client:
        shown = await answers(client, job_id)
    for path in ("/jobs", f"/jobs/{job_id}"):
        assert "<img src=x" not in shown[path].text
        assert "<script>window" not in shown[path].text
    record = shown[f"/api/jobs/{job_id}"].json()
    expected = {"markup": MARKUP, "control characters": CONTROL, "bidi": BIDI, "NUL": "before\0after"}
    expected |= {"no UTF-8": "a\\xff\\xfeb", "half a character": "\\xed\\xa0\\x80"}
    if text in expected:
        assert record["summary"] == record["attempts"][0]["error_message"] == expected[text]
        assert shown["/api/jobs"].json()["jobs"][0]["file_path"] == expected[text]


async def test_long_texts_are_cut_where_it_shows(settings: Settings, store: Store) -> None:
    job_id = store.create_job(NewJob(job_type="scan", file_path="/" + LONG))
    real = store.create_job(NewJob(job_type="scan", file_path="/" + "p" * 4095))
    async with serving(settings, store) as client:
        listed = {job["id"]: job["file_path"] for job in (await client.get("/api/jobs")).json()["jobs"]}
        record = (await client.get(f"/api/jobs/{job_id}")).json()
    assert (len(listed[job_id]), listed[job_id][-1]) == (4096, "…")
    assert (len(record["file_path"]), record["file_path"][-1]) == (16_384, "…")
    assert listed[real] == "/" + "p" * 4095


def test_the_table_of_oddities_is_every_column_that_is_shown(store: Store) -> None:
    with store.snapshot() as connection:
        for table, known in COLUMNS.items():
            rows = connection.exec_driver_sql(f"PRAGMA table_info({table})")
            keys = {"id", "job_id", "number"} | ({"attempt"} if table == "scan_errors" else set())
            assert {row[1] for row in rows} - keys == set(known)


def test_the_command_line_shows_them_without_steering_the_terminal(vpo: Vpo) -> None:
    vpo("jobs", "list")
    store = Store.open(vpo.data_dir / "vpo.db")
    job_id = scanned(store)
    store.close()
    for turn in range(max(map(len, (TEXTS, NUMBERS, OBJECTS)))):
        odd = [(table, column, [*values.values()][turn % len(values)]) for table, column, values in columns()]
        overwrite_many(vpo.data_dir / "vpo.db", job_id, odd)
        listed, shown = vpo("jobs", "list"), vpo("jobs", "show", job_id)
        assert (listed.returncode, shown.returncode) in [(0, code) for code in range(6)], turn
        assert job_id[:8] in listed.stdout
        for line in (listed.stdout + shown.stdout).splitlines():
            assert line.isprintable(), turn
    for command in (("list",), ("show", job_id)):
        assert json.loads(vpo("jobs", *command, "--json").stdout)
