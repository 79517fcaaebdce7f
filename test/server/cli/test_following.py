"""Logs and jobs that are followed: from a line on, into later attempts, by programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from given_jobs import DONE, ended, running
from timing import PATIENCE
from vpo_polling.logs.paths import LogPaths
from vpo_polling.store import Store, now_ms

from cli.conftest import Vpo


@pytest.fixture
def store(vpo: Vpo) -> Iterator[Store]:
    """Of the command's data directory."""
    store = Store.open(vpo.data_dir / "vpo.db")
    store.migrate()
    yield store
    store.close()


def write_log(vpo: Vpo, job_id: str, text: str, attempt: int = 1) -> None:
    paths = LogPaths.of(vpo.data_dir, job_id, attempt)
    paths.folder.mkdir(parents=True, exist_ok=True)
    paths.log.write_text(text)


def test_the_last_lines_of_a_log(vpo: Vpo, store: Store) -> None:
    job_id = ended(store)
    write_log(vpo, job_id, "".join(f"{number}\n" for number in range(3000)) + "unfinished")
    assert vpo("jobs", "logs", job_id, "-n", "3").stdout == "2998\n2999\nunfinished"
    assert vpo("jobs", "logs", job_id, "--lines", "9000").stdout.startswith("0\n1\n")
    both = vpo("jobs", "logs", job_id, "-n", "3", "--tail", "10")
    assert (both.returncode, both.stderr) == (2, "Use either --lines or --tail.\n")


def test_a_log_of_many_pieces_is_one_document(vpo: Vpo, store: Store) -> None:
    job_id = ended(store)
    text = "a line of the log\n" * 150_000
    write_log(vpo, job_id, text)
    answer = json.loads(vpo("jobs", "logs", job_id, "--json").stdout)
    assert (answer["text"], answer["start"], answer["end"]) == (text, 0, len(text))
    assert (answer["complete"], answer["attempt"], answer["first_line"]) == (True, 1, 1)


def test_an_attempt_can_be_chosen_and_following_goes_on_into_the_next(vpo: Vpo, store: Store) -> None:
    job_id = ended(store)
    store.retry(job_id)
    store.claim_next(now=now_ms())
    store.finish(job_id, 2, DONE, now=now_ms())
    write_log(vpo, job_id, "first\n")
    write_log(vpo, job_id, "second\n", 2)
    assert vpo("jobs", "logs", job_id).stdout == "second\n"
    assert vpo("jobs", "logs", job_id, "--attempt", "1").stdout == "first\n"
    followed = vpo("jobs", "logs", job_id, "--attempt", "1", "--follow")
    assert (followed.returncode, followed.stdout) == (0, "first\nsecond\n")
    assert followed.stderr == "The job goes on as attempt 2:\n"
    told = vpo("jobs", "logs", job_id, "-f", "--attempt", "1", "--json")
    *lines, record = map(json.loads, told.stdout.splitlines())
    assert lines == [{"attempt": 1, "log": "first"}, {"attempt": 2, "log": "second"}]
    assert (record["id"], record["status"], record["attempt"]) == (job_id, "completed", 2)


def test_following_a_job_that_waits_says_why_and_begins_with_it(vpo: Vpo, store: Store) -> None:
    job_id = running(store)
    store.interrupt(job_id, 1, now=now_ms(), requeue=True)
    store.explain_waiting("The disk is almost full (3 % free).")
    following = vpo.start("jobs", "logs", job_id, "--follow")
    assert following.stderr is not None
    assert following.stderr.readline() == "Waiting: The disk is almost full (3 % free).\n"
    write_log(vpo, job_id, "at last\n", 2)
    store.claim_next(now=now_ms())
    store.finish(job_id, 2, DONE, now=now_ms())
    out, err = following.communicate(timeout=PATIENCE)
    assert (out, err, following.returncode) == ("at last\n", "The job goes on as attempt 2:\n", 0)


def test_a_job_that_never_began_is_followed_to_its_end(vpo: Vpo, store: Store) -> None:
    vpo.folder.joinpath("empty").mkdir()
    job_id = vpo("scan", "empty", "--async").stdout.strip()
    assert vpo("jobs", "logs", job_id).stderr == "The job has not started yet.\n"
    store.request_cancel(job_id, now=now_ms())
    assert vpo("jobs", "logs", job_id, "-f").returncode == 3


@pytest.mark.parametrize("command", [["scan", "--json", "media"], ["run", "--json", "echo", "hello"]])
def test_what_runs_here_is_told_line_by_line_and_ends_with_the_record(
    vpo: Vpo, media: Path, command: list[str]
) -> None:
    ran = vpo(*command)
    assert (ran.returncode, ran.stderr) == (0, "")
    *lines, record = map(json.loads, ran.stdout.splitlines())
    assert {line["attempt"] for line in lines} == {1}
    assert lines[0]["log"] in (f"Scanning {media}", "hello")
    assert (record["status"], record["conclusion"], record["attempts"][0]["number"]) == (
        "completed",
        "success",
        1,
    )


def test_in_the_background_programs_get_the_record(vpo: Vpo) -> None:
    started = vpo("run", "--async", "--json", "false")
    record = json.loads(started.stdout)
    assert (record["status"], record["file_path"]) == ("queued", "false")
    assert started.stderr.endswith("the job waits until one is started.\n")


def test_the_exit_code_of_a_failure_is_the_same_for_programs(vpo: Vpo) -> None:
    ran = vpo("run", "--json", "sh", "-c", "exit 3")
    assert ran.returncode == 1
    assert json.loads(ran.stdout.splitlines()[-1])["error_message"] == "Ended with exit code 3."
