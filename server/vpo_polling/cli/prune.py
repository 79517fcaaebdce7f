"""`vpo jobs prune`: what has ended long enough ago goes, with its logs."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from vpo_polling.amounts import size_text
from vpo_polling.cli.complete import complete_finished_status
from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import USAGE, as_json, fail, one_sentence, result
from vpo_polling.cli.place import ApiRefused, Server, opened, running_server
from vpo_polling.jobs import pruning
from vpo_polling.store import TERMINAL, now_ms

_UNITS = {"min": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}


def prune(
    older_than: Annotated[
        str | None,
        typer.Option(help="Jobs that ended longer ago: 90min, 12h, 30d, 8w.", metavar="AGE"),
    ] = None,
    keep: Annotated[int | None, typer.Option(min=0, help="Not the newest N of them.", metavar="N")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only {', '.join(TERMINAL)}; may be repeated.",
            metavar="STATUS",
            autocompletion=complete_finished_status,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help='Print JSON: {"jobs", "leftovers", "bytes", "dry_run"}.')
    ] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Delete jobs that have ended, and their logs.

    Jobs that wait or run are never touched. Logs whose job was deleted earlier go too.

    \b
    Examples:
      vpo jobs prune --older-than 30d --dry-run
      vpo jobs prune --older-than 7d --keep 100 --status completed
      vpo jobs prune --keep 0          everything that has ended
    """
    if older_than is None and keep is None and not status:
        fail("Say which jobs may go: --older-than 30d, --keep 100 or --status failed.", USAGE)
    for word in status or ():
        if word not in TERMINAL:
            fail(f"{word!r} is none of {', '.join(TERMINAL)}.", USAGE)
    rule = pruning.Rule(
        older_than_ms=None if older_than is None else _milliseconds(older_than),
        # A status alone means all of that status.
        keep=0 if keep is None and older_than is None else keep,
        statuses=tuple(status) if status else TERMINAL,
    )
    with one_sentence():
        settings = settings_from(data_dir, config)
        with opened(settings) as store:
            server = running_server(settings.data_dir)
            pruned = pruning.prune(
                store,
                settings.data_dir,
                rule,
                now=now_ms(),
                delete=None if server is None else lambda job_id: _through(server, job_id),
                dry_run=dry_run,
            )
        if json:
            as_json({**vars(pruned), "dry_run": dry_run})
        else:
            result(_sentence(pruned, dry_run=dry_run))


def _milliseconds(age: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6}) ?(min|h|d|w)", age.strip())
    if found is None:
        fail(f"{age!r} is no age: use a number with min, h, d or w, such as 30d.", USAGE)
    return int(found[1]) * _UNITS[found[2]] * 1000


def _through(server: Server, job_id: str) -> bool:
    try:
        server.delete(f"/api/jobs/{job_id}")
    except ApiRefused:
        # Deleted or begun again meanwhile, both of which are somebody's wish.
        return False
    return True


def _sentence(pruned: pruning.Pruned, *, dry_run: bool) -> str:
    jobs = f"{pruned.jobs} {'job' if pruned.jobs == 1 else 'jobs'}"
    logs = f" and {pruned.leftovers} logs without a job" if pruned.leftovers else ""
    return f"{'Would delete' if dry_run else 'Deleted'} {jobs}{logs}, {size_text(pruned.bytes)}."
