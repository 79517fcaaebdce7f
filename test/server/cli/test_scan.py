"""`vpo scan`, with and without a server."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from jobs.support import eventually
from timing import PATIENCE
from vpo_polling.jobs.lock import is_held

from cli.conftest import Vpo

SUMMARY = "4 files, 48 kB, 3 s of media, 1 error\n"


def make_it_last(media: Path, files: int) -> None:
    """More files than can be read before a signal arrives."""
    first = (media / "0.wav").read_bytes()
    for number in range(files):
        (media / f"more-{number}.wav").write_bytes(first)


def test_without_a_server_it_runs_the_scan_itself_and_prints_its_log(vpo: Vpo, media: Path) -> None:
    scanned = vpo("scan", "media")
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert scanned.stdout.startswith(f"Scanning {media}\nFound 4 media files\n[1/4] ok    0.wav  Wave/PCM")
    assert scanned.stdout.endswith(SUMMARY)
    job = vpo.only_job()
    assert (job["status"], job["file_path"]) == ("completed", str(media))
    assert not is_held(vpo.data_dir)
    assert vpo("jobs", "logs", str(job["id"])).stdout == scanned.stdout


def test_with_a_server_it_follows_what_the_server_runs(vpo: Vpo, media: Path) -> None:
    vpo.serve()
    scanned = vpo("scan", "media")
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert scanned.stdout.endswith(SUMMARY)
    assert vpo.get("/api/jobs")["jobs"][0]["status"] == "completed"


def test_in_the_background_it_prints_the_id_and_returns(vpo: Vpo, media: Path) -> None:
    vpo.serve()
    started = vpo("scan", "media", "--async")
    assert (started.returncode, started.stderr) == (0, "")
    job_id = started.stdout.removesuffix("\n")
    assert vpo.wait_for_status(job_id, "completed")["id"] == job_id
    followed = vpo("jobs", "logs", job_id[:8], "--follow")
    assert (followed.returncode, followed.stdout[-len(SUMMARY) :]) == (0, SUMMARY)


def test_in_the_background_without_a_server_the_job_waits_for_one(vpo: Vpo, media: Path) -> None:
    started = vpo("scan", "media", "--async")
    assert started.returncode == 0
    assert "the job waits until one is started" in started.stderr
    assert vpo.only_job()["status"] == "queued"
    vpo.serve()
    vpo.wait_for_status(started.stdout.strip(), "completed")


def test_the_roots_for_browsers_do_not_bind_the_local_command_line(vpo: Vpo, media: Path) -> None:
    inside = vpo.folder / "inside"
    inside.mkdir()
    (vpo.folder / "vpo.toml").write_text('scan_roots = ["inside"]\n')
    vpo.serve()
    scanned = vpo("scan", "media")
    assert (scanned.returncode, scanned.stdout[-len(SUMMARY) :]) == (0, SUMMARY)
    assert vpo.only_job()["file_path"] == str(media)


def test_a_directory_whose_name_is_no_utf8_is_scanned(vpo: Vpo, media: Path) -> None:
    try:
        odd = os.fsencode(vpo.folder) + b"/odd-\xff"
        os.rename(media, odd)
    except OSError:
        odd = os.fsencode(media)
    vpo.serve()
    scanned = vpo("scan", os.fsdecode(odd))
    assert (scanned.returncode, scanned.stdout[-len(SUMMARY) :]) == (0, SUMMARY)
    job = vpo.get("/api/jobs")["jobs"][0]
    assert job["status"] == "completed"
    assert job["file_path"].startswith(str(vpo.folder))


def test_a_directory_that_is_not_there_is_one_sentence(vpo: Vpo) -> None:
    refused = vpo("scan", "nowhere")
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", "There is no directory nowhere.\n")
    assert not vpo.data_dir.exists()


def test_ctrl_c_cancels_a_scan_that_runs_here(vpo: Vpo, media: Path) -> None:
    make_it_last(media, 500)
    scan = vpo.start("scan", "media", "--levels")
    eventually(lambda: list(vpo.data_dir.glob("logs/*/1.log")))
    assert scan.stdout is not None
    assert scan.stdout.readline().startswith("Scanning ")
    scan.send_signal(signal.SIGINT)
    _, err = scan.communicate(timeout=PATIENCE)
    assert (scan.returncode, err) == (3, "Cancelling …\nThe job was cancelled.\n")
    assert vpo.only_job()["status"] == "cancelled"


def test_ctrl_c_stops_following_a_server_and_leaves_the_job_alone(vpo: Vpo, media: Path) -> None:
    make_it_last(media, 800)
    vpo.serve()
    scan = vpo.start("scan", "media")
    assert scan.stdout is not None
    assert scan.stdout.readline().startswith("Scanning ")
    scan.send_signal(signal.SIGINT)
    _, err = scan.communicate(timeout=PATIENCE)
    assert "The job goes on" in err
    assert scan.returncode == 4
    assert vpo.wait_for_status(str(vpo.only_job()["id"]), "completed")


def test_a_scan_whose_server_is_killed_is_taken_over(vpo: Vpo, media: Path) -> None:
    make_it_last(media, 800)
    server = vpo.serve()
    scan = vpo.start("scan", "media")
    assert scan.stdout is not None
    assert scan.stdout.readline().startswith("Scanning ")
    server.kill()
    server.communicate()
    out, err = scan.communicate(timeout=60)
    assert scan.returncode == 0
    assert err.endswith("The job goes on as attempt 2:\n")
    assert out.endswith("804 files, 12 MB, 13 min 23 s of media, 1 error\n")
