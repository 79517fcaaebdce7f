"""What running jobs say, gathered, so that any number of them costs one transaction every 100 ms at most."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from vpo_polling.store import Store
from vpo_polling.store.types import DatabaseUnavailable, Progress

_log = logging.getLogger("vpo_polling.jobs")

FLUSH_SECONDS = 0.1
RETRY_SECONDS = 1.0

ScanError = tuple[str, str, str]
Key = tuple[str, int]


class Reports:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._progress: dict[Key, Progress] = {}
        self._errors: dict[Key, list[ScanError]] = {}
        self._some = asyncio.Event()
        self._turn = asyncio.Lock()

    def take(self, job_id: str, attempt: int, message: dict[str, Any]) -> None:
        """A progress or errors message of a shim."""
        key = (job_id, attempt)
        if message["t"] == "progress":
            self._progress[key] = Progress(
                job_id=job_id,
                attempt=attempt,
                processed=message.get("done"),
                total=message.get("total"),
                percent=message.get("percent"),
            )
        else:
            found = [(str(path), str(name), str(error)) for path, name, error in message.get("items", [])]
            self._errors.setdefault(key, []).extend(found)
        self._some.set()

    async def run(self) -> None:
        """Until cancelled. The first report after a pause is written at once."""
        while True:
            await self._some.wait()
            await asyncio.sleep(FLUSH_SECONDS if await self.flush() else RETRY_SECONDS)

    async def flush(self) -> bool:
        """Writes what there is; False when the database could not take it now, and nothing is lost."""
        async with self._turn:
            self._some.clear()
            progress, self._progress = self._progress, {}
            try:
                if progress:
                    await asyncio.to_thread(self._store.report, list(progress.values()))
                    progress = {}
                for key in list(self._errors):
                    errors = self._errors.pop(key)
                    try:
                        await asyncio.to_thread(self._store.add_scan_errors, *key, errors)
                    except DatabaseUnavailable:
                        self._errors[key] = errors + self._errors.get(key, [])
                        raise
            except DatabaseUnavailable as error:
                _log.warning("Progress waits for the database: %s", error)
                self._progress = progress | self._progress
                self._some.set()
                return False
            return True
