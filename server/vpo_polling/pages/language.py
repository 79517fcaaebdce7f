"""The binding language: `{path|formatter}` templates, conditions, and which attributes may be written.

The page script reads the same attributes of the same markup; both are held to test/contract/formatters.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .formatting import FORMATTERS, Surroundings, encode
from .values import Json, as_text, member

_PATH = r"\.|\w+(?:\.\w+)*"
_FIELD = re.compile(r"\{\s*(" + _PATH + r")\s*(?:\|\s*(\w+)\s*)?\}", re.ASCII)
_CONDITION = re.compile(r"(!?)(" + _PATH + r")(?:=(.*))?", re.ASCII | re.DOTALL)

_WEB = re.compile(r"https?://", re.IGNORECASE)
_ELSEWHERE = re.compile(r"//|[^/?#]*:")
_QUERY = re.compile(r"[?#]")

Path: TypeAlias = "tuple[str, ...]"

WRITABLE = frozenset(
    (
        "alt",
        "datetime",
        "dir",
        "disabled",
        "for",
        "hidden",
        "href",
        "lang",
        "max",
        "min",
        "src",
        "title",
        "value",
    )
)
"""Attributes that data may decide, beside aria-* and data-*."""

_URLS = frozenset({"href", "src"})
_ALWAYS_TEXT = ("aria-", "data-")
_HREF_ELEMENTS = frozenset({"a", "area"})


class LanguageError(ValueError):
    """A template, condition or attribute name that is not part of the language."""


@dataclass(frozen=True)
class Field:
    path: Path
    formatter: str | None = None

    def text(self, scope: Json, around: Surroundings) -> str | None:
        """None where there is nothing to show."""
        value = member(scope, self.path)
        return FORMATTERS[self.formatter](value, around) if self.formatter else as_text(value)


Template: TypeAlias = "tuple[str | Field, ...]"


def parse_path(source: str) -> Path:
    if not re.fullmatch(_PATH, source, re.ASCII):
        raise LanguageError(f"not a path: {source!r}")
    return () if source == "." else tuple(source.split("."))


def parse_template(source: str) -> Template:
    parts: list[str | Field] = []
    position = 0
    for match in _FIELD.finditer(source):
        if match[2] and match[2] not in FORMATTERS:
            raise LanguageError(f"no formatter is called {match[2]}")
        parts += [source[position : match.start()], Field(parse_path(match[1]), match[2])]
        position = match.end()
    parts.append(source[position:])
    return tuple(part for part in parts if part != "")


def text_of(template: Template, scope: Json, around: Surroundings) -> str | None:
    """The whole text; None when the template has fields and none of them has anything to show."""
    texts = [part if isinstance(part, str) else part.text(scope, around) for part in template]
    fields = [text for part, text in zip(template, texts, strict=True) if isinstance(part, Field)]
    if fields and all(text is None for text in fields):
        return None
    return "".join(text or "" for text in texts)


def attribute_of(name: str, template: Template, scope: Json, around: Surroundings) -> str | None:
    """The value to write, or None when the attribute is to be absent."""
    if name in _URLS:
        return url_of(template, scope, around)
    if len(template) == 1 and isinstance(template[0], Field) and not name.startswith(_ALWAYS_TEXT):
        value = member(scope, template[0].path)
        if isinstance(value, bool) and template[0].formatter is None:
            return "" if value else None
    return text_of(template, scope, around)


def url_of(template: Template, scope: Json, around: Surroundings) -> str | None:
    """None = refused. One bare field is taken whole; in a longer URL every field is one component of it.

    A component may neither be missing nor, before `?` and `#`, be empty or dots: the URL would name something
    else. Whatever comes out must stay on this site or lead to a web address.
    """
    if len(template) == 1 and isinstance(template[0], Field) and template[0].formatter is None:
        whole = member(scope, template[0].path)
        return whole if isinstance(whole, str) and _WEB.match(whole) else None
    url = ""
    for part in template:
        if isinstance(part, str):
            url += part
            continue
        text = part.text(scope, around)
        in_path = not _QUERY.search(url)
        if text is not None and part.formatter != "path":
            text = None if in_path and text in {".", ".."} else encode(text)
        if text is None or (in_path and not text):
            return None
        url += text
    return url if _WEB.match(url) or not _ELSEWHERE.match(url) else None


def check_attribute(element: str, name: str, *, rel: str = "") -> None:
    """`rel`: what a link is for; of those only icons may follow the data."""
    if name.startswith(("data-vpo-", "data-polling-")):
        raise LanguageError(f"{name} steers the page script; data may not write it")
    if name.startswith(_ALWAYS_TEXT):
        return
    if name not in WRITABLE:
        raise LanguageError(f"data may not write the attribute {name}")
    if (name == "src" and element != "img") or (name == "href" and not _may_lead(element, rel)):
        raise LanguageError(f"data may not write {name} of <{element}>")


@dataclass(frozen=True)
class Condition:
    """`[!]path[=value value…]`. Without values: is there anything to show? With values: is it one of them?"""

    path: Path
    negated: bool = False
    values: tuple[str, ...] | None = None

    def holds(self, scope: Json) -> bool:
        value = member(scope, self.path)
        # An empty object has members that may come; JavaScript calls it true as well.
        found = isinstance(value, Mapping) or bool(value)
        if self.values is not None:
            found = (as_text(value) or "") in self.values
        return found != self.negated


def parse_condition(source: str) -> Condition:
    match = _CONDITION.fullmatch(source)
    if not match:
        raise LanguageError(f"not a condition: {source!r}")
    values = None if match[3] is None else tuple(match[3].split()) or ("",)
    return Condition(parse_path(match[2]), bool(match[1]), values)


def _may_lead(element: str, rel: str) -> bool:
    return element in _HREF_ELEMENTS or (element == "link" and rel.lower().endswith("icon"))
