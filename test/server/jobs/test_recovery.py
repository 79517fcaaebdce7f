"""A server that died: its jobs are shown as interrupted and go on, unless they had ended by themselves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from vpo_polling.jobs.kinds.orders import python_env
from vpo_polling.jobs.lock import RunnerLock, is_held
from vpo_polling.logs.paths import LogPaths, write_record
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

from jobs.support import command, ended, eventually, is_running, job_of, log_of, pid_of, started, until

# A server reduced to its runner; it dies by SIGKILL.
SERVER = """
import asyncio, sys
from pathlib import Path
from vpo_polling.jobs.lock import RunnerLock
from vpo_polling.jobs.runner import Runner
from vpo_polling.settings import load
from vpo_polling.store import Store

async def work():
    settings = load({"data_dir": Path(sys.argv[1])}, config=Path(sys.argv[2]))
    with RunnerLock(settings.data_dir, "test server"):
        runner = Runner(Store.open(settings.database_path), settings)
        await runner.start()
        await asyncio.Event().wait()

asyncio.run(work())
"""


class DyingServer:
    def __init__(self, settings: Settings, folder: Path) -> None:
        config = folder / "dying.toml"
        argv = list(settings.commands["stubborn"].argv)
        config.write_text(f"[commands.stubborn]\nargv = {json.dumps(argv)}\n")
        arguments = [sys.executable, "-c", SERVER, str(settings.data_dir), str(config)]
        self.process = subprocess.Popen(arguments, env=python_env(), cwd=folder)

    def die(self) -> None:
        self.process.kill()
        self.process.wait()


def test_a_job_of_a_killed_server_is_interrupted_and_goes_on_when_all_of_it_is_gone(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    job_id = command(store, "stubborn")
    server = DyingServer(settings, tmp_path)
    try:
        pid = eventually(lambda: pid_of(settings, job_id))
    finally:
        server.die()
    # Dead for a moment only: the stubborn child still runs.
    assert is_running(pid)
    assert job_of(store, job_id)["status"] == "running"

    async def work() -> None:
        async with started(store, settings):
            await until(lambda: job_of(store, job_id)["attempt"] == 2)
            assert not is_running(pid)
            first = job_of(store, job_id)["attempts"][0]
            assert (first["status"], first["conclusion"]) == ("cancelled", "interrupted")
            assert first["last_heartbeat_at"] is not None
            (tmp_path / "go").touch()
            job = await ended(store, job_id)
            assert (job["status"], len(job["attempts"])) == ("completed", 2)

    asyncio.run(work())
    assert log_of(settings, job_id, 1) == f"pid={pid}\n"


def test_the_lock_of_a_killed_server_is_free_and_its_holder_is_named_before(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    server = DyingServer(settings, tmp_path)
    try:
        eventually(lambda: is_held(settings.data_dir))
        refusal = eventually(lambda: _refusal(settings))
        assert "in use by test server (process " in refusal
        assert str(server.process.pid) in refusal
    finally:
        server.die()
    with RunnerLock(settings.data_dir, "next"):
        assert is_held(settings.data_dir)
    assert not is_held(settings.data_dir)


def _refusal(settings: Settings) -> str:
    try:
        with RunnerLock(settings.data_dir, "second"):
            return ""
    except Exception as error:
        return str(error) if "test server" in str(error) else ""


def test_a_job_that_had_ended_by_itself_is_not_run_again(store: Store, settings: Settings) -> None:
    job_id = command(store, "fails")
    claimed = store.claim_next(now=now_ms())
    assert claimed is not None
    paths = LogPaths.of(settings.data_dir, job_id, 1)
    paths.folder.mkdir(parents=True)
    paths.log.write_text("all done\n")
    record = {"reason": "exited", "exit_code": 0, "summary": "3 files", "summary_raw": {"files": 3}}
    write_record(paths.exit, record)

    async def work() -> None:
        async with started(store, settings):
            job = await ended(store, job_id)
            assert (job["status"], job["attempt"], job["summary"]) == ("completed", 1, "3 files")
            assert job["summary_raw"] == {"files": 3}

    asyncio.run(work())
    assert log_of(settings, job_id) == "all done\n"


def test_a_process_id_that_was_given_to_a_stranger_is_left_alone(store: Store, settings: Settings) -> None:
    job_id = command(store, "ok")
    store.claim_next(now=now_ms())
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        store.set_process(job_id, 1, pid=stranger.pid, process_started=1.0)

        async def work() -> None:
            async with started(store, settings):
                job = await ended(store, job_id)
                assert (job["status"], job["attempt"]) == ("completed", 2)

        asyncio.run(work())
        assert is_running(stranger.pid)
    finally:
        os.killpg(stranger.pid, signal.SIGKILL)
        stranger.wait()


def test_a_cancel_that_the_dead_server_never_saw_still_counts(store: Store, settings: Settings) -> None:
    job_id = command(store, "ok")
    store.claim_next(now=now_ms())
    store.request_cancel(job_id, now=now_ms())

    async def work() -> None:
        async with started(store, settings):
            job = await ended(store, job_id)
            assert (job["status"], job["conclusion"], job["attempt"]) == ("cancelled", "cancelled", 1)

    asyncio.run(work())
