"""The sample library, the demo jobs, and how loud a sound is."""

from __future__ import annotations

import math
import time
import wave
from array import array
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.jobs.demo import ensure_demo_jobs
from vpo_polling.jobs.kinds.levels import measure
from vpo_polling.jobs.kinds.media import Unreadable, inspect
from vpo_polling.jobs.samples import write_samples
from vpo_polling.settings import load
from vpo_polling.store import ListQuery, Store


def test_the_library_has_two_thousand_files_some_damaged_and_is_written_once(tmp_path: Path) -> None:
    began = time.monotonic()
    assert write_samples(tmp_path) in (1999, 2000)
    assert time.monotonic() - began < 20
    files = sorted(tmp_path.rglob("*.wav"))
    assert len(files) in (1999, 2000)
    assert write_samples(tmp_path) == 0
    shapes = set()
    damaged = []
    for path in files[::7]:
        try:
            inspect(path)
            with wave.open(str(path)) as wav:
                shapes.add((wav.getframerate(), wav.getnchannels(), wav.getsampwidth()))
        except Unreadable as error:
            damaged.append(str(error))
    assert len(shapes) > 10
    assert 0.01 < len(damaged) / len(files[::7]) < 0.03
    assert len(set(damaged)) > 1


def test_a_library_is_always_the_same_and_mends_itself(tmp_path: Path) -> None:
    write_samples(tmp_path / "a", 100)
    write_samples(tmp_path / "b", 100)
    content = [
        {path.relative_to(library): path.read_bytes() for path in library.rglob("*.wav")}
        for library in (tmp_path / "a", tmp_path / "b")
    ]
    assert content[0] == content[1]
    (tmp_path / "a" / ".complete").unlink()
    victim = next((tmp_path / "a").rglob("harbour-0000.wav"))
    victim.write_bytes(b"short")
    write_samples(tmp_path / "a", 100)
    assert victim.read_bytes() == content[0][victim.relative_to(tmp_path / "a")]


def test_an_empty_dashboard_gets_its_jobs_once(tmp_path: Path) -> None:
    commands = {"unit-tests": {"argv": ["true"]}}
    settings = load({"data_dir": tmp_path, "demo": True, "commands": commands})
    store = Store.open(settings.database_path)
    store.migrate()
    try:
        assert ensure_demo_jobs(store, load({"data_dir": tmp_path, "commands": commands})) == []
        assert len(ensure_demo_jobs(store, settings)) == 2
        assert ensure_demo_jobs(store, settings) == []
        page = store.read(ListQuery())[0]
        assert page is not None
        assert sorted(job["job_type"] for job in page["jobs"]) == ["command", "scan"]
        scan = store.claim_next(now=10**15)
        assert scan is not None
        assert scan.options == {"samples": True, "levels": True}
        assert Path(scan.file_path) == tmp_path / "sample-library"
    finally:
        store.close()


def tone(
    path: Path,
    *,
    rate: int = 48_000,
    channels: int = 1,
    seconds: float = 2.0,
    gain: float = 1.0,
    hertz: float = 997.0,
    width: int = 2,
) -> Path:
    step = 2 * math.pi * hertz / rate
    values = [gain * math.sin(step * n) for n in range(int(rate * seconds)) for _ in range(channels)]
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        if width == 1:
            wav.writeframes(bytes(128 + round(127 * value) for value in values))
        elif width == 2:
            wav.writeframes(array("h", (round(32767 * value) for value in values)).tobytes())
        else:
            wav.writeframes(b"".join(round(8388607 * v).to_bytes(3, "little", signed=True) for v in values))
    return path


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # The reference of BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01.
        ({}, -3.01),
        ({"channels": 2}, 0.0),
        ({"gain": 0.1}, -23.01),
        ({"rate": 16_000}, -3.01),
        ({"width": 3}, -3.01),
        ({"width": 1}, -3.01),
    ],
)
def test_loudness_agrees_with_the_standard(tmp_path: Path, shape: dict[str, Any], expected: float) -> None:
    levels = measure(tone(tmp_path / "tone.wav", **shape))
    assert levels.loudness_lufs == pytest.approx(expected, abs=0.15)


def test_true_peak_sees_between_the_samples(tmp_path: Path) -> None:
    """A quarter of the rate, phase 45 degrees: samples at 0.707, the wave itself at 1."""
    values = array("h", (round(23170 * sign) for _ in range(5000) for sign in (1, 1, -1, -1)))
    with wave.open(str(tmp_path / "x.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(48_000)
        wav.writeframes(values.tobytes())
    assert measure(tmp_path / "x.wav").peak_db == pytest.approx(0.0, abs=0.5)


def test_silence_and_snippets_have_no_loudness(tmp_path: Path) -> None:
    assert measure(tone(tmp_path / "silent.wav", gain=0.0)).loudness_lufs is None
    assert measure(tone(tmp_path / "short.wav", seconds=0.2)).loudness_lufs is None


def test_a_file_that_promises_more_than_it_holds_is_unreadable(tmp_path: Path) -> None:
    path = tone(tmp_path / "x.wav")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(Unreadable, match="Truncated: 96000 frames announced, 478 found"):
        measure(path)
