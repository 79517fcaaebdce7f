"""The pages: complete when they arrive, kept live by the script from then on.

A page is painted from the same feed entry that its region is answered with, and carries that entry's ETag, so
the first poll of an unchanged page is a 304.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from vpo_polling import logs, resources
from vpo_polling.api.attempts import attempt_of
from vpo_polling.api.params import first_values, known_id
from vpo_polling.errors import ApiError, database_unavailable, internal, not_found
from vpo_polling.jobs.demo import ensure_demo_jobs
from vpo_polling.services import Services
from vpo_polling.store import (
    JOB_TYPES,
    STATUSES,
    DatabaseUnavailable,
    ErrorsQuery,
    JobQuery,
    Query,
    StatsQuery,
    now_ms,
)
from vpo_polling.store.values import instant

from . import context, listing
from .charts import CHARTS
from .environment import make_environment
from .formatting import Surroundings
from .links import Links
from .pictures import Pictures
from .words import Catalogue, chosen

_log = logging.getLogger("vpo_polling.pages")

Handler = Callable[[Request], Awaitable[Response]]

# Never no-store: it would keep the pages out of the browser's back/forward cache.
_PAGE_HEADERS = {"cache-control": "private, no-cache", "vary": "Accept-Language"}


class Pages:
    """What one server shows to people."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._environment = make_environment(resources.TEMPLATES)
        self._wants_demo = services.settings.demo
        pictures = Pictures(services)
        self.routes = [
            Route("/", self._guarded(self._home), name="home"),
            Route("/jobs", self._guarded(self._jobs), name="jobs"),
            Route("/jobs/", self._guarded(self._home)),
            Route("/jobs/{job_id}", self._guarded(self._job), name="job"),
            Route("/charts/{name}.svg", self._guarded(pictures.chart)),
            Route("/icon.svg", self._guarded(pictures.icon)),
        ]
        self.handlers: Mapping[Any, Callable[[Request, Exception], Response]] = {
            HTTPException: self._http_error,
            Exception: self._failure,
        }

    def error(self, request: Request, status: int, message: str) -> Response:
        """A refusal as a page."""
        shared = self._shared(request)
        page = context.ErrorPage(
            **shared,
            status=status,
            message=message,
            hint=_hint(shared["t"], status),
        )
        response = self._render(page, "error.html", status)
        # Nobody should find a failure again that has passed.
        response.headers["cache-control"] = "no-store"
        return response

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as error:
                return self._refusal(request, error)
            except DatabaseUnavailable as error:
                _log.warning("The database does not answer: %s", error)
                return self._refusal(request, database_unavailable(error))

        return guarded

    def _refusal(self, request: Request, error: ApiError) -> Response:
        response = self.error(request, error.status, error.message)
        response.raw_headers.extend(error.headers)
        return response

    def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = "There is no such page" if status == 404 else str(getattr(error, "detail", error))
        response = self.error(request, status, message)
        for name, value in (getattr(error, "headers", None) or {}).items():
            response.headers[name] = value
        return response

    def _failure(self, request: Request, _error: Exception) -> Response:
        return self._refusal(request, internal())

    async def _home(self, request: Request) -> Response:
        return RedirectResponse(request.url_for("jobs").path, 302, _PAGE_HEADERS)

    async def _jobs(self, request: Request) -> Response:
        await self._start_demo()
        links = self._links(request)
        types = await asyncio.to_thread(self._services.store.job_types)
        t = self._catalogue(request)
        asked = listing.read_url(first_values(request.scope["query_string"]), t, [*JOB_TYPES, *types])
        if not asked.is_clean and not asked.problems:
            return RedirectResponse(links.jobs(asked.query), 302, _PAGE_HEADERS)
        stats = StatsQuery()
        page = context.JobsPage(
            **self._shared(request),
            surroundings=Surroundings(t.words, now_ms()),
            jobs=await self._live(asked.query, links.api_list(asked.query)),
            query=asked.query,
            problems=asked.problems,
            filters=listing.filters(asked.query, t, types),
            statuses=STATUSES,
            columns=listing.columns(asked.query, links, t),
            pages=listing.neighbours(asked.query, links),
            kept=listing.kept(asked.query),
            scan_root=next(map(str, self._services.settings.scan_roots), "/"),
            stats=await self._live(stats, links.api_stats(stats)),
            charts=tuple(CHARTS),
        )
        return self._render(page, "jobs.html", 400 if asked.problems else 200)

    async def _start_demo(self) -> None:
        """The sample jobs start when somebody looks, so that they are seen at work."""
        if not self._wants_demo:
            return
        self._wants_demo = False
        queued = await asyncio.to_thread(ensure_demo_jobs, self._services.store, self._services.settings)
        if queued and self._services.runner is not None:
            self._services.runner.wake()

    async def _job(self, request: Request) -> Response:
        links = self._links(request)
        name = known_id(request.path_params["job_id"], "job")
        job = await self._live(JobQuery(job_id=name), links.api_job(name))
        kind = job.data["job_type"]
        errors = None
        if kind == "scan":
            errors = await self._live(ErrorsQuery(job_id=name), links.api_job(name, "errors"))
        page = context.JobPage(
            **self._shared(request),
            surroundings=Surroundings(self._catalogue(request).words, now_ms()),
            job=job,
            errors=errors,
            log=await self._log_of(
                job.data, links.api_job(name, "logs"), request.query_params.get("attempt")
            ),
        )
        return self._render(page, "job.html", 200)

    async def _live(self, query: Query, source: str) -> context.Live:
        entry = await self._services.feed.read(query)
        if entry is None:
            raise not_found("There is no such job")
        return context.Live(entry.data(), source, entry.etag)

    async def _log_of(self, job: Mapping[str, Any], source: str, asked: str | None) -> context.Log:
        """The newest attempt's, unless the URL (of a link to lines of a log) names another."""
        attempt, ended = await attempt_of(self._services, job["id"], asked)
        settings = self._services.settings
        answer = await asyncio.to_thread(logs.read, settings, job["id"], attempt, {"start": "0"}, ended)
        return context.Log(
            source=source if asked is None else f"{source}?attempt={attempt}",
            raw=f"{source}/raw?download=1" + ("" if asked is None else f"&attempt={attempt}"),
            attempt=None if asked is None else attempt,
            text=answer["text"],
            gen=answer["gen"],
            end=answer["end"],
            more=answer["more"],
        )

    def _catalogue(self, request: Request) -> Catalogue:
        return chosen(request.headers.get("accept-language", ""), self._services.settings.language)

    def _links(self, request: Request) -> Links:
        return Links(request.scope.get("root_path", ""), self._services.assets)

    def _shared(self, request: Request) -> dict[str, Any]:
        settings = self._services.settings
        return {
            "links": self._links(request),
            "build": self._services.build,
            "polling": context.Polling(
                settings.polling_enabled, settings.polling_interval_ms, settings.polling_log_interval_ms
            ),
            "t": self._catalogue(request),
            "as_of": instant(now_ms()),
        }

    def _render(self, page: context.Page, template: str, status: int) -> Response:
        html = self._environment.get_template(template).render(context.values(page))
        return HTMLResponse(html, status, _PAGE_HEADERS)


def _hint(t: Catalogue, status: int) -> str:
    """What to do about it; what is not said of a status itself is said of its class."""
    key = f"hint.{status}"
    return t(key if key in t.words else f"hint.{status // 100}00")
