"""Turns markup with bindings into a program that paints it for given data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from markupsafe import escape

from .formatting import Surroundings
from .language import (
    Condition,
    LanguageError,
    Template,
    attribute_of,
    check_attribute,
    parse_condition,
    parse_path,
    parse_template,
    text_of,
)
from .markup import CONTROLS, VOID, Element, MarkupError, Node, Text, parse, write, write_attributes
from .values import Json, as_text, member

_ATTRIBUTE = "data-vpo-attr-"
_BINDINGS = frozenset(f"data-vpo-{name}" for name in ("each", "key", "show", "text", "use", "when"))
_OTHERS = frozenset(
    (
        *("data-vpo-action", "data-vpo-all", "data-vpo-back", "data-vpo-confirm", "data-vpo-connection"),
        *(
            "data-vpo-copy",
            "data-vpo-end",
            "data-vpo-etag",
            "data-vpo-gen",
            "data-vpo-log",
            "data-vpo-message",
            "data-vpo-new",
            "data-vpo-log-do",
            "data-vpo-log-tools",
            "data-vpo-notify",
            "data-vpo-of",
            "data-vpo-origins",
            "data-vpo-query",
        ),
        *("data-vpo-composer", "data-vpo-pending", "data-vpo-rows", "data-vpo-tree"),
        *("data-vpo-refresh", "data-vpo-src", "data-vpo-words"),
    )
)
"""Attributes of the page script that say nothing about data."""


@dataclass(frozen=True)
class Brush:
    """What one painting carries along: the output, the data's surroundings, templates by their home's id."""

    out: list[str]
    around: Surroundings
    templates: dict[str, tuple[Row, ...]]


class Step(Protocol):
    def paint(self, brush: Brush, scope: Json, hidden: bool) -> None: ...


@dataclass(frozen=True)
class Static:
    source: str

    def paint(self, brush: Brush, scope: Json, hidden: bool) -> None:
        brush.out.append(self.source)


@dataclass(frozen=True)
class Content:
    template: Template

    def paint(self, brush: Brush, scope: Json, hidden: bool) -> None:
        brush.out.append(escape_text(text_of(self.template, scope, brush.around) or ""))


@dataclass(frozen=True)
class Live:
    """An element with bindings of its own, or a control whose part may be hidden."""

    name: str
    fixed: str
    bound: tuple[tuple[str, Template], ...]
    show: Condition | None
    children: tuple[Step, ...]

    def paint(self, brush: Brush, scope: Json, hidden: bool, row: str = "") -> None:
        out = brush.out
        out.append(f"<{self.name}{self.fixed}{row}")
        for name, template in self.bound:
            value = attribute_of(name, template, scope, brush.around)
            if value is not None:
                out.append(f' {name}="{escape_text(value)}"')
        if self.show and not self.show.holds(scope):
            hidden = True
            out.append(" hidden")
        if hidden and self.name in CONTROLS:
            out.append(" disabled")
        out.append(">")
        for child in self.children:
            child.paint(brush, scope, hidden)
        if self.name not in VOID:
            out.append(f"</{self.name}>")


@dataclass(frozen=True)
class Row:
    when: Condition | None
    root: Live


@dataclass(frozen=True)
class Each:
    """The rows of a list, behind the templates they are made from."""

    path: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[Row, ...]
    use: str | None

    def paint(self, brush: Brush, scope: Json, hidden: bool) -> None:
        items = member(scope, self.path)
        for item in items if isinstance(items, Sequence) and not isinstance(items, str) else ():
            row = self.choose(brush, item)
            if row:
                key = as_text(member(item, self.key)) or ""
                row.root.paint(brush, item, hidden, f' data-vpo-row="{escape_text(key)}"')

    def choose(self, brush: Brush, item: Json) -> Row | None:
        rows = self.rows if self.use is None else brush.templates[self.use]
        return next((row for row in rows if row.when is None or row.when.holds(item)), None)


@dataclass(frozen=True)
class Program:
    steps: tuple[Step, ...]
    templates: dict[str, tuple[Row, ...]] = field(default_factory=dict)

    def paint(self, scope: Json, around: Surroundings) -> str:
        out: list[str] = []
        brush = Brush(out, around, self.templates)
        for step in self.steps:
            step.paint(brush, scope, False)
        return "".join(out)


_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


def escape_text(text: str) -> str:
    """What HTML can't carry (NUL, half a surrogate pair) shows as a replacement character."""
    return str(escape(_IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text))).replace("\r", "&#13;")


def compile_markup(source: str) -> Program:
    compiler = _Compiler()
    steps = compiler.steps(parse(source), False)
    missing = compiler.used - compiler.templates.keys()
    if missing:
        raise LanguageError(f"data-vpo-use names no template here: {', '.join(sorted(missing))}")
    return Program(steps, compiler.templates)


