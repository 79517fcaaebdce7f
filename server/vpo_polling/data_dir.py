"""The data directory: its tables are kept up by whoever holds its lock, its server is found through it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_dir

from vpo_polling.jobs.lock import LOOKING, LockHeld, RunnerLock, holder_pid, is_held
from vpo_polling.logs.paths import read_record, write_record
from vpo_polling.settings import Settings, SettingsError
from vpo_polling.store import DatabaseUnavailable, Store

ADDRESS = "server.json"
# Another command's look at the tables, or a server that is just making them, on a busy machine.
PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Address:
    """Where a running server is, for whoever may read its data directory."""

    url: str
    token: str


def server_address(data_dir: Path) -> Address | None:
    """The server on a data directory. What a dead one left behind does not count: it holds no lock."""
    found = read_record(data_dir / ADDRESS)
    # A lock that is held proves nothing alone: `vpo scan` may hold it where a server died.
    if found is None or found.get("pid") != holder_pid(data_dir) or not is_held(data_dir):
        return None
    return Address(str(found["url"]), str(found["token"]))


@contextmanager
def announced(data_dir: Path, url: str, token: str) -> Iterator[None]:
    """Lets commands find the server while it runs. Only its own user may read the file."""
    previous = os.umask(0o077)
    try:
        write_record(data_dir / ADDRESS, {"pid": os.getpid(), "url": url, "token": token})
    finally:
        os.umask(previous)
    try:
        yield
    finally:
        (data_dir / ADDRESS).unlink(missing_ok=True)


def prepare(settings: Settings) -> None:
    """Makes the data directory. A parent that is missing is more likely a typing error than a wish."""
    folder = settings.data_dir
    is_default = folder == Path(user_data_dir("vpo-polling", appauthor=False)).resolve()
    if not is_default and not folder.parent.is_dir():
        raise SettingsError(f"There is no directory {folder.parent} for the data directory {folder.name}.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"The data directory {folder} can't be made: {error.strerror}.") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingsError(f"The data directory {folder} can't be written to.")


def open_store(settings: Settings) -> Store:
    """The store, with its tables. They are made or changed only by whoever holds the runner lock."""
    prepare(settings)
    store = Store.open(settings.database_path)
    try:
        _ensure_tables(store, settings)
    except BaseException:
        store.close()
        raise
    return store


def _ensure_tables(store: Store, settings: Settings) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Looked at first: whoever only reads waits neither for a writer nor for a runner.
    while not store.is_migrated():
        with suppress(LockHeld), RunnerLock(settings.data_dir, LOOKING, patience=PATIENCE_SECONDS):
            store.migrate()
            return
        # A runner holds it, and makes the tables first of all.
        if time.monotonic() > deadline:
            raise DatabaseUnavailable("the server on it is just starting, or is an older one; try again.")
        time.sleep(LOOK_SECONDS)
