"""What only a terminal gets: colours, tables as wide as it is, and a line that is drawn anew."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

import typer
from rich.cells import cell_len, set_cell_size

from vpo_polling.amounts import duration_text, percent_text
from vpo_polling.jobs.printable import printable
from vpo_polling.store.values import milliseconds

COLOURS = {
    "running": "blue",
    "success": "green",
    "completed": "green",
    "failed": "red",
    "failure": "red",
    "timed_out": "red",
    "startup_failure": "red",
    "cancelled": "yellow",
    "interrupted": "yellow",
}
ELLIPSIS = "…"
_CLEAR = "\r\x1b[K"


def width(stream: TextIO) -> int | None:
    """In columns; None for what is no terminal."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def coloured(text: str, word: str, stream: TextIO) -> str:
    """In the colour of a status or conclusion, where colours are wanted."""
    wanted = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return typer.style(text, fg=COLOURS[word]) if wanted and word in COLOURS else text


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - cell_len(text))


def ending_of(text: str, columns: int) -> str:
    """Its end, which tells paths apart better than their beginning does."""
    if cell_len(text) <= columns:
        return text
    shown = text[-columns:]
    while shown and cell_len(shown) > columns - 1:
        shown = shown[1:]
    return ELLIPSIS + shown


class StatusLine:
    """How a job is getting on, below its log; nothing at all where standard error is no terminal."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, job: dict[str, Any], now: int) -> None:
        columns = width(sys.stderr)
        if columns is None:
            return
        # One column less: a full last one would wrap in some terminals.
        text = set_cell_size(_state(job, now), columns - 1).rstrip()
        if text != self._shown:
            sys.stderr.write(f"{_CLEAR}{text}")
            sys.stderr.flush()
            self._shown = text

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._shown = ""


def _state(job: dict[str, Any], now: int) -> str:
    since = milliseconds(job["started_at"] or job["created_at"])
    elapsed = duration_text(max(0, now - since) // 1000)
    if job["status"] == "queued":
        return f"queued  {elapsed}"
    counts = f"{job['processed_count']} of {job['total_count']}" if job["total_count"] else ""
    parts = [percent_text(job["progress_percent"]), counts, elapsed, printable(job["progress_message"] or "")]
    return "  ".join(part for part in parts if part)
