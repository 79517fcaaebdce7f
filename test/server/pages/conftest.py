"""A client of a running application that has no runner."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store


@pytest.fixture
async def client(settings: Settings, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings, store) as client:
        yield client
