"""Fixed jobs in every state, for the pictures of the docs and the tests of how pages look.

`sample_jobs.py DATA_DIR OLD` fills the store of a running server with them and with OLD finished ones, prints
the jobs' ids as one line of JSON, and goes on as the program that reports the running ones until its standard
input is closed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

from vpo_polling.data_dir import open_store
from vpo_polling.jobs import process
from vpo_polling.jobs.masking import Masker
from vpo_polling.jobs.own_log import OwnLog
from vpo_polling.jobs.protocol import Ending as ToldEnding
from vpo_polling.jobs.tracking import track
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import load
from vpo_polling.store import Ending, NewJob, OwnProcess, Progress, Store, now_ms

MINUTE_MS = 60_000
LONG_NAME = (
    "/media/films/The.Lighthouse.Keepers.Directors.Cut.2026.2160p.UHD.BluRay.HDR10.DV.TrueHD.Atmos.7.1"
    "-with-commentary-and-every-extra.mkv"
)
RIGHT_TO_LEFT = "/media/موسيقى/تسجيل الميناء ليلا في الشتاء.flac"
UNREADABLE = [
    ("harbour/night/harbour-0053.wav", "The file ends inside its header."),
    ("harbour/night/harbour-0106.wav", "This is no WAV file: it begins with 00 00 00 00."),
    ("<b>market</b>/noon/two\nlines.wav", "Permission denied."),
]
DONE = Ending(status="completed", conclusion="success", exit_code=0)
FAILED = Ending(
    status="failed",
    conclusion="failure",
    exit_code=1,
    error_message="moov atom not found: the file is cut off.",
)
CANCELLED = Ending(status="cancelled", conclusion="cancelled")
TIMED_OUT = Ending(status="failed", conclusion="timed_out", error_message="It took longer than 30 min.")


def build_log(files: int) -> Iterator[str]:
    """What a build tool would write: times, groups, colours, an error."""
    stamp = "2026-11-20T08:{:02}:{:02}.000Z"
    yield f"{stamp.format(0, 0)} ##[group]Prepare"
    yield f"{stamp.format(0, 1)} \x1b[36mReading\x1b[0m the settings of 3 profiles"
    yield f"{stamp.format(0, 2)} ##[endgroup]"
    for number in range(files):
        at = stamp.format(number // 60 % 60, number % 60)
        if number % 53 == 52:
            yield f"{at} \x1b[1;33mwarning\x1b[0m scene-{number:04}.mkv has no chapters"
        yield f"{at} \x1b[32m✓\x1b[0m scene-{number:04}.mkv  \x1b[2m{1800 + number * 37 % 900} kbit/s\x1b[0m"
    yield f"{stamp.format(59, 0)} ##[error]scene-0999.mkv could not be read; it is tried again at the end"


class Samples:
    def __init__(self, store: Store, data_dir: Path) -> None:
        self._store = store
        self._data_dir = data_dir
        self._now = now_ms()
        me = process.started_at(os.getpid()) or 0.0
        self._me = OwnProcess(pid=os.getpid(), started=me)

    def ended(
        self, kind: str, path: str, ago: float, took: float, ending: Ending = DONE, count: int = 0
    ) -> str:
        """A job that began `ago` minutes ago and took so many."""
        began = self._now - int(ago * MINUTE_MS)
        job_id = self._store.create_job(NewJob(job_type=kind, file_path=path), now=began)
        self._run(job_id, 1, began, took, ending, count)
        return job_id

    def retried(self, kind: str, path: str, ago: float) -> str:
        """Its first attempt was interrupted, the second one went on and failed."""
        began = self._now - int(ago * MINUTE_MS)
        job_id = self._store.create_job(
            NewJob(job_type=kind, file_path=path, policy_name="keep-lossless"), now=began
        )
        self._store.claim_next(now=began, only=job_id)
        self._store.interrupt(job_id, 1, now=began + MINUTE_MS, requeue=True)
        self._run(job_id, 2, began + 2 * MINUTE_MS, 3, FAILED, 1204)
        errors = [(path, path.rpartition("/")[2], error) for path, error in UNREADABLE]
        self._store.add_scan_errors(job_id, 2, errors)
        return job_id

    def _run(self, job_id: str, attempt: int, began: int, took: float, ending: Ending, count: int) -> None:
        self._store.claim_next(now=began, only=job_id)
        if count:
            self._write_log(job_id, attempt, began, ending)
            share = count if ending is DONE else count // 3
            self._store.report([Progress(job_id=job_id, attempt=attempt, processed=share, total=count)])
        self._store.finish(job_id, attempt, ending, now=began + int(took * MINUTE_MS))

    def _write_log(self, job_id: str, attempt: int, began: int, ending: Ending) -> None:
        self._store.set_process(job_id, attempt, pid=self._me.pid, process_started=self._me.started)
        log = OwnLog(LogPaths.of(self._data_dir, job_id, attempt), Masker([]))
        for line in build_log(80):
            log.line(line)
        log.close(ToldEnding("exited", ending.exit_code, None, ending.error_message, None, None, began))


def fill(store: Store, samples: Samples, old: int) -> dict[str, str]:
    random = Random(4)  # noqa: S311 - the same picture each time, no secret
    for number in range(old):
        ending = FAILED if number % 9 == 4 else DONE
        path = f"/media/archive/2026-{number % 12 + 1:02}/session {number:02}.flac"
        samples.ended("transcode", path, 90 + number * 19 % 1300, 1 + random.random() * 9, ending)
    samples.ended("scan", "/media/archive/Harbour sessions", 74, 5.4, count=1204)
    samples.ended("prune", "/media/archive", 61, 0.2)
    samples.ended("apply", "/media/Donaudampfschifffahrtsgesellschaftskapitänsmütze.mkv", 55, 2, TIMED_OUT)
    broken = samples.retried("scan", "/media/archive/Market <i>field recordings & more", 48)
    samples.ended("transcode", RIGHT_TO_LEFT, 41, 4.2)
    samples.ended("move", "/media/inbox/a", 33, 0.1, CANCELLED)
    done = samples.ended("process", LONG_NAME, 26, 11.5, count=3)
    samples.ended("command", "nightly-backup --all --verify", 12, 7.1, count=640)
    waiting = [
        store.create_job(
            NewJob(job_type="transcode", file_path=f"/media/films/Episode {number}.mkv", priority=200)
        )
        for number in (3, 4)
    ]
    return {"broken": broken, "done": done, "queued": waiting[0]}


def main() -> None:
    settings = load({"data_dir": Path(sys.argv[1])})
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings)))
        ids = fill(store, Samples(store, settings.data_dir), int(sys.argv[2]))
        here = settings.data_dir
        scan = stack.enter_context(track("scan", target="/media/archive", total=2000, data_dir=here))
        scan.progress(430)
        film = stack.enter_context(track("transcode", target=LONG_NAME, total=1000, data_dir=here))
        for line in build_log(620):
            film.log(line)
        film.progress(620, message="Second pass of two")
        print(json.dumps({**ids, "running": film.id}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
