"""Markdown as a small tree that bindings can show. Nothing in it is markup: a `kind` chooses an element.

A node is `{"n": its place among its siblings, "kind": …}`, with `children`, `text`, `href` or `number` where
its kind has them. CommonMark with tables, strikethrough and bare web addresses; HTML in it is text.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Node = dict[str, Any]

DEEPEST = 20
"""Deeper nesting is shown as if it ended here."""

MOST_KEPT = 4 * 1024 * 1024
"""Characters of texts whose trees are kept. A tree takes about ten times the room of its text."""

_BLOCKS = {
    "paragraph": "paragraph",
    "bullet_list": "list",
    "ordered_list": "numbers",
    "list_item": "item",
    "blockquote": "quote",
    "table": "table",
    "thead": "head",
    "tbody": "body",
    "tr": "row",
    "th": "heading_cell",
    "td": "cell",
    "strong": "strong",
    "em": "emphasis",
    "s": "deleted",
}
"""What opens and closes in the parser's tokens, and the kind that it becomes."""

_WEB = re.compile(r"https?://", re.IGNORECASE)

_parser = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(
    ["table", "strikethrough", "linkify"]
)


def tree(text: str) -> list[Node]:
    """The nodes of `text`. Shared between callers: don't change them."""
    return _kept.tree(text)


class _Kept:
    """The trees that were asked for last: a transcript is read again, and nearly all of it is as it was."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._trees: OrderedDict[str, list[Node]] = OrderedDict()
        self._lock = Lock()

    def tree(self, text: str) -> list[Node]:
        with self._lock:
            found = self._trees.get(text)
            if found is not None:
                self._trees.move_to_end(text)
                return found
        made = _nodes(iter(_parser.parse(text)), 1)
        with self._lock:
            if text not in self._trees:
                self._size += len(text)
            self._trees[text] = made
            while self._size > self._most:
                gone, _ = self._trees.popitem(last=False)
                self._size -= len(gone)
        return made


_kept = _Kept(MOST_KEPT)


def _nodes(tokens: Iterator[Token], depth: int, until: str = "") -> list[Node]:
    """The nodes up to the token of the type `until`."""
    nodes: list[Node] = []
    for token in tokens:
        if token.type == until:
            break
        for node in _of(token, tokens, depth):
            before = nodes[-1] if nodes else None
            if before is not None and before["kind"] == node["kind"] == "text":
                before["text"] += node["text"]
            else:
                nodes.append(node)
    for n, node in enumerate(nodes):
        node["n"] = n
    return nodes


def _of(token: Token, tokens: Iterator[Token], depth: int) -> Sequence[Node]:
    if token.type == "inline":
        return _nodes(iter(token.children or ()), depth)
    if token.type.endswith("_open"):
        name = token.type.removesuffix("_open")
        inside = _nodes(tokens, depth + 1, f"{name}_close")
        # Paragraphs of a tight list are there for the parser alone.
        if token.hidden or depth >= DEEPEST:
            return inside
        return [{**_element(name, token), "children": inside}]
    if token.type in ("fence", "code_block"):
        return [{"kind": "listing", "text": token.content.removesuffix("\n"), "language": _language(token)}]
    if token.type == "code_inline":
        return [{"kind": "code", "text": token.content}]
    if token.type == "hr":
        return [{"kind": "rule"}]
    if token.type == "hardbreak":
        return [{"kind": "break"}]
    if token.type == "image":
        # Pictures of elsewhere are not loaded by who only reads.
        text = token.content or "image"
        return [{**_link(token, "src"), "children": [{"n": 0, "kind": "text", "text": text}]}]
    text = "\n" if token.type == "softbreak" else token.content
    return [{"kind": "text", "text": text}] if text else []


def _element(name: str, token: Token) -> Node:
    if name == "heading":
        # The page has headings of its own above these.
        return {"kind": f"heading{min(int(token.tag[1:]) + 2, 6)}"}
    if name == "link":
        return _link(token, "href")
    if name == "list_item" and token.info:
        return {"kind": "item", "number": int(token.info)}
    return {"kind": _BLOCKS.get(name, "paragraph")}


def _link(token: Token, attribute: str) -> Node:
    href = str(token.attrGet(attribute) or "")
    return {"kind": "link", "href": href if _WEB.match(href) else None}


def _language(token: Token) -> str | None:
    words = token.info.split()
    return words[0] if words else None
