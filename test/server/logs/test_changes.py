"""What happens to a log behind its writer's back: readers are told to begin anew and see no mixture."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from vpo_polling.logs.paths import write_record
from vpo_polling.logs.text import LogFile

from logs.support import Log

OLD = b"old line\n" * 50
NEW = b"another line\n" * 80


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    log.writer.feed(OLD)
    return log


def truncated(log: Log) -> None:
    os.truncate(log.paths.log, 0)


def shortened(log: Log) -> None:
    os.truncate(log.paths.log, 18)


def rotated(log: Log) -> None:
    log.paths.log.rename(log.paths.folder / "1.log.1")


def removed(log: Log) -> None:
    log.paths.log.unlink()


def copied_over(log: Log) -> None:
    log.paths.log.write_bytes(b"foreign\n" * 70)


def replaced(log: Log) -> None:
    other = log.paths.folder / "other"
    other.write_bytes(b"foreign\n" * 70)
    other.replace(log.paths.log)


CHANGES = (truncated, shortened, rotated, removed, copied_over, replaced)
Change = Callable[[Log], None]


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_changed_under_its_writer_goes_on_as_another_generation(log: Log, change: Change) -> None:
    before = log.read(start=0)
    cursor = {"gen": before["gen"], "start": before["end"]}
    change(log)
    kept = log.content if log.paths.log.exists() else b""
    log.writer.feed(NEW)
    answer = log.read(**cursor)
    # It has grown beyond the place that the reader had.
    assert len(log.content) > before["end"]
    assert (answer["reset"], answer["start"]) == (True, 0)
    assert answer["text"].encode() == log.content == kept + NEW
    again = log.read(gen=answer["gen"], start=answer["end"])
    assert (again["reset"], again["text"]) == (False, "")
    log.writer.feed(b"the last\n" * 10_000)
    log.close()
    assert log.read(line=100_000)["first_line"] == log.content.count(b"\n") + 1
    last = log.read(gen=answer["gen"], start=answer["end"])
    assert (last["reset"], last["complete"], last["text"]) == (False, True, "the last\n" * 10_000)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_closed_log_that_is_changed_says_so(log: Log, change: Change, is_packed: bool) -> None:
    log.close()
    before = log.read(start=0)
    change(log)
    now = log.content if log.paths.log.exists() else b""
    if is_packed and log.paths.log.exists():
        log.packed()
    answer = log.read(gen=before["gen"], start=9)
    assert (answer["reset"], answer["start"]) == (True, 0)
    assert answer["text"].encode() == now
    assert log.read(gen=answer["gen"], start=answer["end"])["reset"] is False


def test_a_truncated_log_resets_even_before_its_writer_has_noticed(log: Log) -> None:
    before = log.read(start=0)
    truncated(log)
    answer = log.read(gen=before["gen"], start=before["end"])
    assert (answer["reset"], answer["start"], answer["text"]) == (True, 0, "")


def test_a_change_after_the_last_line_is_noticed_by_the_close(log: Log) -> None:
    gen = log.read(start=0)["gen"]
    copied_over(log)
    log.close()
    assert log.read(gen=gen, start=9)["reset"] is True


def test_an_answer_is_never_made_of_two_generations(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    gen = log.read(start=0)["gen"]
    real = LogFile.bytes_at
    left = [1]

    def meanwhile(self: LogFile, start: int, end: int) -> bytes:
        # Between looking at the log and reading it, it is truncated and grows again.
        if left and start == 9:
            left.clear()
            truncated(log)
            log.writer.feed(NEW)
        return real(self, start, end)

    monkeypatch.setattr(LogFile, "bytes_at", meanwhile)
    answer = log.read(gen=gen, start=9)
    assert (answer["reset"], answer["text"]) == (True, NEW.decode())
    assert not left


def test_a_log_that_loses_its_end_while_it_is_read_answers_what_is_there(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LogFile.bytes_at

    def meanwhile(self: LogFile, start: int, end: int) -> bytes:
        if start == 9:
            shortened(log)
        return real(self, start, end)

    gen = log.read(start=0)["gen"]
    monkeypatch.setattr(LogFile, "bytes_at", meanwhile)
    answer = log.read(gen=gen, start=9)
    assert (answer["text"], answer["end"], answer["complete"]) == ("old line\n", 18, False)


def test_the_same_attempt_begun_anew_drops_what_was_packed(log: Log) -> None:
    log.close()
    before = log.read(start=0)
    log.packed()
    again = Log(log.place.data_dir)
    assert {path.name for path in log.paths.folder.iterdir()} == {"1.json", "1.exit.json", "1.log", "1.idx"}
    answer = again.read(gen=before["gen"], start=before["end"])
    assert (answer["reset"], answer["text"]) == (True, "")


def test_a_log_restored_from_a_backup_is_begun_anew_once_and_read_on(log: Log) -> None:
    log.close()
    before = log.read(start=0)
    content = log.content
    log.paths.log.unlink()
    (log.paths.folder / "keeps the inode busy").touch()
    log.paths.log.write_bytes(content)
    write_record(log.paths.start, {"gen": before["gen"], "inode": 1, "size": len(content)})
    answer = log.read(gen=before["gen"], start=before["end"])
    assert (answer["reset"], answer["text"]) == (True, OLD.decode())
    assert log.read(gen=answer["gen"], start=answer["end"])["reset"] is False
