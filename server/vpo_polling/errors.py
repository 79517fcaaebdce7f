"""Every way in which a request can be refused: a status, a code for programs, a sentence for people."""

from __future__ import annotations

import random
from typing import Any

from vpo_polling.feed import canonical
from vpo_polling.store import DatabaseFull, DatabaseUnavailable
from vpo_polling.wire import JSON, NO_STORE, Answer, Headers


class ApiError(Exception):
    """Answered as `{error, code, details?}`, or as a page to a browser that asks for one."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Any = None,
        headers: Headers | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers or []

    def answer(self) -> Answer:
        body = {"error": self.message, "code": self.code}
        if self.details is not None:
            body["details"] = self.details
        return Answer(self.status, [JSON, NO_STORE, *self.headers], canonical(body))


def retry_soon() -> Headers:
    """Random, so that pages that were refused together do not return together."""
    return [(b"retry-after", str(random.randint(1, 5)).encode())]  # noqa: S311


def bad_request(message: str, code: str = "INVALID_REQUEST") -> ApiError:
    return ApiError(400, code, message)


def not_found(message: str = "Job not found") -> ApiError:
    return ApiError(404, "NOT_FOUND", message)


def too_large(message: str) -> ApiError:
    return ApiError(413, "TOO_LARGE", message)


def method_not_allowed(allowed: str) -> ApiError:
    message = f"Method not allowed; use {allowed}"
    return ApiError(405, "INVALID_REQUEST", message, headers=[(b"allow", allowed.encode())])


def conflict(message: str) -> ApiError:
    return ApiError(409, "RESOURCE_CONFLICT", message)


def rate_limited() -> ApiError:
    message = "Rate limit exceeded. Please wait before retrying."
    return ApiError(429, "RATE_LIMITED", message, headers=retry_soon())


def internal() -> ApiError:
    return ApiError(500, "INTERNAL_ERROR", "The server failed; its log says why")


def database_unavailable(error: DatabaseUnavailable | None = None) -> ApiError:
    is_full = isinstance(error, DatabaseFull)
    message = "The disk is full; nothing was changed" if is_full else "Database not available"
    return ApiError(503, "DATABASE_UNAVAILABLE", message, headers=retry_soon())


def too_many_streams() -> ApiError:
    headers = [(b"retry-after", b"10")]
    return ApiError(503, "SERVICE_UNAVAILABLE", "Too many streams are open; poll instead", headers=headers)


def shutting_down() -> ApiError:
    return ApiError(503, "SHUTTING_DOWN", "Service is shutting down", headers=retry_soon())
