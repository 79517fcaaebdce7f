"""What the members of an answer are, and what must hold between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import yaml

from .cases import FOLDER

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "uuid": lambda value: isinstance(value, str) and _UUID.fullmatch(value) is not None,
    "instant": lambda value: isinstance(value, str) and _INSTANT.fullmatch(value) is not None,
    "int": _integer,
    "count": lambda value: _integer(value) and value >= 0,
    "number": _number,
    "percent": lambda value: _number(value) and 0 <= value <= 100,
    "bool": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
}


@cache
def shapes() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load((FOLDER / "shapes.yaml").read_text("utf-8"))
    return loaded


def misfits(data: Any, name: str, at: str = "") -> Iterator[str]:
    """What `data` has that the shape `name` has not; members that the contract does not know are allowed."""
    shape = shapes()[name]
    if not isinstance(data, dict):
        yield f"{at or 'the answer'} to be an object, got {_short(data)}"
        return
    for base in shape.get("like", []):
        yield from misfits(data, base, at)
    for member, kind in shape.get("members", {}).items():
        place = f"{at}.{member}".lstrip(".")
        if member not in data:
            yield f"{place}, got no such member"
        else:
            yield from _misfit(data[member], kind, place)
    yield from (f"{at} {broken}".lstrip() for broken in RELATIONS.get(name, _none)(data))


def _misfit(value: Any, kind: Any, place: str) -> Iterator[str]:
    if isinstance(kind, list):
        if value not in kind:
            yield f"{place} to be one of {kind}, got {_short(value)}"
    elif kind.startswith("list of "):
        if not isinstance(value, list):
            yield f"{place} to be a list, got {_short(value)}"
            return
        for index, item in enumerate(value):
            yield from _misfit(item, kind.removeprefix("list of "), f"{place}[{index}]")
    elif kind in shapes():
        yield from misfits(value, kind, place)
    elif not (kind.endswith("?") and value is None) and not KINDS[kind.removesuffix("?")](value):
        yield f"{place} to be {kind}, got {_short(value)}"


def seconds(item: Mapping[str, Any]) -> float | None:
    """From creation to end, as the sort by duration sees it."""
    began, ended = (_moment(item.get(name)) for name in ("created_at", "completed_at"))
    return None if began is None or ended is None else (ended - began).total_seconds()


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    whole, _, rest = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    return datetime.fromisoformat(f"{whole}.{rest[:6]:0<6}+00:00")


def _item(data: dict[str, Any]) -> Iterator[str]:
    took = seconds(data)
    if took is None and data.get("completed_at") is None and data.get("duration_seconds") is not None:
        yield "duration_seconds to be null while completed_at is"
    if took is not None and data.get("duration_seconds") != max(0, int(took // 1)):
        yield f"duration_seconds to be {int(took // 1)}, from creation to end, got {data['duration_seconds']}"


def _record(data: dict[str, Any]) -> Iterator[str]:
    if data.get("id_short") != str(data.get("id"))[:8]:
        yield f"id_short to be the first 8 of {data.get('id')}, got {_short(data.get('id_short'))}"
    if data.get("has_scan_errors") and data.get("job_type") != "scan":
        yield "has_scan_errors of scans only"


def _list(data: dict[str, Any]) -> Iterator[str]:
    jobs, total, limit = (data.get(name) for name in ("jobs", "total", "limit"))
    if isinstance(jobs, list) and _integer(limit) and len(jobs) > int(str(limit)):
        yield f"jobs to be {limit} at most, got {len(jobs)}"
    if isinstance(jobs, list) and _integer(total) and len(jobs) > int(str(total)):
        yield f"total to be {len(jobs)} at least, got {total}"


def _errors(data: dict[str, Any]) -> Iterator[str]:
    if isinstance(data.get("errors"), list) and len(data["errors"]) > data.get("total_errors", 0):
        yield f"total_errors to be {len(data['errors'])} at least, got {data.get('total_errors')}"


def _none(_data: dict[str, Any]) -> Iterator[str]:
    return iter(())


RELATIONS: Mapping[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "item": _item,
    "record": _record,
    "list": _list,
    "errors": _errors,
}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
