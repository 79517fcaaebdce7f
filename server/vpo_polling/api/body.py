"""The body of an action: a small JSON object, or the fields of a plain form."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from vpo_polling.errors import ApiError, bad_request

MAX_BODY = 64 * 1024
DEADLINE_S = 10.0
JSON_TYPE = "application/json"
_MAX_FIELDS = 1100


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";", 1)[0].strip().lower()


async def fields(request: Request) -> dict[str, Any]:
    body = await bounded(request, bad_request(f"The body is larger than {MAX_BODY} bytes"), MAX_BODY)
    return _json_object(body) if media_type(request) == JSON_TYPE else await _form(request, body)


async def bounded(request: Request, too_large: ApiError, most: int) -> bytes:
    """The whole body. Raises `too_large` for more than `most` bytes, without reading on."""
    try:
        return await asyncio.wait_for(_whole(request, too_large, most), DEADLINE_S)
    except ClientDisconnect:
        raise bad_request("The body is not complete") from None
    except asyncio.TimeoutError:
        # Who sends a byte a second must not keep a place for ever.
        raise ApiError(408, "INVALID_REQUEST", f"The body took longer than {DEADLINE_S:g} s") from None


async def _whole(request: Request, too_large: ApiError, most: int) -> bytes:
    body = bytearray()
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 15 or int(declared) > most):
        raise too_large
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    return bytes(body)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("The body is not valid JSON", "INVALID_JSON") from None
    if not isinstance(data, dict):
        raise bad_request("The body must be a JSON object")
    return data


async def _form(request: Request, body: bytes) -> dict[str, Any]:
    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, replay).form(max_files=0, max_fields=_MAX_FIELDS) as form:
            # A name that occurs twice is a list, as in the JSON that the page script sends.
            return {name: values[0] if len(values := form.getlist(name)) == 1 else values for name in form}
    except (MultiPartException, UnicodeDecodeError):
        raise bad_request("The form can't be read") from None


def text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        message = f"'{name}' must be a text that is not empty"
        raise ApiError(400, "VALIDATION_FAILED", message, details={"field": name})
    return value