class _Compiler:
    def __init__(self) -> None:
        self.templates: dict[str, tuple[Row, ...]] = {}
        self.used: set[str] = set()

    def steps(self, children: Sequence[Node], inside_show: bool) -> tuple[Step, ...]:
        steps: list[Step] = []
        for child in children:
            step = self.step(child, inside_show)
            before = steps[-1] if steps else None
            if isinstance(step, Static) and isinstance(before, Static):
                steps[-1] = Static(before.source + step.source)
            else:
                steps.append(step)
        return tuple(steps)

    def step(self, node: Node, inside_show: bool) -> Step:
        if isinstance(node, Text):
            return Static(node.raw)
        if node.name == "template":
            self.named(node, [node])
            return Static(write([node]))
        inside = list(node.elements())
        if inside and all(child.name == "template" for child in inside) and not node.value("data-vpo-each"):
            self.named(node, inside)
        try:
            live = self.live(node, inside_show)
        except LanguageError as problem:
            raise MarkupError(f"<{node.name}>: {problem}", node.line) from problem
        plain = live.show is None and not live.bound and not (inside_show and node.name in CONTROLS)
        if plain and all(isinstance(child, Static) for child in live.children):
            return Static(write([node]))
        return live

    def live(self, element: Element, inside_show: bool) -> Live:
        _check_names(element)
        condition = element.value("data-vpo-show")
        show = parse_condition(condition) if condition is not None else None
        inside = inside_show or show is not None
        taken = {"hidden"} if show else set()
        if inside and element.name in CONTROLS:
            taken.add("disabled")
        bound = _bound_attributes(element, taken)
        fixed = write_attributes(element.attributes)
        return Live(element.name, fixed, bound, show, self.content(element, inside))

    def content(self, element: Element, inside_show: bool) -> tuple[Step, ...]:
        text = element.value("data-vpo-text")
        path = element.value("data-vpo-each")
        if text is not None:
            if element.children or element.closed:
                raise LanguageError("data-vpo-text needs an empty element, its text is the data's")
            return (Content(_strict_template(text)),)
        if path is not None:
            return self.each(element, path, inside_show)
        return self.steps(element.children, inside_show)

    def each(self, element: Element, path: str, inside_show: bool) -> tuple[Step, ...]:
        key = element.value("data-vpo-key")
        use = element.value("data-vpo-use")
        if not key:
            raise LanguageError("data-vpo-each needs a data-vpo-key")
        rows: list[Row] = []
        for child in element.children:
            if isinstance(child, Element) and child.name == "template":
                rows.append(self.row(child, inside_show))
            elif isinstance(child, Element) or child.raw.strip():
                raise LanguageError(
                    "an element with data-vpo-each holds templates only; its rows are the data's"
                )
        if use is not None:
            self.used.add(use)
        elif not rows:
            raise LanguageError("data-vpo-each needs a <template> child or data-vpo-use")
        each = Each(parse_path(path), parse_path(key), tuple(rows), use)
        return (Static(write(element.children)), each)

    def row(self, template: Element, inside_show: bool) -> Row:
        roots = list(template.elements())
        if len(roots) != 1:
            raise MarkupError("a row's <template> holds exactly one element", template.line)
        when = template.value("data-vpo-when")
        return Row(parse_condition(when) if when is not None else None, self.live(roots[0], inside_show))

    def named(self, home: Element, templates: Sequence[Element]) -> None:
        """Templates that lists elsewhere use, by the id of the one or of what holds them all."""
        name = home.value("id")
        if name:
            self.templates[name] = tuple(self.row(template, True) for template in templates)


def _check_names(element: Element) -> None:
    for name in element.attributes:
        if not name.startswith("data-vpo-") or name.startswith(_ATTRIBUTE):
            continue
        if name not in _BINDINGS and name not in _OTHERS:
            raise LanguageError(
                f"{name} is not known" if name != "data-vpo-row" else "rows get their key here"
            )


def _bound_attributes(element: Element, taken: set[str]) -> tuple[tuple[str, Template], ...]:
    bound: list[tuple[str, Template]] = []
    for name in element.attributes:
        if name.startswith(_ATTRIBUTE):
            target = name.removeprefix(_ATTRIBUTE)
            check_attribute(element.name, target, rel=element.value("rel") or "")
            if target in element.attributes:
                raise LanguageError(f"{target} is both written and bound")
            if target in taken:
                raise LanguageError(f"{target} is what data-vpo-show decides")
            bound.append((target, _strict_template(element.value(name) or "")))
    written = taken & element.attributes.keys()
    if written:
        raise LanguageError(f"{', '.join(sorted(written))} is what data-vpo-show decides")
    return tuple(bound)


def _strict_template(source: str) -> Template:
    """A brace that belongs to no field shows as itself; in our own pages it is a slip of the pen."""
    template = parse_template(source)
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in template):
        raise LanguageError(f"a brace that belongs to no field in {source!r}")
    return template
