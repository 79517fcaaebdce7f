"""`jobs.track`: what people's own programs report, from processes of their own, with and without a server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from timing import PATIENCE
from vpo_polling import jobs, logs
from vpo_polling.data_dir import announced
from vpo_polling.jobs.kinds.orders import PACKAGE_ROOT, python_env
from vpo_polling.jobs.lock import RunnerLock
from vpo_polling.jobs.lost import SILENT_MS, settle_lost
from vpo_polling.logs.paths import LogPaths, read_record, write_record
from vpo_polling.settings import Settings
from vpo_polling.store import ListQuery, Store, now_ms

from jobs.support import command, ended, eventually, job_of, log_of, started
from jobs.tracked import having, here, outcome

FRAME = """
import os, sys, time
from pathlib import Path
from vpo_polling import jobs

here = Path(sys.argv[1])

def wait(name):
    while not (here / name).exists():
        time.sleep(0.01)

with jobs.track("import", target="orders.csv", total=10, data_dir=here / "data") as job:
    print(job.id, flush=True)
"""


class Program:
    """A program of somebody's own, which reports a job."""

    def __init__(self, folder: Path, body: str) -> None:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        self.process = subprocess.Popen(
            [sys.executable, "-c", FRAME + lines, str(folder)],
            env=python_env(),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.job_id = self.process.stdout.readline().strip()
        assert self.job_id, self.process.communicate()[1]

    def end(self) -> tuple[int, str]:
        """Exit code and what it said on standard error."""
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err

    def die(self) -> None:
        self.process.kill()
        self.process.communicate()


Start = Callable[[str], Program]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Start]:
    programs: list[Program] = []

    def start(body: str) -> Program:
        programs.append(Program(tmp_path, body))
        return programs[-1]

    yield start
    for started_one in programs:
        started_one.die()


@pytest.mark.parametrize("with_server", [True, False])
def test_a_program_is_a_running_job_until_its_block_ends(
    settings: Settings, store: Store, program: Start, tmp_path: Path, with_server: bool
) -> None:
    async def work() -> None:
        if with_server:
            async with started(store, settings):
                await asyncio.to_thread(report)
        else:
            report()

    def report() -> None:
        run = program(
            "job.progress(4, message='reading')\n"
            "job.log('half\\nway, password=opensesame')\n"
            "wait('go')\n"
            "job.progress(7)\n"
            "job.summary('7 orders', {'orders': 7})"
        )
        job = eventually(lambda: having(job_of(store, run.job_id), processed_count=4))
        assert (job["status"], job["job_type"], job["file_path"]) == ("running", "import", "orders.csv")
        assert (job["total_count"], job["progress_percent"], job["progress_message"]) == (10, 40.0, "reading")
        assert (job["has_logs"], job["can_cancel"], job["attempt"]) == (True, True, 1)
        answer = logs.read(settings, run.job_id, 1, {"start": "0"}, False)
        assert (answer["text"], answer["complete"]) == ("half\nway, password=***\n", False)
        (tmp_path / "go").touch()
        assert run.end() == (0, "")
        job = job_of(store, run.job_id)
        assert outcome(job) == ("completed", "success", None)
        assert (job["processed_count"], job["progress_percent"]) == (7, 100.0)
        assert (job["summary"], job["summary_raw"], job["attempts"][0]["exit_code"]) == (
            "7 orders",
            {"orders": 7},
            0,
        )
        assert logs.read(settings, run.job_id, 1, {"start": "0"}, False)["complete"]

    asyncio.run(work())


def test_an_exception_fails_the_job_and_goes_on_to_the_caller(store: Store, program: Start) -> None:
    run = program("job.progress(3)\nraise ValueError('token=abcdef12 is wrong')")
    code, err = run.end()
    assert (code, err.splitlines()[-1]) == (1, "ValueError: token=abcdef12 is wrong")
    job = job_of(store, run.job_id)
    assert outcome(job) == ("failed", "failure", "ValueError: token=*** is wrong")
    assert (job["processed_count"], job["attempts"][0]["exit_code"]) == (3, 1)
    log = (store.path.parent / "logs" / run.job_id / "1.log").read_text()
    assert log.startswith("Traceback (most recent call last):\n")
    assert log.endswith("\nValueError: token=*** is wrong\n")


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        ("sys.exit()", ("completed", "success", None)),
        ("sys.exit(4)", ("failed", "failure", "Ended with exit code 4.")),
        ("sys.exit('no orders')", ("failed", "failure", "no orders")),
        ("raise KeyboardInterrupt", ("cancelled", "cancelled", None)),
        ("raise LookupError", ("failed", "failure", "LookupError")),
    ],
)
def test_how_a_block_is_left_is_how_its_job_ends(
    settings: Settings, store: Store, leave: str, expected: tuple[str, str, str | None]
) -> None:
    with pytest.raises(BaseException), here(settings) as job:  # noqa: B017, PT011 - any of them
        exec(leave, {"sys": sys})
    assert outcome(job_of(store, job.id)) == expected


