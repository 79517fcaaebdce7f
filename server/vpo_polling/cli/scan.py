"""`vpo scan`: through the running server, else as the runner of this one job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import FAILED, USAGE, fail, one_sentence
from vpo_polling.cli.place import ApiRefused, opened, running_server
from vpo_polling.cli.watch import InBackground, Json, leave_to_server, see_through
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.settings import Settings
from vpo_polling.store import NewJob, Store

FORBIDDEN = 403


def scan(
    directory: Annotated[
        Path, typer.Argument(help="The directory to scan, with all below it.", metavar="DIR")
    ],
    in_background: InBackground = False,
    levels: Annotated[
        bool, typer.Option("--levels", help="Also measure how loud WAV files are (takes much longer).")
    ] = False,
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Scan a directory for media files.

    Reads container, codecs, duration and size of each. Files that can't be read are listed as errors of the
    scan; it succeeds all the same.

    The log is followed to the end, and the exit code is the job's. Ctrl-C cancels the scan, or, when a server
    runs it, only stops following.

    \b
    Examples:
      vpo scan ~/Music
      vpo scan ~/Music --async --data-dir /srv/vpo
      vpo scan ~/Music --json | tail -n 1
    """
    with one_sentence():
        settings = settings_from(data_dir, config)
        path = _directory(directory)
        with opened(settings) as store:
            job_id = _create(store, settings, path, levels=levels)
            if in_background:
                leave_to_server(store, settings, job_id, json=json)
                return
            raise typer.Exit(see_through(store, settings, job_id, json=json))


def _directory(given: Path) -> str:
    path = os.path.realpath(given)
    if not os.path.isdir(path):
        fail(f"There is no directory {printable(str(given))}.", USAGE)
    return path


def _create(store: Store, settings: Settings, path: str, *, levels: bool) -> str:
    server = running_server(settings.data_dir)
    # HTTP can't carry a name that is not UTF-8, nor ask for levels.
    if server is not None and not levels and valid(path) == path:
        try:
            return str(server.post("/api/jobs", {"type": "scan", "path": path})["id"])
        except ApiRefused as error:
            # The server's `scan_roots` bind HTTP; whoever is logged in here may scan what they can read.
            if error.status != FORBIDDEN:
                fail(f"The server refused the scan: {error}.", FAILED)
    options = {"path": path, "levels": levels}
    return store.create_job(NewJob(job_type="scan", file_path=valid(path), options=options))
