"""The sample jobs start with the first look at the dashboard, once."""

from __future__ import annotations

import httpx
import pytest
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio


async def test_the_first_look_at_an_empty_dashboard_queues_the_sample_jobs_once(
    settings: Settings, store: Store
) -> None:
    demo = settings.model_copy(update={"demo": True, "commands": {"unit-tests": {"argv": ["true"]}}})
    async with serving(demo, store) as client:
        assert await types_of(client) == []
        for _ in range(2):
            assert (await client.get("/jobs")).status_code == 200
        assert sorted(await types_of(client)) == ["command", "scan"]


async def test_without_the_setting_an_empty_dashboard_stays_empty(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        await client.get("/jobs")
        assert await types_of(client) == []


async def types_of(client: httpx.AsyncClient) -> list[str]:
    return [job["job_type"] for job in (await client.get("/api/jobs")).json()["jobs"]]