def test_a_killed_program_is_cut_off_and_not_run_again(
    settings: Settings, store: Store, program: Start
) -> None:
    run = program("job.progress(5)\nwait('never')")
    eventually(lambda: having(job_of(store, run.job_id), processed_count=5))

    async def work() -> None:
        async with started(store, settings):
            done = await ended(store, command(store, "ok"))
            assert done["status"] == "completed"
            assert job_of(store, run.job_id)["status"] == "running", "it lives, whoever serves"
            run.process.kill()
            run.process.communicate()
            job = await ended(store, run.job_id)
            sentence = "The job was cut off before it could finish."
            assert outcome(job) == ("cancelled", "interrupted", sentence)
            assert (len(job["attempts"]), job["can_retry"], job["processed_count"]) == (1, False, 5)
            assert job["last_heartbeat_at"] is not None

    asyncio.run(work())
    assert not store.retry(run.job_id)
    assert job_of(store, run.job_id)["status"] == "cancelled"


def test_a_server_that_starts_leaves_a_living_program_alone(
    settings: Settings, store: Store, program: Start, tmp_path: Path
) -> None:
    run = program("wait('go')")

    async def work() -> None:
        async with started(store, settings):
            # Whatever a start settles, it has settled when it runs a job.
            await ended(store, command(store, "ok"))
            await asyncio.to_thread(settle_lost, store, settings.data_dir, now=now_ms())
            assert job_of(store, run.job_id)["status"] == "running"

    asyncio.run(work())
    (tmp_path / "go").touch()
    assert run.end() == (0, "")
    assert job_of(store, run.job_id)["status"] == "completed"


@pytest.mark.parametrize("looks", ["job.progress(1)", "job.log('on')", "if job.cancelled: break"])
def test_a_wish_to_cancel_reaches_the_program_where_it_looks(
    store: Store, program: Start, looks: str
) -> None:
    run = program(f"while True:\n    {looks}\n    time.sleep(0.01)")
    store.request_cancel(run.job_id, now=now_ms())
    code, err = run.end()
    if "break" in looks:
        assert (code, err) == (0, "")
    else:
        assert (code, err.splitlines()[-1]) == (
            1,
            "vpo_polling.jobs.tracking.Cancelled: The job was cancelled.",
        )
    assert outcome(job_of(store, run.job_id)) == ("cancelled", "cancelled", None)


def test_after_a_cancel_tidying_up_may_be_told(settings: Settings, store: Store) -> None:
    with here(settings) as job:
        store.request_cancel(job.id, now=now_ms())
        eventually(lambda: job._teller.cancel_requested)
        with pytest.raises(jobs.Cancelled):
            job.progress(1)
        job.log("tidied up")
    assert job_of(store, job.id)["status"] == "cancelled"
    assert log_of(settings, job.id) == "tidied up\n"


def test_a_program_that_does_not_look_is_not_ended_and_the_page_says_that_it_was_asked(
    store: Store, program: Start, tmp_path: Path
) -> None:
    run = program("wait('go')")
    assert store.request_cancel(run.job_id, now=now_ms()) == "cancelling"
    job = job_of(store, run.job_id)
    assert job["waiting_reason"] == "The program was asked to stop and has not answered yet."
    assert not job["can_cancel"]
    (tmp_path / "go").touch()
    assert run.end() == (0, "")
    job = job_of(store, run.job_id)
    assert (outcome(job), job["waiting_reason"]) == (("completed", "success", None), None)


def test_two_programs_report_at_a_time(store: Store, program: Start, tmp_path: Path) -> None:
    body = "for done in range(300):\n    job.progress(done)\n    job.log(done)\nwait('go')"
    runs = [program(body), program(body)]

    def all_told() -> bool:
        return all(job_of(store, run.job_id)["processed_count"] == 299 for run in runs)

    eventually(all_told)
    (tmp_path / "go").touch()
    assert [run.end() for run in runs] == [(0, ""), (0, "")]
    for run in runs:
        assert job_of(store, run.job_id)["status"] == "completed"
        log = (tmp_path / "data" / "logs" / run.job_id / "1.log").read_text()
        assert log == "".join(f"{number}\n" for number in range(300))


def test_the_first_program_of_all_makes_the_data_directory(program: Start, tmp_path: Path) -> None:
    run = program("job.log(job.url)")
    assert run.end() == (0, "")
    later = Store.open(tmp_path / "data" / "vpo.db")
    assert job_of(later, run.job_id)["status"] == "completed"
    later.close()


