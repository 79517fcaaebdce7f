"""What the shell offers after a TAB. Silent whatever is wrong: a sentence would land in the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import typer

from vpo_polling.jobs.printable import printable
from vpo_polling.settings import SettingsError, load
from vpo_polling.store import ACTIVE, JOB_TYPES, STATUSES, TERMINAL

MOST = 50
# Nobody waits for a completion.
BUSY_SECONDS = 0.2

_NEWEST = """
SELECT id, job_type, file_path, status FROM jobs
WHERE instr(?, ' ' || status || ' ') AND substr(id, 1, ?) = ?
ORDER BY created_at DESC, id DESC LIMIT ?
"""

Offers = list[tuple[str, str]]


def complete_status(incomplete: str) -> list[str]:
    return [word for word in STATUSES if word.startswith(incomplete)]


def complete_finished_status(incomplete: str) -> list[str]:
    return [word for word in TERMINAL if word.startswith(incomplete)]


def complete_type(ctx: typer.Context, incomplete: str) -> list[str]:
    found = {word for (word,) in _asked(ctx, "SELECT DISTINCT job_type FROM jobs", ())}
    return [word for word in (*JOB_TYPES, *sorted(found - set(JOB_TYPES))) if word.startswith(incomplete)]


def complete_job(ctx: typer.Context, incomplete: str) -> Offers:
    return _jobs(ctx, incomplete, STATUSES)


def complete_active(ctx: typer.Context, incomplete: str) -> Offers:
    return _jobs(ctx, incomplete, ACTIVE)


def complete_ended(ctx: typer.Context, incomplete: str) -> Offers:
    return _jobs(ctx, incomplete, TERMINAL)


def _jobs(ctx: typer.Context, incomplete: str, statuses: tuple[str, ...]) -> Offers:
    """The newest ones, by the beginnings of their ids as pages show them, or as much more as was typed."""
    typed = incomplete.lower()
    values = (" ".join(("", *statuses, "")), len(typed), typed, MOST)
    return [
        (job_id[:8] if len(incomplete) <= 8 else job_id, printable(f"{job_type} {path}, {status}"))
        for job_id, job_type, path, status in _asked(ctx, _NEWEST, values)
    ]


def _asked(ctx: typer.Context, query: str, values: tuple[object, ...]) -> Iterator[tuple[str, ...]]:
    """Straight from the file: nothing is made, migrated or waited for."""
    try:
        given = {"data_dir": ctx.params.get("data_dir")}
        path = load(given, config=ctx.params.get("config")).database_path
        with closing(_opened(path)) as connection:
            yield from connection.execute(query, values)
    except (SettingsError, sqlite3.Error, OSError, ValueError):
        return


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
