"""`vpo turn`: a program that prints `stream-json`, or a record of one, as a turn."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer

from vpo_polling.cli.options import Config, DataDir, settings_from
from vpo_polling.cli.output import (
    CANCELLED,
    FAILED,
    LOST,
    SUCCESS,
    USAGE,
    as_json,
    fail,
    log_text,
    note,
    one_sentence,
)
from vpo_polling.cli.place import opened
from vpo_polling.data_dir import server_address
from vpo_polling.jobs.masking import mask_args
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.store import Store, now_ms
from vpo_polling.store.turns.queries import TurnQuery
from vpo_polling.store.turns.types import Event, NewTurn, Said, Verdict
from vpo_polling.turns.replay import parsed, replay
from vpo_polling.turns.run import Program, end_process, run_turn
from vpo_polling.turns.stream_json import BadEvent

CONTEXT = {"ignore_unknown_options": True, "allow_interspersed_args": False}
CODES = {"completed": SUCCESS, "failed": FAILED, "interrupted": CANCELLED, "cancelled": CANCELLED}


def turn(
    command: Annotated[
        list[str] | None,
        typer.Argument(help="The program with its arguments.", metavar="COMMAND"),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", help="What the program reads on its standard input."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", help="Go on with this session; by default a new one begins.", metavar="ID"),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            "--project", help="Of a new session; by default the name of this directory.", metavar="NAME"
        ),
    ] = None,
    recorded: Annotated[
        Path | None,
        typer.Option("--replay", help="Play what a program printed once, from this file.", metavar="FILE"),
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", help="Of a replay: 4 is four times as fast.", min=0.01)
    ] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print the turn as JSON when it has ended.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run a program that prints stream-json as a turn.

    The turn ends as the program says in its result, else by its exit code. This command's exit code is 0 when
    it completed, 1 when it failed, 3 when it was interrupted, by Ctrl-C or over HTTP.

    \b
    Examples:
      vpo turn --prompt "Count the files" -- agent --print --output-format stream-json
      vpo turn --session 0b51… --prompt "And now the folders" -- agent --print --output-format stream-json
      vpo turn --replay transcript.jsonl --speed 4
    """
    with one_sentence():
        settings = settings_from(data_dir, config)
        if (recorded is None) == (not command):
            fail("Give a program after --, or a record with --replay FILE.", USAGE)
        if command and shutil.which(command[0]) is None:
            fail(f"{printable(command[0])} is no program.", USAGE)
        events = None if recorded is None else _read(recorded)
        shown = prompt or (
            f"Replay of {recorded.name}" if recorded else valid(shlex.join(mask_args(command or [])))
        )
        with opened(settings) as store:
            place = _place(store, session, project or Path.cwd().name or "/")
            begun = store.create_turn(*place, shown, reported=True, now=now_ms())
            assert begun is not None  # the session was found or made just now
            note(f"Turn {begun.number} of session {begun.session_id}")
            server = server_address(settings.data_dir)
            if server is not None:
                note(f"Watch it at {server.url}/sessions/{begun.session_id}")
            for replaced in begun.cancelled:
                end_process(replaced)
            if events is not None:
                playing = replay(store, begun.turn_id, events, speed, heard=_print(json))
                verdict = _run(store, begun, playing)
            else:
                program = Program(argv=command or [], prompt=prompt or "", cwd=Path(os.getcwd()))
                verdict = _run(store, begun, run_turn(store, begun.turn_id, program, heard=_print(json)))
            query = TurnQuery(project_id=place[0], session_id=place[1], turn_id=begun.turn_id)
            record = store.read(query)[0]
            if json:
                as_json(record)
            status = verdict.status if record is None else str(record["status"])
            reason = verdict.error_message if record is None else record["error"]
            note(f"The turn is {status}{f': {reason}' if reason else ''}.".replace("..", "."))
            raise typer.Exit(CODES.get(status, LOST))


def _place(store: Store, session_id: str | None, project: str) -> tuple[str, str]:
    if session_id is not None:
        found = store.session_place(session_id)
        if found is None:
            fail(f"There is no session {printable(session_id)}.", LOST)
        return found
    project_id = store.project_named(project) or store.create_project(project, None, now=now_ms())
    new = store.create_session(project_id, "", now=now_ms())
    assert new is not None  # nothing deletes a project
    return project_id, new


def _print(is_json: bool) -> Callable[[Event], None]:
    """What the agent says and does, as it comes."""

    def heard(event: Event) -> None:
        for change in event.changes:
            if isinstance(change, Said) and change.kind == "content":
                log_text(f"{change.text}\n")
            elif isinstance(change, Said) and change.kind == "tool_use":
                note(f"· {printable(change.name or '')}")

    return (lambda event: None) if is_json else heard


def _run(store: Store, begun: NewTurn, turn: Coroutine[None, None, Verdict]) -> Verdict:
    try:
        return asyncio.run(turn)
    except KeyboardInterrupt:
        verdict = Verdict(status="interrupted", error_message="Interrupted")
        store.end_turn(begun.turn_id, verdict, now=now_ms())
        return verdict


def _read(recorded: Path) -> list[tuple[float, Event]]:
    if not recorded.is_file():
        fail(f"There is no file {recorded}.", USAGE)
    try:
        return parsed(recorded.read_bytes())
    except BadEvent as error:
        fail(f"{recorded} can't be played: {error}.", USAGE)
