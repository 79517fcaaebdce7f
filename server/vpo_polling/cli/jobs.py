"""`vpo jobs`: list, show, logs, cancel, retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from vpo_polling import logs as log_files
from vpo_polling.amounts import percent_text
from vpo_polling.cli.find import find_job
from vpo_polling.cli.follow import follow
from vpo_polling.cli.options import Config, DataDir, JobId, Json, settings_from
from vpo_polling.cli.output import LOST, USAGE, as_json, exit_code, fail, log_text, note, one_sentence, result
from vpo_polling.cli.place import ApiRefused, opened, running_server
from vpo_polling.jobs.lock import is_held
from vpo_polling.jobs.printable import printable
from vpo_polling.settings import Settings
from vpo_polling.store import JOB_TYPES, STATUSES, TERMINAL, ListQuery, Store, now_ms

app = typer.Typer(help="See and steer jobs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_jobs(
    status: Annotated[str | None, typer.Option(help=f"One of {', '.join(STATUSES)}.")] = None,
    job_type: Annotated[str | None, typer.Option("--type", help=f"One of {', '.join(JOB_TYPES)}.")] = None,
    search: Annotated[str | None, typer.Option(help="Part of the path.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out.")] = 0,
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """List jobs, newest first.

    Example: vpo jobs list --status failed --limit 5
    """
    for given, known in ((status, STATUSES), (job_type, JOB_TYPES)):
        if given is not None and given not in known:
            fail(f"{given!r} is none of {', '.join(known)}.", USAGE)
    query = ListQuery(status=status, type=job_type, search=search, limit=limit, offset=offset)
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        page = store.read(query)[0] or {}
        if json:
            as_json(page)
            return
        for job in page["jobs"]:
            result(_row(job))
        note(f"{len(page['jobs'])} of {page['total']} jobs")


def _row(job: dict[str, Any]) -> str:
    state = job["status"] if job["conclusion"] in (None, "success", job["status"]) else job["conclusion"]
    return (
        f"{printable(job['id'][:8])}  {_local(job['created_at'])}  "
        f"{printable(job['job_type']):<9}  {printable(state):<15}  "
        f"{percent_text(job['progress_percent']):>4}  {printable(job['file_path'])}"
    )


@app.command()
def show(job_id: JobId, json: Json = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Show one job with its attempts. The exit code is the job's; 4 while it has not finished."""
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        job = find_job(store, job_id)
        if json:
            as_json(job)
        else:
            _describe(job)
        raise typer.Exit(exit_code(job))


def _describe(job: dict[str, Any]) -> None:
    counts = f" ({job['processed_count']} of {job['total_count']})" if job["total_count"] else ""
    rows = {
        "id": job["id"],
        "type": printable(job["job_type"]),
        "path": printable(job["file_path"]),
        "status": printable(", ".join(filter(None, (job["status"], job["conclusion"])))),
        "progress": f"{percent_text(job['progress_percent'])}{counts}",
        "created": _local(job["created_at"]),
        "summary": printable(job["summary"] or ""),
        "error": printable(job["error_message"] or ""),
    }
    for name, value in rows.items():
        if value:
            result(f"{name + ':':<10}{value}")
    for attempt in job["attempts"]:
        began = _local(attempt["started_at"])
        ended = _local(attempt["completed_at"]) if attempt["completed_at"] else "now"
        how = printable(attempt["conclusion"] or attempt["status"])
        result(f"attempt {attempt['number']}: {how}, {began} to {ended}")


@app.command()
def logs(
    job_id: JobId,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job ends.")] = False,
    attempt: Annotated[int | None, typer.Option(help="Which attempt; the last one by default.")] = None,
    tail: Annotated[
        int | None, typer.Option(min=1, help="Only about the last BYTES.", metavar="BYTES")
    ] = None,
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Print a job's log.

    With --follow the exit code is the job's.

    Example: vpo jobs logs 3f2a91c0 --tail 4000 --follow
    """
    settings = None
    with one_sentence():
        settings = settings_from(data_dir, config)
        with opened(settings) as store:
            job = find_job(store, job_id)
            start = "0" if tail is None else str(-tail)
            if following and attempt is None:
                last = max((row["number"] for row in job["attempts"]), default=1)
                raise typer.Exit(exit_code(follow(store, settings, job["id"], tail=start, first=last)))
            _print_log(settings, job, attempt, start, json=json)


def _print_log(
    settings: Settings, job: dict[str, Any], attempt: int | None, start: str, *, json: bool
) -> None:
    ended = {row["number"]: row["status"] in TERMINAL for row in job["attempts"]}
    number = max(ended, default=0) if attempt is None else attempt
    if number not in ended:
        fail(f"The job has no attempt {number}." if ended else "The job has not started yet.", LOST)
    asked = {"start": start}
    while True:
        answer = log_files.read(settings, job["id"], number, asked, ended[number])
        if json:
            as_json(answer)
        else:
            log_text(answer["text"])
        if not answer["more"]:
            return
        asked = {"gen": answer["gen"], "start": str(answer["end"])}


@app.command()
def cancel(
    job_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Jobs to end.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Cancel jobs that wait or run."""

    def directly(store: Store, job_id: str) -> str | None:
        return (
            "The job has already ended" if store.request_cancel(job_id, now=now_ms()) == "finished" else None
        )

    with one_sentence():
        _act(settings_from(data_dir, config), job_ids, "cancel", directly)


@app.command()
def retry(
    job_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Jobs to run once more.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Queue jobs that have ended for another attempt."""

    def directly(store: Store, job_id: str) -> str | None:
        return None if store.retry(job_id) else "The job has not ended yet"

    with one_sentence():
        settings = settings_from(data_dir, config)
        _act(settings, job_ids, "retry", directly)
        if not is_held(settings.data_dir):
            note("No server runs on this data directory; the jobs wait until one is started.")


def _act(
    settings: Settings, job_ids: list[str], action: str, directly: Callable[[Store, str], str | None]
) -> None:
    """Through the server when one runs, else in the store. The first refusal decides the exit code."""
    refused = False
    with opened(settings) as store:
        for job in [find_job(store, given) for given in job_ids]:
            server = running_server(settings.data_dir)
            try:
                why = directly(store, job["id"]) if server is None else None
                if server is not None:
                    server.post(f"/api/jobs/{job['id']}/{action}")
            except ApiRefused as error:
                why = str(error)
            refused = refused or why is not None
            note(f"{job['id_short']}: {why}." if why else f"{job['id_short']}: {action} requested.")
    if refused:
        raise typer.Exit(1)


def _local(instant: str | None) -> str:
    if instant is None:
        return "-"
    return f"{datetime.fromisoformat(instant.replace('Z', '+00:00')).astimezone():%Y-%m-%d %H:%M:%S}"
