"""What happens to a job from its creation to its deletion."""

from __future__ import annotations

import sqlite3

import pytest
from given_jobs import DONE, ended, queued, running
from vpo_polling.store import Ending, NewJob, Progress, Store


def state(store: Store, job_id: str) -> tuple[str, str | None, int]:
    record = store.get_job(job_id)
    assert record is not None
    return record["status"], record["conclusion"], record["attempt"]


def test_the_queue_gives_the_lowest_priority_number_first_then_the_oldest(store: Store) -> None:
    late = queued(store, now=3_000)
    early = queued(store, now=2_000)
    urgent = store.create_job(NewJob(job_type="scan", file_path="/x", priority=1), now=9_000)
    order = []
    while (claimed := store.claim_next(now=10_000)) is not None:
        order.append(claimed.job_id)
    assert order == [urgent, early, late]


def test_claiming_hands_over_what_was_queued(store: Store) -> None:
    job = NewJob(
        job_type="command", file_path="tests", argv=["echo", "\udcff"], options={"a": [1]}, priority=5
    )
    job_id = store.create_job(job, now=1_000)
    claimed = store.claim_next(now=2_000)
    assert claimed is not None
    assert (claimed.job_id, claimed.attempt, claimed.job_type) == (job_id, 1, "command")
    assert claimed.argv == ("echo", "\udcff"), "bytes that are no UTF-8 must reach the program unchanged"
    assert claimed.options == {"a": [1]}
    assert state(store, job_id) == ("running", None, 1)


def test_an_empty_queue_gives_nothing_and_takes_no_revision(store: Store) -> None:
    before = store.revisions(["jobs"])
    assert store.claim_next(now=1_000) is None
    assert store.revisions(["jobs"]) == before


def test_looking_into_an_empty_queue_keeps_no_other_writer_out(store: Store) -> None:
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert store.claim_next(now=1_000) is None
    writer.rollback()
    writer.close()


def test_progress_follows_from_counts_and_stops_with_the_attempt(store: Store) -> None:
    job_id = running(store)
    store.report([Progress(job_id=job_id, attempt=1, processed=1, total=3)])
    record = store.get_job(job_id)
    assert record is not None
    assert (record["processed_count"], record["total_count"], record["progress_percent"]) == (1, 3, 33.3)

    store.finish(job_id, 1, Ending(status="failed", conclusion="failure", exit_code=2), now=2_000)
    store.report([Progress(job_id=job_id, attempt=1, processed=3, total=3)])
    record = store.get_job(job_id)
    assert record is not None
    assert record["progress_percent"] == 33.3


def test_progress_of_an_older_attempt_is_ignored(store: Store) -> None:
    job_id = ended(store)
    store.retry(job_id)
    store.claim_next(now=4_000)
    store.report([Progress(job_id=job_id, attempt=1, processed=9, total=9)])
    record = store.get_job(job_id)
    assert record is not None
    assert record["processed_count"] is None


def test_a_job_ends_once(store: Store) -> None:
    job_id = running(store)
    assert store.finish(job_id, 1, DONE, now=2_000)
    assert not store.finish(job_id, 1, Ending(status="failed", conclusion="failure"), now=3_000)
    assert not store.interrupt(job_id, 1, now=3_000, requeue=True)
    assert state(store, job_id) == ("completed", "success", 1)


def test_completion_fills_the_bar_and_ends_the_attempt_with_its_job(store: Store) -> None:
    job_id = running(store)
    store.finish(job_id, 1, DONE, now=3_500)
    record = store.get_job(job_id)
    assert record is not None
    assert record["progress_percent"] == 100
    (attempt,) = record["attempts"]
    assert (attempt["status"], attempt["conclusion"], attempt["exit_code"], attempt["duration_seconds"]) == (
        "completed",
        "success",
        0,
        2,
    )


