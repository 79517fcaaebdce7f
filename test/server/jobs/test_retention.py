"""Old jobs go by themselves, where the settings say so and no sooner."""

from __future__ import annotations

from pathlib import Path

import pytest
from given_jobs import ended, queued, running
from given_logs import write
from vpo_polling.jobs.housekeeping import DAY_MS, Housekeeper
from vpo_polling.settings import Settings, SettingsError, load
from vpo_polling.store import Store


def tidied(settings: Settings, store: Store, now: int, **retention: int) -> Housekeeper:
    own = load({"data_dir": settings.data_dir, "compress_logs_after_s": 0, **retention})
    keeper = Housekeeper(store, own, clock_ms=lambda: now)
    keeper.tidy()
    return keeper


def left(store: Store, *job_ids: str) -> list[bool]:
    return [store.get_job(job_id) is not None for job_id in job_ids]


def test_nothing_goes_unless_the_settings_say_so(settings: Settings, store: Store) -> None:
    old = ended(store, now=1)
    tidied(settings, store, 40_000 * DAY_MS)
    assert left(store, old) == [True]


def test_by_age_those_that_ended_before_go_with_their_logs(settings: Settings, store: Store) -> None:
    now = 100 * DAY_MS
    old, fresh = ended(store, now=now - 7 * DAY_MS - 1), ended(store, now=now - 7 * DAY_MS + 1)
    # Long ago created, and only just ended.
    long = ended(store, now=1, took=now - 1)
    waiting, working = queued(store, now=1), running(store, now=1)
    logs = [write(settings, job_id, "x\n") for job_id in (old, fresh)]
    tidied(settings, store, now, retention_days=7)
    assert left(store, old, fresh, long, waiting, working) == [False, True, True, True, True]
    assert [paths.folder.exists() for paths in logs] == [False, True]


def test_by_number_the_newest_stay(settings: Settings, store: Store) -> None:
    there = [ended(store, now=moment) for moment in range(1, 6)]
    working = running(store, now=1)
    tidied(settings, store, 10, retention_jobs=2)
    assert left(store, *there, working) == [False, False, False, True, True, True]


def test_both_rules_hold_at_once(settings: Settings, store: Store) -> None:
    now = 100 * DAY_MS
    old = ended(store, now=1)
    there = [ended(store, now=now - number) for number in (3, 2, 1)]
    tidied(settings, store, now, retention_days=1, retention_jobs=2)
    assert left(store, old, *there) == [False, False, True, True]


def test_rules_alone_start_the_thread_and_stop_ends_it(settings: Settings, store: Store) -> None:
    keeper = tidied(settings, store, 1, retention_jobs=1)
    keeper.start()
    keeper.stop()
    assert keeper.is_stopping
    idle = tidied(settings, store, 1)
    idle.start()
    idle.stop()


@pytest.mark.parametrize(
    "wrong", [{"retention_days": -1}, {"retention_jobs": -1}, {"retention_days": 36_501}]
)
def test_what_is_no_number_of_days_or_jobs_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong)).replace("_", "-")):
        load({"data_dir": tmp_path, **wrong})
