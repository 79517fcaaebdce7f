"""One turn of a program: its prompt goes in, the events it prints become blocks, its end is the turn's."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vpo_polling.jobs.process import GRACE_SECONDS, kill_members, members, signal_members, started_at
from vpo_polling.store import Store, now_ms
from vpo_polling.store.turns.types import Event, TurnProcess, Verdict
from vpo_polling.turns.reporting import end, stored, take
from vpo_polling.turns.stream_json import BadEvent, event_of

BATCH_S = 0.1
"""How long events are gathered before they are stored: readers see no finer steps anyway."""

BATCH_EVENTS = 500
MAX_LINE = 4 * 1024 * 1024
LOOK_S = 0.05
LONGEST_COMPLAINT = 2000


@dataclass(frozen=True, kw_only=True)
class Program:
    argv: Sequence[str]
    prompt: str
    cwd: Path | None = None
    env: Mapping[str, str] | None = None


async def run_turn(
    store: Store, turn_id: str, program: Program, *, heard: Callable[[Event], None] = lambda event: None
) -> Verdict:
    """Runs the program for a turn; `heard` is told each event before it is stored.

    The verdict is stored too, unless somebody else has ended the turn before.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=program.cwd,
            env=program.env,
            start_new_session=True,
            limit=MAX_LINE,
        )
    except (OSError, ValueError) as error:
        return await end(
            store, turn_id, Verdict(status="failed", error_message=f"{program.argv[0]}: {error}")
        )
    complaint = asyncio.create_task(_last_words(process))
    rest = asyncio.create_task(asyncio.to_thread(_end_rest, process.pid))
    try:
        place = TurnProcess(turn_id=turn_id, pid=process.pid, process_started=started_at(process.pid))
        begun = await stored(
            store.start_turn,
            turn_id,
            pid=process.pid,
            process_started=place.process_started or 0.0,
            now=now_ms(),
        )
        if not begun:
            return Verdict(status="cancelled")
        prompt = asyncio.create_task(_give(process, program.prompt))
        told = await _follow(store, turn_id, process, heard)
        await prompt
        if told is not None:
            return await end(store, turn_id, told)
        return await end(store, turn_id, _verdict(await process.wait(), await complaint))
    finally:
        # Nothing that the turn started outlives it.
        await asyncio.to_thread(kill_members, process.pid)
        await asyncio.gather(rest, complaint, process.wait())


def end_process(place: TurnProcess) -> None:
    """TERM for all that a turn started, KILL for what is left after 3 s. Blocks. Nothing for a stranger."""
    if place.pid is None or started_at(place.pid) != place.process_started:
        return
    signal_members(place.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while members(place.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    kill_members(place.pid)


def environment() -> dict[str, str]:
    """Ours, without what is said to this program and nobody else: it may hold its token."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VPO_")}


async def _follow(
    store: Store, turn_id: str, process: asyncio.subprocess.Process, heard: Callable[[Event], None]
) -> Verdict | None:
    """Stores what the program prints until it ends. The verdict that is known then, if any."""
    try:
        async for events in _batches(process):
            for event in events:
                heard(event)
            told = await take(store, turn_id, events)
            if told is not None:
                return told
    except ValueError:
        return Verdict(
            status="failed", error_message=f"The agent printed a line of more than {MAX_LINE} bytes"
        )
    return None


async def _batches(process: asyncio.subprocess.Process) -> AsyncIterator[list[Event]]:
    """Events as they are printed, those of a moment together. What is no event is left out."""
    assert process.stdout is not None
    number = 0
    ended = False
    while not ended:
        events: list[Event] = []
        deadline: float | None = None
        while len(events) < BATCH_EVENTS:
            left = None if deadline is None else deadline - asyncio.get_running_loop().time()
            if left is not None and left <= 0:
                break
            try:
                line = await asyncio.wait_for(process.stdout.readline(), left)
            except asyncio.TimeoutError:
                break
            if not line:
                ended = True
                break
            number += 1
            try:
                event = event_of(line, number)
            except BadEvent:
                continue
            events.append(event if event.id else replace(event, id=f"line {number}"))
            deadline = deadline or asyncio.get_running_loop().time() + BATCH_S
        if events:
            yield events


async def _give(process: asyncio.subprocess.Process, prompt: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(prompt.encode("utf-8", "backslashreplace"))
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        # A program need not read its prompt.
        return


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The end of what it complained about."""
    assert process.stderr is not None
    kept = b""
    while part := await process.stderr.read(65536):
        kept = (kept + part)[-LONGEST_COMPLAINT:]
    return kept.decode("utf-8", "replace").strip()


def _verdict(code: int, complaint: str) -> Verdict:
    """Of a program that gave none itself."""
    if code == 0:
        return Verdict(status="completed")
    how = f"The agent ended with exit code {code}" if code > 0 else f"The agent was ended by signal {-code}"
    return Verdict(status="failed", error_message=f"{how}: {complaint}" if complaint else how)


def _end_rest(pid: int) -> None:
    """Once the program itself is gone: what it left running would keep its output open for ever. Blocks."""
    while started_at(pid) is not None:
        time.sleep(LOOK_S)
    kill_members(pid)