def test_a_forked_child_ends_nothing_and_is_told_that_it_cannot_report(
    store: Store, program: Start, tmp_path: Path
) -> None:
    run = program(
        "if os.fork() == 0:\n"
        "    try:\n"
        "        job.progress(9)\n"
        "    except RuntimeError as error:\n"
        "        (here / 'said').write_text(str(error))\n"
        "    sys.exit(3)\n"
        "os.wait()\n"
        "(here / 'forked').touch()\n"
        "wait('go')"
    )
    eventually(lambda: (tmp_path / "forked").exists())
    assert job_of(store, run.job_id)["status"] == "running"
    assert read_record(tmp_path / "data" / "logs" / run.job_id / "1.exit.json") is None
    sentence = f"The job {run.job_id} belongs to process {run.process.pid}; only that can report it."
    assert (tmp_path / "said").read_text() == sentence
    (tmp_path / "go").touch()
    assert run.end()[0] == 0
    assert job_of(store, run.job_id)["status"] == "completed"


def test_the_page_of_a_job_is_known_while_a_server_runs(settings: Settings, store: Store) -> None:
    with here(settings) as job:
        assert job.url is None
        with (
            RunnerLock(settings.data_dir, "vpo serve"),
            announced(settings.data_dir, "http://127.0.0.1:8080", "t"),
        ):
            assert job.url == f"http://127.0.0.1:8080/jobs/{job.id}"


@pytest.mark.parametrize("word", ["", "Import", "9lives", "two words", "x" * 21, "ä", None])
def test_a_type_is_a_short_word(settings: Settings, word: Any) -> None:
    with pytest.raises(ValueError, match="is no job type: use a word"):
        jobs.track(word, target="x", data_dir=settings.data_dir)


def test_mistakes_of_the_caller_are_said_where_they_are_made(settings: Settings, store: Store) -> None:
    with pytest.raises(ValueError, match="target must say"):
        jobs.track("import", target=" ", data_dir=settings.data_dir)
    with here(settings) as job:
        with pytest.raises(ValueError, match="must be a number"):
            job.progress(-1)
        with pytest.raises(ValueError, match="must be a number"):
            job.progress(percent=float("nan"))
        with pytest.raises(TypeError):
            job.summary("x", {"when": object()})
        with pytest.raises(RuntimeError, match="runs once"):
            job.__enter__()
    with pytest.raises(RuntimeError, match="has ended"):
        job.log("late")
    with pytest.raises(RuntimeError, match="has not begun"):
        _ = here(settings).id
    assert job_of(store, job.id)["status"] == "completed"


def test_on_another_host_a_job_is_lost_when_its_heartbeat_is_old(settings: Settings, store: Store) -> None:
    now = now_ms()
    with here(settings) as job:
        paths = LogPaths.of(settings.data_dir, job.id, 1)
        write_record(paths.start, {**(read_record(paths.start) or {}), "host": "elsewhere"})
        store.heartbeat([job.id], now=now)
        assert settle_lost(store, settings.data_dir, now=now + SILENT_MS) == []
        assert settle_lost(store, settings.data_dir, now=now + SILENT_MS + 1) == [job.id]
    # What it says afterwards changes nothing.
    assert outcome(job_of(store, job.id))[:2] == ("cancelled", "interrupted")


def test_a_process_id_that_was_given_to_a_stranger_is_no_sign_of_life(
    settings: Settings, store: Store, program: Start
) -> None:
    run = program("wait('never')")
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET pid = ?, process_started = 1.0", (os.getpid(),))
    assert settle_lost(store, settings.data_dir, now=now_ms()) == [run.job_id]
    assert run.process.poll() is None, "whoever that is, it is not ended"


def test_ctrl_c_cancels_the_job(store: Store, program: Start) -> None:
    run = program("wait('never')")
    run.process.send_signal(signal.SIGINT)
    assert run.end()[0] != 0
    assert outcome(job_of(store, run.job_id)) == ("cancelled", "cancelled", None)
    record = read_record(store.path.parent / "logs" / run.job_id / "1.exit.json")
    assert json.loads(json.dumps(record))["reason"] == "cancelled"


def test_the_example_of_the_documentation_runs_as_it_stands(settings: Settings, store: Store) -> None:
    guide = (Path(PACKAGE_ROOT).parent / "docs" / "jobs.md").read_text("utf-8")
    example = guide.split("## Reporting from your own code")[1].split("```python\n")[1].split("```")[0]
    env = {**python_env(), "VPO_DATA_DIR": str(settings.data_dir)}
    subprocess.run([sys.executable, "-c", example], env=env, cwd=settings.data_dir, check=True)
    (item,) = (store.read(ListQuery())[0] or {})["jobs"]
    job = job_of(store, item["id"])
    assert (job["job_type"], job["status"], job["summary"]) == ("import", "completed", "3 files")
    assert (job["processed_count"], job["total_count"]) == (3, 3)
    assert log_of(settings, job["id"]).splitlines()[0] == "reading monday.csv"
