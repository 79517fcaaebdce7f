"""A whole log as plain text, streamed in pieces."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from vpo_polling.api import params
from vpo_polling.api.attempts import attempt_of, stage_of
from vpo_polling.api.conditional import matches, not_modified
from vpo_polling.api.leaving import gone
from vpo_polling.api.ranges import wanted_range
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.text import LogFile, open_log
from vpo_polling.services import Services
from vpo_polling.wire import Headers, has_header, header, send_answer

PIECE = 256 * 1024
SEND_PATIENCE_S = 60.0
"""A client that takes nothing for so long keeps no file open; it may continue with a range."""


async def raw_log(services: Services, scope: Scope, receive: Receive, send: Send, job_id: str) -> None:
    """What may be shown of the log now, of a log that is still written the lines that are finished."""
    values = params.first_values(scope["query_string"])
    attempt, ended = await attempt_of(services, job_id, values.get("attempt"))
    paths = LogPaths.of(services.settings.data_dir, job_id, attempt, stage_of(values.get("stage")))
    log = await asyncio.to_thread(open_log, paths, ended=ended)
    with log:
        etag = f'"{log.gen}-{log.limit}"'
        if matches(header(scope, b"if-none-match"), etag):
            await send_answer(scope, send, not_modified(etag))
            return
        status, part = _part(scope, etag, log.limit)
        headers = [*_headers(etag, f"{job_id[:8]}-{paths.stem}", values.get("download") == "1")]
        if status != 200:
            shown = f"{part.start}-{part.stop - 1}" if part else "*"
            headers.append((b"content-range", f"bytes {shown}/{log.limit}".encode()))
        headers.append((b"content-length", str(len(part)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if scope["method"] == "HEAD" or not part:
            await send({"type": "http.response.body", "body": b""})
            return
        leaving = asyncio.ensure_future(gone(receive))
        try:
            await _stream(log, part, send, leaving)
        finally:
            leaving.cancel()


def _part(scope: Scope, etag: str, size: int) -> tuple[int, range]:
    everything = range(size)
    if scope["method"] != "GET" or not has_header(scope, b"range"):
        return 200, everything
    # The rest of something else would be worth nothing: then all is sent.
    if has_header(scope, b"if-range") and header(scope, b"if-range").strip() != etag:
        return 200, everything
    part = wanted_range(header(scope, b"range"), size)
    if part is None:
        return 200, everything
    return (206, part) if part else (416, range(0))


async def _stream(log: LogFile, part: range, send: Send, leaving: asyncio.Future[None]) -> None:
    """Ends early, which breaks the connection off, when the promised bytes are no longer there."""
    position = part.start
    while position < part.stop and not leaving.done():
        data = await asyncio.to_thread(_piece, log, position, part.stop)
        if not data:
            return
        position += len(data)
        message = {"type": "http.response.body", "body": data, "more_body": position < part.stop}
        try:
            await asyncio.wait_for(send(message), SEND_PATIENCE_S)
        except asyncio.TimeoutError:
            return


def _piece(log: LogFile, start: int, stop: int) -> bytes:
    try:
        data = log.bytes_at(start, min(start + PIECE, stop))
    except OSError:
        return b""
    return data if log.is_current() else b""


def _headers(etag: str, name: str, is_download: bool) -> Headers:
    kind = "attachment" if is_download else "inline"
    return [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-disposition", f'{kind}; filename="{name}.log"'.encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
    ]
