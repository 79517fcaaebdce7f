"""Asks a server the cases; knows which of its jobs the cases mean."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from .cases import Case, filled
from .checks import differences

NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
STATUSES = ("queued", "running", "completed", "failed", "cancelled")
PATIENCE_S = 30.0


def asking(base_url: str, token: str | None = None) -> httpx.Client:
    """Sends no headers but Host and, where there is a token, its password."""
    auth = None if token is None else ("anyone", token)
    client = httpx.Client(base_url=base_url.rstrip("/"), auth=auth, timeout=PATIENCE_S, trust_env=False)
    client.headers.clear()
    return client


def names(client: httpx.Client) -> dict[str, str]:
    """What the cases call by name, as far as this server has it."""
    found = {"nobody": NOBODY, "origin": _origin(client.base_url)}
    for status in STATUSES:
        for job in _ask(client, "GET", f"/api/jobs?status={status}&limit=1").json()["jobs"]:
            found |= {status: job["id"], "any": job["id"], "path": quote(job["file_path"], safe="")}
    return found


def _origin(url: httpx.URL) -> str:
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def answer(client: httpx.Client, case: Case, known: Mapping[str, str], token: str | None = None) -> list[str]:
    """What differs from the contract; a limit of requests is waited for."""
    request = filled(dict(case.request), known)
    headers = dict(request.get("headers", {}))
    credentials = client.auth
    if case.auth is not None:
        credentials = None
        headers |= _credentials(case.auth, token or "")
    response = _ask(
        client,
        case.method.upper(),
        filled(case.path, known),
        headers=headers,
        auth=credentials,
        json=request.get("json"),
        content=request.get("text"),
    )
    return differences(response, filled(dict(case.wanted), known))


def _credentials(kind: str, token: str) -> dict[str, str]:
    basic = base64.b64encode(f"whoever:{'wrong' if kind == 'wrong' else token}".encode()).decode()
    schemes = {"basic": f"Basic {basic}", "wrong": f"Basic {basic}", "bearer": f"Bearer {token}"}
    return {"authorization": schemes[kind]} if kind in schemes else {}


def _ask(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    response = client.request(method, path, **options)
    while response.status_code == 429:
        time.sleep(int(response.headers["retry-after"]))
        response = client.request(method, path, **options)
    return response
