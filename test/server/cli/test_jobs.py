"""`vpo jobs` and `vpo token`."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import pytest
from jobs.support import eventually, is_running
from timing import PATIENCE
from vpo_polling import __version__
from vpo_polling.jobs.lock import RunnerLock
from vpo_polling.store import NewJob, Progress, Store

from cli.conftest import Vpo


def queued(vpo: Vpo, name: str = "waits") -> str:
    store = Store.open(vpo.data_dir / "vpo.db")
    try:
        return store.create_job(NewJob(job_type="command", file_path=name, options={"command": name}))
    finally:
        store.close()


def test_a_list_shows_each_job_in_one_line_and_filters(vpo: Vpo, media: Path) -> None:
    vpo("scan", "media")
    waiting = vpo("scan", "media", "--async").stdout.strip()
    listed = vpo("jobs", "list")
    assert listed.stderr == "2 of 2 jobs\n"
    lines = listed.stdout.splitlines()
    assert re.fullmatch(rf"{waiting[:8]}  \d{{4}}-\d\d-\d\d [\d:]{{8}}  scan +queued +0%  {media}", lines[0])
    assert " completed " in lines[1]
    assert vpo("jobs", "list", "--status", "queued", "--type", "scan").stdout.splitlines() == lines[:1]
    page = json.loads(vpo("jobs", "list", "--json", "--limit", "1").stdout)
    assert ([job["id"] for job in page["jobs"]], page["total"], page["limit"]) == ([waiting], 2, 1)
    refused = vpo("jobs", "list", "--status", "odd")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_nothing_is_said_to_be_all_done_before_it_is(vpo: Vpo) -> None:
    vpo("jobs", "list")
    job_id = queued(vpo)
    store = Store.open(vpo.data_dir / "vpo.db")
    store.claim_next(now=1_000)
    store.report([Progress(job_id=job_id, attempt=1, processed=997, total=1000)])
    store.close()
    # While a runner lives, what it runs is its own affair.
    with RunnerLock(vpo.data_dir, "test server"):
        assert " 99%  waits\n" in vpo("jobs", "list").stdout
        assert "progress: 99% (997 of 1000)\n" in vpo("jobs", "show", job_id).stdout


def test_names_in_a_list_cannot_control_the_terminal(vpo: Vpo) -> None:
    (vpo.folder / "red \x1b[31m\nsecond").mkdir()
    vpo("scan", "red \x1b[31m\nsecond", "--async")
    assert vpo("jobs", "list").stdout.endswith("/red \\x1b[31m\\nsecond\n")


def test_show_tells_all_about_a_job_and_exits_as_it_did(vpo: Vpo, media: Path) -> None:
    vpo("scan", "media")
    job_id = vpo.jobs()[0]["id"]
    shown = vpo("jobs", "show", job_id[:8])
    assert shown.returncode == 0
    assert "status:   completed, success\n" in shown.stdout
    assert "summary:  4 files, 48 kB, 3 s of media, 1 error\n" in shown.stdout
    assert "attempt 1: success, " in shown.stdout
    assert json.loads(vpo("jobs", "show", job_id, "--json").stdout)["id"] == job_id
    waiting = vpo("scan", "media", "--async").stdout.strip()
    assert vpo("jobs", "show", waiting).returncode == 4


def test_an_unknown_or_malformed_id_is_one_sentence(vpo: Vpo) -> None:
    unknown = vpo("jobs", "show", "0123abcd")
    assert (unknown.returncode, unknown.stderr) == (5, "There is no job 0123abcd.\n")
    malformed = vpo("jobs", "logs", "%%%%")
    assert (malformed.returncode, malformed.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("with_server", [True, False])
def test_cancel_and_retry(vpo: Vpo, with_server: bool) -> None:
    vpo("jobs", "list")
    if with_server:
        vpo.serve()
    job_id = queued(vpo)
    if with_server:
        vpo.wait_for_status(job_id, "running")
    cancelled = vpo("jobs", "cancel", job_id)
    assert (cancelled.returncode, cancelled.stderr) == (0, f"{job_id[:8]}: cancel requested.\n")
    assert vpo.wait_for_status(job_id, "cancelled")["conclusion"] == "cancelled"
    assert vpo("jobs", "show", job_id).returncode == 3
    again = vpo("jobs", "cancel", job_id)
    assert (again.returncode, again.stderr) == (1, f"{job_id[:8]}: The job has already ended.\n")
    retried = vpo("jobs", "retry", job_id)
    assert retried.returncode == 0
    assert f"{job_id[:8]}: retry requested.\n" in retried.stderr
    assert ("wait until one is started" in retried.stderr) is not with_server
    status = vpo.wait_for_status(job_id, "running" if with_server else "queued")
    assert status["attempt"] == (2 if with_server else 1)


def test_a_log_is_followed_to_its_end_and_its_tail_can_be_had(vpo: Vpo) -> None:
    vpo.serve()
    job_id = queued(vpo)
    following = vpo.start("jobs", "logs", job_id, "--follow")
    assert following.stdout is not None
    assert following.stdout.readline().startswith("pid=")
    (vpo.folder / "go").touch()
    assert following.communicate(timeout=PATIENCE) == ("", "")
    assert following.returncode == 0
    whole = vpo("jobs", "logs", job_id).stdout
    assert vpo("jobs", "logs", job_id, "--tail", "4").stdout == whole[-4:]
    answer = json.loads(vpo("jobs", "logs", job_id, "--json").stdout)
    assert (answer["text"], answer["complete"]) == (whole, True)
    missing = vpo("jobs", "logs", job_id, "--attempt", "7")
    assert (missing.returncode, missing.stderr) == (5, "The job has no attempt 7.\n")


def test_a_reader_that_has_seen_enough_is_no_error(vpo: Vpo, media: Path) -> None:
    vpo("scan", "media")
    job_id = vpo.jobs()[0]["id"]
    logs = vpo.start("jobs", "logs", job_id)
    assert logs.stdout is not None
    logs.stdout.close()
    assert logs.wait(PATIENCE) == 0
    assert logs.stderr is not None
    assert logs.stderr.read() == ""


def test_a_database_that_is_none_is_one_sentence_that_names_it(vpo: Vpo) -> None:
    vpo.data_dir.mkdir()
    (vpo.data_dir / "vpo.db").write_text("a letter, not a database " * 10)
    listed = vpo("jobs", "list")
    assert (listed.returncode, listed.stdout) == (1, "")
    assert listed.stderr == (
        f"The database can't be used: {vpo.data_dir / 'vpo.db'}: file is not a database.\n"
    )


def test_a_file_that_cannot_be_used_is_one_sentence_that_names_it(vpo: Vpo) -> None:
    (vpo.data_dir / "runner.lock").mkdir(parents=True)
    listed = vpo("jobs", "list")
    assert (listed.returncode, listed.stdout) == (1, "")
    assert listed.stderr == f"{vpo.data_dir / 'runner.lock'}: Is a directory.\n"


def test_tokens_are_made_shown_once_and_revoked(vpo: Vpo) -> None:
    vpo("jobs", "list")
    made = vpo("token", "create", "--scope", "report", "--name", "watcher")
    token = made.stdout.strip()
    assert token.startswith("vpo_")
    listed = json.loads(vpo("token", "list", "--json").stdout)
    assert [(row["name"], row["scope"]) for row in listed] == [("watcher", "report")]
    assert token not in json.dumps(listed)
    assert vpo("token", "revoke", listed[0]["id"]).returncode == 0
    assert vpo("token", "revoke", listed[0]["id"]).returncode == 5
    assert vpo("token", "create", "--scope", "everything").returncode == 2


def test_a_token_opens_a_server_that_needs_one(vpo: Vpo) -> None:
    vpo.env["VPO_AUTH_TOKEN"] = "opensesame"
    vpo.serve()
    token = vpo("token", "create", "--scope", "read").stdout.strip()

    def look(authorization: str) -> int:
        request = urllib.request.Request(vpo.url + "/api/jobs", headers={"Authorization": authorization})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert look(f"Bearer {token}") == 200
    assert look("Bearer wrong") == 401
    # The command line finds its own way in.
    (vpo.folder / "empty").mkdir()
    assert vpo("scan", "empty").returncode == 0


def test_help_and_version(vpo: Vpo) -> None:
    assert vpo("--version").stdout == f"vpo {__version__}\n"
    text = vpo("--help").stdout
    for word in ("serve", "scan", "jobs", "token", "vpo scan ~/Music --async", "0 success "):
        assert word in text
    for command in (["scan"], ["jobs", "logs"], ["token", "create"]):
        text = vpo(*command, "--help").stdout
        assert "vpo " + " ".join(command) in text.split("Usage:")[1].partition("\n")[2], command


def test_a_job_whose_runner_was_killed_is_not_shown_as_running(vpo: Vpo) -> None:
    runner = vpo.start("run", "waits")
    job = eventually(lambda: next((job for job in vpo.jobs() if job["status"] == "running"), None))
    store = Store.open(vpo.data_dir / "vpo.db")
    (row,) = eventually(lambda: [row for row in store.running() if row.pid])
    store.close()
    runner.kill()
    runner.communicate(timeout=PATIENCE)
    # The shim ends what it runs and is gone soon; until then the job still runs.
    assert row.pid is not None
    eventually(lambda: not is_running(row.pid or 0))
    shown = json.loads(vpo("jobs", "show", job["id"], "--json").stdout)
    assert (shown["status"], shown["attempt"]) == ("queued", 2)
    assert shown["attempts"][0]["conclusion"] == "interrupted"
