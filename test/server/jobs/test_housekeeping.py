"""Which logs are packed, when, and what happens in between."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from given_jobs import DONE, ended, running
from given_logs import write
from serving import FakeRunner, serving
from timing import PATIENCE
from vpo_polling import logs
from vpo_polling.jobs import housekeeping
from vpo_polling.jobs.housekeeping import SMALLEST, Housekeeper
from vpo_polling.logs.archive import compress
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store

HOUR_MS = 3_600_000
LONG = "a line of the log\n" * (SMALLEST // 18 + 10)


def is_packed(paths: LogPaths) -> bool:
    assert paths.log.exists() != paths.packed.exists()
    return paths.packed.exists()


def keeper(settings: Settings, store: Store, *, now: int, interval_s: float = 3600) -> Housekeeper:
    return Housekeeper(store, settings, clock_ms=lambda: now, interval_s=interval_s)


def test_long_logs_of_attempts_that_ended_an_hour_ago_are_packed(settings: Settings, store: Store) -> None:
    old, fresh, short = (ended(store, now=1_000) for _ in range(3))
    working = running(store, now=1_000)
    store.retry(fresh)
    store.claim_next(now=2_000, only=fresh)
    store.finish(fresh, 2, DONE, now=2_000 + HOUR_MS)
    long = [write(settings, job_id, LONG) for job_id in (old, fresh, working)]
    second = write(settings, fresh, LONG, attempt=2)
    little = write(settings, short, "short\n")
    before = logs.read(settings, old, 1, {"start": "7"}, True)
    keeper(settings, store, now=1_000 + HOUR_MS - 1).tidy()
    assert not any(map(is_packed, [*long, second, little]))
    keeper(settings, store, now=1_000 + HOUR_MS).tidy()
    assert list(map(is_packed, [*long, second, little])) == [True, True, False, False, False]
    assert logs.read(settings, old, 1, {"start": "7"}, True) == before
    keeper(settings, store, now=2_000 + 2 * HOUR_MS).tidy()
    assert list(map(is_packed, [*long, second, little])) == [True, True, False, True, False]


def test_what_belongs_to_no_job_is_left_alone(settings: Settings, store: Store) -> None:
    folder = settings.data_dir / "logs"
    strange = write(settings, "01234567-89ab-cdef-0123-456789abcdef", LONG)
    (folder / "no id").mkdir()
    (folder / "no id" / "1.log").write_text(LONG)
    (strange.folder / "notes.log").write_text(LONG)
    keeper(settings, store, now=10 * HOUR_MS).tidy()
    assert not is_packed(strange)
    assert (folder / "no id" / "1.log").exists()


def test_one_that_cannot_be_packed_does_not_hold_up_the_others(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [write(settings, ended(store), LONG) for _ in range(3)]

    def failing(which: LogPaths, **more: object) -> bool:
        if which == paths[1]:
            raise OSError(28, "No space left on device")
        return compress(which, ended=True)

    monkeypatch.setattr(housekeeping, "compress", failing)
    keeper(settings, store, now=10 * HOUR_MS).tidy()
    assert list(map(is_packed, paths)) == [True, False, True]
    assert "No space left on device" in caplog.text


def test_a_job_that_is_deleted_meanwhile_leaves_nothing(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(store)
    paths = write(settings, job_id, LONG)

    def deleting(which: LogPaths, **more: object) -> bool:
        assert store.delete(job_id)
        return compress(which, ended=True)

    monkeypatch.setattr(housekeeping, "compress", deleting)
    keeper(settings, store, now=10 * HOUR_MS).tidy()
    assert not paths.folder.exists()


def test_it_works_by_itself_and_stops_at_once_in_the_middle_of_a_log(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (write(settings, ended(store), LONG) for _ in range(2))
    begun, go_on = threading.Event(), threading.Event()
    packed: list[Path] = []

    def slow(which: LogPaths, **more: object) -> bool:
        stop = more["stop"]
        assert callable(stop)
        begun.set()
        assert go_on.wait(PATIENCE)
        packed.append(which.log)
        return compress(which, ended=True, stop=stop)

    monkeypatch.setattr(housekeeping, "compress", slow)
    housekeeper = keeper(settings, store, now=10 * HOUR_MS, interval_s=0.001)
    housekeeper.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=housekeeper.stop)
    stopping.start()
    while not housekeeper.is_stopping:
        stopping.join(0.001)
    go_on.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert len(packed) == 1
    assert not is_packed(first)
    assert not is_packed(second)
    assert not any(thread.name == "vpo-housekeeping" for thread in threading.enumerate())


def test_a_setting_of_zero_starts_nothing(tmp_path: Path, store: Store) -> None:
    never = load({"data_dir": tmp_path / "data", "compress_logs_after_s": 0})
    housekeeper = Housekeeper(store, never, interval_s=0.001)
    housekeeper.start()
    assert not any(thread.name == "vpo-housekeeping" for thread in threading.enumerate())
    housekeeper.stop()


@pytest.mark.anyio
@pytest.mark.parametrize("has_runner", [True, False])
async def test_it_works_where_the_jobs_run_and_ends_with_the_server(
    settings: Settings, store: Store, has_runner: bool
) -> None:
    def works() -> bool:
        return any(thread.name == "vpo-housekeeping" for thread in threading.enumerate())

    async with serving(settings, store, FakeRunner() if has_runner else None):
        assert works() is has_runner
    assert not works()
