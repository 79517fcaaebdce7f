"""`vpo serve`: starting, refusing to start in one sentence, and stopping in order."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import stat
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from jobs.support import eventually, is_running
from timing import PATIENCE
from vpo_polling.cli.place import running_server
from vpo_polling.cli.serving import _bound
from vpo_polling.jobs.lock import LOOKING, RunnerLock
from vpo_polling.store import NewJob, Store

from cli.conftest import Vpo


def has_address(address: str) -> bool:
    try:
        socket.create_server(
            (address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET
        ).close()
    except OSError:
        return False
    return True


def test_it_says_where_it_is_and_listens_on_both_loopback_addresses(vpo: Vpo) -> None:
    vpo.serve()
    assert vpo.url.startswith("http://localhost:")
    assert vpo.get("/health")["status"] == "healthy"
    port = int(vpo.url.rpartition(":")[2])
    for address in ("127.0.0.1", "::1"):
        if has_address(address):
            socket.create_connection((address, port), timeout=PATIENCE).close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(vpo: Vpo, number: signal.Signals) -> None:
    server = vpo.serve()
    assert running_server(vpo.data_dir) is not None
    server.send_signal(number)
    out, err = server.communicate(timeout=PATIENCE)
    assert (server.returncode, out, err) == (0, "", "")
    assert running_server(vpo.data_dir) is None
    assert not (vpo.data_dir / "server.json").exists()


def test_a_signal_ends_open_streams_in_order_and_the_server_within_five_seconds(vpo: Vpo) -> None:
    server = vpo.serve()
    streams = [
        http.client.HTTPConnection(vpo.url.removeprefix("http://"), timeout=PATIENCE) for _ in range(50)
    ]
    answers = []
    for stream in streams:
        stream.request("GET", "/api/events/jobs")
        answers.append(stream.getresponse())
    for answer in answers:
        while answer.readline() != b"event: jobs_update\n":
            pass
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    for stream, answer in zip(streams, answers, strict=True):
        *_, close, reason, end = answer.read().splitlines()
        assert (close, reason, end) == (b"event: close", b'data: {"reason":"server_shutdown"}', b"")
        stream.close()
    out, err = server.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 5
    assert (server.returncode, out, err) == (0, "", "")


def test_a_signal_answers_held_polls_and_ends_the_server_within_five_seconds(vpo: Vpo) -> None:
    (vpo.folder / "vpo.toml").write_text("max_holds_per_client = 100\n")
    server = vpo.serve()
    host = vpo.url.removeprefix("http://")
    tag = urllib.request.urlopen(f"{vpo.url}/api/jobs", timeout=PATIENCE).headers["etag"]
    polls = [http.client.HTTPConnection(host, timeout=PATIENCE) for _ in range(100)]
    for poll in polls:
        poll.request("GET", "/api/jobs", headers={"If-None-Match": tag, "Prefer": "wait=25"})
    # One that can't be held any more is answered at once: then all the others have arrived.
    full = http.client.HTTPConnection(host, timeout=PATIENCE)
    while True:
        full.request("GET", "/api/jobs", headers={"If-None-Match": tag, "Prefer": "wait=1"})
        answer = full.getresponse()
        answer.read()
        if answer.headers["Preference-Applied"] is None:
            break
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    for poll in polls:
        answer = poll.getresponse()
        assert (answer.status, answer.headers["Preference-Applied"]) == (304, None)
        poll.close()
    full.close()
    out, err = server.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 5
    assert (server.returncode, out, err) == (0, "", "")


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has it")
def test_each_connection_ends_when_a_send_is_blocked_for_ten_seconds() -> None:
    with _bound("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000


def test_who_reads_nothing_keeps_nobody_waiting(vpo: Vpo) -> None:
    vpo.serve()
    host, port = vpo.url.removeprefix("http://").split(":")
    stalled = [socket.create_connection((host, int(port)), timeout=PATIENCE) for _ in range(20)]
    for one in stalled:
        one.sendall(b"GET /jobs HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
    for _ in range(20):
        assert vpo.get("/api/jobs")["total"] == 0
    for one in stalled:
        one.close()


def test_stopping_ends_running_jobs_and_starting_again_goes_on(vpo: Vpo) -> None:
    server = vpo.serve()
    store = Store.open(vpo.data_dir / "vpo.db")
    job_id = store.create_job(NewJob(job_type="command", file_path="waits", options={"command": "waits"}))
    store.close()
    log = vpo.data_dir / "logs" / job_id / "1.log"
    pid = int(eventually(lambda: log.read_text() if log.exists() else "").removeprefix("pid="))
    server.terminate()
    server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert not is_running(pid)
    job = json.loads(vpo("jobs", "show", job_id, "--json").stdout)
    assert (job["status"], job["attempts"][0]["conclusion"]) == ("queued", "interrupted")
    (vpo.folder / "go").touch()
    vpo.serve()
    assert vpo.wait_for_status(job_id, "completed")["attempt"] == 2


def test_a_killed_server_leaves_an_address_that_nobody_believes(vpo: Vpo) -> None:
    server = vpo.serve()
    server.kill()
    server.communicate()
    assert (vpo.data_dir / "server.json").exists()
    assert running_server(vpo.data_dir) is None
    listed = vpo("jobs", "list")
    assert (listed.returncode, listed.stderr) == (0, "0 of 0 jobs\n")


def test_nobody_believes_that_address_either_while_another_command_runs_its_job(vpo: Vpo) -> None:
    server = vpo.serve()
    server.kill()
    server.communicate()
    with RunnerLock(vpo.data_dir, "vpo scan"):
        assert running_server(vpo.data_dir) is None


def test_it_waits_for_another_command_that_looks_at_the_tables(vpo: Vpo) -> None:
    vpo("jobs", "list")
    with RunnerLock(vpo.data_dir, LOOKING):
        server = vpo.start("serve", "--port", "0")
        process = psutil.Process(server.pid)
        eventually(lambda: any(file.path.endswith("runner.lock") for file in process.open_files()))
    assert server.stdout is not None
    assert " is ready: " in server.stdout.readline()


def test_only_its_own_user_may_read_the_address_and_its_token(vpo: Vpo) -> None:
    vpo.serve()
    assert stat.S_IMODE((vpo.data_dir / "server.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(vpo.data_dir.stat().st_mode) == 0o700


def test_a_busy_port_is_one_sentence(vpo: Vpo) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = vpo("serve", "--port", port)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Port {port} is in use by another program; choose another one with --port.\n"


def test_a_second_runner_is_one_sentence_with_the_first_ones_process(vpo: Vpo) -> None:
    server = vpo.serve()
    refused = vpo("serve", "--port", "0")
    assert refused.returncode == 1
    expected = f"The data directory {vpo.data_dir} is in use by vpo serve (process {server.pid}).\n"
    assert refused.stderr == expected


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--data-dir", "/no/such/place/data"],
            "There is no directory /no/such/place for the data directory data.",
        ),
        (["--config", "missing.toml"], "There is no settings file {folder}/missing.toml."),
        (["--port", "99999"], "--port: 99999 can't be used: input should be less than or equal to 65535."),
        (["--host", "0.0.0.0"], None),
        (["--log-level", "loud"], None),
    ],
)
def test_a_wrong_setting_is_one_sentence(vpo: Vpo, arguments: list[str], sentence: str | None) -> None:
    refused = vpo("serve", *arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert "Traceback" not in refused.stderr
    if sentence is not None:
        assert refused.stderr == sentence.format(folder=vpo.folder) + "\n"


def test_a_data_directory_that_is_a_file_is_one_sentence(vpo: Vpo) -> None:
    Path(vpo.data_dir).write_text("a file")
    refused = vpo("serve", "--port", "0")
    assert refused.returncode == 2
    assert refused.stderr == f"The data directory {vpo.data_dir} can't be made: File exists.\n"
