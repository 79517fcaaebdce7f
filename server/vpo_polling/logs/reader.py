"""What the log endpoint answers: by byte cursor, or by VPO's line numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from vpo_polling.logs import cursor, lines
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.source import LogDamaged
from vpo_polling.logs.text import LogFile, open_log

TRIES = 5
Fields = dict[str, Any]
Has = Callable[[str], bool]
T = TypeVar("T")


class HasDataDir(Protocol):
    @property
    def data_dir(self) -> Path: ...


def read(
    settings: HasDataDir,
    job_id: str,
    attempt: int,
    params: Mapping[str, str],
    ended: bool,
    stage: str | None = None,
) -> Fields:
    """One answer about the log of one attempt; `ended` says that nothing will write to it any more.

    With `gen`, `start` or `line` the answer continues at a byte; otherwise it has VPO's shape (`lines`,
    `offset`). Values that are no numbers count as absent.
    """
    _tag, fields = read_unless(lambda _tag: False, settings, job_id, attempt, params, ended, stage)
    assert fields is not None
    return fields


def read_unless(
    has: Has,
    settings: HasDataDir,
    job_id: str,
    attempt: int,
    params: Mapping[str, str],
    ended: bool,
    stage: str | None = None,
) -> tuple[str, Fields | None]:
    """The answer and its ETag. None where the asker `has` that, which is told before any text is read."""
    by_cursor = bool({"gen", "start", "line"} & set(params))

    def answer(log: LogFile) -> tuple[str, Fields | None]:
        tag, fields = cursor.answer(log, params, has) if by_cursor else lines.answer(log, params, has)
        return tag, None if fields is None else {"job_id": job_id, **fields}

    return consistent(LogPaths.of(settings.data_dir, job_id, attempt, stage), ended, answer)


def consistent(paths: LogPaths, ended: bool, use: Callable[[LogFile], T]) -> T:
    """What `use` makes of a log that has not begun anew under its hands."""
    for last in range(TRIES, 0, -1):
        try:
            with open_log(paths, ended=ended) as log:
                result = use(log)
                if last == 1 or log.is_current():
                    return result
        except LogDamaged:
            if last == 1:
                raise
    raise AssertionError("unreachable")
