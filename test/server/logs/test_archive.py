"""Packing a closed log: nobody who reads it can tell, whenever it happens and wherever it is cut off."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.jobs.kinds.orders import python_env
from vpo_polling.logs import archive
from vpo_polling.logs.paths import read_record
from vpo_polling.logs.text import open_log

from logs.support import Log, small

ASKED: tuple[dict[str, Any], ...] = (
    {"start": 0},
    {"start": 5000},
    {"start": 5000, "limit": 1024},
    {"start": -500},
    {"start": 10**9},
    {"line": 1},
    {"line": 700},
    {"line": 10**6},
    {"lines": 10, "offset": 333},
    {"lines": 1000},
)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    for number in range(3000):
        log.writer.feed(f"line {number} é€😀\r\n".encode())
    log.writer.feed(b"\xff the end")
    log.close()
    return log


def answers(log: Log) -> list[dict[str, Any]]:
    gen = log.read(start=0)["gen"]
    return [log.read(gen=gen, **params) if "start" in params else log.read(**params) for params in ASKED]


def files(log: Log) -> set[str]:
    return {path.name for path in log.paths.folder.iterdir()}


def test_every_answer_is_the_same_before_and_after(log: Log) -> None:
    before, content = answers(log), log.content
    with small(MEMBER=1000):
        assert archive.compress(log.paths, ended=False)
        assert files(log) == {"1.json", "1.exit.json", "1.log.gz", "1.log.gz.idx"}
        assert answers(log) == before
        for start in range(0, len(content), 777):
            answer = log.read(start=start, limit=1024)
            assert (
                answer["text"].encode("utf-8", "replace")
                == content[start : answer["end"]].decode("utf-8", "replace").encode()
            )


def test_lines_are_found_wherever_members_are_cut(log: Log) -> None:
    begins = [0]
    for line in log.content.splitlines(keepends=True)[:-1]:
        begins.append(begins[-1] + len(line))
    with small(MEMBER=1000):
        log.packed()
        for number in range(0, len(begins), 11):
            answer = log.read(line=number + 1, limit=1024)
            assert (answer["start"], answer["first_line"]) == (begins[number], number + 1)


def test_a_log_that_is_replaced_meanwhile_is_left_alone(log: Log) -> None:
    content = log.content

    def replaced() -> bool:
        other = log.paths.folder / "other"
        other.write_bytes(content)
        other.replace(log.paths.log)
        return False

    assert not archive.compress(log.paths, ended=True, stop=replaced)
    assert files(log) >= {"1.log", "1.idx"}
    assert "1.log.gz" not in files(log)


def test_other_tools_read_it_too(log: Log) -> None:
    content = log.content
    with small(MEMBER=1000):
        log.packed()
    assert gzip.decompress(log.paths.packed.read_bytes()) == content
    zcat = subprocess.run(["gzip", "-dc", log.paths.packed], capture_output=True, check=True)
    assert zcat.stdout == content


def test_what_is_still_written_stays_as_it_is(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.writer.feed(b"line\n")
    assert not archive.compress(log.paths, ended=False)
    assert files(log) == {"1.json", "1.log", "1.idx"}
    # A writer that was killed leaves no record; whoever saw its attempt end says so.
    log.appended(b"half a l")
    before = [log.read(True, start=0), log.read(True, lines=5)]
    assert archive.compress(log.paths, ended=True)
    assert [log.read(True, start=0), log.read(True, lines=5)] == before


def test_a_log_without_a_record_keeps_its_generation(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.writer.feed(b"line\n")
    log.paths.start.unlink()
    before = log.read(True, start=0)
    log.packed()
    assert log.read(True, start=0) == before


def test_a_log_that_changes_meanwhile_is_left_alone(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def growing(file: int) -> os.stat_result:
        found = real(file)
        log.appended(b"more")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", growing)
        assert not archive.compress(log.paths, ended=True)
    assert "1.log" in files(log)
    assert "1.log.gz" not in files(log)


def test_asked_to_stop_it_leaves_the_log_as_it_was(log: Log) -> None:
    content, turns = log.content, iter([False, False, True])
    with small(MEMBER=1000):
        assert not archive.compress(log.paths, ended=True, stop=lambda: next(turns, True))
    assert files(log) == {"1.json", "1.exit.json", "1.log", "1.idx"}
    assert log.content == content
    log.packed()


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from vpo_polling.logs import archive, members
from vpo_polling.logs.paths import LogPaths
archive.MEMBER = members.MEMBER = 40_000
left = int(sys.argv[3])
def deadly(real):
    def call(*args, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    return call
for name in ("open", "write", "fsync", "replace", "unlink", "close"):
    setattr(os, name, deadly(getattr(os, name)))
Path.replace, Path.unlink = deadly(Path.replace), deadly(Path.unlink)
archive.compress(LogPaths.of(Path(sys.argv[1]), sys.argv[2], 1), ended=True)
"""


