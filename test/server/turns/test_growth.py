"""Blocks of a turn, as events come in."""

from __future__ import annotations

import random

import pytest
from vpo_polling.store import Query
from vpo_polling.store.turns.queries import BlocksQuery, SessionQuery, TurnQuery, TurnsQuery, TurnStatusQuery
from vpo_polling.store.turns.types import MAX_BLOCK, BlockTooLarge, NotRunning, Verdict
from vpo_polling.turns.stream_json import parse

from . import transcripts as t
from .conftest import Place


def send(place: Place, turn_id: str, *records: t.Json, now: int = 3000) -> None:
    place.store.take_events(turn_id, parse(t.lines(*records)), now=now)


def turn(place: Place, turn_id: str) -> t.Json:
    found = place.store.read(TurnQuery(**place.where(turn_id)))[0]
    assert found is not None
    return found


def turns(place: Place) -> list[t.Json]:
    query = TurnsQuery(project_id=place.project_id, session_id=place.session_id)
    found = place.store.read(query)[0]
    assert found is not None
    listed: list[t.Json] = found["turns"]
    return listed


def texts(place: Place, turn_id: str) -> list[tuple[str, str]]:
    return [(block["kind"], block["text"]) for block in turn(place, turn_id)["blocks"]]


def test_a_turn_grows_by_blocks_in_the_order_of_its_events(place: Place) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.thinking("Hm."), t.text("One"), t.use("Read", {"path": "a"}))
    send(place, turn_id, t.result_of("t1", "a's text"), t.text("Two", message="m2"), t.succeeded())
    found = turn(place, turn_id)
    assert [block["number"] for block in found["blocks"]] == [1, 2, 3, 4, 5]
    assert [block["kind"] for block in found["blocks"]] == [
        "thinking",
        "content",
        "tool_use",
        "tool_result",
        "content",
    ]
    assert found["blocks"][2]["input"] == {"path": "a"}
    assert (found["status"], found["block_count"], found["completed_at"]) == (
        "completed",
        5,
        "1970-01-01T00:00:03.000Z",
    )


def test_text_that_is_streamed_grows_in_place_and_is_not_repeated_when_it_is_whole(place: Place) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.message_start("m1"), t.part_start(0, "thinking"), t.delta(0, "H", "thinking"))
    send(place, turn_id, t.delta(0, "m", "thinking"), t.part_start(1), t.delta(1, "On"))
    assert texts(place, turn_id) == [("thinking", "Hm"), ("content", "On")]
    send(place, turn_id, t.delta(1, "e"), t.text("One."), t.thinking("Hm."))
    assert texts(place, turn_id) == [("thinking", "Hm."), ("content", "One.")]
    send(place, turn_id, t.text("More of the same message"))
    assert texts(place, turn_id)[2:] == [("content", "More of the same message")]


def test_each_event_is_taken_once_however_often_it_is_sent(place: Place) -> None:
    turn_id = place.begin()
    events = [t.text(f"{i}", uuid=f"e{i}") for i in range(10)]
    sent = random.Random(4)
    done = 0
    while done < 10:
        first = sent.randrange(done + 1)
        last = sent.randrange(first, 11)
        send(place, turn_id, *events[first:last])
        done = max(done, last)
    assert texts(place, turn_id) == [("content", f"{i}") for i in range(10)]
    send(place, place.begin(), *events[:2], *events[:3])
    assert turn(place, turn_id)["block_count"] == 10
    (twice,) = [one for one in turns(place) if one["status"] == "running"]
    assert twice["block_count"] == 3, "also within one request"
    taken = place.store.take_events(turn_id, parse(t.lines(*events)), now=4000)
    assert (taken.accepted, taken.duplicates, taken.event_count, taken.last_event_id) == (0, 10, 10, "e9")


def test_blocks_after_a_version_are_the_new_ones_and_those_that_grew(place: Place) -> None:
    turn_id = place.begin()

    def after(version: int) -> tuple[int, list[tuple[int, str]]]:
        found = place.store.read(BlocksQuery(**place.where(turn_id), after=version))[0]
        assert found is not None
        return found["version"], [(block["number"], block["text"]) for block in found["blocks"]]

    version, shown = after(0)
    assert shown == []
    send(place, turn_id, t.message_start("m1"), t.part_start(0), t.delta(0, "A"))
    send(place, turn_id, t.use("Read", {}, message="m1"))
    version, shown = after(version)
    assert shown == [(1, "A"), (2, "")]
    send(place, turn_id, t.delta(0, "B"))
    version, shown = after(version)
    assert shown == [(1, "AB")]
    assert after(version) == (version, [])
    send(place, turn_id, t.result_of("t1", "found"))
    version, shown = after(version)
    assert shown == [(2, ""), (3, "found")], "a use is shown with its result"


