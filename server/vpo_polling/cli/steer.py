"""`vpo jobs cancel` and `vpo jobs retry`: through the server when one runs, else in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from vpo_polling.cli.complete import complete_active, complete_ended
from vpo_polling.cli.find import NoJob, look_up
from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import FAILED, LOST, SUCCESS, as_json, note, one_sentence, worst
from vpo_polling.cli.place import ApiRefused, opened, running_server
from vpo_polling.jobs.lock import is_held
from vpo_polling.settings import Settings
from vpo_polling.store import WHY_NO_CANCEL, Store, now_ms, why_no_retry

NOT_FOUND = 404

Json = Annotated[
    bool, typer.Option("--json", help='Print JSON: a list with {"id", "done", "error"} for each job.')
]


@dataclass(frozen=True)
class Outcome:
    id: str
    code: int = SUCCESS
    error: str | None = None

    @property
    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "done": self.error is None, "error": self.error}


def cancel(
    job_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Jobs to end.", autocompletion=complete_active)
    ],
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Cancel jobs that wait or run.

    What runs is ended within seconds; a program that reports a job of its own is only asked to stop.

    \b
    Example:
      vpo jobs cancel 3f2a91c0 77b01d2e
    """

    def directly(store: Store, job: dict[str, Any]) -> str | None:
        return WHY_NO_CANCEL.get(store.request_cancel(job["id"], now=now_ms()))

    with one_sentence():
        outcomes = _act(settings_from(data_dir, config), job_ids, "cancel", directly)
        _tell(outcomes, "cancel", json=json)
    raise typer.Exit(worst(outcome.code for outcome in outcomes))


def retry(
    job_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Jobs to run once more.", autocompletion=complete_ended)
    ],
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Queue jobs that have ended for another attempt.

    \b
    Example:
      vpo jobs retry 3f2a91c0
    """

    def directly(store: Store, job: dict[str, Any]) -> str | None:
        return None if store.retry(job["id"]) else why_no_retry(store.get_job(job["id"]) or job)

    with one_sentence():
        settings = settings_from(data_dir, config)
        outcomes = _act(settings, job_ids, "retry", directly)
        _tell(outcomes, "retry", json=json)
        if any(outcome.error is None for outcome in outcomes) and not is_held(settings.data_dir):
            note("No server runs on this data directory; the jobs wait until one is started.")
    raise typer.Exit(worst(outcome.code for outcome in outcomes))


def _act(
    settings: Settings,
    job_ids: list[str],
    action: str,
    directly: Callable[[Store, dict[str, Any]], str | None],
) -> list[Outcome]:
    """Each of the jobs, whatever becomes of the others."""
    with opened(settings) as store:
        return [_one(store, settings.data_dir, given, action, directly) for given in job_ids]


def _one(
    store: Store,
    data_dir: Path,
    given: str,
    action: str,
    directly: Callable[[Store, dict[str, Any]], str | None],
) -> Outcome:
    try:
        job = look_up(store, given)
    except NoJob as error:
        return Outcome(given, error.code, str(error).removesuffix("."))
    server = running_server(data_dir)
    try:
        if server is not None:
            server.post(f"/api/jobs/{job['id']}/{action}")
            return Outcome(job["id"])
    except ApiRefused as error:
        return Outcome(job["id"], LOST if error.status == NOT_FOUND else FAILED, str(error))
    why = directly(store, job)
    return Outcome(job["id"], SUCCESS if why is None else FAILED, why)


def _tell(outcomes: list[Outcome], action: str, *, json: bool) -> None:
    if json:
        as_json([outcome.shown for outcome in outcomes])
        return
    for outcome in outcomes:
        note(f"{outcome.id[:8]}: {outcome.error or f'{action} requested'}.")
