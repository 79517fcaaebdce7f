"""A log has a largest size: what comes after it is read, counted and not kept."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from jobs.support import shim
from vpo_polling.jobs.masking import Masker
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.writer import LogWriter


@pytest.fixture
def paths(tmp_path: Path) -> LogPaths:
    found = LogPaths.of(tmp_path, str(uuid.UUID(int=1)), 1)
    found.folder.mkdir(parents=True)
    return found


def text(paths: LogPaths) -> str:
    return paths.log.read_text("utf-8")


def test_the_first_part_is_kept_and_the_rest_counted(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 1000)
    for number in range(1, 1001):
        writer.feed(b"line %05d\n" % number)
    reached = text(paths)
    assert reached.endswith("line 00090\n… log limit reached (1.0 kB): what follows is not kept\n")
    writer.close()
    assert text(paths) == f"{reached}… 10010 bytes with 910 line ends were not kept\n"


def test_a_log_of_exactly_that_size_is_whole(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 10)
    writer.feed(b"123456789\n")
    writer.close()
    assert text(paths) == "123456789\n"


def test_a_line_that_does_not_fit_is_cut_at_a_character(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 6)
    writer.feed("ab€€€\nmore".encode())
    writer.close()
    lines = text(paths).split("\n")
    assert lines[0] == "ab€"
    assert lines[1].startswith("… log limit")
    assert lines[2] == "… 11 bytes with 1 line ends were not kept"


def test_nothing_fits_at_all(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 4)
    writer.feed(b"abc\n")
    writer.feed("€€\n".encode())
    writer.close()
    assert text(paths).startswith("abc\n… log limit reached (4 B)")


def test_lines_of_our_own_and_the_reason_of_a_failure_are_still_known(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 100)
    writer.feed(b"line\n" * 1000)
    writer.feed(b"Error: it broke\n")
    assert writer.last_line == "Error: it broke"
    writer.line("The job was stopped.")
    writer.close()
    assert text(paths).split("\n")[-3] == "The job was stopped."


def test_a_line_that_never_ends_is_bounded_too(paths: LogPaths) -> None:
    writer = LogWriter(paths, Masker(), 100_000)
    for _ in range(100):
        writer.feed(b"x" * 50_000)
    writer.close()
    first, marker, counted, end = text(paths).split("\n")
    assert first == "x" * 100_000
    assert marker.startswith("… log limit reached (100 kB)")
    assert counted == "… 4900000 bytes with 0 line ends were not kept"
    assert end == ""


def test_work_that_says_too_much_goes_on_and_ends_well(tmp_path: Path) -> None:
    talkative = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line of output; done; echo done > finished"
    with shim(tmp_path, "sh", "-c", talkative, cwd=str(tmp_path), max_log_bytes=5000) as started:
        assert started.messages()[-1]["exit_code"] == 0
        assert (tmp_path / "finished").exists()
        assert started.log.count("line of output\n") == 333
        assert started.log.endswith("… 295005 bytes with 19667 line ends were not kept\n")
