"""Files and directories that are not what they should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import Vpo
from vpo_polling.store import NewJob, Store


def a_file(path: Path) -> None:
    path.write_text("no directory")


def a_loop_of_links(path: Path) -> None:
    path.symlink_to(path)


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to("/no/such/place")


@pytest.mark.parametrize("odd", [a_file, a_loop_of_links, a_link_to_nowhere])
def test_where_no_log_can_be_written_a_job_fails_and_says_why(vpo: Vpo, odd: Callable[[Path], None]) -> None:
    vpo.serve()
    odd(vpo.data_dir / "logs")
    store = Store.open(vpo.data_dir / "vpo.db")
    options = {"command": "waits"}
    job_id = store.create_job(NewJob(job_type="command", file_path="waits", options=options))
    store.close()
    job = vpo.wait_for_status(job_id, "failed")
    assert str(job["error_message"]).startswith("The log cannot be written: ")
    assert vpo.get("/health")["status"] == "healthy"
    assert vpo.get(f"/api/jobs/{job_id}")["status"] == "failed"
    assert vpo.get(f"/api/jobs/{job_id}/logs?start=0")["text"] == ""
    shown = vpo("jobs", "logs", job_id)
    assert (shown.returncode, "Traceback" in shown.stderr) == (0, False)


@pytest.mark.parametrize("left", ["{", '{"pid": 1, "url": 7}'])
def test_what_a_dead_server_left_behind_keeps_nobody_from_starting(vpo: Vpo, left: str) -> None:
    vpo.data_dir.mkdir()
    (vpo.data_dir / "runner.lock").write_text(left)
    (vpo.data_dir / "server.json").write_text(left)
    listed = vpo("jobs", "list")
    assert (listed.returncode, listed.stderr) == (0, "0 of 0 jobs\n")
    vpo.serve()
    assert vpo.get("/health")["status"] == "healthy"
