"""Polls that are held until their answer would be another one, and the deltas that they get then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from starlette.types import Receive, Scope

from vpo_polling.api.conditional import accepts_gzip, matches, not_modified, respond, tags
from vpo_polling.api.leaving import gone
from vpo_polling.api.preferences import preferred_wait, wants_rows
from vpo_polling.errors import not_found
from vpo_polling.feed import Entry
from vpo_polling.feed.deltas import Delta
from vpo_polling.feed.feed import Ending
from vpo_polling.services import Services
from vpo_polling.store import Query
from vpo_polling.wire import JSON, NO_STORE, Answer, header

Asked = TypeVar("Asked", contravariant=True)


def client_of(scope: Scope) -> str:
    """Whose request it is; the guard in front has found it out."""
    return str(scope.get("vpo.client", ""))


def wait_of(scope: Scope) -> int | None:
    """Seconds. Nothing but a conditional GET can be held: without a tag nobody knows what is news."""
    is_conditional = scope["method"] == "GET" and header(scope, b"if-none-match")
    return preferred_wait(scope) if is_conditional else None


def applied(answer: Answer, wait: int) -> Answer:
    """Says that the preference was kept to (RFC 7240, 3)."""
    return answer._replace(headers=[*answer.headers, (b"preference-applied", f"wait={wait}".encode())])


class Source(Protocol[Asked]):
    """Where answers are read and waited for: the feed is one."""

    async def read(self, asked: Asked, /) -> Entry | None: ...

    async def changed(self, asked: Asked, etag: str, until: Ending, /) -> Entry | None: ...

    def delta(self, asked: Asked, entry: Entry, base: str, /) -> Delta | None: ...


async def poll(
    services: Services, scope: Scope, receive: Receive, query: Query, missing: str = "Job not found"
) -> Answer:
    """The feed's answer to `query`, held where that is preferred. Raises ApiError where there is none."""
    return await poll_of(services.feed, services, scope, receive, query, missing)


async def poll_of(
    source: Source[Asked], services: Services, scope: Scope, receive: Receive, asked: Asked, missing: str
) -> Answer:
    """As `poll`, of any source."""

    async def answer(entry: Entry) -> Answer:
        for base in bases(scope):
            delta = source.delta(asked, entry, f'W/"{base}"')
            if delta is not None:
                return changed_rows(scope, entry.etag, delta)
        return respond(scope, entry)

    return await held(source, services, scope, receive, asked, missing, answer)


async def held(
    source: Source[Asked],
    services: Services,
    scope: Scope,
    receive: Receive,
    asked: Asked,
    missing: str,
    answer: Callable[[Entry], Awaitable[Answer]],
) -> Answer:
    """What `answer` makes of an entry that the asker does not have, or has waited long enough for."""
    entry = await source.read(asked)
    if entry is None:
        raise not_found(missing)
    wait = wait_of(scope)
    if not matches(header(scope, b"if-none-match"), entry.etag):
        given = await answer(entry)
    elif not wait:
        given = not_modified(entry.etag)
    else:
        with services.holds.one(client_of(scope), gone(receive), wait) as hold:
            if hold is None:
                return not_modified(entry.etag)
            changed = await source.changed(asked, entry.etag, hold)
        if changed is None:
            raise not_found(missing)
        given = not_modified(entry.etag) if changed.etag == entry.etag else await answer(changed)
    if wait is None or services.holds.is_draining:
        return given
    return applied(given, wait)


def bases(scope: Scope) -> list[str]:
    """Opaque tags of the answers that the asker has and takes a delta to."""
    return tags(header(scope, b"if-none-match")) if wants_rows(scope) else []


def changed_rows(scope: Scope, etag: str, delta: Delta) -> Answer:
    """226 IM Used (RFC 3229, 10.4.1)."""
    headers = [
        JSON,
        (b"etag", etag.encode()),
        (b"im", b"vpo-rows"),
        (b"delta-base", delta.base.encode()),
        NO_STORE,
    ]
    if delta.gzip is not None and accepts_gzip(header(scope, b"accept-encoding")):
        return Answer(226, [*headers, (b"content-encoding", b"gzip")], delta.gzip)
    return Answer(226, headers, delta.body)
