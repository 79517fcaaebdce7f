"""The formatters of the binding language, `{field|formatter}`.

The page script has the same ones; test/contract/formatters.json holds both to the same answers. Every
formatter takes the JSON value and gives the text to show, "" for null and for what it can't read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from urllib.parse import quote

from .values import Json, as_number, as_text


@dataclass(frozen=True)
class Surroundings:
    """What a formatter may know beside its value: the page's words and the time, in ms since the epoch."""

    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    now: int = 0


Formatter = Callable[[Json, Surroundings], str]

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_LARGEST = 2**53 - 1
"""Where whole numbers end in JavaScript; beyond it the two sides could not agree on a digit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def _count(value: Json) -> float | None:
    number = as_number(value)
    return None if number is None or abs(number) > _LARGEST else max(0, number)


def _duration_text(seconds: float) -> str:
    """Two neighbouring units at most, rounded down: an estimate that only ever lags, never runs ahead."""
    left = math.floor(seconds)
    position = next((at for at, (_, size) in enumerate(_UNITS) if left >= size), len(_UNITS) - 1)
    unit, size = _UNITS[position]
    text = f"{left // size} {unit}"
    if position + 1 < len(_UNITS):
        smaller, smaller_size = _UNITS[position + 1]
        text += f" {left % size // smaller_size} {smaller}"
    return text


def duration(value: Json, _: Surroundings) -> str:
    seconds = _count(value)
    return "" if seconds is None else _duration_text(seconds)


def percent(value: Json, _: Surroundings) -> str:
    number = _count(value)
    return "" if number is None else f"{math.floor(min(100, number))}%"


def byte_size(value: Json, _: Surroundings) -> str:
    size = _count(value)
    if size is None:
        return ""
    unit = "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    if unit == "B" or size >= 10:
        return f"{math.floor(size)} {unit}"
    return f"{math.floor(size * 10) / 10:.1f} {unit}"


def basename(value: Json, _: Surroundings) -> str:
    text = as_text(value)
    separators = "/\\" if _WINDOWS.match(text) else "/"
    return re.split(f"[{re.escape(separators)}]", text.rstrip(separators))[-1] or text


def _instant(value: Json) -> datetime | None:
    """ISO 8601 with a time; without a zone it is UTC, as everywhere in this project."""
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    seconds, fraction, zone = match.groups()
    # Python 3.10 reads neither "Z" nor every length of fraction.
    zone = "+00:00" if zone in {None, "Z"} else zone
    try:
        moment = datetime.fromisoformat(f"{seconds}.{(fraction or '')[:6]:0<6}{zone}")
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _age_s(value: Json, around: Surroundings) -> int | None:
    moment = _instant(value)
    if moment is None:
        return None
    return max(0, (around.now - (moment - _EPOCH) // timedelta(milliseconds=1)) // 1000)


def time(value: Json, _: Surroundings) -> str:
    moment = _instant(value)
    return "" if moment is None else f"{moment.isoformat(' ', 'seconds')[:19]} UTC"


def ago(value: Json, around: Surroundings) -> str:
    age = _age_s(value, around)
    if age is None:
        return ""
    if age < 10:
        return "just now"
    unit, size = next((unit, size) for unit, size in _UNITS if age >= size)
    return f"{age // size} {unit} ago"


def elapsed(value: Json, around: Surroundings) -> str:
    age = _age_s(value, around)
    return "" if age is None else _duration_text(age)


def word(value: Json, around: Surroundings) -> str:
    text = as_text(value)
    return around.words.get(text, text)


def path(value: Json, _: Surroundings) -> str:
    """For URLs: each segment percent-encoded, slashes kept; "" when a segment would climb out."""
    segments = as_text(value).split("/")
    if "." in segments or ".." in segments:
        return ""
    try:
        return "/".join(map(encode, segments))
    except UnicodeEncodeError:
        return ""


def encode(text: str) -> str:
    """As encodeURIComponent, which also has no answer for half a surrogate pair."""
    return quote(text, safe="!'()*-._~")


FORMATTERS: Mapping[str, Formatter] = MappingProxyType(
    {
        "ago": ago,
        "basename": basename,
        "bytes": byte_size,
        "duration": duration,
        "elapsed": elapsed,
        "path": path,
        "percent": percent,
        "time": time,
        "word": word,
    }
)
