"""The agent that the settings name, run for each turn that is begun on a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from vpo_polling.jobs.process import started_at
from vpo_polling.store import DatabaseUnavailable, Store, now_ms
from vpo_polling.store.turns.types import NewTurn, TurnProcess, Verdict
from vpo_polling.turns.run import Program, end_process, environment, run_turn

_log = logging.getLogger("vpo_polling.turns")
CUT_OFF = Verdict(status="interrupted", error_message="The server ended before the turn did.")
LOST = Verdict(status="interrupted", error_message="The program that reported the turn is gone.")
LOOK_S = 5.0


class Agents:
    """Belongs to one event loop. Between `open` and `close` no turn goes on whose program is gone."""

    def __init__(self, store: Store, command: Sequence[str]) -> None:
        self._store = store
        self._command = command
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None

    @property
    def has_command(self) -> bool:
        return bool(self._command)

    async def open(self) -> None:
        """Turns that a former server left behind end."""
        for left in await asyncio.to_thread(self._store.active_turns):
            if not left.reported:
                await self.stop([left])
                await self._end(left.turn_id, CUT_OFF)
        self._watch = asyncio.get_running_loop().create_task(self._look_after_reporters())

    async def end_lost(self) -> None:
        """Ends the turns of programs that were on this machine and are gone without a word."""
        for turn in await asyncio.to_thread(self._store.active_turns):
            if turn.reported and turn.pid is not None and started_at(turn.pid) != turn.process_started:
                await self._end(turn.turn_id, LOST)

    def start(self, turn: NewTurn, prompt: str) -> None:
        root = None if turn.root is None else Path(turn.root)
        program = Program(argv=self._command, prompt=prompt, cwd=root, env=environment())
        task = asyncio.get_running_loop().create_task(self._run(turn.turn_id, program))
        self._turns[turn.turn_id] = task

    async def stop(self, turns: Sequence[TurnProcess]) -> None:
        """Ends their processes, also those of other programs on this machine; they have ended as turns."""
        await asyncio.gather(*(asyncio.to_thread(end_process, turn) for turn in turns))

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        try:
            active = await asyncio.to_thread(self._store.active_turns)
            mine = [turn for turn in active if turn.turn_id in self._turns]
            for turn in mine:
                await self._end(turn.turn_id, CUT_OFF)
            await self.stop(mine)
        except DatabaseUnavailable:
            # Their programs end all the same; the next server finds what they were.
            for task in self._turns.values():
                task.cancel()
        await asyncio.gather(*self._turns.values(), return_exceptions=True)

    async def _look_after_reporters(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(DatabaseUnavailable):
                await self.end_lost()

    async def _end(self, turn_id: str, verdict: Verdict) -> None:
        await asyncio.to_thread(self._store.end_turn, turn_id, verdict, now=now_ms())

    async def _run(self, turn_id: str, program: Program) -> None:
        try:
            await run_turn(self._store, turn_id, program)
        except Exception:
            _log.exception("Turn %s failed", turn_id)
            await self._end(
                turn_id, Verdict(status="failed", error_message="The server failed; its log says why.")
            )
        finally:
            self._turns.pop(turn_id, None)
