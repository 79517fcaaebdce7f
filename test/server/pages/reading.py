"""HTML as the tests look at it."""

from __future__ import annotations

from html import unescape

from vpo_polling.pages.markup import Element, parse


def elements(html: str) -> list[Element]:
    """All of them, those in templates left out. The reader is strict: what it can read is well-formed."""

    def walk(element: Element) -> list[Element]:
        inside = [] if element.name == "template" else [walk(child) for child in element.elements()]
        return [element, *(found for part in inside for found in part)]

    return [found for node in parse(html) if isinstance(node, Element) for found in walk(node)]


def only(html: str, attribute: str, value: str | None = None) -> Element:
    found = [e for e in elements(html) if attribute in e.attributes and value in (None, e.value(attribute))]
    assert len(found) == 1, f"{attribute}={value} occurs {len(found)} times"
    return found[0]


def is_shown(element: Element) -> bool:
    return "hidden" not in element.attributes


def text(element: Element) -> str:
    """As a browser has it: line ends in the source become one kind, those in character references stay."""
    parts = (
        text(child) if isinstance(child, Element) else _characters(child.raw) for child in element.children
    )
    return "".join(parts)


def _characters(source: str) -> str:
    return unescape(source.replace("\r\n", "\n").replace("\r", "\n"))


def rows(html: str) -> list[Element]:
    return [e for e in elements(html) if e.name == "tr" and "data-job-id" in e.attributes]


def links(html: str) -> dict[str, str]:
    shown = [e for e in elements(html) if e.name == "a" and is_shown(e)]
    return {text(link).strip(): link.value("href") or "" for link in shown}
