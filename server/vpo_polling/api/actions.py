"""What changes jobs: start a scan, cancel, retry, delete. Programs get JSON, plain forms a page."""

from __future__ import annotations

import asyncio
import shutil

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vpo_polling.api import body
from vpo_polling.api.refusal import wants_json
from vpo_polling.api.roots import directory_within
from vpo_polling.errors import ApiError, conflict, not_found
from vpo_polling.feed import canonical
from vpo_polling.logs.paths import LogPaths
from vpo_polling.services import Services
from vpo_polling.store import WHY_NO_CANCEL, NewJob, now_ms, why_no_retry


async def create(services: Services, request: Request) -> Response:
    fields = await body.fields(request)
    if body.text(fields, "type") != "scan":
        message = "Only jobs of the type 'scan' can be started here; commands are started with 'vpo'"
        raise ApiError(400, "VALIDATION_FAILED", message, details={"field": "type"})
    text = body.text(fields, "path")
    path = await asyncio.to_thread(directory_within, text, services.settings.scan_roots)
    # The column shows the path; what is scanned is kept exactly, also where the name is no UTF-8.
    job = NewJob(job_type="scan", file_path=str(path), options={"path": str(path)})
    job_id = await asyncio.to_thread(services.store.create_job, job, now=now_ms())
    if services.runner is not None:
        services.runner.wake()
    return await shown(services, request, job_id, created=True)


async def cancel(services: Services, request: Request, job_id: str) -> Response:
    await cancel_job(services, job_id)
    return await shown(services, request, job_id)


async def retry(services: Services, request: Request, job_id: str) -> Response:
    await retry_job(services, job_id)
    return await shown(services, request, job_id)


async def delete(services: Services, request: Request, job_id: str) -> Response:
    await delete_job(services, job_id)
    if is_program(request):
        return Response(status_code=204, headers={"cache-control": "no-store"})
    return see_other(request, "/jobs")


async def cancel_job(services: Services, job_id: str) -> None:
    outcome = await asyncio.to_thread(services.store.request_cancel, job_id, now=now_ms())
    if outcome == "missing":
        raise not_found()
    if outcome in WHY_NO_CANCEL:
        raise conflict(WHY_NO_CANCEL[outcome])
    if outcome == "cancelling" and services.runner is not None:
        await services.runner.cancel(job_id)


async def retry_job(services: Services, job_id: str) -> None:
    if not await asyncio.to_thread(services.store.retry, job_id):
        record = await asyncio.to_thread(services.store.get_job, job_id)
        if record is None:
            raise not_found()
        raise conflict(why_no_retry(record))
    if services.runner is not None:
        services.runner.wake()


async def delete_job(services: Services, job_id: str) -> None:
    if not await asyncio.to_thread(services.store.delete, job_id):
        if await asyncio.to_thread(services.store.get_job, job_id) is None:
            raise not_found()
        raise conflict("The job has not ended yet; cancel it first")
    folder = LogPaths.of(services.settings.data_dir, job_id, 1).folder
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def shown(services: Services, request: Request, job_id: str, *, created: bool = False) -> Response:
    """The job as it is now: its record, or for a plain form its page."""
    if not is_program(request):
        return see_other(request, f"/jobs/{job_id}")
    record = await asyncio.to_thread(services.store.get_job, job_id)
    if record is None:
        raise not_found()
    return made(request, record, f"/api/jobs/{job_id}") if created else json_response(record)


def made(request: Request, record: object, path: str) -> Response:
    """What was made, and where it is."""
    response = json_response(record, 201)
    response.headers["location"] = f"{request.scope.get('root_path', '')}{path}"
    return response


def json_response(record: object, status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(canonical(record), status, headers, media_type="application/json; charset=utf-8")


def is_program(request: Request) -> bool:
    """A plain form says neither that it sends nor that it takes JSON."""
    if body.media_type(request) == body.JSON_TYPE:
        return True
    return wants_json(request.scope) and not (_is_form(request) and not _asks_for_json(request))


def _is_form(request: Request) -> bool:
    return body.media_type(request) in ("application/x-www-form-urlencoded", "multipart/form-data")


def _asks_for_json(request: Request) -> bool:
    return body.JSON_TYPE in request.headers.get("accept", "")


def see_other(request: Request, path: str) -> Response:
    """303, so that the browser continues with GET and a reload repeats nothing."""
    url = f"{request.scope.get('root_path', '')}{path}"
    return RedirectResponse(url, 303, headers={"cache-control": "no-store"})
