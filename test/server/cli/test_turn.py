"""`vpo turn`: programs and records as turns."""

from __future__ import annotations

import json
import signal

import pytest
from jobs.support import eventually
from turns import transcripts as t
from turns.test_agents import COMMAND
from vpo_polling.store import Store, StoreError
from vpo_polling.store.turns.queries import ProjectsQuery, SessionsQuery, TurnsQuery

from cli.conftest import Vpo


def turns(vpo: Vpo) -> list[t.Json]:
    """Of all sessions, in their order."""
    store = Store.open(vpo.data_dir / "vpo.db")
    try:
        sessions = (store.read(SessionsQuery())[0] or {})["sessions"]
        return [
            turn
            for session in sessions
            for turn in (
                store.read(TurnsQuery(project_id=session["project_id"], session_id=session["id"]))[0] or {}
            )["turns"]
        ]
    finally:
        store.close()


def has_begun(vpo: Vpo) -> bool:
    try:
        return any(turn["block_count"] for turn in turns(vpo))
    except StoreError:
        return False  # there are no tables yet


@pytest.mark.parametrize(
    ("prompt", "code", "status"), [("say:Hello ok", 0, "completed"), ("say:Hello bad", 1, "failed")]
)
def test_a_program_runs_as_a_turn_and_its_verdict_is_the_exit_code(
    vpo: Vpo, prompt: str, code: int, status: str
) -> None:
    ran = vpo("turn", "--prompt", prompt, "--", *COMMAND)
    assert (ran.returncode, ran.stdout) == (code, "Hello\n")
    (turn,) = turns(vpo)
    assert (turn["status"], turn["prompt"], turn["block_count"] >= 1) == (status, prompt, True)
    assert f"Turn 1 of session {turn['session_id']}\n" in ran.stderr
    assert f"The turn is {status}" in ran.stderr


def test_a_session_goes_on_and_projects_are_found_by_name(vpo: Vpo) -> None:
    first = json.loads(vpo("turn", "--json", "--prompt", "ok", "--project", "Films", "--", *COMMAND).stdout)
    vpo("turn", "--session", first["session_id"][:8], "--prompt", "ok", "--", *COMMAND)
    vpo("turn", "--prompt", "ok", "--project", "Films", "--", *COMMAND)
    assert [turn["number"] for turn in turns(vpo)] == [1, 1, 2]
    store = Store.open(vpo.data_dir / "vpo.db")
    assert (store.read(ProjectsQuery())[0] or {})["total"] == 1
    store.close()
    missing = vpo("turn", "--session", "ffff", "--prompt", "ok", "--", *COMMAND)
    assert (missing.returncode, "There is no session ffff." in missing.stderr) == (5, True)


def test_ctrl_c_interrupts(vpo: Vpo) -> None:
    running = vpo.start("turn", "--prompt", "say:a wait", "--", *COMMAND)
    eventually(lambda: has_begun(vpo))
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, "interrupted" in said) == (3, True)
    assert turns(vpo)[0]["status"] == "interrupted"


def test_a_record_is_played_again(vpo: Vpo) -> None:
    record = vpo.folder / "transcript.jsonl"
    stamps = [{"timestamp": f"2026-01-01T00:00:{second:02}Z"} for second in range(4)]
    record.write_bytes(
        t.lines(
            {**t.system(), **stamps[0]},
            t.text("One", **stamps[1]),
            t.use("Read", {"path": "a"}, **stamps[2]),
            {**t.result_of("t1", "text"), **stamps[3]},
            t.succeeded(),
        )
    )
    ran = vpo("turn", "--replay", str(record), "--speed", "100")
    assert (ran.returncode, ran.stdout) == (0, "One\n")
    (turn,) = turns(vpo)
    assert (turn["status"], turn["block_count"]) == ("completed", 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give a program after --, or a record with --replay FILE."),
        (("--replay", "missing.jsonl"), "There is no file missing.jsonl."),
        (("--replay", "bad.jsonl"), "bad.jsonl can't be played: Line 2: this is not valid JSON."),
        (("--", "/no/such/program"), "/no/such/program is no program."),
    ],
)
def test_what_can_not_be_run_is_said_before_there_is_a_turn(
    vpo: Vpo, arguments: tuple[str, ...], said: str
) -> None:
    (vpo.folder / "bad.jsonl").write_text('{"type": "system"}\n{\n')
    ran = vpo("turn", *arguments)
    assert (ran.returncode, ran.stderr.strip()) == (2, said)
    assert not (vpo.data_dir / "vpo.db").exists()


def test_a_command_line_that_was_killed_leaves_no_turn_running(vpo: Vpo) -> None:
    running = vpo.start("turn", "--prompt", "say:a wait", "--", *COMMAND)
    eventually(lambda: has_begun(vpo))
    running.kill()
    running.wait()
    (vpo.folder / "go").touch()
    vpo.serve()
    eventually(lambda: turns(vpo)[0]["status"] == "interrupted")
    assert turns(vpo)[0]["error"] == "The program that reported the turn is gone."
