"""What the shell offers after a TAB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from given_jobs import ended, queued
from timing import PATIENCE
from typer.testing import CliRunner
from vpo_polling.cli.app import app
from vpo_polling.store import NewJob, OwnProcess, Store

from cli.conftest import Vpo


@pytest.fixture
def store(vpo: Vpo) -> Iterator[Store]:
    """Of the command's data directory."""
    store = Store.open(vpo.data_dir / "vpo.db")
    store.migrate()
    yield store
    store.close()


def offered(vpo: Vpo, line: str, **env: str) -> list[str]:
    """By bash: `line` up to the cursor."""
    words = line.split(" ")
    asked = {"_VPO_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    ran = CliRunner().invoke(
        app, [], prog_name="vpo", env={**vpo.env, **asked, **env}, catch_exceptions=False
    )
    assert (ran.exit_code, ran.stderr) == (0, "")
    return ran.stdout.split()


def test_commands_options_and_words(vpo: Vpo) -> None:
    assert offered(vpo, "vpo s") == ["serve", "scan"]
    assert offered(vpo, "vpo jobs ") == ["list", "show", "logs", "cancel", "retry", "prune"]
    assert "--older-than" in offered(vpo, "vpo jobs prune --")
    assert offered(vpo, "vpo jobs list --status c") == ["completed", "cancelled"]
    assert offered(vpo, "vpo jobs prune --status ") == ["completed", "failed", "cancelled"]
    assert not vpo.data_dir.exists(), "a completion makes nothing"


def test_jobs_by_the_beginning_of_their_ids(vpo: Vpo, store: Store) -> None:
    done, waiting = ended(store), queued(store)
    assert set(offered(vpo, "vpo jobs show ")) == {done[:8], waiting[:8]}
    assert offered(vpo, f"vpo jobs logs {done[:3]}") == [done[:8]]
    assert offered(vpo, f"vpo jobs show {done[:10]}") == [done]
    assert offered(vpo, "vpo jobs cancel ") == [waiting[:8]]
    assert offered(vpo, "vpo jobs retry ") == [done[:8]]


def test_shells_that_can_show_it_tell_what_a_job_is(vpo: Vpo, store: Store) -> None:
    job_id = queued(store, "/media/a\nb")
    asked = {"_VPO_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "vpo jobs show "}
    ran = CliRunner().invoke(app, [], prog_name="vpo", env={**vpo.env, **asked})
    assert f'"{job_id[:8]}":"scan /media/a' in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_types_are_also_those_that_programs_brought(vpo: Vpo, store: Store) -> None:
    store.begin_tracked(NewJob(job_type="import", file_path="x"), OwnProcess(pid=1, started=1.0), now=1)
    assert offered(vpo, "vpo jobs list --type im") == ["import"]


def test_the_data_directory_on_the_line_counts(vpo: Vpo, store: Store, tmp_path: Path) -> None:
    job_id = queued(store)
    elsewhere = {"VPO_DATA_DIR": str(tmp_path / "nowhere")}
    assert offered(vpo, "vpo jobs show ", **elsewhere) == []
    assert offered(vpo, f"vpo jobs show --data-dir {vpo.data_dir} ", **elsewhere) == [job_id[:8]]


def test_whatever_is_wrong_it_is_silent(vpo: Vpo) -> None:
    assert offered(vpo, "vpo jobs show ") == []
    (vpo.data_dir).mkdir()
    (vpo.data_dir / "vpo.db").write_text("a letter, not a database " * 10)
    assert offered(vpo, "vpo jobs show ") == []
    assert offered(vpo, "vpo jobs show ", VPO_CONFIG="/no/such/file") == []


def test_each_shell_gets_its_script(vpo: Vpo) -> None:
    # Otherwise the shell is the one that the command was started from.
    vpo.env["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
    started = {shell: vpo.start("--show-completion", shell) for shell in ("bash", "zsh", "fish")}
    for shell, process in started.items():
        assert f"COMPLETE=complete_{shell}" in process.communicate(timeout=PATIENCE)[0]
