"""What the command line says: results on standard output, everything else on standard error, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

from vpo_polling.jobs.lock import LockHeld
from vpo_polling.settings import SettingsError
from vpo_polling.store import DatabaseUnavailable, StoreError

SUCCESS, FAILED, USAGE, CANCELLED, NOT_FINISHED, LOST, NOTHING_TO_WATCH = range(7)
# Of several outcomes the first of these that occurs is the command's.
_ORDER = (LOST, FAILED, CANCELLED, NOT_FINISHED, NOTHING_TO_WATCH, SUCCESS)


def result(text: str = "") -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def log_text(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def as_json(data: object) -> None:
    result(json.dumps(data, indent=2, ensure_ascii=False))


def json_line(data: object) -> None:
    """One of many, for whoever reads while they are written."""
    result(json.dumps(data, separators=(",", ":"), ensure_ascii=False))


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fail(sentence: str, code: int = FAILED) -> NoReturn:
    note(sentence)
    raise typer.Exit(code)


def worst(codes: Iterable[int]) -> int:
    found = set(codes)
    return next((code for code in _ORDER if code in found), SUCCESS)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turns what can go wrong for reasons outside this program into one sentence and an exit code."""
    try:
        yield
    except SettingsError as error:
        fail(str(error), USAGE)
    except DatabaseUnavailable as error:
        fail(f"The database can't be used: {error}")
    except (LockHeld, StoreError) as error:
        fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`). Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(SUCCESS) from None
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        fail(f"{what}{error.strerror or error}.")


def exit_code(job: Mapping[str, Any] | None) -> int:
    if job is None:
        return LOST
    if job["status"] == "cancelled":
        return LOST if job["conclusion"] == "interrupted" else CANCELLED
    return {"completed": SUCCESS, "failed": FAILED}.get(str(job["status"]), NOT_FINISHED)
