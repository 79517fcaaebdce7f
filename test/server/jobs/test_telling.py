"""What a program tells of its job: progress, log and end, also while nobody can write it down."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from timing import PATIENCE
from vpo_polling.jobs import telling, tracking
from vpo_polling.jobs.lost import settle_lost
from vpo_polling.jobs.reports import FLUSH_SECONDS
from vpo_polling.logs.paths import LogPaths, read_record
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

from jobs.support import eventually, job_of
from jobs.tracked import having, here, outcome


def test_a_locked_database_neither_stops_nor_slows_the_work(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()
    report = Store.report

    def noted(self: Store, reports: Any) -> None:
        try:
            report(self, reports)
        except Exception:
            failed.set()
            raise

    monkeypatch.setattr(Store, "report", noted)
    monkeypatch.setattr(telling, "RETRY_SECONDS", 0.01)
    with here(settings, total=1000) as job, _locked(store) as free:
        for done in range(1000):
            job.progress(done)
            job.log("on")
        assert failed.wait(PATIENCE), "nothing was tried"
        job.progress(1000)
        free()
        eventually(lambda: having(job_of(store, job.id), processed_count=1000))
    assert job_of(store, job.id)["status"] == "completed"


@contextmanager
def _locked(store: Store) -> Iterator[Callable[[], None]]:
    """Another process writes, and takes its time; what ends it earlier."""
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        yield writer.rollback
    finally:
        writer.close()


def test_an_end_that_cannot_be_written_is_learnt_from_the_record(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "PATIENCE_SECONDS", 0.0)
    with ExitStack() as stack:
        with here(settings) as job:
            job.summary("all of it")
            stack.enter_context(_locked(store))
        assert read_record(LogPaths.of(settings.data_dir, job.id, 1).exit) is not None
    assert job_of(store, job.id)["status"] == "running"
    # This process lives on, and yet its job has ended.
    assert settle_lost(store, settings.data_dir, now=now_ms()) == [job.id]
    ended_job = job_of(store, job.id)
    assert (outcome(ended_job), ended_job["summary"]) == (("completed", "success", None), "all of it")


def test_progress_is_written_seldom_however_often_it_is_told(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    writes: list[int | None] = []
    report = Store.report

    def counted(self: Store, reports: Any) -> None:
        writes.extend(one.processed for one in reports)
        report(self, reports)

    class Stopped(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            return super().wait(timeout)

    monkeypatch.setattr(Store, "report", counted)
    with here(settings) as job:
        monkeypatch.setattr(job._teller, "_stopped", Stopped())
        for done in range(20_000):
            job.progress(done)
        eventually(lambda: writes and writes[-1] == 19_999)
    assert len(writes) < 1000
    assert set(pauses) == {FLUSH_SECONDS}, "a pause after every write"


def test_what_is_told_during_a_write_is_written_next(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Store.report
    told: list[int] = []

    def slow(self: Store, reports: Any) -> None:
        report(self, reports)
        if not told:
            told.append(2)
            job.progress(2)

    monkeypatch.setattr(Store, "report", slow)
    with here(settings) as job:
        job.progress(1)
        eventually(lambda: having(job_of(store, job.id), processed_count=2))


def test_each_counts_what_it_hands_out(settings: Settings, store: Store) -> None:
    with here(settings) as job:
        assert list(job.each("abc")) == ["a", "b", "c"]
    ended_job = job_of(store, job.id)
    assert (ended_job["processed_count"], ended_job["total_count"]) == (3, 3)


def test_a_percentage_of_its_own_counts_until_the_counts_move(settings: Settings, store: Store) -> None:
    with here(settings, total=8) as job:
        job.progress(percent=12.34)
        job.progress(message="on")
        eventually(lambda: having(job_of(store, job.id), progress_percent=12.3, progress_message="on"))
        job.progress(4)
        eventually(lambda: having(job_of(store, job.id), progress_percent=50.0))


def test_a_log_that_cannot_be_written_ends_no_work_and_is_said(settings: Settings, store: Store) -> None:
    (settings.data_dir / "logs").write_text("a file where a folder should be")
    with here(settings) as job:
        job.log("lost")
    sentence = "The log could not be written: Not a directory."
    assert outcome(job_of(store, job.id)) == ("completed", "success", sentence)
