"""A session as one list of entries, and what has changed of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from api.test_holding import until
from api.test_openapi import described
from serving import client_of, serving
from vpo_polling.app import create_app
from vpo_polling.feed import canonical
from vpo_polling.feed.deltas import apply
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.store.turns.entries import LONGEST_TEXT
from vpo_polling.store.turns.transcript import (
    BEGINNING,
    TranscriptChanges,
    TranscriptQuery,
)
from vpo_polling.store.turns.transcript import (
    Place as Start,
)
from vpo_polling.store.turns.types import Verdict
from vpo_polling.turns.stream_json import parse

from . import transcripts as t
from .conftest import Place

pytestmark = pytest.mark.anyio
ROUTE = "/api/projects/{project_id}/sessions/{session_id}/transcript"
DELTA = {"a-im": "vpo-rows"}


def send(place: Place, turn_id: str, *records: t.Json) -> None:
    place.store.take_events(turn_id, parse(t.lines(*records)), now=3000)


def transcript(place: Place, start: Start = BEGINNING) -> t.Json:
    query = TranscriptQuery(project_id=place.project_id, session_id=place.session_id, start=start)
    found = place.store.read(query)[0]
    assert found is not None
    return found


def changes(place: Place, after: int, start: Start = BEGINNING) -> t.Json:
    where = {"project_id": place.project_id, "session_id": place.session_id}
    found = place.store.read(TranscriptChanges(**where, start=start, after=after))[0]
    assert found is not None
    return found


def entries(place: Place, *names: str) -> list[Any]:
    return [tuple(entry.get(name) for name in names) for entry in transcript(place)["entries"]]


def test_prompts_blocks_and_ends_stand_in_their_order(place: Place) -> None:
    first = place.begin("Count")
    send(place, first, t.thinking("Hm."), t.text("**One**"), t.use("Bash", {"command": "ls\n-l"}))
    assert entries(place, "kind", "text", "status") == [
        ("prompt", "Count", "running"),
        ("thinking", "Hm.", None),
        ("content", None, None),
        ("tool_use", None, None),
    ]
    content, use = transcript(place)["entries"][2:]
    assert content["tree"][0]["children"][0]["kind"] == "strong"
    assert (use["name"], use["about"], use["state"]) == ("Bash", "ls -l", "running")
    place.begin("And now?")
    assert entries(place, "kind", "text", "status", "state")[3:] == [
        ("tool_use", None, None, "interrupted"),
        ("end", "Cancelled by a new turn", "cancelled", None),
        ("prompt", "And now?", "running", None),
    ]


@pytest.mark.parametrize(("is_error", "state"), [(False, "completed"), (True, "failed")])
def test_a_use_is_shown_with_its_result(place: Place, is_error: bool, state: str) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.use("Read", {"n": 1, "file_path": "a.md"}))
    before = transcript(place)["version"]
    send(place, turn_id, t.result_of("t1", "its text", is_error=is_error))
    assert entries(place, "kind", "state", "result", "about")[1:] == [("tool_use", state, "its text", "a.md")]
    (changed,) = [row for row in changes(place, before)["rows"] if row["kind"] != "prompt"]
    assert changed["result"] == "its text"
    send(place, turn_id, t.result_of("elsewhere", "of nobody", is_error=is_error))
    assert entries(place, "kind", "text", "is_error")[2:] == [("tool_result", "of nobody", is_error)]


def test_a_reason_that_a_block_gives_is_not_repeated(place: Place) -> None:
    send(place, place.begin(), t.failed())
    (_, error, end) = transcript(place)["entries"]
    assert (error["kind"], end["kind"], end["status"], end["text"]) == ("error", "end", "failed", "")
    lost = place.begin()
    place.store.end_turn(lost, Verdict(status="interrupted", error_message="The power went"), now=5)
    assert transcript(place)["entries"][-1]["text"] == "The power went"


def test_what_is_too_long_for_a_page_says_so(place: Place) -> None:
    turn_id = place.begin("p" * (LONGEST_TEXT + 1))
    send(place, turn_id, t.use("W", {"text": "x" * 30_000}), t.result_of("t1", "y" * 30_000), t.text("short"))
    prompt, use, content = transcript(place)["entries"]
    assert (len(prompt["text"]), prompt["cut"]) == (LONGEST_TEXT, True)
    assert (len(use["input"]), len(use["result"]), use["cut"]) == (LONGEST_TEXT, LONGEST_TEXT, True)
    assert len(use["about"]) == 120
    assert content["cut"] is False


class Life:
    """Something that may happen in a session, at random."""

    def __init__(self, place: Place, seed: int) -> None:
        self._place = place
        self._random = random.Random(seed)
        self._turn: str | None = None
        self._calls = 0

    def go_on(self) -> None:
        r = self._random
        if self._turn is None or r.random() < 0.08:
            self._turn = self._place.begin(f"Prompt {r.randrange(9)}")
            send(self._place, self._turn, t.message_start("s"))
            return
        what = r.choice(("text", "use", "result", "early", "begin", "grow", "whole", "end", "none"))
        call = f"t{r.randrange(self._calls + 1)}"
        if what == "use":
            self._calls += 1
            send(self._place, self._turn, t.use("Read", {"path": call}, call=f"t{self._calls}", message="u"))
        elif what in ("text", "result", "early"):
            # `early`: a result of a use that is yet to come.
            name = f"t{self._calls + 1}" if what == "early" else call
            is_error = r.random() < 0.3
            said = t.result_of(name, what, is_error=is_error)
            if what == "text":
                said = t.text("a *b*", message="x")
            send(self._place, self._turn, said)
        elif what == "begin":
            send(self._place, self._turn, t.part_start(0, r.choice(("text", "thinking"))))
        elif what == "grow":
            send(self._place, self._turn, t.delta(0, " more"))
        elif what == "whole":
            send(self._place, self._turn, t.text("whole", message="s"))
        elif what == "end":
            how = r.choice((t.succeeded(), t.failed()))
            send(self._place, self._turn, how)
            self._turn = None


@pytest.mark.parametrize("seed", range(25))
def test_what_has_changed_since_any_version_makes_the_whole_of_it(place: Place, seed: int) -> None:
    life, start = Life(place, seed), random.Random(seed + 1000)
    known: list[tuple[Start, t.Json]] = []
    for step in range(60):
        life.go_on()
        place_of = BEGINNING if step < 20 else Start(start.randrange(1, 4), start.randrange(0, 5))
        known.append((place_of, transcript(place, place_of)))
        for begin, before in start.sample(known, min(3, len(known))):
            now, change = transcript(place, begin), changes(place, before["version"], begin)
            removed = [key for key in change["removed"] if any(row["id"] == key for row in before["entries"])]
            made = apply(before, {**change, "removed": removed}, "entries", "id")
            assert canonical(made) == canonical(now), f"step {step}"


@pytest.mark.parametrize("count", [1, 3, 4, 7, 50])
def test_a_page_further_up_ends_where_the_next_one_begins(place: Place, count: int) -> None:
    for n in range(3):
        turn_id = place.begin(f"{n}")
        send(place, turn_id, *(t.text(f"{i}") for i in range(n + 2)), t.succeeded())
    everything = [entry["id"] for entry in transcript(place)["entries"]]
    found = place.store.session_start(place.session_id, None, count)
    assert found is not None
    project_id, newest, earlier = found
    assert project_id == place.project_id
    shown = [entry["id"] for entry in transcript(place, newest)["entries"]]
    assert shown == everything[-count:]
    more = [entry["id"] for entry in transcript(place, earlier)["entries"]]
    assert more == everything[-2 * count :]
    assert transcript(place, newest)["has_earlier"] == (len(shown) < len(everything))
    assert place.store.session_start("01234567-89ab-cdef-0123-456789abcdef", None, 5) is None


@pytest.fixture
async def client(settings: Settings, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings, store) as client:
        yield client


def url(place: Place) -> str:
    return ROUTE.format(project_id=place.project_id, session_id=place.session_id)


async def test_it_is_as_described_and_its_tag_counts(client: httpx.AsyncClient, place: Place) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.text("a"), t.use("Read", {}), t.thinking("b"), t.result_of("t9", "c"), t.failed())
    answer = await client.get(url(place))
    described(answer, ROUTE)
    version = answer.json()["version"]
    assert answer.headers["etag"].endswith(f'-{version}"')
    same = await client.get(url(place), headers={"if-none-match": answer.headers["etag"]})
    assert (same.status_code, same.headers["etag"]) == (304, answer.headers["etag"])


@pytest.mark.parametrize("bad", ["0.1", "1", "1.", "1.x", "٣.1", "1.1.1", "9999999999.1"])
async def test_a_place_that_is_none_is_refused(client: httpx.AsyncClient, place: Place, bad: str) -> None:
    answer = await client.get(url(place), params={"from": bad})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")


async def test_nobody_keeps_what_was_shown_and_yet_only_changes_are_sent(
    settings: Settings, store: Store, place: Place
) -> None:
    """Also by a server that was started in between."""
    turn_id = place.begin()
    for n in range(30):
        send(place, turn_id, t.text(f"Words of block {n}"))
    async with serving(settings, store) as client:
        base = await client.get(url(place))
    await asyncio.to_thread(send, place, turn_id, t.text("New"))
    async with serving(settings, store) as client:
        tag = base.headers["etag"]
        got = await client.get(url(place), headers={**DELTA, "if-none-match": tag})
        assert (got.status_code, got.headers["im"], got.headers["delta-base"]) == (226, "vpo-rows", tag)
        described(got, ROUTE)
        assert (got.json()["base"], got.json()["etag"]) == (tag, got.headers["etag"])
        assert [row["kind"] for row in got.json()["rows"]] == ["prompt", "content"]
        whole = (await client.get(url(place))).json()
        assert apply(base.json(), got.json(), "entries", "id") == whole
        for strange in (tag.replace("-", "-9"), 'W/"0-1"', 'W/"x"', tag[:-1] + 'a"'):
            answer = await client.get(url(place), headers={**DELTA, "if-none-match": strange})
            assert answer.status_code == 200, strange


async def test_a_poll_is_held_until_something_happens(settings: Settings, store: Store, place: Place) -> None:
    turn_id = place.begin()
    app = create_app(settings, store)
    async with app.running(), client_of(app) as client:
        base = await client.get(url(place))
        asked = {**DELTA, "if-none-match": base.headers["etag"], "prefer": "wait=20"}
        held = asyncio.create_task(client.get(url(place), headers=asked))
        await until(lambda: len(app.services.holds) == 1)
        await asyncio.to_thread(place.store.end_turn, turn_id, Verdict(status="completed"), now=9)
        got = await asyncio.wait_for(held, 10)
        assert (got.status_code, got.headers["preference-applied"]) == (226, "wait=20")
        assert [row["status"] for row in got.json()["rows"]] == ["completed"], "it ended without a block"


async def test_what_is_not_there_is_404(client: httpx.AsyncClient, place: Place) -> None:
    for known in (place.session_id, place.project_id):
        answer = await client.get(url(place).replace(known[:8], "00000000"))
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
