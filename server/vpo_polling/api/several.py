"""The same action for several jobs: a row's own button sends one id, a selection sends many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from vpo_polling.api import body, params
from vpo_polling.api.actions import cancel_job, delete_job, is_program, retry_job, see_other
from vpo_polling.errors import ApiError
from vpo_polling.feed import canonical
from vpo_polling.services import Services

MOST = 1000


async def cancel(services: Services, request: Request) -> Response:
    return await _each(services, request, cancel_job)


async def retry(services: Services, request: Request) -> Response:
    return await _each(services, request, retry_job)


async def delete(services: Services, request: Request) -> Response:
    return await _each(services, request, delete_job)


async def _each(
    services: Services, request: Request, act: Callable[[Services, str], Awaitable[None]]
) -> Response:
    """Does what can be done. One job that refuses keeps no other from it, and is named with its reason."""
    job_ids = _ids(await body.fields(request))
    done: list[str] = []
    refused: list[dict[str, str]] = []
    for job_id in job_ids:
        try:
            await act(services, job_id)
            done.append(job_id)
        except ApiError as error:
            refused.append({"id": job_id, "error": error.message, "code": error.code})
    if refused:
        raise ApiError(
            409,
            "RESOURCE_CONFLICT",
            _reason(refused, len(job_ids)),
            details={"done": done, "refused": refused},
        )
    if not is_program(request):
        return see_other(request, _list_of(request))
    answer = canonical({"done": done})
    headers = {"cache-control": "no-store"}
    return Response(answer, 200, headers, media_type="application/json; charset=utf-8")


def _ids(fields: dict[str, object]) -> list[str]:
    given = fields.get("id")
    texts = given if isinstance(given, list) else [given]
    if not given or len(texts) > MOST or not all(isinstance(text, str) for text in texts):
        message = f"Select the jobs first: 'id' must be one id or a list of up to {MOST}"
        raise ApiError(400, "VALIDATION_FAILED", message, details={"field": "id"})
    return list(dict.fromkeys(params.known_id(str(text), "job") for text in texts))


def _reason(refused: list[dict[str, str]], asked: int) -> str:
    reason = refused[0]["error"]
    return reason if asked == 1 else f"Refused by {len(refused)} of {asked} jobs: {reason}"


def _list_of(request: Request) -> str:
    """The list that the form stood on, with its filters, where the browser says which it was."""
    came_from = urlsplit(request.headers.get("referer", ""))
    root = str(request.scope.get("root_path", ""))
    is_ours = came_from.netloc == request.headers.get("host") and came_from.path == f"{root}/jobs"
    return f"/jobs?{came_from.query}" if is_ours and came_from.query else "/jobs"
