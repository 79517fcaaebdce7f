"""The formatters of the binding language, `{field|formatter}`.

The page script has the same ones; test/contract/formatters.json holds both to the same answers. Every
formatter takes the JSON value and gives the text to show, None for null and for what it can't read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from urllib.parse import quote

from vpo_polling.amounts import duration_text, percent_text, size_text, units

from .values import Json, as_number, as_text


@dataclass(frozen=True)
class Surroundings:
    """What a formatter may know beside its value: the page's words and the time, in ms since the epoch."""

    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    now: int = 0


Formatter = Callable[[Json, Surroundings], "str | None"]

_LARGEST = 2**53 - 1
"""Where whole numbers end in JavaScript; beyond it the two sides could not agree on a digit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def _amount(value: Json) -> int | None:
    """Whole, rounded down and never negative: a clock that runs ahead must not show "-1 s"."""
    number = as_number(value)
    return None if number is None or number > _LARGEST else max(0, math.floor(number))


def duration(value: Json, _: Surroundings) -> str | None:
    seconds = _amount(value)
    return None if seconds is None else duration_text(seconds)


def percent(value: Json, _: Surroundings) -> str | None:
    number = _amount(value)
    return None if number is None else percent_text(number)


def byte_size(value: Json, _: Surroundings) -> str | None:
    count = _amount(value)
    return None if count is None else size_text(count)


def basename(value: Json, _: Surroundings) -> str | None:
    text = as_text(value)
    if not text:
        return text
    # A backslash separates only where there is no slash: on Linux it is an ordinary character of a name.
    names = [name for name in text.split("/" if "/" in text else "\\") if name]
    return names[-1] if names else text


def _age(value: Json, around: Surroundings) -> int | None:
    """Whole seconds since an instant in ISO 8601; without a zone it is UTC, as everywhere in this project."""
    moment = _instant(value)
    return None if moment is None else max(0, (around.now - _milliseconds(moment)) // 1000)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _instant(value: Json) -> datetime | None:
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


def time(value: Json, _: Surroundings) -> str | None:
    moment = _instant(value)
    return None if moment is None else f"{moment.isoformat(' ', 'seconds')[:19]} UTC"


def ago(value: Json, around: Surroundings) -> str | None:
    age = _age(value, around)
    if age is None:
        return None
    if age < 10:
        return around.words.get("just now", "just now")
    return around.words.get("ago", "{} ago").replace("{}", units(age)[0])


def elapsed(value: Json, around: Surroundings) -> str | None:
    age = _age(value, around)
    return None if age is None else duration_text(age)


def word(value: Json, around: Surroundings) -> str | None:
    text = as_text(value)
    return text and around.words.get(text, text)


def path(value: Json, _: Surroundings) -> str | None:
    """For URLs: each segment percent-encoded, slashes kept; None when a segment would climb out."""
    text = as_text(value)
    if text is None or {".", ".."} & set(text.split("/")):
        return None
    encoded = encode(text)
    return encoded and encoded.replace("%2F", "/")


def encode(text: str) -> str | None:
    """As encodeURIComponent; None for half a surrogate pair (a name that was not UTF-8)."""
    try:
        return quote(text, safe="!'()*-._~")
    except UnicodeEncodeError:
        return None


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
