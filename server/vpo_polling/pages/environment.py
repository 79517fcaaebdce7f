"""The Jinja environment of the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from .compile import escape_text
from .fill import FillExtension
from .formatting import Surroundings, time


def make_environment(folder: Path) -> Environment:
    """Loads every page once, so that a template that can't be filled stops the start and no request."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FillExtension],
    )
    environment.filters["script_json"] = script_json
    environment.filters["time"] = lambda value: time(value, Surroundings())
    environment.filters["verbatim"] = lambda text: Markup(escape_text(text))  # noqa: S704 - that is what escapes
    environment.filters["word"] = _word
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
    return environment


@pass_context
def _word(context: Context, value: str) -> str:
    """A value of the data in the language of the page."""
    return str(context["t"].word(value))


def script_json(value: Mapping[str, str]) -> Markup:
    """JSON for a <script>: no character in it can end that element."""
    text = json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - JSON in a script is not escaped as HTML