def test_killed_between_any_two_steps_it_leaves_a_log_that_reads_as_before(log: Log) -> None:
    before, content = answers(log), log.content
    for step in range(1, 100):
        argv = [sys.executable, "-c", KILLED_AT, str(log.place.data_dir), log.paths.folder.name, str(step)]
        code = subprocess.run(argv, env=python_env(), check=False).returncode
        assert code in (0, -signal.SIGKILL)
        assert answers(log) == before
        if "1.log" not in files(log):
            # What was left of earlier tries is gone, too, once it has its way.
            assert gzip.decompress(log.paths.packed.read_bytes()) == content
            log.paths.log.write_bytes(content)
            record = read_record(log.paths.start)
            assert record is not None
            assert "inode" not in record
        if code == 0:
            break
    assert code == 0
    assert step > 15
    assert not any("tmp" in name for name in files(log))


def test_readers_never_see_a_gap_while_it_happens(log: Log) -> None:
    expected, content = answers(log), log.content
    done = threading.Event()
    wrong: list[Any] = []
    rounds = 0

    def read() -> None:
        nonlocal rounds
        while not done.is_set() or rounds == 0:
            rounds += 1
            try:
                found = answers(log)
            except Exception as error:
                wrong.append(error)
                return
            if found != expected:
                wrong.append(found)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with small(MEMBER=5000):
            for _ in range(30):
                log.packed()
                archive.unpack(log.paths)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert log.content == content


def test_a_log_that_was_opened_before_is_read_to_its_end(log: Log) -> None:
    content = log.content
    with open_log(log.paths, ended=True) as opened:
        log.packed()
        assert b"".join(opened.blocks(0, opened.limit)) == content
        assert opened.is_current()


def test_somebody_elses_gzip_is_read_and_given_back(log: Log) -> None:
    before, content = answers(log), log.content
    with small(MEMBER=1000):
        log.paths.packed.write_bytes(gzip.compress(content))
        log.paths.log.unlink()
        after = answers(log)
    gens = {answer.pop("gen") for answer in after if "gen" in answer}
    assert len(gens) == 1
    for answer, earlier in zip(after, before, strict=True):
        assert {**earlier, **answer} == earlier
    assert log.content == content


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "spoil",
    [lambda data: data[:-5], lambda data: data[: len(data) // 2], lambda data: data[:-300] + bytes(300)],
    ids=["cut", "half", "zeros"],
)
@pytest.mark.parametrize("has_index", [True, False])
def test_of_a_damaged_log_what_stands_before_the_damage_is_shown_after_a_reset(
    log: Log, spoil: Spoil, has_index: bool
) -> None:
    gen, content = log.read(start=0)["gen"], log.content
    with small(MEMBER=1000):
        log.packed()
        log.paths.packed.write_bytes(spoil(log.paths.packed.read_bytes()))
        if not has_index:
            log.paths.members.unlink()
        shown, end = "", 0
        answer = log.read(start=-10)
        answer = log.read(gen=gen, start=60_000)
        while True:
            assert answer["gen"] != gen
            assert answer["start"] == end
            shown, end = shown + answer["text"], answer["end"]
            if not answer["more"]:
                break
            answer = log.read(gen=answer["gen"], start=end)
    assert 0 < end < len(content)
    assert shown == content[:end].decode("utf-8", "replace")
    assert end % 1000 == 0
