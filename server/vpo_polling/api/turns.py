"""Turns: what pages ask of them, how they are begun and interrupted, and the events that agents report."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from vpo_polling.api import body, params
from vpo_polling.api.actions import is_program, json_response, made, see_other
from vpo_polling.api.holding import poll
from vpo_polling.api.projects import NO_SESSION
from vpo_polling.errors import ApiError, conflict, not_found, too_large
from vpo_polling.services import Services
from vpo_polling.store import now_ms
from vpo_polling.store.turns.queries import (
    BlocksQuery,
    EventsQuery,
    SessionQuery,
    TurnQuery,
    TurnsQuery,
    TurnStatusQuery,
)
from vpo_polling.store.turns.types import MAX_PROMPT, BlockTooLarge, NotRunning
from vpo_polling.turns.stream_json import BadEvent, parse
from vpo_polling.wire import Answer

NO_TURN = "Turn not found"
MAX_EVENTS_BODY = 4 * 1024 * 1024
NO_AGENT = (
    "No agent is set: name its program in the settings file (agent_command), "
    "or report a turn of another program ('reported': true)"
)


async def list_turns(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    page = params.page(params.first_values(scope["query_string"]))
    return await poll(
        services, scope, receive, TurnsQuery(project_id=ids[0], session_id=ids[1], **page), NO_SESSION
    )


async def turn(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    return await poll(services, scope, receive, TurnQuery(**_turn(*ids)), NO_TURN)


async def turn_status(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    return await poll(services, scope, receive, TurnStatusQuery(**_turn(*ids)), NO_TURN)


async def turn_blocks(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    after = params.after(params.first_values(scope["query_string"]))
    return await poll(services, scope, receive, BlocksQuery(**_turn(*ids), after=after), NO_TURN)


async def reported_events(services: Services, scope: Scope, receive: Receive, *ids: str) -> Answer:
    return await poll(services, scope, receive, EventsQuery(**_turn(*ids)), NO_TURN)


async def create_turn(services: Services, request: Request, project_id: str, session_id: str) -> Response:
    fields = await body.fields(request)
    prompt = body.text(fields, "prompt")
    if len(prompt) > MAX_PROMPT:
        raise too_large(f"A prompt may have {MAX_PROMPT} characters")
    reported = fields.get("reported") is True
    if not reported and not services.agents.has_command:
        raise conflict(NO_AGENT)
    begun = await asyncio.to_thread(
        services.store.create_turn, project_id, session_id, prompt, reported=reported, now=now_ms()
    )
    if begun is None:
        raise not_found(NO_SESSION)
    await services.agents.stop(begun.cancelled)
    if not reported:
        services.agents.start(begun, prompt)
    if not is_program(request):
        return see_other(request, f"/sessions/{session_id}")
    query = TurnQuery(project_id=project_id, session_id=session_id, turn_id=begun.turn_id)
    record, _ = await asyncio.to_thread(services.store.read, query)
    return made(request, record, f"/api/projects/{project_id}/sessions/{session_id}/turns/{begun.turn_id}")


async def interrupt(services: Services, request: Request, project_id: str, session_id: str) -> Response:
    """What runs in the session; where nothing does, nothing happens."""
    ended = await asyncio.to_thread(services.store.interrupt_turns, project_id, session_id, now=now_ms())
    if ended is None:
        raise not_found(NO_SESSION)
    await services.agents.stop(ended)
    if not is_program(request):
        return see_other(request, f"/sessions/{session_id}")
    query = SessionQuery(project_id=project_id, session_id=session_id)
    record, _ = await asyncio.to_thread(services.store.read, query)
    return json_response({**(record or {}), "interrupted": len(ended)})


async def report_events(services: Services, request: Request, *ids: str) -> Response:
    """All events of the body, or none of them."""
    most = too_large(f"The body is larger than {MAX_EVENTS_BODY} bytes: send fewer events at a time")
    data = await body.bounded(request, most, MAX_EVENTS_BODY)
    where = _turn(*ids)
    if (await asyncio.to_thread(services.store.read, EventsQuery(**where)))[0] is None:
        raise not_found(NO_TURN)
    try:
        events = await asyncio.to_thread(parse, data)
        taken = await asyncio.to_thread(services.store.take_events, where["turn_id"], events, now=now_ms())
    except BadEvent as fault:
        raise ApiError(400, "INVALID_EVENT", str(fault), details={"line": fault.line}) from None
    except BlockTooLarge as fault:
        raise too_large(str(fault)) from None
    except NotRunning as fault:
        raise conflict(str(fault)) from None
    return json_response(vars(taken))


def _turn(project_id: str, session_id: str, turn_id: str) -> dict[str, str]:
    return {"project_id": project_id, "session_id": session_id, "turn_id": turn_id}
