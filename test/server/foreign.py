"""Rows as another program might have written them: any type in any column, any character in any text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from given_jobs import DONE
from vpo_polling.store import Ending, NewJob, Store

MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{7*7}}{id}&amp;'
CONTROL = "\x1b[31mred\x1b]0;title\x07\r\n\t\x08\x7f"
BIDI = "\u202egnp.exe\u2066\u2069\u200f"
LONG = "long" * 262_144

# Expressions of SQL, as another program may have left their values behind.
TEXTS = {
    "markup": f"'{MARKUP}'",
    "control characters": "'" + CONTROL + "'",
    "bidi": f"'{BIDI}'",
    "NUL": "'before' || char(0) || 'after'",
    "no UTF-8": "CAST(x'61fffe62' AS TEXT)",
    "half a character": "CAST(x'eda080' AS TEXT)",
    "a megabyte": "replace(hex(zeroblob(524288)), '00', 'ab')",
    "bytes": "x'00ff80'",
    "empty": "''",
}
NUMBERS = {
    "a text": "'many'",
    "bytes": "x'ff'",
    "negative": "-5",
    "a fraction": "1.5",
    "endless": "9e999",
    "the largest": "9223372036854775807",
    "the smallest": "-9223372036854775808",
    "the year 99999": "3093527980800000",
}
OBJECTS = {
    "no JSON": "'{'",
    "a list": "'[1]'",
    "a word": "'\"x\"'",
    "a number": "7",
    "not a number": "'{\"errors\": NaN}'",
    "endless": "'{\"errors\": 1e999}'",
    "half a character": '\'{"a": "\\ud800"}\'',
    "very deep": "'" + "[" * 10_000 + "'",
    "a megabyte": "'{\"a\": \"' || replace(hex(zeroblob(524288)), '00', 'ab') || '\"}'",
    "bytes": "x'7b7d'",
    "a text for a count": '\'{"errors": "many"}\'',
}
COLUMNS: dict[str, dict[str, dict[str, str]]] = {
    "jobs": dict.fromkeys(("job_type", "status", "conclusion", "file_path", "policy_name"), TEXTS)
    | dict.fromkeys(("progress_message", "waiting_reason", "error_message", "output_path", "summary"), TEXTS)
    | dict.fromkeys(("priority", "attempt", "created_at", "started_at", "completed_at"), NUMBERS)
    | dict.fromkeys(("progress_percent", "processed_count", "total_count", "scan_error_count"), NUMBERS)
    | dict.fromkeys(("has_logs", "cancel_requested", "tracked", "reported", "event_count"), NUMBERS)
    | dict.fromkeys(("platform", "project", "url", "raw_status"), TEXTS)
    | dict.fromkeys(("watch", "watch_message", "pinned", "account"), TEXTS)
    | dict.fromkeys(("argv", "options", "summary_raw", "stages", "artifacts", "stage_logs"), OBJECTS),
    "attempts": dict.fromkeys(("status", "conclusion", "error_message"), TEXTS)
    | dict.fromkeys(("started_at", "completed_at", "exit_code", "pid", "heartbeat_at"), NUMBERS)
    | dict.fromkeys(("process_started",), NUMBERS)
    | dict.fromkeys(("stages",), OBJECTS),
    "scan_errors": dict.fromkeys(("path", "filename", "error"), TEXTS),
}


def columns() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every column with the values that it is not for: table, column, SQL by name."""
    for table, values_of in COLUMNS.items():
        yield from ((table, column, values) for column, values in values_of.items())


def overwrite(path: Path, job_id: str, table: str, column: str, value: str) -> None:
    overwrite_many(path, job_id, [(table, column, value)])


def overwrite_many(path: Path, job_id: str, values: Iterable[tuple[str, str, str]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, column, value in values:
            key = "id" if table == "jobs" else "job_id"
            connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {key} = ?", (job_id,))
        connection.execute("UPDATE revisions SET n = n + 1")


def scanned(store: Store, *, now: int = 1_000, ending: Ending = DONE) -> str:
    """A finished scan with an unreadable file."""
    job_id = store.create_job(NewJob(job_type="scan", file_path="/media/x"), now=now)
    assert store.claim_next(now=now, only=job_id) is not None
    store.add_scan_errors(job_id, 1, [("/media/x/a.wav", "a.wav", "bad")])
    assert store.finish(job_id, 1, ending, now=now + 5_000)
    return job_id
