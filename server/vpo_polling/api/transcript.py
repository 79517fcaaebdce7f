"""The transcript of a session, held like any poll, and answered by what has changed."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope

from vpo_polling.api import params
from vpo_polling.api.conditional import respond
from vpo_polling.api.holding import bases, changed_rows, held
from vpo_polling.api.projects import NO_SESSION
from vpo_polling.errors import not_found
from vpo_polling.feed import Entry, canonical, compress
from vpo_polling.feed.deltas import Delta
from vpo_polling.feed.entry import version_since
from vpo_polling.services import Services
from vpo_polling.store.turns.transcript import TranscriptChanges, TranscriptHead, TranscriptQuery
from vpo_polling.wire import Answer

_AT_ONCE = 64 * 1024
"""Bytes of a body that are compressed sooner than a thread is found for them."""


async def transcript(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    start = params.place(params.first_values(scope["query_string"]))
    session = {"project_id": ids[0], "session_id": ids[1]}

    async def answer(head: Entry) -> Answer:
        for base in bases(scope):
            after = version_since(head.etag, base)
            if not after:
                continue
            changes = await services.feed.read(TranscriptChanges(**session, start=start, after=after))
            if changes is not None:
                return changed_rows(scope, changes.etag, await _delta(f'W/"{base}"', changes))
        whole = await services.feed.read(TranscriptQuery(**session, start=start))
        if whole is None:
            raise not_found(NO_SESSION)
        return respond(scope, whole)

    head = TranscriptHead(**session, start=start)
    return await held(services.feed, services, scope, receive, head, NO_SESSION, answer)


async def _delta(base: str, changes: Entry) -> Delta:
    """One base, many deltas: what differs between viewers is put before what they share."""
    head = canonical({"base": base, "etag": changes.etag})
    body = head[:-1] + b"," + changes.body[1:]
    packed = compress(body) if len(body) < _AT_ONCE else await asyncio.to_thread(compress, body)
    return Delta(base, body, packed)
