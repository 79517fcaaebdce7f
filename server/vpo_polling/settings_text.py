"""What is said about settings: one sentence with the place, the fault and the remedy."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

_log = logging.getLogger("vpo_polling.settings")
_SECRET = ("auth_token",)


def unknown_key(key: str, last: str, known: Iterable[str], path: Path) -> str:
    return f"Unknown setting '{key}' in {path}{_suggestion(last, known)}."


def warn_of_unknown_variables(
    environment: Mapping[str, str], prefix: str, fields: Iterable[str], *, also: tuple[str, ...]
) -> None:
    known = [prefix + field.upper() for field in fields] + list(also)
    for name in sorted(environment):
        if name.startswith(prefix) and name not in known:
            _log.warning(
                "Unknown environment variable %s%s; it has no effect.", name, _suggestion(name, known)
            )


def sentence(
    error: ValidationError,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    prefix: str,
    path: Path | None,
) -> str:
    fault = error.errors(include_url=False)[0]
    message = fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return f"{message}."
    name, *rest = (str(part) for part in fault["loc"])
    if name in flags:
        place = "--" + name.replace("_", "-")
    elif prefix + name.upper() in environment:
        place = prefix + name.upper()
    else:
        place = f"'{'.'.join([name, *rest])}' in {path}"
    value = "" if name in _SECRET or isinstance(fault["input"], dict) else f" {fault['input']!r}"
    return f"{place}:{value} can't be used: {message[0].lower()}{message[1:]}."


def _suggestion(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known), n=1, cutoff=0)
    return f" (the nearest known one is '{nearest[0]}')" if nearest else ""
