"""Jobs that ended per hour: counted, and how long they took, as a naive reading of all rows has it."""

from __future__ import annotations

from datetime import datetime, timezone
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from given_jobs import DONE, ended, running
from hypothesis import given, settings
from hypothesis import strategies as st
from vpo_polling.store import Ending, StatsQuery, Store
from vpo_polling.store.stats import HOUR_MS

FAILED = Ending(status="failed", conclusion="failure")
CANCELLED = Ending(status="cancelled", conclusion="cancelled")
NOW = 1_000_000 * HOUR_MS + 5


def stats(store: Store, now: int = NOW, **query: Any) -> dict[str, Any]:
    data, _revision = store.read(StatsQuery(**query), now=now)
    assert data is not None
    return data


def rank(durations: list[int], percent: int) -> int | None:
    """The nearest rank, in whole seconds."""
    ordered = sorted(durations)
    return max(0, ordered[ceil(percent * len(ordered) / 100) - 1]) // 1000 if ordered else None


ENDINGS = {ending.status: ending for ending in (DONE, FAILED, CANCELLED)}
job = st.tuples(st.integers(0, 30), st.integers(0, 500_000), st.sampled_from(sorted(ENDINGS)))


@settings(max_examples=40, deadline=None)
@given(st.lists(job, max_size=40))
def test_the_numbers_are_those_of_a_naive_reading(jobs: list[tuple[int, int, str]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "vpo.db")
        store.migrate()
        for ago, took, status in jobs:
            end = NOW - ago * HOUR_MS
            ended(store, now=end - took, took=took, ending=ENDINGS[status])
        running(store, now=NOW)
        shown = stats(store)
        store.close()
    assert len(shown["hours"]) == 24
    for ago, hour in enumerate(reversed(shown["hours"])):
        there = [(took, status) for when, took, status in jobs if when == ago and status != "cancelled"]
        durations = [took for took, _status in there]
        moment = datetime.fromtimestamp((NOW // HOUR_MS - ago) * 3600, timezone.utc)
        assert hour == {
            "hour": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "completed": sum(status == "completed" for _took, status in there),
            "failed": sum(status == "failed" for _took, status in there),
            "median_seconds": rank(durations, 50),
            "p95_seconds": rank(durations, 95),
        }
    for name in ("completed", "failed"):
        assert shown[f"total_{name}"] == sum(hour[name] for hour in shown["hours"])
    assert shown["total_ended"] == shown["total_completed"] + shown["total_failed"]


def test_a_week_is_whole_and_what_is_older_counts_nowhere(store: Store) -> None:
    ended(store, now=NOW - 167 * HOUR_MS)
    ended(store, now=NOW - 168 * HOUR_MS)
    week = stats(store, since="7d")
    assert (len(week["hours"]), week["total_ended"], week["hours"][0]["completed"]) == (168, 1, 1)
    assert stats(store)["total_ended"] == 0


def test_a_clock_that_was_set_back_draws_nothing_below_the_axis(store: Store) -> None:
    now = NOW + HOUR_MS // 2
    ended(store, now=now, took=-60_000)
    ended(store, now=now + 2 * HOUR_MS)
    shown = stats(store, now)
    assert (shown["hours"][-1]["median_seconds"], shown["total_ended"]) == (0, 1)


def test_with_the_hour_the_answer_expires_and_the_version_follows_the_numbers(store: Store) -> None:
    assert StatsQuery().expires(NOW) == NOW - 5 + HOUR_MS
    assert StatsQuery().expires(NOW - 6) == NOW - 5
    before = stats(store)["version"]
    assert stats(store, NOW + HOUR_MS - 6)["version"] == before
    assert stats(store, NOW + HOUR_MS)["version"] != before
    ended(store, now=NOW)
    assert stats(store)["version"] != before
