"""A job's log in pieces, and what is found in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from starlette.types import Receive, Scope, Send

from vpo_polling import logs
from vpo_polling.api import params
from vpo_polling.api.attempts import attempt_of, stage_of
from vpo_polling.api.conditional import matches, not_modified, respond_with
from vpo_polling.api.holding import applied, client_of, wait_of
from vpo_polling.api.leaving import gone
from vpo_polling.errors import bad_request
from vpo_polling.feed import canonical, compress, weak_tag
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.search import LONGEST_QUERY, MAX_MATCHES, SearchStopped, Wanted, search
from vpo_polling.logs.text import LogFile
from vpo_polling.services import Services
from vpo_polling.settings import Settings
from vpo_polling.wire import Answer, header, send_answer

LOG_KEYS = ("gen", "start", "line", "limit", "lines", "offset")
SEARCH_KEYS = ("q", "from", "until", "limit", "case")

# Of their own: searches through huge logs must not take the threads that polls need.
_searches = ThreadPoolExecutor(2, thread_name_prefix="vpo-search")


async def job_log(services: Services, scope: Scope, receive: Receive, job_id: str) -> Answer:
    values = params.first_values(scope["query_string"])
    wanted, stage = values.get("attempt"), stage_of(values.get("stage"))
    asked = {key: values[key] for key in LOG_KEYS if key in values}
    known = header(scope, b"if-none-match")

    async def read() -> Read:
        attempt, ended = await attempt_of(services, job_id, wanted)
        place = (services.settings, job_id, attempt, stage)
        return await asyncio.to_thread(_read, *place, asked, ended, known)

    async def find() -> tuple[LogPaths, object]:
        attempt, ended = await attempt_of(services, job_id, wanted)
        return LogPaths.of(services.settings.data_dir, job_id, attempt, stage), ended

    etag, body, packed = await read()
    wait = wait_of(scope)
    if wait and body is None:
        with services.holds.one(client_of(scope), gone(receive), wait) as hold:
            if hold is None:
                return not_modified(etag)
            question = (tuple(asked.items()), known)
            async with services.log_watch.watching((job_id, wanted, stage), find) as watched:
                while body is None and not hold.is_over:
                    await watched.changed(hold)
                    etag, body, packed = await watched.shared(question, read)
    answer = not_modified(etag) if body is None else respond_with(scope, etag, body, packed)
    return answer if wait is None or services.holds.is_draining else applied(answer, wait)


Read = tuple[str, bytes | None, bytes | None]
"""ETag, body and compressed body; no body where the asker has it."""


def _read(
    settings: Settings,
    job_id: str,
    attempt: int,
    stage: str | None,
    asked: Mapping[str, str],
    ended: bool,
    known: str,
) -> Read:
    etag, data = logs.read_unless(partial(matches, known), settings, job_id, attempt, asked, ended, stage)
    body = None if data is None else canonical(data)
    return etag, body, None if body is None else compress(body)


async def search_log(services: Services, scope: Scope, receive: Receive, send: Send, job_id: str) -> None:
    """Ends soon after the asker has gone away: a log may be long, and nobody may be left to wait."""
    values = params.first_values(scope["query_string"])
    wanted = _wanted(values)
    attempt, ended = await attempt_of(services, job_id, values.get("attempt"))
    stage = stage_of(values.get("stage"))
    paths = LogPaths.of(services.settings.data_dir, job_id, attempt, stage)
    has = partial(matches, header(scope, b"if-none-match"))
    left = threading.Event()

    def find(log: LogFile) -> tuple[str, bytes | None]:
        etag = weak_tag(f"{log.gen} {log.limit} {log.size} {log.closed} {wanted!r}".encode())
        if has(etag):
            return etag, None
        return etag, canonical({"job_id": job_id, **search(log, wanted, left.is_set)})

    leaving = asyncio.ensure_future(gone(receive))
    leaving.add_done_callback(lambda _: left.set())
    try:
        finding = asyncio.get_running_loop().run_in_executor(_searches, logs.consistent, paths, ended, find)
        with suppress(SearchStopped):
            etag, body = await finding
            answer = not_modified(etag) if body is None else respond_with(scope, etag, body, compress(body))
            await send_answer(scope, send, answer)
    finally:
        leaving.cancel()
        left.set()


def _wanted(values: dict[str, str]) -> Wanted:
    query = values.get("q", "")
    if not 0 < len(query) <= LONGEST_QUERY:
        message = f"q is the text to look for: 1 to {LONGEST_QUERY} characters"
        raise bad_request(message, "INVALID_PARAMETER")
    until = values.get("until")
    return Wanted(
        query,
        exact=values.get("case") == "1",
        limit=params.integer(values.get("limit"), Wanted.limit, 1, MAX_MATCHES),
        begin=params.integer(values.get("from"), 0, 0, params.MAX_OFFSET),
        until=None if until is None else params.integer(until, 0, 0, params.MAX_OFFSET),
    )
