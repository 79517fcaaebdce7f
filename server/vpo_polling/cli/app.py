"""`vpo`: the commands and what they have in common."""

from __future__ import annotations

from typing import Annotated

import typer

from vpo_polling import __version__
from vpo_polling.cli import jobs, run, scan, serve, token, turn

EXAMPLES = """
\b
Examples:
  vpo serve --port 8080              pages at http://localhost:8080/jobs
  vpo scan ~/Music                   scan a directory and follow its log
  vpo scan ~/Music --async           start a scan, print its id and return
  vpo run nightly                    run a command of the settings file
  vpo run make -j4 all               run a program with its arguments
  vpo jobs list --status running     what is going on
  vpo jobs logs 3f2a91c0 --follow    a log, until its job ends

\b
Exit codes:
  0 success           3 cancelled
  1 failed            4 not finished
  2 wrong usage       5 lost or not found
Of several jobs the first of 5, 1, 3, 4, 0 that occurs.
"""

app = typer.Typer(
    name="vpo",
    help="Job pages that stay live: a server, its jobs and their logs.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("scan")(scan.scan)
app.command("run", context_settings=run.CONTEXT)(run.run)
app.command("turn", context_settings=turn.CONTEXT)(turn.turn)
app.add_typer(jobs.app, name="jobs")
app.add_typer(token.app, name="token")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vpo {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    del version


def main() -> None:
    app()
