"""Search against the obvious way: the whole text, line by line."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vpo_polling.logs import matching
from vpo_polling.logs.plain import plain, plain_bytes
from vpo_polling.logs.search import SearchStopped, Wanted, search
from vpo_polling.logs.text import open_log

from logs.support import Log, counted_reads, small

Match = tuple[int, int, int, int]


def naive(data: bytes, query: str, *, exact: bool) -> Iterator[Match]:
    """(line, start, column, length) of every match."""

    def folded(text: str) -> str:
        return text if exact else "".join(c.lower() if c.isascii() else c for c in text)

    start = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        is_last = start + len(line) == len(data)
        text = folded(plain((line if is_last else line.removesuffix(b"\r")).decode("utf-8", "replace")))
        at = text.find(folded(query))
        while at >= 0:
            yield number, start, units(text[:at]), units(query)
            at = text.find(folded(query), at + len(query))
        start += len(line) + 1


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def found(log: Log, query: str, **more: Any) -> dict[str, Any]:
    with open_log(log.paths, ended=False) as opened:
        return search(opened, Wanted(query, **more))


def places(answer: dict[str, Any]) -> list[Match]:
    return [(match["line"], match["start"], match["column"], match["length"]) for match in answer["matches"]]


def check_excerpts(answer: dict[str, Any], query: str, *, exact: bool) -> None:
    for match in answer["matches"]:
        begin = match["column"] - match["text_offset"] + (1 if match["text_offset"] else 0)
        text = match["text"].encode("utf-16-le")
        shown = text[2 * begin : 2 * (begin + match["length"])].decode("utf-16-le")
        assert shown == query if exact else shown.lower() == query.lower()
        assert len(match["text"]) <= max(400, len(query) + 120) + 2
        assert match["text"].startswith("…") == (match["text_offset"] > 0)


parts = st.one_of(
    st.sampled_from([b"a", b"b", b"A", b"ab", b"\n", b"\r\n", b"\r", b"[3", b"x" * 90]),
    st.sampled_from(["é".encode(), "É".encode(), "😀".encode(), b"\xc3", b"\xff"]),
    st.sampled_from([b"\x1b[31m", b"\x1b[0m", b"\x1b]8;;http://a\x07", b"\x1b]8;;\x1b\\", b"\x1b"]),
)
queries = st.one_of(
    st.sampled_from(["a", "ab", "aba", "aa", "é", "😀", "\ufffd", "\r", "a\n", "[3", "x", "x" * 100, "b😀"]),
    st.text(alphabet="abAé😀", min_size=1, max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(parts, max_size=60),
    query=queries,
    exact=st.booleans(),
    limit=st.integers(1, 6),
    size=st.sampled_from([4, 16, 50, 4096]),
    is_packed=st.booleans(),
)
@example([b"a\r", b"\n"], "\r", True, 1, 4, False)
@example([b"\x1b]8;;http://a", b"\x07ab"], "ab", True, 1, 4, True)
def test_every_match_is_found_where_it_is(
    pieces: list[bytes], query: str, exact: bool, limit: int, size: int, is_packed: bool
) -> None:
    data = b"".join(pieces)
    with tempfile.TemporaryDirectory() as folder, small(MAX_ANSWER=size, BLOCK=size, MEMBER=16):
        log = Log(Path(folder))
        log.writer.feed(data)
        log.close()
        if is_packed and data:
            log.packed()
        expected = list(naive(data, query, exact=exact))
        everything = found(log, query, exact=exact, limit=1000)
        assert places(everything) == expected
        assert everything["total"] == len(expected)
        assert everything["lines"] == len({line for line, *_ in expected})
        assert (everything["before"], everything["more"], everything["complete"]) == (0, False, True)
        check_excerpts(everything, query, exact=exact)
        forwards(log, query, expected, exact=exact, limit=limit)
        backwards(log, query, expected, exact=exact, limit=limit)


def forwards(log: Log, query: str, expected: list[Match], *, exact: bool, limit: int) -> None:
    begin, seen = 0, 0
    for _ in count():
        page = found(log, query, exact=exact, limit=limit, begin=begin)
        assert page["total"] == len(expected)
        taken = places(page)
        left = [match for match in expected if match[1] >= begin]
        assert taken == left[: len(taken)]
        assert page["before"] == len(expected) - len(left)
        assert page["more"] == (len(left) > len(taken))
        assert len(taken) <= limit
        if not page["more"]:
            break
        # Whole lines, and as many as fit: so whoever goes on behind the last one reaches each.
        last = taken[-1][1]
        in_last = [match for match in left if match[1] == last]
        assert taken[-len(in_last) :] == in_last or len(in_last) > limit
        begin = last + 1
        seen += len(taken)
    assert seen <= len(expected)


def backwards(log: Log, query: str, expected: list[Match], *, exact: bool, limit: int) -> None:
    until = 10**9
    for _ in count():
        page = found(log, query, exact=exact, limit=limit, until=until)
        taken = places(page)
        left = [match for match in expected if match[1] < until]
        assert page["total"] == len(expected)
        assert taken == left[len(left) - len(taken) :]
        assert page["before"] == len(left) - len(taken)
        assert page["more"] == (page["before"] > 0)
        if not page["more"]:
            break
        first = taken[0][1]
        in_first = [match for match in left if match[1] == first]
        assert taken[: len(in_first)] == in_first or len(in_first) > limit
        until = first


def test_only_what_may_be_shown_is_searched(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.appended(b"needle\nneedle in an unfinished li")
    answer = found(log, "needle")
    assert (answer["total"], answer["complete"], answer["size"]) == (1, False, 33)
    log.appended(b"ne\n")
    assert found(log, "needle")["total"] == 2


def test_a_page_of_a_long_log_is_counted_in_one_pass_with_bounded_memory(tmp_path: Path) -> None:
    log = Log(tmp_path)
    for number in range(30):
        log.writer.feed(b"%d needle\n" % number + b"some line of hay\n" * 60_000)
    log.close()
    size = log.paths.log.stat().st_size
    assert size > 30_000_000
    tracemalloc.start()
    with counted_reads() as counts:
        answer = found(log, "Needle", limit=5, begin=size // 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer["total"], answer["lines"], answer["before"]) == (30, 30, 16)
    assert [match["text"] for match in answer["matches"]] == [f"{number} needle" for number in range(16, 21)]
    # Once to count, then the blocks of the page twice.
    assert size <= sum(counts) < size + 15 * 1024 * 1024
    assert peak < 8 * 1024 * 1024


def test_a_line_without_end_is_searched_in_pieces(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.appended(b"x" * 3_000_000 + b"needle" + "😀".encode() * 400_000 + b"needle\n")
    answer = found(log, "needle")
    assert [match["column"] for match in answer["matches"]] == [3_000_000, 3_000_006 + 800_000]
    assert answer["lines"] == 1
    first = answer["matches"][0]["text"]
    assert first.startswith("…x")
    assert first.endswith("😀…")


@pytest.mark.parametrize("line", [b"\x1b[31msome line of hay\x1b[0m\n", b"hay without end "])
def test_nothing_else_in_the_process_waits_for_more_than_a_small_piece(tmp_path: Path, line: bytes) -> None:
    log = Log(tmp_path)
    log.appended(line * 100_000 + b"\n")
    sizes: list[int] = []

    def counted(text: bytes) -> bytes:
        sizes.append(len(text))
        return plain_bytes(text)

    # What is done to a piece in one call holds the interpreter, and with it every poll.
    with mock.patch.object(matching, "plain_bytes", counted):
        assert found(log, "needle")["total"] == 0
    assert sum(sizes) >= len(line) * 100_000
    assert max(sizes) < 80 * 1024


def test_it_stops_soon_after_it_is_told_to(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.appended(b"line\n" * 2_000_000)
    turns = iter([False, False, True])
    stopped = pytest.raises(SearchStopped)
    with open_log(log.paths, ended=False) as opened, counted_reads() as counts, stopped:
        search(opened, Wanted("nothing"), lambda: next(turns))
    assert sum(counts) < 3_000_000
