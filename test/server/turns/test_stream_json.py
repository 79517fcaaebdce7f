"""What agents print, record by record."""

from __future__ import annotations

import json

import pytest
from vpo_polling.store.turns.types import PartBegun, PartGrew, Said, Streaming, Verdict
from vpo_polling.turns.stream_json import BadEvent, parse

from . import transcripts as t


def changes(*records: t.Json) -> list[object]:
    return [change for event in parse(t.lines(*records)) for change in event.changes]


def test_each_record_becomes_what_it_says() -> None:
    assert changes(
        t.system(),
        t.thinking("Hm."),
        t.text("Hello"),
        t.use("Read", {"path": "a"}),
        t.result_of("t1", "text of a"),
        t.succeeded(),
    ) == [
        Said(kind="thinking", text="Hm.", message_id="m1"),
        Said(kind="content", text="Hello", message_id="m1"),
        Said(kind="tool_use", name="Read", input={"path": "a"}, tool_use_id="t1", message_id="m1"),
        Said(kind="tool_result", text="text of a", tool_use_id="t1"),
        Verdict(status="completed"),
    ]


def test_a_result_that_failed_is_a_failure_with_its_words() -> None:
    assert changes(t.failed()) == [
        Said(kind="error", text="error max turns", is_error=True),
        Verdict(status="failed", error_message="error max turns"),
    ]
    crashed = {"type": "result", "subtype": "success", "is_error": True, "result": "No credit left"}
    assert changes(crashed)[-1] == Verdict(status="failed", error_message="No credit left")


def test_messages_are_taken_while_they_are_written() -> None:
    assert changes(
        t.message_start("m1"),
        t.part_start(0, "thinking"),
        t.delta(0, "Hm", "thinking"),
        t.part_start(1, "text", text="He"),
        t.delta(1, "llo"),
        t.part_start(2, "tool_use", id="t1", name="Read"),
        t.streamed({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta"}}),
        t.streamed({"type": "content_block_stop", "index": 2}),
        t.streamed({"type": "message_stop"}),
    ) == [
        Streaming(message_id="m1"),
        PartBegun(part=0, kind="thinking"),
        PartGrew(part=0, text="Hm"),
        PartBegun(part=1, kind="content", text="He"),
        PartGrew(part=1, text="llo"),
        PartBegun(part=2, kind="tool_use", name="Read", tool_use_id="t1"),
    ]


def test_parts_of_a_result_that_are_no_text_are_named() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image", "source": {}}, {"type": "text", "text": "b"}]
    assert changes(t.result_of("t1", parts)) == [
        Said(kind="tool_result", text="a\n[image]\nb", tool_use_id="t1")
    ]
    assert changes(t.result_of("t1", None)) == [Said(kind="tool_result", tool_use_id="t1")]


def test_what_other_versions_print_has_no_effect() -> None:
    assert changes({"type": "rate_limit_event", "x": 1}, {"type": "control_request"}) == []
    unknown = {"type": "assistant", "message": {"id": "m", "content": [{"type": "server_tool_use"}]}}
    assert changes(unknown, {"type": "user", "message": {"content": "a prompt of its own"}}) == []


def test_events_are_named_by_whatever_id_they_carry() -> None:
    named = [{"type": "system", key: f"by {key}"} for key in ("uuid", "event_id", "id")]
    assert [event.id for event in parse(t.lines(*named, {"type": "system"}))] == [
        "by uuid",
        "by event_id",
        "by id",
        None,
    ]


def test_empty_lines_are_nothing_and_the_last_needs_no_end() -> None:
    body = b"\n" + t.lines(t.text("a")) + b"\r\n\n" + json.dumps(t.text("b")).encode()
    assert len(parse(body)) == 2
    assert parse(b"") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "this is not valid JSON"),
        (b"[]", "an event is a JSON object"),
        (b'"text"', "an event is a JSON object"),
        (b"NaN", "this is not valid JSON"),
        (b"[" * 100_000, "this is not valid JSON"),
        (b'{"a": 1}', "'type' must be a text that is not empty"),
        (b'{"type": 3}', "'type' must be a text that is not empty"),
        (b'{"type": "assistant"}', "'message' must be an object"),
        (b'{"type": "assistant", "message": {"content": [1]}}', "must be a text or a list of objects"),
        (b'{"type": "assistant", "message": {"content": [{"type": "text"}]}}', "'text' must be a text"),
        (b'{"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t"}]}}', "'name'"),
        (
            b'{"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t", "name": "n",'
            b' "input": 1}]}}',
            "'input' of a tool_use must be an object",
        ),
        (b'{"type": "user", "message": {"content": [{"type": "tool_result"}]}}', "'tool_use_id'"),
        (b'{"type": "result"}', "'subtype'"),
        (b'{"type": "stream_event"}', "'event' must be an object"),
        (
            b'{"type": "stream_event", "event": {"type": "content_block_delta", "index": -1,'
            b' "delta": {"type": "text_delta", "text": ""}}}',
            "'index' must be a whole number",
        ),
    ],
)
def test_a_bad_line_is_named(line: bytes, reason: str) -> None:
    with pytest.raises(BadEvent, match=f"Line 3: .*{reason}") as refused:
        parse(b'{"type": "system"}\n\n' + line + b'\n{"type": "system"}\n')
    assert refused.value.line == 3
