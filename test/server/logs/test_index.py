"""Indexes are caches: whatever becomes of them, no answer changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.logs.paths import LogPaths

from logs.support import Log, counted_reads, small

Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "missing": lambda data: b"",
    "short": lambda data: data[: len(data) // 2 + 3],
    "garbage": lambda data: random.Random(1).randbytes(len(data)),
    "zeros": lambda data: bytes(len(data)),
    "one byte": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "backwards": lambda data: data[::-1],
    "records in another order": lambda data: b"".join(
        reversed([data[at : at + 20] for at in range(0, len(data), 20)])
    ),
    "twice": lambda data: data + data,
    "longer": lambda data: data + b"more",
}
SIZES = {"SPACING": 64, "BLOCK": 64, "FIRST_LOOK": 16, "MEMBER": 100, "MAX_ANSWER": 256}


def filled(folder: Path, seed: int) -> Log:
    log = Log(folder)
    chance = random.Random(seed)
    for number in range(200):
        log.writer.feed(b"%d %s\n" % (number, b"x" * chance.randrange(40)))
    log.writer.feed(b"the end")
    return log


def answers(log: Log) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = [{"start": -100}, {"start": 0}, {"start": 2000}]
    asked += [{"line": line} for line in (1, 2, 77, 150, 200, 201, 999)]
    asked += [{"lines": 3, "offset": offset} for offset in (0, 99, 198, 500)]
    return [log.read(**params) for params in asked]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", ["plain", "packed"])
def test_a_damaged_index_changes_no_answer(tmp_path: Path, form: str, damage: str) -> None:
    with small(**SIZES):
        log = filled(tmp_path, 1)
        log.close()
        index = log.paths.index
        if form == "packed":
            log.packed()
            index = log.paths.members
        right = answers(log)
        data = index.read_bytes()
        assert len(data) > 1000
        index.write_bytes(DAMAGES[damage](data))
        assert answers(log) == right
        index.unlink()
        assert answers(log) == right


@pytest.mark.parametrize("form", ["plain", "packed"])
def test_the_index_of_another_log_is_not_believed(tmp_path: Path, form: str) -> None:
    def place(paths: LogPaths) -> Path:
        return paths.index if form == "plain" else paths.members

    with small(**SIZES):
        # As long as the other, with line ends at the same places and as many again between them.
        log, other = Log(tmp_path / "one"), Log(tmp_path / "other")
        for each, line in ((log, b"a line of sixteen\n"), (other, b"half one\n")):
            for _ in range(3600 // len(line)):
                each.writer.feed(line)
            each.close()
            if form == "packed":
                each.packed()
        right = answers(log)
        place(log.paths).write_bytes(place(other.paths).read_bytes())
        assert answers(log) == right


def test_the_index_of_a_packed_log_is_made_anew_once(tmp_path: Path) -> None:
    with small(**SIZES):
        log = filled(tmp_path, 1)
        log.close()
        log.packed()
        right = log.paths.members.read_bytes()
        log.paths.members.write_bytes(b"nonsense")
        log.read(start=-10)
        assert log.paths.members.read_bytes() == right


def test_a_short_piece_of_a_packed_log_costs_the_members_it_touches(tmp_path: Path) -> None:
    log = Log(tmp_path)
    for _ in range(80):
        log.writer.feed(random.Random(3).randbytes(50_000).hex().encode() + b"\n")
    log.close()
    log.packed()
    size = log.paths.packed.stat().st_size
    assert size > 3_000_000
    with counted_reads() as counts:
        answer = log.read(start=4_000_000, limit=1024)
    assert answer["text"].encode() == log.content[4_000_000 : answer["end"]] != b""
    assert sum(counts) < size / 2
