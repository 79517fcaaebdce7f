"""Reading logs by cursor: whatever way a log grows and is asked for, the pieces make up the file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vpo_polling import logs
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.text import LogFile

from logs.support import JOB, Log, Place, counted_reads, small_answers


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


# Mostly what cuts go wrong at: characters of several bytes, parts of them, line ends, bytes that are none.
pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\n", b"\r\n", b"\r", b"a", b"\xc3", b"\xa9", "é".encode(), "€".encode(), "😀".encode()]
        ),
        st.sampled_from([b"\xf0\x9f", b"\x98\x80", b"\xff", b"\x00", b"\xe2\x80\xa8", b"\x85", b"line\n"]),
        st.binary(max_size=40),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(pieces=pieces, size=st.integers(4, 80), resume=st.lists(st.booleans(), max_size=60), raw=st.booleans())
def test_pieces_read_while_a_log_grows_make_up_the_whole_file(
    pieces: list[bytes], size: int, resume: list[bool], raw: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, small_answers(size):
        log = Log(Path(folder))
        shown, end, gen = "", 0, log.read(start=0)["gen"]

        def take_all(ended: bool = False) -> dict[str, Any]:
            nonlocal shown, end
            while True:
                answer = log.read(ended, gen=gen, start=end)
                assert answer["start"] == end
                assert not answer["reset"]
                assert len(answer["text"]) <= answer["end"] - end <= size
                assert answer["first_line"] == log.content[:end].count(b"\n") + 1
                shown, end = shown + answer["text"], answer["end"]
                if not answer["more"]:
                    return answer
                assert answer["text"]

        for number, piece in enumerate(pieces):
            # Our writer adds whole lines; others, and a writer that was killed, leave anything.
            (log.appended if raw else log.writer.feed)(piece)
            if number < len(resume) and resume[number]:
                assert not take_all()["complete"]
        if not raw:
            log.close()
        assert take_all(ended=raw)["complete"]
        assert end == len(log.content)
        assert shown == log.content.decode("utf-8", "replace")


@settings(max_examples=100, deadline=None)
@given(
    content=st.lists(
        st.sampled_from([b"one", b"\n", b"\r\n", b"\x0b", "\u2028".encode(), b"\xff"]), max_size=50
    )
)
def test_vpos_lines_are_split_at_line_feeds_only_and_pages_make_up_all(content: list[bytes]) -> None:
    data = b"".join(content)
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder))
        log.writer.feed(data)
        log.close()
        expected = [line.removesuffix("\r") for line in data.decode("utf-8", "replace").split("\n")]
        if expected[-1] == "" and not data.endswith(b"\r"):
            expected.pop()
        shown: list[str] = []
        while True:
            answer = log.read(lines=3, offset=len(shown))
            assert answer["offset"] == len(shown)
            assert answer["total_lines"] == len(expected)
            shown += answer["lines"]
            assert answer["has_more"] == (len(shown) < len(expected))
            if not answer["has_more"]:
                break
        assert shown == expected


def test_a_line_is_held_back_until_it_is_finished(log: Log) -> None:
    log.appended(b"first\nsec")
    answer = log.read(start=0)
    assert (answer["text"], answer["more"]) == ("first\n", False)
    assert log.read(lines=10)["lines"] == ["first"]
    log.appended(b"ond\n")
    assert log.read(start=6)["text"] == "second\n"
    log.writer.feed(b"third")
    log.close()
    answer = log.read(start=13)
    assert (answer["text"], answer["complete"]) == ("third", True)
    assert log.read(lines=10)["lines"] == ["first", "second", "third"]


def test_complete_waits_for_the_writer_and_for_the_last_byte(log: Log) -> None:
    log.writer.feed(b"a\nb\n")
    assert not log.read(start=4)["complete"]
    log.close()
    assert log.read(start=4)["complete"]
    with small_answers(2):
        first = log.read(start=0)
        assert (first["text"], first["more"], first["complete"]) == ("a\n", True, False)
        assert log.read(start=2)["complete"]


def test_a_log_whose_writer_was_killed_is_complete_once_its_attempt_has_ended(log: Log) -> None:
    log.writer.feed(b"done\n")
    log.appended(b"half a li")
    assert log.read(start=0)["text"] == "done\n"
    answer = log.read(ended=True, start=0)
    assert (answer["text"], answer["complete"]) == ("done\nhalf a li", True)


def test_another_generation_or_a_byte_beyond_the_end_says_reset(log: Log) -> None:
    log.writer.feed(b"one\ntwo\n")
    gen = log.read(start=0)["gen"]
    for other, start in (("1-old", 4), (gen, 99)):
        answer = log.read(gen=other, start=start)
        assert (answer["reset"], answer["start"], answer["text"]) == (True, 0, "one\ntwo\n")
        assert answer["gen"] == gen
    assert not log.read(gen=gen, start=4)["reset"]
    assert not log.read(start=4)["reset"]
    # Not even to somebody who has these bytes already: what is shown is to be replaced.
    params = {"gen": "1-old", "start": "4"}
    assert logs.read_unless(lambda _: True, log.place, JOB, 1, params, False)[1] is not None


def test_a_tail_begins_with_a_line_and_knows_its_number(log: Log) -> None:
    log.writer.feed(b"".join(b"line %d\n" % number for number in range(1, 101)))
    answer = log.read(start=-20)
    assert answer["text"] == "line 99\nline 100\n"
    assert answer["first_line"] == 99
    assert log.read(start=-17)["text"] == "line 99\nline 100\n"
    assert log.read(start=-16)["text"] == "line 100\n"
    assert log.read(start=-10_000_000)["first_line"] == 1


def test_a_tail_inside_one_long_line_begins_with_a_character(log: Log) -> None:
    log.writer.feed(b"short\n" + "é".encode() * 50)
    log.close()
    assert log.read(start=-9)["text"] == "é" * 4


def test_line_numbers_lead_to_their_lines(log: Log) -> None:
    log.writer.feed(b"".join(b"%d %s\n" % (number, b"x" * 50) for number in range(1, 5001)))
    for number in (1, 2, 1300, 4999, 5000):
        answer = log.read(line=number)
        assert answer["first_line"] == number
        assert answer["text"].startswith(f"{number} x")
    beyond = log.read(line=6000)
    assert (beyond["text"], beyond["first_line"]) == ("", 5001)


def test_a_tail_of_a_long_log_reads_little(log: Log) -> None:
    for _ in range(400):
        log.writer.feed((b"x" * 99 + b"\n") * 600)
    log.close()
    with counted_reads() as counts:
        answer = log.read(start=-10_000)
        assert answer["first_line"] == 239_901
        assert log.read(line=200_000)["start"] == 199_999 * 100
        assert log.read(lines=1, offset=123_456)["total_lines"] == 240_000
    # 24 MB of log. One answer of 1 MiB is among them.
    assert sum(counts) < 4_000_000


def test_a_poll_that_finds_nothing_new_reads_the_end_of_the_last_line_at_most(log: Log) -> None:
    for _ in range(20):
        log.writer.feed((b"x" * 99 + b"\n") * 600)
    params = {"gen": log.read(start=0)["gen"], "start": str(len(log.content))}
    tag, fields = logs.read_unless(lambda _: False, log.place, JOB, 1, params, False)
    assert fields is not None
    with counted_reads() as counts:
        assert logs.read_unless(tag.__eq__, log.place, JOB, 1, params, False) == (tag, None)
    assert sum(counts) <= 4096
    log.writer.feed(b"news\n")
    assert logs.read_unless(tag.__eq__, log.place, JOB, 1, params, False)[1] is not None


def test_a_limit_bounds_one_answer_and_the_next_goes_on(log: Log) -> None:
    log.writer.feed(b"".join(b"line %d\n" % number for number in range(1000)))
    log.close()
    text, end = "", 0
    while True:
        answer = log.read(start=end, limit=2000)
        assert 1024 < len(answer["text"]) <= 2000 or not answer["more"]
        assert answer["text"].endswith("\n")
        text, end = text + answer["text"], answer["end"]
        if not answer["more"]:
            break
    assert text.encode() == log.content
    assert len(log.read(start=0, limit=1)["text"]) > 1000
    assert log.read(start=0, limit=10**9)["end"] == len(log.content)
    assert log.read(start=0, limit="x")["end"] == len(log.content)


def test_every_answer_says_how_many_lines_there_are(log: Log) -> None:
    assert log.read(start=0)["total_lines"] == 0
    log.writer.feed(b"one\ntwo\nthr")
    assert log.read(start=0)["total_lines"] == log.read(start=8)["total_lines"] == 2
    log.close()
    asked: list[dict[str, Any]] = [{"start": 0}, {"start": 0, "limit": 1024}, {"start": 11}, {"line": 2}]
    for params in [*asked, {"start": -2}]:
        assert log.read(**params)["total_lines"] == 3


def test_without_its_index_every_answer_is_the_same(log: Log) -> None:
    for _ in range(40):
        log.writer.feed(b"abc\n" * 5000)
    with_index = [log.read(start=-100), log.read(line=99_999), log.read(lines=2, offset=150_000)]
    assert log.paths.index.stat().st_size > 0
    log.paths.index.unlink()
    assert [log.read(start=-100), log.read(line=99_999), log.read(lines=2, offset=150_000)] == with_index


def test_an_index_that_knows_more_than_the_disk_kept_is_not_believed(log: Log) -> None:
    log.writer.feed(b"abc\n" * 50_000)
    log.writer.feed(b"abc\n" * 50_000)
    os.truncate(log.paths.log, 4000)
    assert log.read(line=90_000)["first_line"] == 1001
    assert log.read(lines=1)["total_lines"] == 1000


def test_a_line_longer_than_an_answer_is_cut_visibly_or_served_in_pieces(log: Log) -> None:
    log.writer.feed(b"y" * 100 + b"\nnext\n")
    log.close()
    with small_answers(32):
        assert log.read(lines=2)["lines"] == ["y" * 32 + "… [68 more bytes]"]
        assert log.read(lines=2, offset=1)["lines"] == ["next"]
        assert log.read(start=0)["text"] == "y" * 32


def test_a_line_without_end_is_shown_all_the_same(log: Log) -> None:
    with small_answers(64):
        log.writer.feed(b"start\n")
        log.appended("é".encode() * 100 + b"\xc3")
        shown, end = "", 0
        while (answer := log.read(start=end))["more"]:
            shown, end = shown + answer["text"], answer["end"]
        assert shown + answer["text"] == "start\n" + "é" * 100


def test_a_log_that_does_not_exist_yet_is_empty_and_open(tmp_path: Path) -> None:
    answer = logs.read(Place(tmp_path), JOB, 1, {"start": "0"}, ended=False)
    assert (answer["text"], answer["size"], answer["complete"], answer["more"]) == ("", 0, False, False)
    assert logs.read(Place(tmp_path), JOB, 1, {}, ended=False)["lines"] == []


def test_bad_numbers_count_as_absent_and_limits_hold(log: Log) -> None:
    log.writer.feed(b"z\n" * 2000)
    assert log.read(start="x")["start"] == 0
    assert len(log.read(lines="many")["lines"]) == 500
    assert len(log.read(lines=5000)["lines"]) == 1000
    assert len(log.read(lines=-5)["lines"]) == 1
    assert log.read(offset=-3)["offset"] == 0


def test_an_id_that_is_no_uuid_names_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        logs.read(Place(tmp_path), "../../etc", 1, {}, ended=True)


def test_that_it_is_closed_is_asked_before_the_size(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.writer.feed(b"early\n")
    real = LogFile.__init__

    def late_writer(self: LogFile, paths: LogPaths, *, closed: bool) -> None:
        log.writer.feed(b"late\n")
        log.close()
        real(self, paths, closed=closed)

    monkeypatch.setattr(LogFile, "__init__", late_writer)
    answer = log.read(start=0)
    assert (answer["text"], answer["complete"]) == ("early\nlate\n", False)
