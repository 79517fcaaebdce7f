"""Notices commits of other processes.

SQLite's `data_version` changes on a connection whenever somebody else committed. Reading it costs
microseconds and no lock, so one thread asks for everybody.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger("vpo_polling.feed")
INTERVAL_S = 0.05


class Watcher:
    """Calls `changed` in its own thread after each foreign commit; if that raises, again at the next look."""

    def __init__(self, path: Path, changed: Callable[[], None], *, interval_s: float = INTERVAL_S) -> None:
        self._path = path
        self._changed = changed
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vpo-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        seen: int | None = None
        failing = False
        while not self._stop.wait(self._interval_s):
            try:
                if connection is None:
                    connection = _connect(self._path)
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    self._changed()
                    seen = version
                failing = False
            except Exception as error:
                # Whatever it is, pages must not stop being fresh for good: look again with a new connection.
                if not failing:
                    _log.warning("Changes made by other processes can't be seen at the moment: %s", error)
                failing = True
                _close(connection)
                connection = seen = None
        _close(connection)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0)


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
