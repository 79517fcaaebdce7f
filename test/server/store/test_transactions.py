"""Revisions in commit order, one writer at a time, and what is said when the database is taken."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from given_jobs import queued, running
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from timing import in_time_here
from vpo_polling.store import DatabaseUnavailable, NewJob, Progress, Store
from vpo_polling.store.revisions import bump

HOLDER = """
import sys
from pathlib import Path
from vpo_polling.store import NewJob, Store
store = Store.open(Path(sys.argv[1]))
with store.write() as write:
    write.connection.exec_driver_sql("UPDATE jobs SET summary = 'held'")
    write.touch(sys.argv[2])
    print("holding", flush=True)
    sys.stdin.readline()
print("committed", flush=True)
"""


def test_every_write_takes_one_number_per_topic_as_its_last_statement(store: Store) -> None:
    statements: list[str] = []
    event.listen(store.writer, "before_cursor_execute", lambda *args: statements.append(args[2]))
    job_id = queued(store)
    # A second one would wait for a taken database a second time.
    assert statements.count("BEGIN IMMEDIATE") == 1
    assert store.revisions(["jobs", f"job:{job_id}"]) == {"jobs": 1, f"job:{job_id}": 1}
    running(store)
    assert statements[-1].startswith("INSERT INTO revisions")
    assert store.revisions(["jobs"]) == {"jobs": 3}


def test_progress_of_many_jobs_is_one_transaction(store: Store) -> None:
    job_ids = [running(store) for _ in range(3)]
    told: list[Mapping[str, int]] = []
    store.on_commit(told.append)
    store.report([Progress(job_id=job_id, attempt=1, percent=50) for job_id in job_ids])
    assert [set(topics) for topics in told] == [{"jobs", *(f"job:{job_id}" for job_id in job_ids)}]


def test_what_changes_no_answer_takes_no_number_and_tells_nobody(store: Store) -> None:
    job_id = running(store)
    before = store.revisions(["jobs", f"job:{job_id}"])
    told: list[Mapping[str, int]] = []
    store.on_commit(told.append)
    store.heartbeat([job_id], now=9_000)
    store.report([])
    store.report([Progress(job_id="nobody", attempt=1, percent=1)])
    store.add_scan_errors("nobody", 1, [])
    assert store.revisions(["jobs", f"job:{job_id}"]) == before
    assert told == []


def test_listeners_hear_of_a_commit_when_it_can_be_read_and_not_after_their_undo(store: Store) -> None:
    seen: list[int] = []
    undo = store.on_commit(lambda topics: seen.append(store.revisions(["jobs"])["jobs"] - topics["jobs"]))
    queued(store)
    undo()
    queued(store)
    assert seen == [0]


def test_a_failed_transaction_leaves_nothing_and_frees_the_writer(store: Store) -> None:
    job_id = queued(store)

    def fail() -> None:
        with store.write() as write:
            write.connection.exec_driver_sql("DELETE FROM jobs")
            write.touch(job_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.get_job(job_id) is not None
    assert store.revisions(["jobs"]) == {"jobs": 1}
    queued(store)


def test_rows_and_revision_come_from_one_snapshot(store: Store) -> None:
    queued(store)
    with store.snapshot() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 1
        queued(store)
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 1
        assert connection.exec_driver_sql("SELECT n FROM revisions WHERE topic = 'jobs'").scalar() == 1


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(DatabaseUnavailable, match="readonly"), store.snapshot() as connection:
        bump(connection, ["jobs"])


def test_a_writer_that_holds_its_transaction_while_another_commits_loses_nothing(store: Store) -> None:
    job_id = queued(store)
    arguments = [sys.executable, "-c", HOLDER, str(store.path), job_id]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "holding\n"
        began = threading.Event()
        second: list[str] = []

        def write() -> None:
            began.set()
            second.append(queued(store))

        other = threading.Thread(target=write)
        other.start()
        began.wait()
        held = store.get_job(job_id)
        assert held is not None
        assert held["summary"] is None, "an open transaction must not be seen"
        assert store.revisions(["jobs"]) == {"jobs": 1}
        holder.stdin.write("\n")
        holder.stdin.close()
        assert holder.stdout.readline() == "committed\n"
        other.join()
    record = store.get_job(job_id)
    assert record is not None
    assert record["summary"] == "held"
    assert store.get_job(second[0]) is not None
    assert store.revisions(["jobs"]) == {"jobs": 3}


def test_a_transaction_keeps_other_writers_out_from_its_beginning(store: Store) -> None:
    """Else what it reads before it writes could be outdated by then."""
    with contextlib.closing(sqlite3.connect(store.path, timeout=0)) as other:
        with store.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


def test_a_taken_database_is_said_to_every_writer_within_two_seconds_and_reads_go_on(store: Store) -> None:
    job_id = queued(store)

    def refused() -> None:
        with pytest.raises(DatabaseUnavailable):
            queued(store)

    with sqlite3.connect(store.path, isolation_level=None) as thief:
        thief.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(3) as threads:
            assert store.get_job(job_id) is not None
            in_time_here(2, lambda: list(threads.map(lambda _: refused(), range(3))))
        thief.execute("ROLLBACK")
    thief.close()
    queued(store)


def test_waiting_for_another_thread_counts_as_waiting(store: Store) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()

    def refused() -> None:
        with pytest.raises(DatabaseUnavailable):
            queued(store)

    in_time_here(2, refused)
    leave.set()
    thread.join()


def test_concurrent_writers_number_their_commits_without_gap_or_repeat(store: Store) -> None:
    numbers: list[int] = []
    store.on_commit(lambda topics: numbers.append(topics["jobs"]))
    threads = [
        threading.Thread(
            target=lambda: [store.create_job(NewJob(job_type="scan", file_path="/x")) for _ in range(10)]
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41))


def test_a_missing_table_is_not_silently_an_empty_list(store: Store) -> None:
    with store.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE attempts")
    with pytest.raises(DatabaseUnavailable) as caught:
        store.running()
    assert isinstance(caught.value.__cause__, OperationalError)
