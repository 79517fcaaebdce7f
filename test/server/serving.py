"""A running application and a client of it, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from vpo_polling.app import Application, create_app
from vpo_polling.services import JobRunner
from vpo_polling.settings import Settings
from vpo_polling.store import Store

BASE = "http://localhost:8080"
OWN_PAGE = {"sec-fetch-site": "same-origin"}


@dataclass
class FakeRunner:
    """Runs nothing, remembers what it was told."""

    active_workers: int = 0
    told: list[str] = field(default_factory=list)

    async def start(self) -> None:
        self.told.append("start")

    async def stop(self) -> None:
        self.told.append("stop")

    def wake(self) -> None:
        self.told.append("wake")

    async def cancel(self, job_id: str) -> None:
        self.told.append(f"cancel {job_id}")


@asynccontextmanager
async def serving(
    settings: Settings, store: Store, runner: JobRunner | None = None, *, base: str = BASE
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, store, runner)
    async with app.running(), client_of(app, base=base) as client:
        yield client


def client_of(app: Application, *, base: str = BASE) -> httpx.AsyncClient:
    """Sends no headers but Host: what a client says of itself is each test's business."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=True), base_url=base)
    client.headers.clear()
    return client
