"""The data directory that a command works on, and the server that may be running on it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from vpo_polling.cli.output import FAILED, LOST, fail
from vpo_polling.jobs.lock import LOOKING, LockHeld, RunnerLock, holder_pid, is_held
from vpo_polling.logs.paths import read_record, write_record
from vpo_polling.settings import Settings, SettingsError
from vpo_polling.store import Store

ADDRESS = "server.json"
TIMEOUT_SECONDS = 15


class ApiRefused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Server:
    """A running server, for whoever may read its data directory."""

    url: str
    token: str

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Raises ApiRefused; says so and exits when there is no answer."""
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            self.url + path,
            method="POST",
            data=json.dumps(body or {}).encode(),
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            # Never through a proxy: it could not reach this machine's loopback.
            with _direct.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ApiRefused(error.code, _message(error.read())) from None
        except (OSError, ValueError) as error:
            fail(f"The server at {self.url} does not answer: {error}.", LOST)


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:200]


def running_server(data_dir: Path) -> Server | None:
    """The server on a data directory. What a dead one left behind does not count: it holds no lock."""
    found = read_record(data_dir / ADDRESS)
    # A lock that is held proves nothing alone: `vpo scan` may hold it where a server died.
    if found is None or found.get("pid") != holder_pid(data_dir) or not is_held(data_dir):
        return None
    return Server(str(found["url"]), str(found["token"]))


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


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store, with its tables. They are made or changed only by whoever holds the runner lock."""
    prepare(settings)
    store = Store.open(settings.database_path)
    try:
        try:
            with RunnerLock(settings.data_dir, LOOKING):
                store.migrate()
        except LockHeld:
            if not settings.database_path.exists():
                fail("The server is just starting; try again.", FAILED)
        yield store
    finally:
        store.close()
