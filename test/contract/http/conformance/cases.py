"""The contract's cases, spelled out: one per prefix and value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent
PREFIXES = ("/api", "/api/v1")
METHODS = ("get", "head", "post", "put", "patch", "delete")
REQUEST = ("headers", "json", "text", "auth")
WHEN = ("it", "root", "each", "known", "write")
WANTED = ("status", "type", "shape", "has", "all", "count", "sorted", "headers", "lacks", "says", "empty")
_PLACEHOLDER = re.compile(r"\{([a-z]+)(?::([a-z]+))?\}")


@dataclass(frozen=True)
class Case:
    """One request and what its answer must be."""

    it: str
    method: str
    path: str
    request: Mapping[str, Any]
    wanted: Mapping[str, Any]
    known: bool
    """Only where the server has exactly the jobs of the tests."""

    write: bool
    """May change something."""

    @property
    def asked(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def needs(self) -> set[str]:
        """The names that stand for something of the server's, such as a job that failed."""
        return {match[1] for match in _PLACEHOLDER.finditer(f"{self.path}{self.request}{self.wanted}")}

    @property
    def auth(self) -> str | None:
        auth = self.request.get("auth")
        return None if auth is None else str(auth)


def all_cases() -> list[Case]:
    return [case for file in sorted((FOLDER / "cases").glob("*.yaml")) for case in _cases_of(file)]


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with `{name}` and `{name:way}` replaced wherever text stands in it; other braces stay."""

    def one(match: re.Match[str]) -> str:
        return WAYS[match[2] or "plain"](names[match[1]]) if match[1] in names else match[0]

    if isinstance(value, str):
        return _PLACEHOLDER.sub(one, value)
    if isinstance(value, Mapping):
        return {key: filled(item, names) for key, item in value.items()}
    return [filled(item, names) for item in value] if isinstance(value, list) else value


WAYS = {
    "plain": lambda text: text,
    "upper": lambda text: text.upper(),
    "short": lambda text: text[:8],
    "bare": lambda text: text.replace("-", ""),
}


def _cases_of(file: Path) -> Iterator[Case]:
    for entry in yaml.safe_load(file.read_text("utf-8")):
        method = next(name for name in METHODS if name in entry)
        unknown = entry.keys() - {method, "with", "wants", *WHEN}
        unknown |= entry.get("with", {}).keys() - set(REQUEST) | entry["wants"].keys() - set(WANTED)
        if unknown:
            raise ValueError(f"{file.name}: {entry['it']!r} says {sorted(unknown)}, which nobody reads")
        each = entry.get("each", {})
        for prefix in ("",) if entry.get("root") else PREFIXES:
            for values in itertools.product(*each.values()):
                named = dict(zip(each, map(str, values), strict=True))
                yield Case(
                    it=filled(entry["it"], named),
                    method=method,
                    path=prefix + filled(entry[method], named),
                    request=filled(entry.get("with", {}), named),
                    wanted=filled(entry["wants"], named),
                    known=entry.get("known", False),
                    write=entry.get("write", False),
                )
