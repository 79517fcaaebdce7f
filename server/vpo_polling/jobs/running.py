"""The runner's end of one shim."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

from vpo_polling.jobs import process
from vpo_polling.jobs.kinds.orders import NEUTRAL_CWD, python_env
from vpo_polling.jobs.protocol import JOB_MARK, Order, decode, encode

# Longer than any message of ours.
LONGEST_LINE = 8 * 1024 * 1024
# From the last message to the end of the process.
EXIT_SECONDS = 5.0


class RunningJob:
    def __init__(self, order: Order, shim: asyncio.subprocess.Process) -> None:
        self._order = order
        self._shim = shim
        self.pid = shim.pid
        self.started = process.started_at(shim.pid) or 0.0
        # The shim's account of the end, once it came.
        self.ended: dict[str, Any] | None = None

    @classmethod
    async def start(cls, order: Order) -> RunningJob:
        """Raises OSError when no process can be started."""
        shim = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vpo_polling.jobs.shim", order.job_id, str(order.attempt)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=NEUTRAL_CWD,
            env=python_env(),
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        job = cls(order, shim)
        job._write(order.encode())
        return job

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Progress and scan errors until the shim has nothing more to say."""
        assert self._shim.stdout is not None
        while line := await self._shim.stdout.readline():
            message = decode(line) or {}
            if message.get("t") == "ended":
                self.ended = message
            elif message.get("t") in ("progress", "errors"):
                yield message

    async def gone(self) -> None:
        """Waits until the shim has ended, and ends what it could not."""
        try:
            await asyncio.wait_for(self._shim.wait(), EXIT_SECONDS)
        except asyncio.TimeoutError:
            await asyncio.to_thread(self.kill)
            await self._shim.wait()
        if self.ended is None:
            # Killed itself, it could not end its session.
            await asyncio.to_thread(self.kill)

    def cancel(self) -> None:
        self._write(encode({"end": "cancel"}))

    def let_go(self) -> None:
        """What the shim also sees when this process dies."""
        if self._shim.stdin is not None:
            self._shim.stdin.close()

    def kill(self) -> None:
        """Blocks: call it from a thread."""
        process.kill_marked(self.pid, JOB_MARK, self._order.job_id)

    def _write(self, line: bytes) -> None:
        if self._shim.stdin is not None and not self._shim.stdin.is_closing():
            self._shim.stdin.write(line)
