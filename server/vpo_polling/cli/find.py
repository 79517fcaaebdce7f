"""Which job is meant: its id may be given by its beginning, as pages show it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from vpo_polling.cli.output import LOST, USAGE, fail
from vpo_polling.store import Store
from vpo_polling.store.schema import jobs

SHORTEST = 4


class NoJob(Exception):
    """No job is meant, or more than one; the message is a sentence."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def find_job(store: Store, given: str) -> dict[str, Any]:
    """Says so and exits when there is none."""
    try:
        return look_up(store, given)
    except NoJob as error:
        fail(str(error), error.code)


def look_up(store: Store, given: str) -> dict[str, Any]:
    """Raises NoJob."""
    wanted = given.strip().lower()
    if not re.fullmatch(r"[0-9a-f-]+", wanted) or len(wanted) < SHORTEST:
        raise NoJob(f"{given!r} is no job id: give at least its first {SHORTEST} characters.", USAGE)
    with store.snapshot() as connection:
        statement = select(jobs.c.id).where(jobs.c.id.startswith(wanted, autoescape=True)).limit(2)
        found = connection.execute(statement).scalars().all()
    if len(found) > 1:
        raise NoJob(f"Several jobs begin with {given}: give more of the id.", USAGE)
    job = store.get_job(found[0]) if found else None
    if job is None:
        raise NoJob(f"There is no job {given}.", LOST)
    return job
