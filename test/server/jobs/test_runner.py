"""The runner with real processes: claiming, progress, what a job leaves behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from vpo_polling import logs
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL, ErrorsQuery, NewJob, Progress, Store, now_ms

from jobs.support import Job, command, ended, job_of, log_of, pid_of, started, until


def test_jobs_end_as_their_commands_do(store: Store, settings: Settings) -> None:
    good, bad, unknown = (command(store, name) for name in ("ok", "fails", "not-in-the-settings"))
    foreign = store.create_job(NewJob(job_type="transcode", file_path="film.mkv"))

    async def work() -> None:
        async with started(store, settings):
            job = await ended(store, good)
            assert (job["status"], job["conclusion"], job["attempts"][0]["exit_code"]) == (
                "completed",
                "success",
                0,
            )
            assert log_of(settings, good) == "hello\n"
            job = await ended(store, bad)
            assert (job["status"], job["conclusion"]) == ("failed", "failure")
            assert job["error_message"] == "Ended with exit code 4: broken"
            for job_id in (unknown, foreign):
                job = await ended(store, job_id)
                assert (job["status"], job["conclusion"]) == ("failed", "startup_failure")
                assert job["error_message"]

    asyncio.run(work())


def test_as_many_jobs_run_at_once_as_there_are_workers(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    ids = [command(store, "waits") for _ in range(3)]

    async def work() -> None:
        async with started(store, settings) as runner:
            await until(lambda: all(pid_of(settings, job_id) for job_id in ids[:2]))
            # Woken with both workers busy, it claims nothing.
            runner.wake()
            await asyncio.sleep(0)
            assert runner.active_workers == 2
            assert job_of(store, ids[2])["status"] == "queued"
            (tmp_path / "go").touch()
            for job_id in ids:
                assert (await ended(store, job_id))["status"] == "completed"
            await until(lambda: runner.active_workers == 0)

    asyncio.run(work())


def test_progress_of_a_busy_job_is_written_at_most_every_100_ms(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[Progress]] = []
    real = store.report

    def report(reports: list[Progress]) -> None:
        written.append(reports)
        real(reports)

    monkeypatch.setattr(store, "report", report)
    job_id = command(store, "counts")
    began = now_ms()

    async def work() -> None:
        async with started(store, settings):
            job = await ended(store, job_id)
            assert (job["processed_count"], job["total_count"]) == (3000, 3000)

    asyncio.run(work())
    assert 1 <= len(written) <= (now_ms() - began) / 100 + 2


def test_an_ended_job_has_its_whole_log(store: Store, settings: Settings) -> None:
    job_id = command(store, "counts")
    seen: list[Job] = []

    def look(topics: Any) -> None:
        if job_of(store, job_id)["status"] in TERMINAL:
            seen.append(logs.read(settings, job_id, 1, {"start": "0"}, False))

    store.on_commit(look)

    async def work() -> None:
        async with started(store, settings):
            await ended(store, job_id)
            await until(lambda: seen)

    asyncio.run(work())
    assert seen[0]["complete"]
    assert seen[0]["text"].endswith("\n3000/3000\n")


def test_a_runner_for_one_job_leaves_the_others_alone(store: Store, settings: Settings) -> None:
    others, mine = command(store, "ok", priority=1), command(store, "ok")

    async def work() -> None:
        async with started(store, settings, only=mine):
            assert (await ended(store, mine))["status"] == "completed"
        assert job_of(store, others)["status"] == "queued"

    asyncio.run(work())


def test_a_scan_reports_counts_errors_and_a_summary(store: Store, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "notes.wav").write_text("no sound")
    (folder / "empty.mp3").touch()
    job_id = store.create_job(NewJob(job_type="scan", file_path=str(folder)))

    async def work() -> None:
        async with started(store, settings):
            job = await ended(store, job_id)
            assert (job["status"], job["processed_count"], job["total_count"]) == ("completed", 2, 2)
            assert job["summary"] == "2 files, 0 B, 0 s of media, 2 errors"
            assert job["summary_raw"]["errors"] == 2
            assert job["has_scan_errors"]
            found = store.read(ErrorsQuery(job_id=job_id))[0]
            assert found is not None
            assert [error["filename"] for error in found["errors"]] == ["empty.mp3", "notes.wav"]

    asyncio.run(work())


def test_values_of_secret_variables_never_reach_the_log(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_AUTH_TOKEN", "the-server's-own")
    job_id = command(store, "secret")

    async def work() -> None:
        async with started(store, settings):
            assert (await ended(store, job_id))["status"] == "completed"

    asyncio.run(work())
    shown = log_of(settings, job_id)
    assert shown.startswith("***\n")
    assert "correct-horse" not in shown
    assert "VPO_AUTH_TOKEN" not in shown
