"""`vpo token`: bearer tokens for programs that report to the server."""

from __future__ import annotations

from typing import Annotated

import typer

from vpo_polling.cli.options import Config, DataDir, Json, settings_from
from vpo_polling.cli.output import LOST, USAGE, as_json, fail, note, one_sentence, result
from vpo_polling.cli.place import opened
from vpo_polling.store import SCOPES, now_ms

app = typer.Typer(
    help="Tokens for programs that talk to the server.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def create(
    scope: Annotated[str, typer.Option(help=f"What it allows: {', '.join(SCOPES)}.")] = "report",
    name: Annotated[str, typer.Option(help="What it is for, so that it can be found again.")] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a token and print it. It is shown this once; only a hash of it is kept.

    \b
    Example:
      vpo token create --scope report --name "build watcher"
    """
    if scope not in SCOPES:
        fail(f"{scope!r} is none of {', '.join(SCOPES)}.", USAGE)
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        result(store.tokens.create(scope=scope, name=name, now=now_ms()))
        note("Keep it now: it can't be shown again.")


@app.command("list")
def list_tokens(json: Json = False, data_dir: DataDir = None, config: Config = None) -> None:
    """List tokens, without the secrets."""
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        tokens = store.tokens.list()
        if json:
            as_json(tokens)
            return
        for token in tokens:
            result(f"{token['id']}  {token['created_at']}  {token['scope']:<7}  {token['name']}")


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As shown by `vpo token list`.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """End a token; the server stops accepting it within ten seconds."""
    with one_sentence(), opened(settings_from(data_dir, config)) as store:
        if not store.tokens.revoke(token_id):
            fail(f"There is no token {token_id}.", LOST)
