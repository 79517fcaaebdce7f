"""A strict reader of the HTML that our own templates contain.

It knows one way to write each thing (lower-case tags, double quotes, every element closed) and refuses the
rest: a template that a browser would silently repair is one whose first paint the script could not match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import TypeAlias

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
CONTROLS = frozenset(("button", "input", "select", "textarea"))

_RAW = frozenset({"script", "style"})
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z][\w:.-]*)(?:="([^"]*)")?""", re.ASCII)
_TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[a-z][a-z0-9-]*)(?P<attributes>(?:\s+[A-Za-z][\w:.-]*(?:="[^"]*")?)*)\s*(?P<end>/?)>""",
    re.ASCII,
)
_ASIDE = re.compile(r"<!--.*?-->|<!doctype [^>]*>", re.ASCII | re.DOTALL | re.IGNORECASE)


class MarkupError(ValueError):
    """Markup that can't be filled. The message names the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass
class Text:
    raw: str


@dataclass
class Element:
    name: str
    line: int
    attributes: dict[str, str | None] = field(default_factory=dict)
    """Values as written, character references and all; None where only the name stands."""
    children: list[Node] = field(default_factory=list)
    closed: bool = False
    """Has no end tag: a void element, or `<path/>` in a drawing."""

    def value(self, name: str) -> str | None:
        """An attribute's value as a browser would report it."""
        if name not in self.attributes:
            return None
        return unescape(self.attributes[name] or "")

    def elements(self) -> Iterator[Element]:
        return (child for child in self.children if isinstance(child, Element))


Node: TypeAlias = "Text | Element"


def parse(source: str) -> list[Node]:
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.root = Element("", 1)
        self.open = [self.root]

    def run(self) -> list[Node]:
        while self.position < len(self.source):
            start = self.source.find("<", self.position)
            if start != self.position:
                self.text(self.position, len(self.source) if start < 0 else start)
            elif aside := _ASIDE.match(self.source, start):
                self.text(start, aside.end())
            else:
                self.tag(start)
        if len(self.open) > 1:
            unclosed = self.open[-1]
            raise MarkupError(f"<{unclosed.name}> is never closed", unclosed.line)
        return self.root.children

    def line(self, position: int) -> int:
        return self.source.count("\n", 0, position) + 1

    def text(self, start: int, end: int) -> None:
        self.open[-1].children.append(Text(self.source[start:end]))
        self.position = end

    def tag(self, start: int) -> None:
        match = _TAG.match(self.source, start)
        if not match:
            snippet = self.source[start : start + 40].split("\n")[0]
            raise MarkupError(f"not a tag this reader knows: {snippet}", self.line(start))
        self.position = match.end()
        if match["close"]:
            self.close(match["name"], start)
            return
        element = Element(match["name"], self.line(start), self.attributes(match["attributes"], start))
        self.open[-1].children.append(element)
        element.closed = bool(match["end"]) or element.name in VOID
        if element.closed:
            return
        self.open.append(element)
        if element.name in _RAW:
            end = self.source.find(f"</{element.name}>", self.position)
            if end > self.position:
                self.text(self.position, end)

    def close(self, name: str, start: int) -> None:
        if self.open[-1].name != name or len(self.open) == 1:
            expected = f"</{self.open[-1].name}>" if len(self.open) > 1 else "no end tag"
            raise MarkupError(f"</{name}> where {expected} was due", self.line(start))
        self.open.pop()

    def attributes(self, source: str, start: int) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, value in ((match[1], match[2]) for match in _ATTRIBUTE.finditer(source)):
            if name in found:
                raise MarkupError(f"{name} is written twice", self.line(start))
            found[name] = value
        return found


def write(nodes: list[Node]) -> str:
    """The same markup again."""
    return "".join(node.raw if isinstance(node, Text) else _write_element(node) for node in nodes)


def _write_element(element: Element) -> str:
    head = f"<{element.name}{write_attributes(element.attributes)}"
    if element.closed:
        return f"{head}>" if element.name in VOID else f"{head}/>"
    return f"{head}>{write(element.children)}</{element.name}>"


def write_attributes(attributes: dict[str, str | None]) -> str:
    return "".join(
        f" {name}" if value is None else f' {name}="{value}"' for name, value in attributes.items()
    )
