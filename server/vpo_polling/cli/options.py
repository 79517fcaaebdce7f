"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vpo_polling.cli.complete import complete_job
from vpo_polling.settings import Settings, load

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Where jobs and logs are kept; by default the user's data directory.",
        metavar="DIR",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="The settings file; by default vpo.toml in this directory, if any.", metavar="FILE"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP interface answers it.")]
JobId = Annotated[
    str,
    typer.Argument(help="A job's id, or the beginning of it.", metavar="ID", autocompletion=complete_job),
]


def settings_from(data_dir: Path | None, config: Path | None) -> Settings:
    return load({"data_dir": data_dir}, config=config)