def test_an_interrupted_job_goes_on_twice_and_then_ends(store: Store) -> None:
    job_id = queued(store)
    seen = []
    for attempt in (1, 2, 3):
        store.claim_next(now=attempt * 1_000)
        store.heartbeat([job_id], now=attempt * 1_000 + 500)
        store.interrupt(job_id, attempt, now=attempt * 1_000 + 900, requeue=True)
        seen.append(state(store, job_id))
    assert seen == [("queued", None, 2), ("queued", None, 3), ("cancelled", "interrupted", 3)]
    record = store.get_job(job_id)
    assert record is not None
    assert [row["conclusion"] for row in record["attempts"]] == ["interrupted"] * 3
    assert record["attempts"][0]["last_heartbeat_at"] == "1970-01-01T00:00:01.500Z"
    assert record["last_heartbeat_at"] == "1970-01-01T00:00:03.500Z"


def test_an_interrupted_job_that_was_being_cancelled_does_not_go_on(store: Store) -> None:
    job_id = running(store)
    store.request_cancel(job_id, now=2_000)
    store.interrupt(job_id, 1, now=3_000, requeue=True)
    assert state(store, job_id) == ("cancelled", "cancelled", 1)


def test_a_heartbeat_is_shown_only_where_it_is_history(store: Store) -> None:
    job_id = running(store)
    store.heartbeat([job_id], now=5_000)
    record = store.get_job(job_id)
    assert record is not None
    assert record["last_heartbeat_at"] is None
    assert record["attempts"][0]["last_heartbeat_at"] is None
    assert store.running()[0].heartbeat_at == 5_000


def test_cancelling_ends_a_queued_job_and_marks_a_running_one(store: Store) -> None:
    waiting, working, done = queued(store), running(store), ended(store)
    assert store.request_cancel(waiting, now=2_000) == "cancelled"
    assert store.request_cancel(working, now=2_000) == "cancelling"
    assert store.request_cancel(done, now=2_000) == "finished"
    assert store.request_cancel("nobody", now=2_000) == "missing"
    assert state(store, waiting)[:2] == ("cancelled", "cancelled")
    assert store.cancel_requested([waiting, working, done]) == {working}
    record = store.get_job(working)
    assert record is not None
    assert (record["status"], record["can_cancel"]) == ("running", False)


def test_a_retry_is_the_next_attempt_and_forgets_how_the_last_one_ended(store: Store) -> None:
    failed = Ending(
        status="failed", conclusion="failure", error_message="no", summary="s", summary_raw={"errors": 1}
    )
    job_id = ended(store, ending=failed)
    assert store.retry(job_id)
    assert not store.retry(job_id)
    record = store.get_job(job_id)
    assert record is not None
    assert state(store, job_id) == ("queued", None, 2)
    forgotten = ("error_message", "summary", "summary_raw", "completed_at", "duration_seconds", "started_at")
    assert [record[name] for name in forgotten] == [None] * len(forgotten)
    assert record["attempts"][0]["error_message"] == "no"


def test_a_job_cancelled_in_the_queue_retries_as_the_attempt_it_never_began(store: Store) -> None:
    job_id = queued(store)
    store.request_cancel(job_id, now=2_000)
    store.retry(job_id)
    assert state(store, job_id) == ("queued", None, 1)
    assert store.claim_next(now=4_000) is not None


def test_only_ended_jobs_are_deleted_and_nothing_of_them_stays(store: Store) -> None:
    job_id = running(store)
    store.add_scan_errors(job_id, 1, [("/a/b", "b", "bad")])
    assert not store.delete(job_id)
    store.finish(job_id, 1, DONE, now=2_000)
    assert store.delete(job_id)
    assert not store.delete(job_id)
    assert store.get_job(job_id) is None
    with store.snapshot() as connection:
        for table in ("attempts", "scan_errors"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


@pytest.mark.parametrize(("percent", "shown"), [(-5.0, 0.0), (12.345, 12.3), (250.0, 100.0)])
def test_a_percentage_stays_within_its_bounds(store: Store, percent: float, shown: float) -> None:
    job_id = running(store)
    store.report([Progress(job_id=job_id, attempt=1, percent=percent)])
    record = store.get_job(job_id)
    assert record is not None
    assert record["progress_percent"] == shown
