"""A reader who keeps to the protocol has the log's text in the end, whatever happens to the log meanwhile."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from vpo_polling import logs
from vpo_polling.logs import archive
from vpo_polling.logs.text import open_log

from logs.support import JOB, Log, small

SIZES = {"MAX_ANSWER": 60, "BLOCK": 16, "FIRST_LOOK": 5, "SPACING": 20, "MEMBER": 25, "MIN_ANSWER": 8}
chunks = st.one_of(
    st.sampled_from([b"\n", b"\r\n", b"\xc3", b"\xa9", "é".encode(), "€".encode(), b"\xf0\x9f", b"\x98\x80"]),
    st.sampled_from([b"line\n", b"x" * 70, b"\xff", b"\x0b", "\u2028".encode(), b"one\ntwo\n"]),
    st.binary(max_size=30),
)


class Cursor:
    """A client of the byte cursor, as docs/logs.md describes it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.gen: str | None = None
        self.text = ""
        self.end = 0
        self.is_complete = False
        self._tag = ""

    def ask(self, ended: bool, *, limit: int | None = None, twice: bool = False) -> bool:
        """Whether there is more at once."""
        params: dict[str, str] = {"start": str(self.end)}
        if self.gen is not None:
            params["gen"] = self.gen
        if limit is not None:
            params["limit"] = str(limit)
        tag, answer = self._read(params, ended)
        if twice:
            # The answer got lost, and the same is asked again.
            tag, answer = self._read(params, ended)
        if answer is None:
            return False
        if answer["reset"] or self.gen not in (None, answer["gen"]):
            self.text, self.end = "", answer["start"]
        assert answer["start"] == self.end
        assert answer["first_line"] == self._log.content[: self.end].count(b"\n") + 1
        self.text += answer["text"]
        self.gen, self.end, self._tag = answer["gen"], answer["end"], tag
        self.is_complete = answer["complete"]
        return bool(answer["more"])

    def _read(self, params: dict[str, str], ended: bool) -> tuple[str, dict[str, Any] | None]:
        return logs.read_unless(self._tag.__eq__, self._log.place, JOB, 1, params, ended)


class Following(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.surroundings = ExitStack()
        folder = self.surroundings.enter_context(tempfile.TemporaryDirectory())
        self.surroundings.enter_context(small(**SIZES))
        self.log = Log(Path(folder))
        self.log.writer.feed(b"")
        self.cursor = Cursor(self.log)
        self.lines: list[str] = []
        self.ended = False
        self.was_changed = False

    def is_open(self) -> bool:
        return not self.ended

    @precondition(is_open)
    @rule(data=chunks)
    def writes(self, data: bytes) -> None:
        self.log.writer.feed(data)

    @precondition(is_open)
    @rule(text=st.text(max_size=10))
    def says_a_line_of_its_own(self, text: str) -> None:
        self.log.writer.line(text)

    @precondition(is_open)
    @rule(size=st.integers(0, 200))
    def is_truncated(self, size: int) -> None:
        self.was_changed = True
        os.truncate(self.log.paths.log, min(size, self.log.paths.log.stat().st_size))
        self.log.writer.line("after that")

    @precondition(is_open)
    @rule()
    def is_rotated(self) -> None:
        self.was_changed = True
        self.log.paths.log.rename(self.log.paths.folder / "away")
        self.log.writer.line("after that")

    @precondition(is_open)
    @rule()
    def closes(self) -> None:
        self.log.close()
        self.ended = True

    @precondition(is_open)
    @rule(half=chunks)
    def is_killed(self, half: bytes) -> None:
        self.log.appended(half)
        self.ended = True

    @precondition(lambda self: self.ended)
    @rule(times=st.integers(1, 3))
    def is_packed(self, times: int) -> None:
        stops = iter([False] * times)
        archive.compress(self.log.paths, ended=True, stop=lambda: next(stops, True))

    @precondition(lambda self: self.ended and self.log.paths.packed.exists())
    @rule()
    def loses_its_index(self) -> None:
        self.log.paths.members.unlink(missing_ok=True)

    @rule(limit=st.one_of(st.none(), st.integers(1, 70)), twice=st.booleans())
    def is_asked(self, limit: int | None, twice: bool) -> None:
        self.cursor.ask(self.ended, limit=limit, twice=twice)

    @precondition(lambda self: not self.was_changed)
    @rule(count=st.integers(1, 4))
    def is_asked_by_lines(self, count: int) -> None:
        answer = self.log.read(self.ended, lines=count, offset=len(self.lines))
        self.lines += answer["lines"]
        assert answer["total_lines"] >= len(self.lines)

    @invariant()
    def answers_are_parts_of_the_file(self) -> None:
        if not hasattr(self, "log"):
            return
        shown = self.log.content.decode("utf-8", "replace")
        with open_log(self.log.paths, ended=self.ended) as opened:
            assert opened.limit <= len(self.log.content)
            if self.cursor.gen == opened.gen and opened.is_current():
                assert shown.startswith(self.cursor.text)

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        with self.surroundings:
            self.check_all()

    def check_all(self) -> None:
        if not self.ended:
            self.closes()
        while self.cursor.ask(True):
            pass
        content = self.log.content
        assert self.cursor.is_complete
        assert self.cursor.text == content.decode("utf-8", "replace")
        assert self.cursor.end == len(content)
        if not self.was_changed:
            self.check_lines(content)

    def check_lines(self, content: bytes) -> None:
        while (answer := self.log.read(True, lines=1000, offset=len(self.lines)))["has_more"] or answer[
            "lines"
        ]:
            self.lines += answer["lines"]
        expected = content.split(b"\n")
        last = expected.pop()
        texts = [line.removesuffix(b"\r").decode("utf-8", "replace") for line in expected]
        texts += [last.decode("utf-8", "replace")] if last else []
        assert len(self.lines) == len(texts)
        for line, text in zip(self.lines, texts, strict=True):
            # A line that is longer than an answer is cut visibly.
            assert line == text or text.startswith(line.partition("… [")[0])


Following.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestFollowing = Following.TestCase
