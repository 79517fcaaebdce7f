"""`vpo jobs logs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vpo_polling import logs as log_files
from vpo_polling.cli.find import find_job
from vpo_polling.cli.follow import Follower, ForPeople, ForPrograms, follow
from vpo_polling.cli.options import Config, DataDir, JobId, settings_from
from vpo_polling.cli.output import LOST, USAGE, as_json, fail, log_text, one_sentence
from vpo_polling.cli.place import opened
from vpo_polling.settings import Settings
from vpo_polling.store import TERMINAL


def logs(
    job_id: JobId,
    following: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job ends, with its later attempts too.")
    ] = False,
    attempt: Annotated[
        int | None, typer.Option(help="Which attempt; the last one by default.", metavar="N")
    ] = None,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", min=1, help="Only the last N lines.", metavar="N")
    ] = None,
    tail: Annotated[
        int | None, typer.Option(min=1, help="Only about the last BYTES.", metavar="BYTES")
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help='Print JSON, as the HTTP interface answers it. With --follow one object a line: {"attempt", '
            '"log"} for each line of the log, last the job\'s record.',
        ),
    ] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Print a job's log.

    With --follow the exit code is the job's.

    \b
    Examples:
      vpo jobs logs 3f2a91c0 --lines 20
      vpo jobs logs 3f2a91c0 --follow
      vpo jobs logs 3f2a91c0 --attempt 1
    """
    if lines is not None and tail is not None:
        fail("Use either --lines or --tail.", USAGE)
    with one_sentence():
        settings = settings_from(data_dir, config)
        with opened(settings) as store:
            job = find_job(store, job_id)
            number, ended = _attempt(job, attempt, waiting_is_fine=following)
            start = {"start": "0" if tail is None else str(-tail)}
            if lines is not None:
                start = {"line": str(_line_from_the_end(settings, job["id"], number, lines, ended=ended))}
            if not following:
                _print(settings, job["id"], number, start, ended=ended, json=json)
                return
            telling = ForPrograms() if json else ForPeople(with_reason=False)
            follower = Follower(store, settings, job["id"], telling, start=start, first=number)
            raise typer.Exit(telling.end(job["id"], follow(follower)))


def _attempt(job: Mapping[str, Any], wanted: int | None, *, waiting_is_fine: bool) -> tuple[int, bool]:
    """Its number, and whether it has ended."""
    ended = {row["number"]: row["status"] in TERMINAL for row in job["attempts"]}
    if not ended and waiting_is_fine and wanted in (None, 1):
        return 1, False
    number = max(ended, default=0) if wanted is None else wanted
    if number not in ended:
        fail(f"The job has no attempt {number}." if ended else "The job has not started yet.", LOST)
    return number, ended[number]


def _line_from_the_end(settings: Settings, job_id: str, attempt: int, count: int, *, ended: bool) -> int:
    total: int = log_files.read(settings, job_id, attempt, {"lines": "1"}, ended)["total_lines"]
    return max(1, total - count + 1)


def _print(
    settings: Settings, job_id: str, attempt: int, start: Mapping[str, str], *, ended: bool, json: bool
) -> None:
    asked = start
    whole: dict[str, Any] = {}
    texts: list[str] = []
    while True:
        answer = log_files.read(settings, job_id, attempt, asked, ended)
        if json:
            # One document, however many pieces it is read in.
            whole = {**answer, **{name: whole[name] for name in ("start", "first_line") if name in whole}}
            texts.append(answer["text"])
        else:
            log_text(answer["text"])
        if not answer["more"]:
            break
        asked = {"gen": answer["gen"], "start": str(answer["end"])}
    if json:
        as_json({**whole, "attempt": attempt, "text": "".join(texts)})
