"""`vpo jobs`: what there is, and one of it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from vpo_polling.amounts import percent_text
from vpo_polling.cli import log, prune, steer
from vpo_polling.cli.complete import complete_status, complete_type
from vpo_polling.cli.find import find_job
from vpo_polling.cli.options import Config, DataDir, JobId, Json, settings_from
from vpo_polling.cli.output import USAGE, as_json, exit_code, fail, note, one_sentence, result
from vpo_polling.cli.place import opened
from vpo_polling.cli.table import local, rows
from vpo_polling.cli.terminal import coloured
from vpo_polling.jobs.printable import printable
from vpo_polling.store import JOB_TYPES, STATUSES, ListQuery, Store

app = typer.Typer(help="See and steer jobs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_jobs(
    status: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(STATUSES)}.", metavar="STATUS", autocompletion=complete_status),
    ] = None,
    job_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="Such as scan or command, or a word of a program's own.",
            metavar="TYPE",
            autocompletion=complete_type,
        ),
    ] = None,
    search: Annotated[str | None, typer.Option(help="Part of the path.", metavar="TEXT")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.", metavar="N")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out.", metavar="N")] = 0,
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """List jobs, newest first.

    On a terminal the table is as wide as that; elsewhere each line has the whole path.

    \b
    Examples:
      vpo jobs list --status failed --limit 5
      vpo jobs list --type scan --json
    """
    if status is not None and status not in STATUSES:
        fail(f"{status!r} is none of {', '.join(STATUSES)}.", USAGE)
    query = ListQuery(status=status, type=job_type, search=search, limit=limit, offset=offset)
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        _check_type(store, job_type)
        page = store.read(query)[0] or {}
        if json:
            as_json(page)
            return
        for line in rows(page["jobs"], sys.stdout):
            result(line)
        note(f"{len(page['jobs'])} of {page['total']} jobs")


def _check_type(store: Store, wanted: str | None) -> None:
    if wanted is None or wanted in JOB_TYPES:
        return
    others = [name for name in store.job_types() if name not in JOB_TYPES]
    if wanted not in others:
        fail(f"{wanted!r} is none of {', '.join([*JOB_TYPES, *others])}.", USAGE)


@app.command()
def show(job_id: JobId, json: Json = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Show one job with its attempts.

    The exit code is the job's; 4 while it has not finished.

    \b
    Example:
      vpo jobs show 3f2a91c0 --json
    """
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        job = find_job(store, job_id)
        if json:
            as_json(job)
        else:
            _describe(job)
        raise typer.Exit(exit_code(job))


def _describe(job: dict[str, Any]) -> None:
    counts = f" ({job['processed_count']} of {job['total_count']})" if job["total_count"] else ""
    state = job["status"] if job["conclusion"] is None else f"{job['status']}, {job['conclusion']}"
    facts = {
        "id": job["id"],
        "type": printable(job["job_type"]),
        "path": printable(job["file_path"]),
        "status": coloured(printable(state), job["conclusion"] or job["status"], sys.stdout),
        "waiting": printable(job["waiting_reason"] or ""),
        "progress": f"{percent_text(job['progress_percent'])}{counts}",
        "message": printable(job["progress_message"] or ""),
        "created": local(job["created_at"]),
        "summary": printable(job["summary"] or ""),
        "error": printable(job["error_message"] or ""),
    }
    for name, value in facts.items():
        if value:
            result(f"{name + ':':<10}{value}")
    for attempt in job["attempts"]:
        began = local(attempt["started_at"])
        ended = local(attempt["completed_at"]) if attempt["completed_at"] else "now"
        how = printable(attempt["conclusion"] or attempt["status"])
        result(f"attempt {attempt['number']}: {how}, {began} to {ended}")


app.command("logs")(log.logs)
app.command("cancel")(steer.cancel)
app.command("retry")(steer.retry)
app.command("prune")(prune.prune)
