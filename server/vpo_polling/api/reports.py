"""What programs elsewhere report of their jobs: the job itself, its events, its logs."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from vpo_polling.api import body, params
from vpo_polling.api.actions import json_response, made
from vpo_polling.api.attempts import stage_of
from vpo_polling.api.holding import poll
from vpo_polling.errors import ApiError, bad_request, conflict, not_found, too_large
from vpo_polling.logs import reported
from vpo_polling.logs.paths import LogPaths
from vpo_polling.services import Services
from vpo_polling.store import now_ms
from vpo_polling.store.reported.events import JobEventsQuery
from vpo_polling.store.reported.outcomes import Gap, Refused, Unknown
from vpo_polling.store.reported.report import Event, Report
from vpo_polling.store.values import json_value
from vpo_polling.wire import Answer

MAX_BODY = 1024 * 1024
LOG_KEYS = ("offset", "attempt", "stage", "complete")
EVENTS_KEYS = ("after",)
WATCHER = "vpo-watcher"
"""The header in which a watcher says which one it is."""

T = TypeVar("T", bound=BaseModel)
# One piece at a time of a job's logs.
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def put_job(services: Services, request: Request, job_id: str) -> Response:
    data = await _body(request)
    report = read_as(Report, await asyncio.to_thread(_json, data))
    watcher = request.headers.get(WATCHER)
    must_exist = request.headers.get("if-match", "").strip() == "*"
    try:
        is_new = await asyncio.to_thread(
            services.store.report_job,
            job_id,
            report,
            now=now_ms(),
            must_exist=must_exist,
            watcher=watcher,
        )
    except Unknown:
        raise ApiError(412, "NOT_FOUND", "Job not found") from None
    except Refused as fault:
        raise conflict(str(fault)) from None
    record = await asyncio.to_thread(services.store.get_job, job_id)
    if record is None:
        raise not_found()
    services.job_types.add(record["job_type"])
    return made(request, record, f"/api/jobs/{job_id}") if is_new else json_response(record)


async def list_events(services: Services, scope: Scope, receive: Receive, job_id: str) -> Answer:
    after = params.after(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, JobEventsQuery(job_id=job_id, after=after))


async def add_events(services: Services, request: Request, job_id: str) -> Response:
    """One event, or a list of them; all or none."""
    values = params.first_values(request.scope["query_string"])
    params.refuse_unknown(values, EVENTS_KEYS)
    after = params.after(values) if "after" in values else None
    parsed = await asyncio.to_thread(_json, await _body(request))
    events = [read_as(Event, one) for one in (parsed if isinstance(parsed, list) else [parsed])]
    watcher = request.headers.get(WATCHER)
    try:
        total = await asyncio.to_thread(
            services.store.add_events, job_id, events, after=after, now=now_ms(), watcher=watcher
        )
    except Unknown:
        raise not_found() from None
    except Gap as gap:
        raise _gap(gap, "after") from None
    except Refused as fault:
        raise conflict(str(fault)) from None
    return json_response({"job_id": job_id, "total": total})


async def add_log(services: Services, request: Request, job_id: str) -> Response:
    """A piece of a log, as bytes."""
    values = params.first_values(request.scope["query_string"])
    params.refuse_unknown(values, LOG_KEYS)
    stage = stage_of(values.get("stage"))
    offset = params.whole_number("offset", values.get("offset", "0"))
    is_last = values.get("complete") in ("1", "true")
    data = await _body(request)
    job = await asyncio.to_thread(services.store.get_job, job_id)
    if job is None:
        raise not_found()
    if not job["reported"]:
        raise conflict("This job runs here: nobody else can report it")
    attempt = params.whole_number("attempt", values.get("attempt", str(job["attempt"])))
    if attempt != job["attempt"]:
        raise conflict(f"Attempt {attempt} is over; the current one is {job['attempt']}")
    paths = LogPaths.of(services.settings.data_dir, job_id, attempt, stage)
    turn = _turns.setdefault(job_id, asyncio.Lock())
    async with turn:
        try:
            stored = await asyncio.to_thread(reported.append, paths, data, offset, is_last=is_last)
        except Gap as gap:
            raise _gap(gap, "offset") from None
        except Refused as fault:
            raise conflict(str(fault)) from None
        except OSError as error:
            raise ApiError(
                507, "LOG_NOT_WRITTEN", f"The log could not be written: {error.strerror}"
            ) from None
        if stored.offset or stored.complete:
            await asyncio.to_thread(_note, services, job, stage, complete=stored.complete)
    return json_response({"job_id": job_id, "attempt": attempt, "stage": stage, **vars(stored)})


def read_as(model: type[T], data: object) -> T:
    """Raises ApiError with the first thing that is wrong, and where."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        is_unknown = first["type"] == "extra_forbidden"
        said = "is not known" if is_unknown else first["msg"].removeprefix("Value error, ")
        message = f"'{place}': {said}" if place else said
        raise ApiError(400, "VALIDATION_FAILED", message[:500], details={"field": place}) from None


async def _body(request: Request) -> bytes:
    return await body.bounded(request, too_large(f"The body is larger than {MAX_BODY} bytes"), MAX_BODY)


def _json(data: bytes) -> Any:
    try:
        parsed = json_value(data.decode())
    except UnicodeDecodeError:
        parsed = None
    if parsed is None:
        raise bad_request("The body is not valid JSON", "INVALID_JSON")
    return parsed


def _note(services: Services, job: dict[str, Any], stage: str | None, *, complete: bool) -> None:
    """Once: what the record says already is no reason to keep other writers out with each piece."""
    if stage is None:
        if not job["has_logs"]:
            services.store.note_log(job["id"])
        return
    state = "complete" if complete else "open"
    if not any(known["id"] == stage and known["log"] == state for known in job["stages"]):
        services.store.note_stage_log(job["id"], job["attempt"], stage, state)


def _gap(gap: Gap, name: str) -> ApiError:
    return ApiError(409, "GAP", str(gap), details={name: gap.expected})
