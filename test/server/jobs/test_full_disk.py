"""A full disk starts no new jobs, fails the one that writes, and loses nothing."""

from __future__ import annotations

import asyncio
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from vpo_polling import jobs as own
from vpo_polling.jobs import room
from vpo_polling.jobs.room import Room
from vpo_polling.settings import Settings, load
from vpo_polling.store import DatabaseFull, Store

from jobs.support import command, ended, job_of, shim, started, until

SMALL = 1024 * 1024
FULL = ("No space left on device.", "File too large.")


@pytest.fixture
def small_disk(settings: Settings, store: Store) -> Iterator[Path]:
    """Where logs are: a file system of 1 MiB, or, where none may be mounted, files of at most that size."""
    folder = settings.data_dir / "logs"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, before[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_work_whose_log_finds_no_room_is_ended_and_says_why(settings: Settings, small_disk: Path) -> None:
    with shim(settings.data_dir, "sh", "-c", "trap '' TERM; yes 'a line of the log'") as run:
        end = run.messages()[-1]
        assert end["reason"] == "log_failed"
        assert end["error_message"].removeprefix("The log cannot be written: ") in FULL
        assert not list(run.paths.folder.glob("*.tmp"))


def test_the_job_that_fills_the_disk_fails_and_the_others_go_on(
    settings: Settings, store: Store, small_disk: Path, tmp_path: Path
) -> None:
    commands = {name: vars(settings.commands[name]) for name in ("waits",)}
    commands["fills"] = {"argv": ["sh", "-c", "yes 'a line of the log'"]}
    settings = load({"data_dir": settings.data_dir, "commands": commands})

    async def work() -> None:
        async with started(store, settings):
            waiting = command(store, "waits")
            await until(lambda: job_of(store, waiting)["status"] == "running")
            filling = await ended(store, command(store, "fills"))
            assert (filling["status"], filling["conclusion"]) == ("failed", "failure")
            assert filling["error_message"].removeprefix("The log cannot be written: ") in FULL
            assert job_of(store, waiting)["status"] == "running"
            (tmp_path / "go").touch()
            assert (await ended(store, waiting))["status"] == "completed"

    asyncio.run(work())


def test_a_program_of_its_own_goes_on_without_its_log(
    settings: Settings, store: Store, small_disk: Path
) -> None:
    with own.track("import", target="x", data_dir=settings.data_dir) as job:
        for _ in range(40):
            job.log("x" * 50_000)
    ended_job = job_of(store, job.id)
    assert ended_job["status"] == "completed"
    assert ended_job["error_message"].removeprefix("The log could not be written: ") in FULL


def test_below_five_percent_no_job_starts_and_the_queue_says_why(settings: Settings, store: Store) -> None:
    share = 0.03

    async def work() -> None:
        nonlocal share
        async with started(store, settings, free=lambda _: share) as runner:
            first = command(store, "ok")
            await until(lambda: job_of(store, first)["waiting_reason"])
            sentence = "The disk is almost full (3 % free). Jobs start again above 5 %."
            assert (job_of(store, first)["status"], job_of(store, first)["waiting_reason"]) == (
                "queued",
                sentence,
            )
            later = command(store, "ok")
            runner.wake()
            await until(lambda: job_of(store, later)["waiting_reason"])
            share = 0.05
            runner.wake()
            for job_id in (first, later):
                job = await ended(store, job_id)
                assert (job["status"], job["waiting_reason"]) == ("completed", None)

    asyncio.run(work())


def test_looking_again_writes_nothing(settings: Settings, store: Store) -> None:
    shares = [0.04]
    there = Room(store, settings.data_dir, lambda _: shares[-1])
    job_id = command(store, "ok")
    assert not there.is_there()
    said = store.revisions(["jobs", f"job:{job_id}"])
    # Less and less of it: no news for whoever waits.
    for share in (0.04, 0.03, 0.0):
        shares.append(share)
        assert not there.is_there()
    assert store.revisions(["jobs", f"job:{job_id}"]) == said
    shares.append(0.5)
    assert there.is_there()
    assert job_of(store, job_id)["waiting_reason"] is None
    cleared = store.revisions(["jobs"])
    assert there.is_there()
    assert store.revisions(["jobs"]) == cleared


def test_reasons_that_an_earlier_runner_left_are_taken_back(settings: Settings, store: Store) -> None:
    job_id = command(store, "ok")
    assert not Room(store, settings.data_dir, lambda _: 0.0).is_there()
    assert Room(store, settings.data_dir, lambda _: 1.0).is_there()
    assert job_of(store, job_id)["waiting_reason"] is None


def test_where_not_even_the_reason_finds_room_it_is_not_asked_for_each_second(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[None] = []

    def full(_store: Store, _reason: str | None) -> None:
        tries.append(None)
        raise DatabaseFull("full.")

    monkeypatch.setattr(Store, "explain_waiting", full)
    there = Room(store, settings.data_dir, lambda _: 0.0)
    assert [there.is_there() for _ in range(5)] == [False] * 5
    assert len(tries) == 1


def test_the_share_is_that_of_the_file_system(small_disk: Path) -> None:
    assert 0.0 < room.free_share(small_disk) <= 1.0
