"""The server process itself: sockets, uvicorn, signals."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

import uvicorn

from vpo_polling import __version__
from vpo_polling.app import Application, create_app
from vpo_polling.cli.bounded_http import BoundedHttp
from vpo_polling.cli.output import fail, result
from vpo_polling.data_dir import announced
from vpo_polling.hosts import bind_addresses, parse_address
from vpo_polling.jobs.lock import RunnerLock
from vpo_polling.jobs.runner import Runner
from vpo_polling.settings import Settings
from vpo_polling.store import Store, now_ms

LOCAL_TOKEN = "command line of this server"  # noqa: S105 - the name of a token
BLOCKED_MS = 10_000
"""A send that gets no further for so long closes its connection, on Linux; elsewhere the system decides."""
OPEN_FILES = 65536
# Longer than another command's look at the tables takes, on a busy machine too.
LOCK_SECONDS = 10.0


def run_server(settings: Settings) -> None:
    with ExitStack() as stack:
        stack.enter_context(RunnerLock(settings.data_dir, "vpo serve", patience=LOCK_SECONDS))
        listening = _listen(settings)
        for listener in listening:
            stack.callback(listener.close)
        store = Store.open(settings.database_path)
        stack.callback(store.close)
        store.migrate()
        application = create_app(settings, store, Runner(store, settings))
        server = _Server(_uvicorn(application, settings))
        url = _url(settings, listening)
        stack.enter_context(announced(settings.data_dir, url, _local_token(store)))
        server.on_ready = lambda: result(f"VPOPolling {__version__} is ready: {_shown(url)}/jobs")
        server.on_stop = application.services.drain
        _raise_open_files()
        server.run(sockets=list(listening))
        if not server.was_ready:
            fail("The server could not start; see the messages above.")


class _Server(uvicorn.Server):
    """Says when it is ready, and ends in order on SIGINT and SIGTERM."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.was_ready = False
        self.on_ready: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        if self.started:
            self.was_ready = True
            self.on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Without raising the signal once more at the end, which would skip our own tidying up."""
        previous = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)
        # uvicorn waits for open answers before it tells the application, which then could not end them.
        if self.was_ready:
            self._loop.call_soon_threadsafe(self.on_stop)


def _uvicorn(application: Application, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        lifespan="on",
        http=BoundedHttp,
        log_config=None,
        log_level=settings.log_level,
        access_log=settings.log_level == "debug",
        server_header=False,
        # Forwarded addresses are judged by the access rules, which know the configured proxies.
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=4,
    )


def _listen(settings: Settings) -> list[socket.socket]:
    """Sockets for all addresses of the host, on one port. A name taken on one of them is taken."""
    listening: list[socket.socket] = []
    port = settings.port
    for address in bind_addresses(settings.host):
        try:
            listener = _bound(address, port)
        except OSError as error:
            if listening and not _is_taken(error):
                # No IPv6 on this machine.
                continue
            for earlier in listening:
                earlier.close()
            if _is_taken(error):
                fail(f"Port {port} is in use by another program; choose another one with --port.")
            fail(f"{address} port {port} can't be listened on: {error.strerror or error}.")
        listening.append(listener)
        port = listener.getsockname()[1]
    return listening


def _bound(address: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Passed on to each connection: who takes nothing for so long is cut off, whatever is being sent.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, BLOCKED_MS)
        listener.bind(place)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _is_taken(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE


def _url(settings: Settings, listening: Sequence[socket.socket]) -> str:
    """Where commands on this machine reach the server."""
    host, port = listening[0].getsockname()[:2]
    address = parse_address(host)
    if address is not None and address.is_unspecified:
        host = "::1" if address.version == 6 else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.url_prefix}"


def _shown(url: str) -> str:
    """The name that people type rather than the address."""
    return url.replace("//127.0.0.1:", "//localhost:")


def _local_token(store: Store) -> str:
    """For commands of whoever may read the data directory; those of earlier runs end here."""
    for token in store.tokens.list():
        if token["name"] == LOCAL_TOKEN:
            store.tokens.revoke(str(token["id"]))
    return store.tokens.create(scope="admin", name=LOCAL_TOKEN, now=now_ms())


def log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "asyncio", "multipart", "python_multipart"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _raise_open_files() -> None:
    """Every viewer is a connection, and the usual soft limit is 1,024 or even 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if wanted > soft:
        # macOS says "unlimited" and then refuses more than its kernel's own limit.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
