"""`vpo run`: commands of the settings file, and programs."""

from __future__ import annotations

import json

from cli.conftest import Vpo


def test_a_command_of_the_settings_runs_here_without_a_server(vpo: Vpo) -> None:
    (vpo.folder / "go").touch()
    ran = vpo("run", "waits")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("pid=")
    job = vpo.only_job()
    assert (job["job_type"], job["status"], job["file_path"]) == ("command", "completed", "waits")


def test_a_program_gets_its_arguments_and_the_directory_and_its_failure_is_the_exit_code(vpo: Vpo) -> None:
    ran = vpo("run", "sh", "-c", "pwd; echo --async $0; exit 3", "--data-dir")
    assert (ran.returncode, ran.stdout) == (1, f"{vpo.folder}\n--async --data-dir\n")
    assert ran.stderr == "Ended with exit code 3: --async --data-dir\n"


def test_with_a_server_the_server_runs_it_and_secrets_are_not_shown(vpo: Vpo) -> None:
    vpo.serve()
    started = vpo("run", "--async", "echo", "--password", "opensesame")
    assert (started.returncode, started.stderr) == (0, "")
    vpo.wait_for_status(started.stdout.strip(), "completed")
    (job,) = vpo.get("/api/jobs")["jobs"]
    assert job["file_path"] == "echo --password '***'"
    assert "opensesame" not in json.dumps(vpo.get(f"/api/jobs/{job['id']}"))


def test_a_program_runs_where_it_was_asked_for_also_in_the_server(vpo: Vpo) -> None:
    vpo.serve()
    vpo.folder /= "elsewhere"
    vpo.folder.mkdir()
    ran = vpo("run", "pwd")
    assert (ran.returncode, ran.stdout) == (0, f"{vpo.folder}\n")


def test_what_is_neither_is_one_sentence(vpo: Vpo) -> None:
    refused = vpo("run", "nothing-of-that-name", "-x")
    assert (refused.returncode, refused.stdout) == (2, "")
    sentence = "nothing-of-that-name is no program, and no command of the settings (waits).\n"
    assert refused.stderr == sentence
    assert not vpo.data_dir.exists()


def test_an_option_behind_a_command_of_the_settings_is_one_sentence(vpo: Vpo) -> None:
    refused = vpo("run", "waits", "--async")
    sentence = "'waits' of the settings takes no arguments; options of vpo stand before it.\n"
    assert (refused.returncode, refused.stderr) == (2, sentence)
