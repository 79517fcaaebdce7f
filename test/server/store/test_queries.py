"""What a list contains and in which order; what a record says."""

from __future__ import annotations

from typing import Any

import pytest
from given_jobs import DONE, ended, queued, running
from vpo_polling.store import Ending, ErrorsQuery, ListQuery, NewJob, Store
from vpo_polling.store.lists import SINCE_MS

FAILED = Ending(status="failed", conclusion="failure")


def listed(store: Store, *, now: int | None = None, **query: Any) -> dict[str, Any]:
    data, _revision = store.read(ListQuery(**query), now=now)
    assert data is not None
    return data


def ids(store: Store, **query: Any) -> list[str]:
    return [job["id"] for job in listed(store, **query)["jobs"]]


def test_filters_and_counts(store: Store) -> None:
    waiting = queued(store, "/a")
    working = running(store, "/b")
    failed = ended(store, "/c", ending=FAILED)
    queued(store, "/d", job_type="prune")
    data = listed(store, type="scan", status="failed")
    assert [job["id"] for job in data["jobs"]] == [failed]
    assert data["total"] == 1
    assert data["counts"] == {"queued": 1, "running": 1, "completed": 0, "failed": 1, "cancelled": 0}
    assert data["active"] is True, "other jobs that match apart from the status are at work"
    assert set(ids(store, type="scan")) == {waiting, working, failed}
    assert listed(store, type="prune", status="failed")["active"] is True
    assert listed(store, search="/c")["active"] is False


def test_the_order_is_total_so_that_pages_neither_repeat_nor_lose_a_row(store: Store) -> None:
    every = {queued(store, "/same", now=1_000) for _ in range(7)}
    for sort in ("created_at", "job_type", "status", "file_path", "duration"):
        for order in ("asc", "desc"):
            pages = [ids(store, sort=sort, order=order, limit=3, offset=offset) for offset in (0, 3, 6)]
            assert {job_id for page in pages for job_id in page} == every
            assert sorted(every, reverse=order == "desc") == [job_id for page in pages for job_id in page]


def test_the_way_back_leads_to_a_page_that_shows_something(store: Store) -> None:
    for _ in range(7):
        queued(store)
    back = {
        offset: listed(store, limit=3, offset=offset)["previous_offset"] for offset in (0, 1, 3, 6, 9, 5000)
    }
    assert back == {0: None, 1: 0, 3: 0, 6: 3, 9: 6, 5000: 6}
    assert listed(store, search="nothing", limit=3, offset=9)["previous_offset"] == 0


def test_by_duration_the_unfinished_come_last_in_both_directions(store: Store) -> None:
    waiting = queued(store)
    short, long = ended(store, took=1_000), ended(store, took=9_000)
    assert ids(store, sort="duration", order="asc") == [short, long, waiting]
    assert ids(store, sort="duration", order="desc") == [long, short, waiting]


@pytest.mark.parametrize(
    ("needle", "found"),
    [
        ("SHOW", True),
        ("100%", True),
        ("100_", False),
        ("100", True),
        ("%", True),
        ("_", False),
        ("\\", True),
        ("ÉTÉ", True),
        ("été", False),
        ("<b>", True),
        ("nothing", False),
    ],
)
def test_search_takes_every_character_as_itself(store: Store, needle: str, found: bool) -> None:
    job_id = queued(store, "/Shows/100% <b> ÉTÉ \\ x")
    assert ids(store, search=needle) == ([job_id] if found else [])


def test_since_is_cut_to_whole_minutes(store: Store) -> None:
    now = 1_800_000_000_000
    cut = now // 60_000 * 60_000 - SINCE_MS["24h"]
    inside, _outside = queued(store, now=cut), queued(store, now=cut - 1)
    assert [job["id"] for job in listed(store, now=now, since="24h")["jobs"]] == [inside]
    assert [job["id"] for job in listed(store, now=now + 59_999 - now % 60_000, since="24h")["jobs"]] == [
        inside
    ]
    assert listed(store, now=now + 60_000, since="24h")["jobs"] == []
    assert ListQuery(since="24h").expires(now) == now // 60_000 * 60_000 + 60_000
    assert ListQuery().expires(now) is None


def test_durations_are_whole_seconds_from_creation(store: Store) -> None:
    job_id = queued(store, now=1_000)
    store.claim_next(now=5_000)
    store.finish(job_id, 1, DONE, now=8_999)
    record = store.get_job(job_id)
    assert record is not None
    assert record["duration_seconds"] == 7
    assert record["attempts"][0]["duration_seconds"] == 3
    assert record["started_at"] == "1970-01-01T00:00:05.000Z"


@pytest.mark.parametrize("name", ["<img src=x>", "a\x00b", "\x1b[31mred", "\u202ereversed", "line\nbreak"])
def test_strange_names_stay_what_they_are(store: Store, name: str) -> None:
    record = store.get_job(queued(store, name))
    assert record is not None
    assert record["file_path"] == name


def test_names_that_are_no_utf8_become_visible_escapes(store: Store) -> None:
    record = store.get_job(queued(store, "/media/\udcff\udce9"))
    assert record is not None
    assert record["file_path"] == "/media/\\udcff\\udce9"


def test_scan_errors_are_those_of_the_current_attempt(store: Store) -> None:
    job_id = running(store)
    store.add_scan_errors(job_id, 1, [("/a/x.wav", "x.wav", "no header")])
    store.add_scan_errors(job_id, 1, [])
    data, _ = store.read(ErrorsQuery(job_id=job_id))
    assert data == {
        "job_id": job_id,
        "status": "running",
        "attempt": 1,
        "errors": [{"path": "/a/x.wav", "filename": "x.wav", "error": "no header"}],
        "total_errors": 1,
    }
    record = store.get_job(job_id)
    assert record is not None
    assert record["has_scan_errors"] is True
    store.finish(job_id, 1, DONE, now=2_000)
    store.retry(job_id)
    data, _ = store.read(ErrorsQuery(job_id=job_id))
    assert data is not None
    assert data["total_errors"] == 0
    assert store.read(ErrorsQuery(job_id="nobody"))[0] is None


def test_many_scan_errors_are_counted_and_the_first_are_listed(store: Store) -> None:
    job_id = running(store)
    store.add_scan_errors(job_id, 1, [(f"/{n}", str(n), "bad") for n in range(1200)])
    data, _ = store.read(ErrorsQuery(job_id=job_id))
    assert data is not None
    assert (data["total_errors"], len(data["errors"]), data["errors"][0]["path"]) == (1200, 1000, "/0")


def test_scan_errors_of_a_summary_count_for_scans_only(store: Store) -> None:
    ending = Ending(status="completed", conclusion="success", summary_raw={"errors": 2})
    scan = ended(store, ending=ending)
    command = store.create_job(NewJob(job_type="command", file_path="c"), now=1_000)
    store.claim_next(now=1_000)
    store.finish(command, 1, ending, now=2_000)
    flags = [
        record["has_scan_errors"] for job in (scan, command) if (record := store.get_job(job)) is not None
    ]
    assert flags == [True, False]
