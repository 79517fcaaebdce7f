"""`vpo run`: a command of the settings file, or a program with its arguments, as a job."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import Annotated

import typer

from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import USAGE, fail, one_sentence
from vpo_polling.cli.place import opened
from vpo_polling.cli.watch import InBackground, Json, leave_to_server, see_through
from vpo_polling.jobs.masking import mask_args
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.settings import Settings
from vpo_polling.store import NewJob

# What follows the name belongs to the program.
CONTEXT = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def run(
    command: Annotated[
        list[str],
        typer.Argument(
            help="A name from [commands] of the settings file, or a program with its arguments.",
            metavar="COMMAND",
        ),
    ],
    in_background: InBackground = False,
    json: Json = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run a command as a job and follow its log.

    Options of vpo stand before the command. The exit code is 0 when it succeeded, 1 when it failed, 3 when it
    was cancelled. Ctrl-C cancels it, or, when a server runs it, only stops following.

    \b
    Examples:
      vpo run nightly
      vpo run --async make -j4 all
      vpo run --json -- ./import.sh --all
    """
    with one_sentence():
        settings = settings_from(data_dir, config)
        job = _job(settings, command)
        with opened(settings) as store:
            # Never through the server: over HTTP nobody may say what is run.
            job_id = store.create_job(job)
            if in_background:
                leave_to_server(store, settings, job_id, json=json)
                return
            raise typer.Exit(see_through(store, settings, job_id, json=json))


def _job(settings: Settings, command: list[str]) -> NewJob:
    name = command[0]
    if name in settings.commands:
        if len(command) > 1:
            fail(f"{name!r} of the settings takes no arguments; options of vpo stand before it.", USAGE)
        return NewJob(job_type="command", file_path=name, options={"command": name})
    if shutil.which(name) is None:
        known = ", ".join(settings.commands) or "none"
        fail(f"{printable(name)} is no program, and no command of the settings ({known}).", USAGE)
    shown = valid(shlex.join(mask_args(command)))
    return NewJob(job_type="command", file_path=shown, argv=command, options={"cwd": os.getcwd()})
