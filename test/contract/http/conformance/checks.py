"""Compares an answer with what a case wants; every difference is a phrase that reads after "wanted"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from .shapes import misfits, seconds


def differences(response: httpx.Response, wanted: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in wanted.items():
        try:
            found += CHECKS[name](response, value)
        except (ValueError, LookupError, TypeError, AttributeError):
            found.append(f"{name} {value}, got {response.text[:100]!r}")
    return found


def _status(response: httpx.Response, wanted: int) -> Iterator[str]:
    if response.status_code != wanted:
        yield f"{wanted}, got {response.status_code} {response.text[:120]!r}"


def _type(response: httpx.Response, wanted: str) -> Iterator[str]:
    got = response.headers.get("content-type", "none").lower()
    if got != TYPES.get(wanted, wanted) and got.split(";")[0] != wanted:
        yield f"content type {TYPES.get(wanted, wanted)}, got {got}"


TYPES = {"json": "application/json; charset=utf-8", "html": "text/html; charset=utf-8"}


def _has(response: httpx.Response, wanted: Mapping[str, Any]) -> Iterator[str]:
    """These members, with these values."""
    data = response.json()
    for name, value in wanted.items():
        if (
            name not in data
            or data[name] != value
            or isinstance(data[name], bool) is not isinstance(value, bool)
        ):
            yield f"{name} to be {value!r}, got {data.get(name)!r}"


def _all(response: httpx.Response, wanted: Mapping[str, str]) -> Iterator[str]:
    """The same of every job of a list."""
    for name, value in wanted.items():
        odd = [job[name] for job in response.json()["jobs"] if job[name] != value]
        if odd:
            yield f"every {name} to be {value!r}, got {odd[0]!r}"


def _count(response: httpx.Response, wanted: Mapping[str, int]) -> Iterator[str]:
    for name, number in wanted.items():
        got = len(response.json()[name])
        if got != number:
            yield f"{number} {name}, got {got}"


def _sorted(response: httpx.Response, wanted: str) -> Iterator[str]:
    """`file_path asc`; jobs that have not ended come last, however durations are sorted."""
    by, order = wanted.split()
    jobs = response.json()["jobs"]
    values = [seconds(job) if by == "duration" else job[by] for job in jobs]
    known = [value for value in values if value is not None]
    if values[: len(known)] != known:
        yield "unfinished jobs last"
    if known != sorted(known, reverse=order == "desc"):
        yield f"jobs sorted by {wanted}, got {known[:4]}…"


def _headers(response: httpx.Response, wanted: Mapping[str, str]) -> Iterator[str]:
    for name, pattern in wanted.items():
        got = response.headers.get(name)
        if got is None or not re.search(pattern, got):
            yield f"{name} like {pattern}, got {got}"


def _lacks(response: httpx.Response, wanted: list[str]) -> Iterator[str]:
    for name in wanted:
        if name in response.headers:
            yield f"no {name}, got {response.headers[name]}"


def _says(response: httpx.Response, wanted: list[str]) -> Iterator[str]:
    for pattern in wanted:
        if not re.search(pattern, response.text):
            yield f"a text like {pattern}, got none in {len(response.text)} characters"


def _empty(response: httpx.Response, _wanted: bool) -> Iterator[str]:
    if response.content:
        yield f"no body, got {len(response.content)} bytes"


CHECKS: Mapping[str, Callable[[httpx.Response, Any], Iterator[str]]] = {
    "status": _status,
    "type": _type,
    "shape": lambda response, name: misfits(response.json(), name),
    "has": _has,
    "all": _all,
    "count": _count,
    "sorted": _sorted,
    "headers": _headers,
    "lacks": _lacks,
    "says": _says,
    "empty": _empty,
}
