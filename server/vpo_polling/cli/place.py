"""The data directory that a command works on, and the server that may be running on it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vpo_polling.cli.output import LOST, fail
from vpo_polling.data_dir import Address, open_store, server_address
from vpo_polling.jobs.lock import LOOKING, LockHeld, RunnerLock
from vpo_polling.jobs.lost import settle_lost
from vpo_polling.jobs.recovery import settle_left
from vpo_polling.settings import Settings
from vpo_polling.store import Store, StoreError, now_ms

TIMEOUT_SECONDS = 15


class ApiRefused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server(Address):
    """A running server that commands talk to."""

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Raises ApiRefused; says so and exits when there is no answer."""
        return self._ask("POST", path, json.dumps(body or {}).encode())

    def delete(self, path: str) -> None:
        """As `post`."""
        self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            self.url + path,
            method=method,
            data=body,
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            # Never through a proxy: it could not reach this machine's loopback.
            with _direct.open(request, timeout=TIMEOUT_SECONDS) as answer:
                received = answer.read()
                return json.loads(received) if received else None
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
    found = server_address(data_dir)
    return None if found is None else Server(found.url, found.token)


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        # What a running server would have seen by itself; a database that is busy is no reason to wait.
        with suppress(StoreError):
            settle_lost(store, settings.data_dir, now=now_ms())
            if any(not row.tracked for row in store.running()):
                with suppress(LockHeld), RunnerLock(settings.data_dir, LOOKING):
                    settle_left(store, settings.data_dir, now=now_ms())
        yield store
    finally:
        store.close()
