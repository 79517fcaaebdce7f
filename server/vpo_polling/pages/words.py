"""The words of pages and script: one catalogue per language, templates/words/*.json.

A key without a dot is a value of the data (`running`), `vpo.…` a sentence of the page script, all others
belong to the templates. English is complete; what another language lacks is said in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from vpo_polling.resources import TEMPLATES

ENGLISH = "en"
_RANGE = re.compile(r"\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]*)?\s*(?:;\s*q=([0-9.]+)\s*)?")


@dataclass(frozen=True)
class Catalogue:
    language: str
    """As BCP 47 has it; the `lang` of the page."""
    words: Mapping[str, str]

    def __call__(self, key: str) -> str:
        """A sentence of the templates. Raises KeyError for one that does not exist."""
        return self.words[key]

    def word(self, value: str) -> str:
        """A value of the data, as people read it; one that nobody knows stays as it is."""
        return self.words.get(value, value)

    def for_script(self) -> dict[str, str]:
        """What the page script needs; its own sentences only where they are not those it has anyway."""
        return {
            key: text
            for key, text in self.words.items()
            if "." not in key or (key.startswith("vpo.") and self.language != ENGLISH)
        }


@cache
def catalogues(folder: Path = TEMPLATES / "words") -> Mapping[str, Catalogue]:
    texts = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    english = texts[ENGLISH]
    return MappingProxyType(
        {
            language: Catalogue(language, MappingProxyType({**english, **words}))
            for language, words in texts.items()
        }
    )


def chosen(accept_language: str, fixed: str | None = None) -> Catalogue:
    """The language of one reader (RFC 9110, 12.5.4): the setting's, else what the browser asks for."""
    known = catalogues()
    if fixed is not None:
        return known[fixed]
    asked: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:50]:
        found = _RANGE.fullmatch(part)
        if found is not None:
            asked.append((_weight(found[2]), found[1].lower()))
    # Stable: of equal weight, the first that was named.
    for weight, language in sorted(asked, key=lambda pair: -pair[0]):
        if weight > 0 and language in known:
            return known[language]
    return known[ENGLISH]


def _weight(q: str | None) -> float:
    try:
        return 1.0 if q is None else float(q)
    except ValueError:
        return 0.0
