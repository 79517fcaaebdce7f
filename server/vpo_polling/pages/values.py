"""JSON values as the page script sees them: own members only, numbers written as JavaScript writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def member(scope: Json, names: Sequence[str]) -> Json:
    """Follows `names` through objects and arrays; null where something on the way is missing."""
    value = scope
    for name in names:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, (list, tuple)) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def as_number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        # Whole numbers too large for JavaScript reach the script rounded, or not at all.
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_text(value: Json) -> str | None:
    """The string the script would show; null, objects and arrays have none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        number = as_number(value)
        return None if number is None else _number_text(number)
    return value if isinstance(value, str) else None


def _number_text(number: float) -> str:
    """ECMAScript's Number::toString: the same shortest digits as Python's, other limits for the exponent."""
    if number == 0:
        return "0"
    if 1e-6 <= abs(number) < 1e21:
        return format(Decimal(repr(number).removesuffix(".0")), "f")
    mantissa, _, exponent = repr(number).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
