"""What waits to be sent to the runner. The log must never wait for a server that is slow to read."""

from __future__ import annotations

import os
import select
import time
from typing import Any

from vpo_polling.jobs.protocol import encode


class Outbox:
    """Messages in order, except progress: of that only the newest waits, as it replaces what came before."""

    def __init__(self, file: int) -> None:
        os.set_blocking(file, False)
        self._file = file
        self._bytes = b""
        self._progress: dict[str, Any] | None = None
        self.broken = False

    @property
    def waiting(self) -> bool:
        return not self.broken and bool(self._bytes or self._progress)

    def put(self, message: dict[str, Any]) -> None:
        if message.get("t") == "progress":
            self._progress = message
        else:
            self._bytes += self._take_progress() + encode(message)
        self.flush()

    def flush(self) -> None:
        """Sends what the pipe takes now."""
        while self.waiting:
            self._bytes = self._bytes or self._take_progress()
            try:
                self._bytes = self._bytes[os.write(self._file, self._bytes) :]
            except BlockingIOError:
                return
            except OSError:
                self.broken = True

    def flush_until(self, seconds: float) -> None:
        """Sends everything, unless the server does not read for that long."""
        deadline = time.monotonic() + seconds
        while self.waiting and (left := deadline - time.monotonic()) > 0:
            select.select([], [self._file], [], left)
            self.flush()

    def _take_progress(self) -> bytes:
        message, self._progress = self._progress, None
        return b"" if message is None else encode(message)
