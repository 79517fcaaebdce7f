"""The charts of the dashboard as SVG pictures, drawn by pygal; their colours follow the reader's scheme."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from vpo_polling.amounts import units

# pygal looks for plug-ins of its own at every import of the process, in a way that Python warns of.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

# Drawn for a phone's width, so that the letters can still be read there.
WIDTH, HEIGHT = 420, 210
# The same in words for every chart: hours are those of UTC, since the server can't know the reader's zone.
_HOUR = slice(11, 16)

_LEFT_OUT = ("script", "style", "title", "desc")
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)

# Only what these two charts consist of; pygal's own sheet knows one scheme and has effects for the pointer,
# which a picture does not hear of.
_CSS = """
svg { font: 12px system-ui, sans-serif; --ink: #16202e; --soft: #536075; --line: #d9dee6; --good: #17693a;
  --bad: #b3261e; --busy: #1a56b0; --off: #7a5200 }
@media (prefers-color-scheme: dark) { svg { --ink: #e8edf4; --soft: #a3b0c2; --line: #323d4d; --good: #7fd6a0;
  --bad: #ff9d94; --busy: #8dbbff; --off: #ecc06a } }
text { fill: var(--soft) } .legend text { fill: var(--ink) } .title { fill: var(--ink); text-anchor: middle }
.axis.x text { text-anchor: middle } .axis.y text { text-anchor: end } .centered { text-anchor: middle }
.background { fill: none } .guide.line { fill: none; stroke: var(--line) } .axis .line { stroke: var(--line) }
.axis.x .guide.line { stroke: none } text.no_data { text-anchor: middle }
.text-overlay, .tooltip-overlay { display: none }
.nofill { fill: none !important } .line { stroke-width: 2 }
"""


def jobs_chart(stats: Mapping[str, Any], say: Callable[[str], str]) -> bytes:
    """Finished and failed jobs per hour, one on top of the other."""
    chart = pygal.StackedBar(_config())
    chart.value_formatter = lambda value: f"{value:.0f}"
    for status in ("completed", "failed"):
        chart.add(say(status), [hour[status] or None for hour in stats["hours"]])
    return _drawn(chart, stats, ("--good", "--bad"))


def durations_chart(stats: Mapping[str, Any], say: Callable[[str], str]) -> bytes:
    """Median and 95th percentile of how long jobs took, per hour; hours without jobs are gaps."""
    chart = pygal.Line(_config(), dots_size=2, allow_interruptions=True)
    chart.value_formatter = lambda value: units(int(value))[0]
    longest = max((hour["p95_seconds"] or 0 for hour in stats["hours"]), default=0)
    chart.y_labels = _steps(longest)
    for name in ("median", "p95"):
        chart.add(say(f"stats.{name}"), [hour[f"{name}_seconds"] for hour in stats["hours"]])
    return _drawn(chart, stats, ("--busy", "--off"))


CHARTS: Mapping[str, Callable[[Mapping[str, Any], Callable[[str], str]], bytes]] = {
    "jobs": jobs_chart,
    "durations": durations_chart,
}


def _steps(longest: int) -> list[int]:
    """From nothing to the longest duration in a few steps that are said in one unit."""
    step = next((step for step in _STEPS if step * 4 >= longest), -(-longest // (4 * 86_400)) * 86_400)
    return list(range(0, longest + step, step))


def _config() -> pygal.Config:
    return pygal.Config(
        width=WIDTH,
        height=HEIGHT,
        css=[],
        js=[],
        style=Style,
        no_prefix=True,
        margin=8,
        spacing=6,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        truncate_label=-1,
        truncate_legend=-1,
        show_minor_x_labels=False,
        include_x_axis=True,
        order_min=0,
        max_scale=5,
        min_scale=2,
        no_data_text="-",
    )


def _drawn(chart: pygal.Graph, stats: Mapping[str, Any], colours: tuple[str, str]) -> bytes:
    labels = [hour["hour"][_HOUR] for hour in stats["hours"]]
    chart.x_labels = labels
    every = max(1, len(labels) // 4)
    chart.x_labels_major = labels[::every][:4] if len(labels) <= 24 else ["00:00"]
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for child in list(parent):
            # Scripts, texts for the pointer, comments that would change every day: no use in a picture.
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _LEFT_OUT:
                parent.remove(child)
    style = ElementTree.SubElement(tree, "style")
    series = "".join(
        f".color-{number} {{ fill: var({colour}); stroke: var({colour}) }}"
        for number, colour in enumerate(colours)
    )
    style.text = _CSS + series
    return bytes(ElementTree.tostring(tree, encoding="utf-8"))
