"""Viewers of one dashboard who hold a poll each, while a job changes every second; prints one JSON line.

Each viewer is a bare protocol on one connection of its own: it asks with the tag of what it has, with
`Prefer: wait=10` and `A-IM: vpo-rows`, and once more 0 to 250 ms after each answer, as the script does.
Measured is the time from the commit of a change to the last byte of the answer that shows it, of all alike.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from fill import fill
from vpo_polling.store import Progress, Store

ROWS = 50
SECONDS = 20
HOST = "127.0.0.1"


class Viewer(asyncio.Protocol):
    def __init__(self, run: Run) -> None:
        self._run = run
        self._tag = b""
        self._read = b""
        self._body = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._read += data
        while True:
            head, end, rest = self._read.partition(b"\r\n\r\n")
            if not end:
                return
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields.get(b"content-length", 0))
            if len(rest) < length:
                return
            self._read = rest[length:]
            self._answered(int(head[9:12]), fields.get(b"etag", b""))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._run.is_over:
            self._run.errors += 1

    def _answered(self, status: int, tag: bytes) -> None:
        run = self._run
        if status in (200, 226):
            run.shown(not self._tag)
        elif status != 304:
            run.errors += 1
        self._tag = tag.replace(b"w/", b"W/") or self._tag
        asyncio.get_running_loop().call_later(random.random() * 0.25, self._ask)

    def _ask(self) -> None:
        if self._run.is_over:
            return
        conditional = b""
        if self._tag:
            conditional = b"If-None-Match: " + self._tag + b"\r\nPrefer: wait=10\r\nA-IM: vpo-rows\r\n"
        self._transport.write(
            b"GET /api/jobs HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n" + conditional + b"\r\n"
        )


class Run:
    def __init__(self) -> None:
        self.is_over = False
        self.errors = 0
        self.first = 0
        self.committed = 0.0
        self.waits: list[float] = []
        self.is_measuring = False

    def shown(self, is_first: bool) -> None:
        if is_first:
            self.first += 1
        elif self.is_measuring:
            self.waits.append(time.perf_counter() - self.committed)


def serve(folder: Path) -> tuple[subprocess.Popen[str], int]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "VPO_MAX_HOLDS_PER_CLIENT": "20000",
        "VPO_RATE_LIMIT": "0",
        "VPO_WORKERS": "0",
    }
    command = [
        str(Path(sys.executable).parent / "vpo"),
        "serve",
        "--port",
        "0",
        "--log-level",
        "warning",
        "--data-dir",
        str(folder / "data"),
    ]
    server = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, int(line.split("localhost:", 1)[1].split("/", 1)[0])


async def measure(count: int, folder: Path) -> dict[str, object]:
    job_id = fill(folder / "data", ROWS - 1, os.getpid())
    store = Store.open(folder / "data" / "vpo.db")
    server, port = serve(folder)
    try:
        return await _measured(count, store, job_id, server, port)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        store.close()


async def _measured(
    count: int, store: Store, job_id: str, server: subprocess.Popen[str], port: int
) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    run = Run()
    transports = []
    for first in range(0, count, 200):
        opened = (
            loop.create_connection(lambda: Viewer(run), HOST, port) for _ in range(min(200, count - first))
        )
        transports += [transport for transport, _ in await asyncio.gather(*opened)]
        # They do not all arrive at one moment.
        while run.first < len(transports):
            await asyncio.sleep(0.02)
    await asyncio.sleep(2)
    process, own = psutil.Process(server.pid), psutil.Process()
    run.is_measuring = True
    began, spent, spent_here = time.perf_counter(), process.cpu_times(), own.cpu_times()
    for second in range(SECONDS):
        report = [Progress(job_id=job_id, attempt=1, processed=second + 1, total=SECONDS)]
        await asyncio.to_thread(store.report, report)
        run.committed = time.perf_counter()
        await asyncio.sleep(max(0.0, began + second + 1 - time.perf_counter()))
    await asyncio.sleep(1)
    took = time.perf_counter() - began
    here, there = own.cpu_times(), process.cpu_times()
    run.is_over = True
    result = {
        "viewers": count,
        "answers": len(run.waits),
        "p50_ms": _ms(run.waits, 50),
        "p99_ms": _ms(run.waits, 99),
        "errors": run.errors,
        "rss_mb": round(process.memory_info().rss / 2**20),
        "server_cpu": _share(spent, there, took),
        "generator_cpu": _share(spent_here, here, took),
    }
    for transport in transports:
        transport.close()
    return result


def _ms(waits: list[float], percent: int) -> float:
    return round(statistics.quantiles(waits, n=100)[percent - 1] * 1000, 1)


def _share(before: object, after: object, took: float) -> int:
    """Percent of one core."""
    used = sum(getattr(after, name) - getattr(before, name) for name in ("user", "system"))
    return round(used / took * 100)


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(asyncio.run(measure(int(sys.argv[1]), Path(name)))))
