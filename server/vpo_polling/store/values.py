"""Values as the answers promise them, whatever another program wrote into the columns.

SQLite keeps any type in any column. A value that is not what the column is for is shown as well as can be and
said in the log, once per row; it never keeps the other rows from being shown.
"""

from __future__ import annotations

import json
import logging
import math
from datetime import datetime, timezone
from typing import Any, NoReturn

from sqlalchemy import RowMapping

LONGEST_ITEM_TEXT = 4096
"""In lists: no path that a system can open is longer."""

LONGEST_TEXT = 16_384
"""In a record."""

LATEST_MS = 253_402_214_399_999
"""The day before the last one that dates know, so that every time zone can show it."""

_MAX_SAID = 1000
_log = logging.getLogger("vpo_polling.store")
_said: set[str] = set()


class Values:
    """Reads one row, column by column, and notes the columns that hold something else."""

    def __init__(self, row: RowMapping) -> None:
        self._row = row
        self._odd: list[str] = []

    def text(self, name: str, longest: int = LONGEST_ITEM_TEXT) -> str:
        return self.optional_text(name, longest) or ""

    def optional_text(self, name: str, longest: int = LONGEST_ITEM_TEXT) -> str | None:
        value = self._row[name]
        if value is None:
            return None
        if not isinstance(value, str):
            self._odd.append(name)
            value = readable(value) if isinstance(value, bytes) else str(value)
        return value if len(value) <= longest else f"{value[: longest - 1]}…"

    def integer(self, name: str, default: int) -> int:
        value = self._whole(name)
        return default if value is None else value

    def count(self, name: str) -> int | None:
        """Never negative."""
        value = self._whole(name)
        if value is not None and value < 0:
            self._odd.append(name)
            return 0
        return value

    def flag(self, name: str) -> bool:
        return bool(self._row[name])

    def percent(self, name: str) -> float:
        value = self._row[name]
        if not _is_number(value) or not 0 <= value <= 100:
            self._odd.append(name)
            return min(100.0, max(0.0, float(value))) if _is_number(value) else 0.0
        return float(value)

    def moment(self, name: str) -> int | None:
        """Milliseconds that can be written as a date."""
        value = self._whole(name)
        if value is None or 0 <= value <= LATEST_MS:
            return value
        self._odd.append(name)
        return min(LATEST_MS, max(0, value))

    def json_object(self, name: str, longest: int = LONGEST_TEXT) -> dict[str, Any] | None:
        """None where the column holds no object that JSON can carry on, or one too large to show."""
        value = self._row[name]
        found = json_value(value) if value is not None and len(str(value)) <= longest else None
        if isinstance(found, dict):
            return found
        if value is not None and str(value) != "null":
            self._odd.append(name)
        return None

    def json_list(self, name: str) -> list[dict[str, Any]]:
        """The objects of a list; none where the column holds anything else."""
        value = self._row[name]
        found = None if value is None else json_value(value)
        if isinstance(found, list):
            return [part for part in found if isinstance(part, dict)]
        if value is not None and value != "null":
            self._odd.append(name)
        return []

    def complain(self, what: str) -> None:
        """Says in the log which columns were odd, if any; each row once."""
        if self._odd and what not in _said and len(_said) < _MAX_SAID:
            _said.add(what)
            columns = ", ".join(dict.fromkeys(self._odd))
            _log.warning("%s: %s can't be read as written by this program.", ascii(what)[1:80], columns)

    def _whole(self, name: str) -> int | None:
        value = self._row[name]
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._odd.append(name)
        return int(value) if _is_number(value) else None


def readable(raw: bytes) -> str:
    r"""Text of bytes that may be no UTF-8, those as visible escapes: `\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def json_value(text: object) -> Any:
    """What a JSON column holds, or None. Refuses what other readers of JSON would refuse too: NaN, 1e999."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def instant(ms: int | None) -> str | None:
    if ms is None:
        return None
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def milliseconds(instant: str) -> int:
    """The other way round."""
    moment = datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def seconds_between(begin: int | None, end: int | None) -> int | None:
    return None if begin is None or end is None else max(0, end - begin) // 1000


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _refuse(_text: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)