@pytest.mark.parametrize("end", ["completed", "failed", "interrupted", "cancelled"])
def test_a_turn_that_ends_without_a_block_is_seen(place: Place, end: str) -> None:
    turn_id = place.begin()
    where = place.where(turn_id)
    queries: list[Query] = [TurnQuery(**where), TurnStatusQuery(**where), BlocksQuery(**where, after=0)]
    before = [place.store.read(query)[0] for query in queries]
    if end == "cancelled":
        place.begin("Another")
    elif end == "interrupted":
        place.store.interrupt_turns(place.project_id, place.session_id, now=4000)
    elif end == "completed":
        send(place, turn_id, t.succeeded())
    else:
        place.store.end_turn(turn_id, Verdict(status="failed", error_message="It broke"), now=4000)
    for query, was in zip(queries, before, strict=True):
        now = place.store.read(query)[0]
        assert was is not None
        assert now is not None
        assert now["status"] == end
        assert now["version"] > was["version"]
        assert now["block_count"] == 0
    session = place.store.read(SessionQuery(project_id=place.project_id, session_id=place.session_id))[0]
    assert session is not None
    assert session["status"] == ("running" if end == "cancelled" else end)


def test_a_failed_result_is_stored_as_failed(place: Place) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.text("I try"), t.failed())
    found = turn(place, turn_id)
    assert (found["status"], found["error"]) == ("failed", "error max turns")
    assert texts(place, turn_id)[-1] == ("error", "error max turns")


def test_what_has_ended_takes_no_more_and_nothing_of_it_is_stored(place: Place) -> None:
    turn_id = place.begin()
    send(place, turn_id, t.text("a", uuid="e1"), t.succeeded(uuid="e2"))
    with pytest.raises(NotRunning):
        send(place, turn_id, t.text("b", uuid="e3"))
    send(place, turn_id, t.succeeded(uuid="e2"))  # its answer was lost
    other = place.begin()
    with pytest.raises(NotRunning):
        send(place, other, t.text("a"), t.succeeded(), t.text("after the end"))
    assert texts(place, turn_id) == [("content", "a")]
    assert (texts(place, other), turn(place, other)["status"]) == ([], "running")


def test_a_block_that_is_too_large_is_refused_also_where_it_grew(place: Place) -> None:
    turn_id = place.begin()
    with pytest.raises(BlockTooLarge):
        send(place, turn_id, t.text("a"), t.text("x" * (MAX_BLOCK + 1)))
    assert texts(place, turn_id) == []
    send(place, turn_id, t.message_start("m1"), t.part_start(0), t.delta(0, "x" * MAX_BLOCK))
    with pytest.raises(BlockTooLarge):
        send(place, turn_id, t.delta(0, "x"))
    assert texts(place, turn_id) == [("content", "x" * MAX_BLOCK)]


def test_a_new_turn_takes_the_place_of_those_that_run_in_its_session_only(place: Place) -> None:
    elsewhere = place.store.create_session(place.project_id, "Another", now=1000)
    assert elsewhere is not None
    other = Place(place.store, place.project_id, elsewhere)
    spared, first = other.begin(), place.begin()
    second = place.store.create_turn(place.project_id, place.session_id, "Again", reported=False, now=5000)
    assert second is not None
    assert [replaced.turn_id for replaced in second.cancelled] == [first]
    assert (second.number, turn(place, first)["status"]) == (2, "cancelled")
    assert turn(place, first)["error"] == "Cancelled by a new turn"
    assert (turn(place, second.turn_id)["status"], turn(other, spared)["status"]) == ("pending", "running")


def test_an_interrupt_ends_what_runs_and_else_does_nothing(place: Place) -> None:
    session = (place.project_id, place.session_id)
    assert place.store.interrupt_turns(*session, now=4000) == []
    turn_id = place.begin()
    ended = place.store.interrupt_turns(*session, now=4000)
    assert ended is not None
    assert [one.turn_id for one in ended] == [turn_id]
    assert turn(place, turn_id)["status"] == "interrupted"
    assert place.store.interrupt_turns(*session, now=4000) == []


def test_nothing_is_found_through_another_project_or_session(place: Place) -> None:
    turn_id = place.begin()
    stranger = place.store.create_project("Other", None, now=1000)
    strange = place.store.create_session(stranger, "", now=1000)
    assert strange is not None
    for project, session in ((stranger, place.session_id), (stranger, strange), (place.project_id, strange)):
        query = TurnQuery(project_id=project, session_id=session, turn_id=turn_id)
        assert place.store.read(query)[0] is None
    assert place.store.create_turn(stranger, place.session_id, "x", reported=True, now=1) is None
    assert place.store.interrupt_turns(stranger, place.session_id, now=1) is None


def test_a_session_is_named_by_its_first_prompt(place: Place) -> None:
    place.begin("  Count the files\nand tell me  ")
    place.begin("Again")
    query = SessionQuery(project_id=place.project_id, session_id=place.session_id)
    found = place.store.read(query)[0]
    assert found is not None
    assert found["title"] == "Count the files"
