"""Builds of other systems that watchers follow: asked for by people, taken by watchers."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from vpo_polling.api import body, params
from vpo_polling.api.actions import json_response, shown
from vpo_polling.api.holding import poll
from vpo_polling.api.reports import read_as
from vpo_polling.errors import ApiError, conflict, not_found
from vpo_polling.services import Services
from vpo_polling.store import now_ms
from vpo_polling.store.reported.builds import BuildsQuery
from vpo_polling.wire import Answer

# What a watcher takes, as far as it can be told without it: it says the rest on the build's page.
TARGETS = {
    "github": re.compile(r"[^/:@#\s]+(:[^/:@#\s]+:[1-9]\d{0,15}|/[^/:@#\s]+(@\S+|#[1-9]\d{0,15}))", re.ASCII),
    "gitlab": re.compile(r"[^:@!\s]+(:[1-9]\d{0,15}|@\S+|![1-9]\d{0,15})", re.ASCII),
    "jenkins": re.compile(r"[^:]+:[1-9]\d{0,15}", re.ASCII),
}
LONGEST_TARGET = 1000


class Claim(BaseModel):
    """A watcher's name for itself, and the accounts (a host with a token) that it can watch, by platform."""

    model_config = ConfigDict(extra="forbid")

    watcher: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    accounts: dict[
        Annotated[str, Field(pattern=r"^[a-z]{1,20}$")], Annotated[str, Field(min_length=1, max_length=300)]
    ]


async def list_builds(services: Services, scope: Scope, receive: Receive) -> Answer:
    params.nothing(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, BuildsQuery())


async def watch_build(services: Services, request: Request) -> Response:
    target = body.text(await body.fields(request), "target").strip()
    platform, _, name = target.partition(":")
    known = TARGETS.get(platform)
    if known is None or len(target) > LONGEST_TARGET or not known.fullmatch(name):
        message = (
            "Write github:OWNER:REPO:RUN or github:OWNER/REPO@BRANCH, gitlab:PROJECT:PIPELINE or "
            "gitlab:PROJECT@BRANCH, jenkins:FOLDER/JOB:NUMBER"
        )
        raise ApiError(400, "VALIDATION_FAILED", message, details={"field": "target"})
    job_id, is_new = await asyncio.to_thread(services.store.watch_build, target, platform, now=now_ms())
    return await shown(services, request, job_id, created=is_new)


async def claim(services: Services, request: Request) -> Response:
    asked = read_as(Claim, await body.fields(request))
    lease_s = services.settings.watch_lease_s
    builds = await asyncio.to_thread(
        services.store.claim_builds,
        asked.watcher,
        asked.accounts,
        now=now_ms(),
        lease_ms=lease_s * 1000,
    )
    return json_response({"lease_seconds": lease_s, "builds": builds})


async def stop_watching(services: Services, request: Request, job_id: str) -> Response:
    if not await asyncio.to_thread(services.store.stop_watching, job_id):
        raise await _none(services, job_id, "Nobody watches this job")
    return await shown(services, request, job_id)


async def watch_again(services: Services, request: Request, job_id: str) -> Response:
    if not await asyncio.to_thread(services.store.watch_again, job_id):
        raise await _none(services, job_id, "This is no build that could be watched")
    return await shown(services, request, job_id)


async def _none(services: Services, job_id: str, why: str) -> ApiError:
    record = await asyncio.to_thread(services.store.get_job, job_id)
    return not_found() if record is None else conflict(why)
