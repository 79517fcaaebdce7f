"""The writing end of a log."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from vpo_polling.jobs.masking import LOOKAHEAD, Masker
from vpo_polling.logs.paths import LogPaths, read_record, write_record
from vpo_polling.logs.plain import plain
from vpo_polling.logs.writer import LONGEST_HELD, LogWriter


@pytest.fixture
def paths(tmp_path: Path) -> LogPaths:
    found = LogPaths.of(tmp_path, str(uuid.UUID(int=1)), 1)
    found.folder.mkdir(parents=True)
    return found


def test_a_secret_that_arrives_in_two_pieces_is_masked(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(["hunter2hunter2"]))
    writer.feed(b"login pass")
    writer.feed(b"word=abc123 and hunter2")
    writer.feed(b"hunter2\n")
    writer.close()
    assert paths.log.read_bytes() == b"login password=*** and ***\n"


def test_finished_lines_are_in_the_file_at_once(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker())
    writer.feed(b"one\ntwo\nthr")
    assert paths.log.read_bytes() == b"one\ntwo\n"
    writer.close()
    assert paths.log.read_bytes() == b"one\ntwo\nthr"


def test_a_line_without_end_does_not_fill_the_memory_and_splits_no_secret(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker())
    writer.feed(b"word " * 40_000 + b"token=")
    assert 0 < 200_000 - paths.log.stat().st_size <= LONGEST_HELD + LOOKAHEAD
    writer.feed(b"s3cret-value\n")
    writer.close()
    assert paths.log.read_bytes() == b"word " * 40_000 + b"token=***\n"


def test_a_secret_without_end_is_masked_and_dropped_up_to_the_end_of_its_line(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker())
    writer.feed(b"token=")
    for _ in range(100):
        writer.feed(b"x" * 5000)
    writer.feed(b"x\nnext\n")
    writer.close()
    assert paths.log.read_bytes() == b"token=***\nnext\n"


def test_the_last_line_that_says_something_is_kept_without_colours(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker())
    writer.feed(b"first\n\x1b[31mError: no such file\x1b[0m\n\n\n")
    assert writer.last_line == "Error: no such file"
    writer.close()


def test_plain_text_keeps_everything_but_control_sequences() -> None:
    assert plain("\x1b[1;32mok\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 é") == "ok link é"


def test_a_record_is_never_half_there(tmp_path: Path) -> None:
    path = tmp_path / "1.json"
    assert read_record(path) is None
    write_record(path, {"gen": "1-a"})
    write_record(path, {"gen": "1-b"})
    assert read_record(path) == {"gen": "1-b"}
    assert [file.name for file in tmp_path.iterdir()] == ["1.json"]
    path.write_text("[1, 2")
    assert read_record(path) is None
