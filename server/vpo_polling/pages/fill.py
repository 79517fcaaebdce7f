"""Fills the bindings of a page at render time: `{% fill data %} … {% endfill %}`.

What stands between the tags is the markup that the page script will keep live. It is written once, with
bindings only; here it gets the values of `data`, there the values of later answers. So a row exists once, as
the `<template>` child of its `data-vpo-each` element, and the first paint is what the script would paint.

Loading a template compiles its markup without the Jinja parts, so that what can't be filled is an error
before anything is served.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from markupsafe import Markup

from .compile import Program, compile_markup
from .formatting import Surroundings
from .language import LanguageError
from .markup import MarkupError
from .values import Json

_compiled = lru_cache(maxsize=256)(compile_markup)


def fill(markup: str, scope: Json, around: Surroundings) -> str:
    return program(markup).paint(scope, around)


def program(markup: str) -> Program:
    """Rendered markup repeats from request to request (only data differ, and those are not in it yet)."""
    return _compiled(markup)


class FillExtension(Extension):
    """Adds the `fill` block. Words and the time of one rendering are its context's `surroundings`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.tags = {"fill"}

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        try:
            compile_markup(_without_jinja(self.environment, source))
        except (MarkupError, LanguageError) as problem:
            line = problem.line if isinstance(problem, MarkupError) else 1
            raise TemplateSyntaxError(str(problem), line, name, filename) from problem
        return source

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        scope = parser.parse_expression()
        body = parser.parse_statements(("name:endfill",), drop_needle=True)
        call = self.call_method("_fill", [nodes.ContextReference(), scope], lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _fill(self, context: Context, scope: Json, caller: Callable[[], str]) -> Markup:
        surroundings = context.resolve("surroundings")
        if not isinstance(surroundings, Surroundings):
            raise TypeError("a template with a fill block needs surroundings in its context")
        return Markup(fill(str(caller()), scope, surroundings))  # noqa: S704 - fill escapes what it inserts


def _without_jinja(environment: Environment, source: str) -> str:
    """The markup alone, on the same lines; what an expression prints is stood for by one letter."""
    kept: list[str] = []
    for _, kind, value in environment.lex(source):
        if kind == "data":
            kept.append(value)
            continue
        if kind == "variable_begin":
            kept.append("x")
        kept.append("\n" * value.count("\n"))
    return "".join(kept)
