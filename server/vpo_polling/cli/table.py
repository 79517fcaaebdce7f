"""The job list as a table: as wide as the terminal; for a program that reads it, lines with everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TextIO

from rich.cells import cell_len

from vpo_polling.amounts import percent_text
from vpo_polling.cli.terminal import coloured, ending_of, padded, width
from vpo_polling.jobs.printable import printable

NARROWEST_PATH = 12
_GAP = "  "
_HEADINGS = ["id", "created", "type", "status", "done", "path"]
_CREATED, _STATE, _DONE = 1, 3, 4
# So that lines of several calls stand below one another; a terminal has no room to give away.
_LEAST = (8, 19, 9, 15, 4)


def rows(jobs: Sequence[dict[str, Any]], stream: TextIO) -> Iterator[str]:
    columns = width(stream)
    cells = [_cells(job) for job in jobs]
    if columns is not None and cells:
        cells.insert(0, _HEADINGS)
    least = _LEAST if columns is None else (0,) * len(_LEAST)
    widths = [
        max([at_least, *(cell_len(row[place]) for row in cells)]) for place, at_least in enumerate(least)
    ]
    shown = list(range(len(widths)))
    if columns is not None and _taken(widths) + NARROWEST_PATH > columns:
        # What `vpo jobs show` tells gives way first.
        shown.remove(_CREATED)
    left = None if columns is None else max(NARROWEST_PATH, columns - _taken([widths[n] for n in shown]))
    for row in cells:
        texts = [_cell(row[place], place, widths[place], stream) for place in shown]
        yield _GAP.join([*texts, row[-1] if left is None else ending_of(row[-1], left)])


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * len(widths)


def _cell(text: str, place: int, columns: int, stream: TextIO) -> str:
    if place == _DONE:
        return text.rjust(columns)
    cell = padded(text, columns)
    return coloured(cell, text, stream) if place == _STATE else cell


def _cells(job: dict[str, Any]) -> list[str]:
    return [
        job["id"][:8],
        local(job["created_at"]),
        printable(job["job_type"]),
        # How it ended, where that says more than where it is.
        printable(
            job["status"] if job["conclusion"] in (None, "success", job["status"]) else job["conclusion"]
        ),
        percent_text(job["progress_percent"]),
        printable(job["file_path"]),
    ]


def local(instant: str | None) -> str:
    """In the time of whoever reads it; a dash for none."""
    if instant is None:
        return "-"
    return f"{datetime.fromisoformat(instant.replace('Z', '+00:00')).astimezone():%Y-%m-%d %H:%M:%S}"
