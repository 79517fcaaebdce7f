"""A reporter of jobs, and what it sends."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
from serving import OWN_PAGE

BYTES = {**OWN_PAGE, "content-type": "application/octet-stream"}
WATCHERS = ["aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"]
ACCOUNTS = {"github": "api.github.com 0123456789ab"}


class Reporter:
    def __init__(self, client: httpx.AsyncClient, job_id: str | None = None) -> None:
        self.client = client
        self.id = job_id or str(uuid.uuid4())
        self.path = f"/api/jobs/{self.id}"

    async def put(self, status: str = "running", **report: Any) -> httpx.Response:
        headers = {**OWN_PAGE, **report.pop("headers", {})}
        return await self.client.put(self.path, json={"status": status, **report}, headers=headers)

    async def first(self, status: str = "running", **report: Any) -> dict[str, Any]:
        answer = await self.put(status, job_type="deploy", file_path="web to production", **report)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def log(self, data: bytes, offset: int = 0, **query: Any) -> httpx.Response:
        where = {"offset": offset, **query}
        return await self.client.post(f"{self.path}/logs", params=where, content=data, headers=BYTES)

    async def shown_log(self, **query: Any) -> dict[str, Any]:
        answer = await self.client.get(f"{self.path}/logs", params={"start": 0, **query})
        return dict(answer.json())

    async def event(
        self, *events: dict[str, Any], after: int | None = None, **headers: str
    ) -> httpx.Response:
        query = {} if after is None else {"after": after}
        return await self.client.post(
            f"{self.path}/events", params=query, json=list(events), headers={**OWN_PAGE, **headers}
        )

    async def record(self) -> dict[str, Any]:
        return dict((await self.client.get(self.path)).json())
