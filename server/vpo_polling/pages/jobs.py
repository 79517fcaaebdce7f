"""The dashboard, and the page of one job."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vpo_polling import logs
from vpo_polling.api.attempts import attempt_of, stage_of
from vpo_polling.api.params import first_values, known_id
from vpo_polling.jobs.demo import ensure_demo_jobs
from vpo_polling.store import JOB_TYPES, STATUSES, ErrorsQuery, JobQuery, StatsQuery

from . import context, listing
from .charts import CHARTS
from .guarding import Guarded
from .painting import PAGE_HEADERS, Painting


class JobPages:
    def __init__(self, painting: Painting, guarded: Guarded) -> None:
        self._painting = painting
        self._services = painting.services
        self._wants_demo = self._services.settings.demo
        self.routes = [
            Route("/jobs", guarded(self._jobs), name="jobs"),
            Route("/jobs/{job_id}", guarded(self._job), name="job"),
        ]

    async def _jobs(self, request: Request) -> Response:
        await self._start_demo()
        live, links = self._painting.live, self._painting.links(request)
        types = await asyncio.to_thread(self._services.store.job_types)
        t = self._painting.catalogue(request)
        asked = listing.read_url(first_values(request.scope["query_string"]), t, [*JOB_TYPES, *types])
        if not asked.is_clean and not asked.problems:
            return RedirectResponse(links.jobs(asked.query), 302, PAGE_HEADERS)
        stats = StatsQuery()
        page = context.JobsPage(
            **self._painting.shared_live(request),
            jobs=await live(asked.query, links.api_list(asked.query)),
            query=asked.query,
            problems=asked.problems,
            filters=listing.filters(asked.query, t, types),
            statuses=STATUSES,
            columns=listing.columns(asked.query, links, t),
            pages=listing.neighbours(asked.query, links),
            kept=listing.kept(asked.query),
            scan_root=next(map(str, self._services.settings.scan_roots), "/"),
            stats=await live(stats, links.api_stats(stats)),
            charts=tuple(CHARTS),
        )
        return self._painting.render(page, "jobs.html", 400 if asked.problems else 200)

    async def _start_demo(self) -> None:
        """The sample jobs start when somebody looks, so that they are seen at work."""
        if not self._wants_demo:
            return
        self._wants_demo = False
        queued = await asyncio.to_thread(ensure_demo_jobs, self._services.store, self._services.settings)
        if queued and self._services.runner is not None:
            self._services.runner.wake()

    async def _job(self, request: Request) -> Response:
        live, links = self._painting.live, self._painting.links(request)
        name = known_id(request.path_params["job_id"], "job")
        job = await live(JobQuery(job_id=name), links.api_job(name))
        errors = None
        if job.data["job_type"] == "scan":
            errors = await live(ErrorsQuery(job_id=name), links.api_job(name, "errors"))
        asked = {name: request.query_params.get(name) for name in ("attempt", "stage")}
        page = context.JobPage(
            **self._painting.shared_live(request),
            job=job,
            errors=errors,
            log=await self._log_of(job.data, links.api_job(name, "logs"), asked),
        )
        return self._painting.render(page, "job.html")

    async def _log_of(
        self, job: Mapping[str, Any], source: str, asked: Mapping[str, str | None]
    ) -> context.Log:
        """The newest attempt's, unless the URL (of a link to lines of a log) names another."""
        attempt, ended = await attempt_of(self._services, job["id"], asked["attempt"])
        stage = stage_of(asked["stage"]) or _told_best(job, attempt)
        settings = self._services.settings
        answer = await asyncio.to_thread(
            logs.read, settings, job["id"], attempt, {"start": "0"}, ended, stage
        )
        place = {} if asked["attempt"] is None else {"attempt": str(attempt)}
        if stage is not None:
            place = {"attempt": str(attempt), "stage": stage}
        query = urlencode(place)
        return context.Log(
            source=f"{source}?{query}" if query else source,
            raw=f"{source}/raw?{urlencode({'download': '1', **place})}",
            attempt=None if asked["attempt"] is None else attempt,
            stage=None if stage is None else _stage_name(job, attempt, stage),
            text=answer["text"],
            gen=answer["gen"],
            end=answer["end"],
            more=answer["more"],
        )


def _stages(job: Mapping[str, Any], attempt: int) -> list[dict[str, Any]]:
    """Those with a log."""
    if attempt == job["attempt"]:
        return [stage for stage in job["stages"] if stage["log"]]
    return next((row["stages"] for row in job["attempts"] if row["number"] == attempt), [])


def _told_best(job: Mapping[str, Any], attempt: int) -> str | None:
    """The stage whose log says most where nobody asks for one: one that failed, else the last."""
    stages = [] if job["has_logs"] else _stages(job, attempt)
    failed = [stage["id"] for stage in stages if stage["status"] == "failed"]
    return next(iter(failed), stages[-1]["id"] if stages else None)


def _stage_name(job: Mapping[str, Any], attempt: int, stage: str) -> str:
    return next((found["name"] for found in _stages(job, attempt) if found["id"] == stage), stage)
