"""`vpo serve`: the pages, the HTTP interface and the runner in one process."""

from __future__ import annotations

from typing import Annotated

import typer

from vpo_polling.cli.options import Config, DataDir
from vpo_polling.cli.output import one_sentence
from vpo_polling.data_dir import prepare
from vpo_polling.settings import load


def serve(
    host: Annotated[
        str | None,
        typer.Option(
            help="The address to listen on; any but this machine's own needs VPO_AUTH_TOKEN.",
            show_default="localhost",
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port; 0 picks a free one.", show_default="8080")
    ] = None,
    data_dir: DataDir = None,
    log_level: Annotated[
        str | None,
        typer.Option(help="debug, info, warning or error.", show_default="info"),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many jobs run at a time.", show_default="2")
    ] = None,
    config: Config = None,
) -> None:
    """Serve the job pages and run the jobs.

    Flags win over VPO_* environment variables, which win over vpo.toml. Ctrl-C stops in order: running jobs
    are ended and go on as their next attempt at the next start.

    \b
    Examples:
      vpo serve --port 8080
      vpo serve --port 8080 --log-level debug
      VPO_AUTH_TOKEN=... vpo serve --host 0.0.0.0
    """
    flags = {
        "host": host,
        "port": port,
        "data_dir": data_dir,
        "log_level": log_level.lower() if log_level else None,
        "workers": workers,
    }
    with one_sentence():
        settings = load(flags, config=config)
        prepare(settings)
        # Only here: other commands start faster without the server's modules.
        from vpo_polling.cli.serving import log_to_stderr, run_server

        log_to_stderr(settings.log_level)
        run_server(settings)
