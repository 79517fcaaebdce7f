"""The shim: whatever happens to the work or the server, nothing is left running and the truth is on disk."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from vpo_polling.logs.paths import read_record, write_record

from jobs.support import eventually, is_running, shim

STUBBORN = "trap '' TERM; echo me=$$; sleep 600 & echo child=$!; wait; sleep 600"

LEAVING = """
import os, time
told, tell = os.pipe()
parent = os.getpid()
if os.fork() == 0:
    os.setsid()
    print(f"left={os.getpid()}", flush=True)
    os.write(tell, b".")
    while os.getppid() == parent:
        time.sleep(0.01)
    print("late", flush=True)
    time.sleep(600)
os.read(told, 1)
"""

TALKATIVE = """
import json, os
fd = int(os.environ["VPOPOLLING_REPORT_FD"])
for done in range(1, 20_001):
    message = {"t": "progress", "done": done, "total": 20_000}
    if done % 2000 == 1:
        os.write(fd, b'{"t": "errors", "items": [["x", "y", "z"]]}\\n')
    os.write(fd, json.dumps(message).encode() + b"\\n")
print("said all")
"""


def test_output_and_errors_reach_the_log_and_the_end_is_told(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo out; echo err >&2; printf unfinished") as run:
        said = run.messages()
        assert run.log == "out\nerr\nunfinished"
        assert said[-1]["t"] == "ended"
        assert (said[-1]["reason"], said[-1]["exit_code"], said[-1]["error_message"]) == ("exited", 0, None)
        assert {"t": "ended", **run.record} == said[-1]
        start = read_record(run.paths.start) or {}
        assert start["pid"] == run.process.pid
        assert start["gen"].startswith("1-")


def test_a_failure_says_its_exit_code_and_the_last_line(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo working; echo 'token=abcdef is wrong'; exit 7") as run:
        end = run.messages()[-1]
        assert end["exit_code"] == 7
        assert end["error_message"] == "Ended with exit code 7: token=*** is wrong"
        assert "abcdef" not in run.log


def test_a_killed_child_is_told_by_its_signal(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "kill -9 $$") as run:
        end = run.messages()[-1]
        assert (end["exit_code"], end["signal"], end["error_message"]) == (None, 9, "Ended by SIGKILL.")


@pytest.mark.parametrize(
    ("argv", "cwd", "message"),
    [
        (["no-such-program"], "/", "no-such-program: not found."),
        (["true"], "/no/such/place", "/no/such/place: not found."),
        (["/"], "/", "/: Permission denied."),
    ],
)
def test_work_that_cannot_start_says_why(tmp_path: Path, argv: list[str], cwd: str, message: str) -> None:
    with shim(tmp_path, *argv, cwd=cwd) as run:
        end = run.messages()[-1]
        assert (end["reason"], end["error_message"]) == ("not_started", message)
        assert run.log == message + "\n"


def test_when_the_server_goes_away_the_whole_group_is_killed_and_recorded(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", STUBBORN) as run:
        pids = [run.number("me"), run.number("child")]
        assert all(map(is_running, pids))
        run.let_go()
        assert run.record["reason"] == "server_gone"
        assert run.record["signal"] == signal.SIGKILL
        assert not any(map(is_running, pids))
        run.process.wait(10)


def test_a_killed_server_is_the_same_as_one_that_let_go(tmp_path: Path) -> None:
    """The kernel closes the pipes of a dead process, both of them."""
    with shim(tmp_path, "sh", "-c", "echo me=$$; exec sleep 600") as run:
        pid = run.number("me")
        assert run.process.stdout is not None
        run.process.stdout.close()
        run.let_go()
        assert run.record["reason"] == "server_gone"
        eventually(lambda: not is_running(pid))


def test_cancelling_ends_what_tidies_up_with_term_alone(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "trap 'echo tidied; exit 3' TERM; echo me=$$; sleep 600 & wait") as run:
        run.number("me")
        run.say(end="cancel")
        end = run.messages()[-1]
        assert (end["reason"], end["exit_code"]) == ("cancelled", 3)
        assert run.log.endswith("tidied\n")


def test_a_cancel_right_behind_the_order_counts(tmp_path: Path) -> None:
    with shim(tmp_path, "sleep", "600") as run:
        run.say(end="cancel")
        assert run.messages()[-1]["reason"] == "cancelled"


def test_what_outlives_the_work_is_ended_with_it(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "sleep 600 & echo left=$!; exit 0") as run:
        end = run.messages()[-1]
        assert (end["reason"], end["exit_code"]) == ("exited", 0)
        assert not is_running(run.number("left"))


def test_a_process_that_left_the_session_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with shim(tmp_path, sys.executable, "-c", LEAVING) as run:
        assert run.messages()[-1]["exit_code"] == 0
        left = run.number("left")
        assert is_running(left)
        # Written when the work had ended, but while its output was still open.
        assert run.log.endswith("\nlate\n")
        os.kill(left, signal.SIGKILL)


def test_a_server_that_does_not_read_never_holds_up_the_log(tmp_path: Path) -> None:
    with shim(tmp_path, sys.executable, "-c", TALKATIVE) as run:
        # Nothing has been read from it so far, and yet all is written.
        assert run.record["exit_code"] == 0
        assert run.log == "said all\n"
        said = run.messages()
        # Of progress the newest is enough; nothing else is left out, and all comes in order.
        assert 1 <= sum(message["t"] == "progress" for message in said) < 15_000
        assert [message["items"] for message in said if message["t"] == "errors"] == [[["x", "y", "z"]]] * 10
        assert said[-2:] == [{"t": "progress", "done": 20_000, "total": 20_000}, {"t": "ended", **run.record}]


def test_progress_is_read_from_lines_overwritten_by_carriage_returns(tmp_path: Path) -> None:
    script = r"printf '\033[32m10%%\033[0m\r20%%\r'; sleep 600"
    with shim(tmp_path, "sh", "-c", script, progress=r"(?P<percent>\d+)%") as run:
        assert run.process.stdout is not None
        lines = (run.process.stdout.readline() for _ in range(9))
        assert any(b'"percent":20.0' in line for line in lines)
        run.say(end="cancel")


def test_a_signal_from_outside_is_not_mistaken_for_a_wish_to_cancel(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo me=$$; exec sleep 600") as run:
        run.number("me")
        os.kill(run.process.pid, signal.SIGTERM)
        assert run.messages()[-1]["reason"] == "terminated"


def test_a_log_that_cannot_be_written_fails_the_work_in_words(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be")
    with shim(tmp_path, "true") as run:
        end = run.messages()[-1]
        assert end["reason"] == "log_failed"
        assert end["error_message"].startswith("The log cannot be written: ")


def test_the_work_gets_no_input_and_only_the_environment_of_its_order(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "cat; env", env={"GREETING": "hello"}) as run:
        run.messages()
        assert "GREETING=hello\n" in run.log
        assert "HOME=" not in run.log


def test_work_in_a_process_group_of_its_own_ends_with_the_session(tmp_path: Path) -> None:
    # `timeout` leaves the group of whoever starts it; job control of shells does the same.
    script = "timeout 600 sh -c 'trap \"\" TERM; echo other=$$; while :; do sleep 0.1; done' & wait"
    with shim(tmp_path, "sh", "-c", script) as run:
        pid = run.number("other")
        assert os.getpgid(pid) != run.process.pid
        run.say(end="cancel")
        run.messages()
        assert run.record["reason"] == "cancelled"
        assert not is_running(pid)


def test_work_whose_server_died_before_it_began_is_never_begun(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo begun", begin=False) as run:
        run.begin(then_die=True)
        (last,) = run.messages()
        assert (last["t"], last["reason"]) == ("ended", "server_gone")
        assert "begun" not in run.log


def test_work_that_recovery_has_given_up_is_never_begun(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo begun", begin=False) as run:
        run.paths.folder.mkdir(parents=True)
        write_record(run.paths.abandoned, {})
        run.begin()
        (last,) = run.messages()
        assert (last["t"], last["reason"]) == ("ended", "server_gone")
        assert "begun" not in run.log


def test_the_shim_leads_its_own_session_with_the_work_in_its_group(tmp_path: Path) -> None:
    with shim(tmp_path, "sh", "-c", "echo me=$$; exec sleep 600") as run:
        pid = run.number("me")
        assert os.getpgid(pid) == os.getsid(pid) == run.process.pid
        assert psutil.Process(pid).ppid() == run.process.pid
        run.let_go()
        run.messages()
