"""Logs that arrive in pieces."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from api.test_openapi import described
from serving import serving
from vpo_polling.jobs.masking import mask
from vpo_polling.logs import reported
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.store.reported.outcomes import Gap

from reported.support import Reporter

pytestmark = pytest.mark.anyio
PATH = "/api/jobs/{job_id}/logs"
JOB = "01234567-89ab-4def-8123-456789abcdef"


async def test_whole_lines_are_kept_and_the_rest_is_sent_again(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first(stages=[{"id": "a", "name": "A", "status": "running"}])
        answer = await job.log(b"one\ntw", stage="a")
        described(answer, PATH)
        assert answer.json() == {"job_id": job.id, "attempt": 1, "stage": "a", "offset": 4, "complete": False}
        assert (await job.shown_log(stage="a"))["text"] == "one\n"
        assert (await job.record())["stages"][0]["log"] == "open"
        assert (await job.log(b"two\n", 4, stage="a", complete=1)).json()["offset"] == 8
        shown = await job.shown_log(stage="a")
        assert (shown["text"], shown["complete"]) == ("one\ntwo\n", True)
        assert (await job.record())["stages"][0]["log"] == "complete"
        # The job's own log is another one.
        assert (await job.shown_log())["text"] == ""
        assert not (await job.record())["has_logs"]


async def test_a_gap_is_refused_with_the_right_offset_and_a_repetition_is_not_kept_twice(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first()
        await job.log(b"one\n")
        gap = await job.log(b"three\n", 8)
        described(gap, PATH)
        assert (gap.status_code, gap.json()["details"]) == (409, {"offset": 4})
        assert (await job.log(b"one\ntwo\n", 0)).json()["offset"] == 8
        assert (await job.log(b"one\n", 0)).json()["offset"] == 8
        assert (await job.shown_log())["text"] == "one\ntwo\n"
        await job.log(b"", 8, complete=1)
        assert (await job.log(b"", 8, complete=1)).json()["complete"]
        closed = await job.log(b"more\n", 8)
        assert closed.status_code == 409
        assert "complete" in closed.json()["error"]


async def test_a_log_of_an_attempt_that_is_over_takes_nothing(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first(attempt=2)
        late = await job.log(b"x\n", attempt=1)
        described(late, PATH)
        assert late.status_code == 409


@pytest.mark.parametrize("query", [{"stage": "../x"}, {"stage": "A"}, {"offset": "-1"}, {"x": "1"}])
async def test_bad_places_are_refused(settings: Settings, store: Store, query: dict[str, str]) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first()
        answer = await client.post(
            f"{job.path}/logs",
            params=query,
            content=b"x\n",
            headers={"sec-fetch-site": "same-origin", "content-type": "application/octet-stream"},
        )
        described(answer, PATH)
        assert answer.status_code == 400
        assert (await client.get(f"{job.path}/logs?stage=../x")).status_code == 400


async def test_too_much_at_once_is_refused(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first()
        assert (await job.log(b"x" * (1024 * 1024 + 1))).status_code == 413


async def test_a_full_disk_is_said_and_loses_nothing(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first()
        await job.log(b"one\n")

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr("vpo_polling.logs.reported.os.write", full)
            answer = await job.log(b"two\n", 4)
            described(answer, PATH)
            assert answer.status_code == 507
            assert "No space left" in answer.json()["error"]
        assert (await job.log(b"two\n", 4)).json()["offset"] == 8
        assert (await job.shown_log())["text"] == "one\ntwo\n"


def test_pieces_of_any_size_sent_by_the_rules_give_the_whole_log_masked(tmp_path: Path) -> None:
    chance = random.Random(7)
    lines = [f"{n} token=abcdefgh{n} {'ü' * chance.randrange(9)}" for n in range(3000)]
    lines.insert(100, "y" * 200_000)
    lines[200:200] = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEow",
        "IBAAKC",
        "-----END RSA PRIVATE KEY-----",
        "after",
    ]
    data = "\n".join(lines).encode()
    paths = LogPaths.of(tmp_path, JOB, 1, "a")
    offset = 0
    while True:
        end = min(len(data), offset + chance.randrange(1, 90_000))
        is_last = end == len(data)
        # Now and then an answer is lost, and the piece is sent again.
        if chance.random() < 0.2:
            reported.append(paths, data[offset:end], offset, is_last=False)
        stored = reported.append(paths, data[offset:end], offset, is_last=is_last)
        if stored.complete:
            break
        offset = stored.offset
    text = paths.log.read_text()
    assert "MIIEow" not in text
    assert "abcdefgh" not in text
    assert "after" in text
    assert text.replace("\n", "").count("y") == 200_000
    assert text.splitlines()[:100] == [mask(line) for line in lines[:100]]
    assert text.splitlines()[-500:] == [mask(line) for line in lines[-500:]]


def test_what_a_killed_process_had_written_is_written_once(tmp_path: Path) -> None:
    paths = LogPaths.of(tmp_path, JOB, 1)
    reported.append(paths, b"one\n", 0, is_last=False)
    with paths.log.open("ab") as half:
        half.write(b"two, not cou")
    assert reported.append(paths, b"two\n", 4, is_last=False).offset == 8
    assert paths.log.read_bytes() == b"one\ntwo\n"


def test_a_log_that_somebody_removed_begins_anew(tmp_path: Path) -> None:
    paths = LogPaths.of(tmp_path, JOB, 1)
    reported.append(paths, b"one\n", 0, is_last=False)
    paths.log.unlink()
    with pytest.raises(Gap) as gap:
        reported.append(paths, b"two\n", 4, is_last=False)
    assert gap.value.expected == 0
