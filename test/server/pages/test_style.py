"""The style sheets: their colours can be read in both schemes, and they load nothing."""

from __future__ import annotations

import re

import pytest
from vpo_polling import resources

SHEET = re.sub(
    r"/\*.*?\*/\s*",
    "",
    "".join(path.read_text("utf-8") for path in sorted((resources.TEMPLATES / "static").glob("*.css"))),
    flags=re.DOTALL,
)
AA = 4.5
"""Contrast of text of ordinary size, WCAG 2.2, 1.4.3."""


def palettes() -> dict[str, dict[str, str]]:
    light, dark, *_more_contrast = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((ink, paper) for ink in ("ink", "soft", "link") for paper in ("paper", "card", "glow")),
    *(
        (mark, paper)
        for mark in ("idle", "busy", "good", "bad", "off")
        for paper in ("paper", "card", "glow")
    ),
    ("on-accent", "accent"),
    ("ink", "bad-paper"),
    ("log-ink", "log"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str) -> None:
    palette = palettes()[scheme]
    faint = {pair: round(contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < AA} == {}


def test_contrast_is_computed_as_defined() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_the_sheets_load_nothing() -> None:
    assert not re.search(r"@import|url\(", SHEET)


def test_motion_stops_for_those_who_asked() -> None:
    animated = set(re.findall(r"^([^\s{}@][^{}]*) \{[^{}]*\banimation: (?!none)", SHEET, re.MULTILINE))
    still = "".join(re.findall(r"@media \(prefers-reduced-motion: reduce\) \{(.*?)\n\}", SHEET, re.DOTALL))
    assert animated
    assert [selector for selector in animated if selector not in still] == []
