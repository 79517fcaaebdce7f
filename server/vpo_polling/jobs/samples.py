"""The sample library: short WAV files in nested folders, some of them damaged, always the same.

It gives a first start something real to scan without fetching or shipping anything.
"""

from __future__ import annotations

import io
import math
import os
import wave
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FILES = 2000
# 37 of 2,000.
_DAMAGED_EVERY = 53
_FINISHED = ".complete"
# Names that a page has to show as text. Not every file system takes them.
_ODD_NAMES = (b"two\nlines.wav", b"not utf-8 \xff\xfe.wav", "<b>markup \u202egnp.wav".encode())

_PLACES = (
    "harbour",
    "forest",
    "market",
    "station",
    "workshop",
    "kitchen",
    "river",
    "rooftop",
    "chapel",
    "arcade",
)
_TAKES = ("morning", "noon", "evening", "night")
_RATES = (8000, 11025, 16000, 22050)


@dataclass(frozen=True)
class Sample:
    path: str
    rate: int
    channels: int
    width: int
    seconds: float
    pitch: float
    gain: float


def write_samples(folder: Path, count: int = FILES) -> int:
    """Writes what is missing; how many files that were. A library that is complete costs one look."""
    mark = folder / _FINISHED
    if mark.exists():
        return 0
    written = _write_odd_names(folder)
    random = Random(1)  # noqa: S311 - the same library everywhere, no secret
    for number in range(count - len(_ODD_NAMES)):
        sample = _sample(number, random)
        path = folder / sample.path
        content = _content(number, sample)
        if path.exists() and path.stat().st_size == len(content):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written += 1
    mark.touch()
    return written


def _sample(number: int, random: Random) -> Sample:
    place = _PLACES[number % len(_PLACES)]
    take = _TAKES[number // len(_PLACES) % len(_TAKES)]
    session = number // (len(_PLACES) * len(_TAKES)) // 10 + 1
    return Sample(
        path=f"{place}/{take}/session {session:02}/{place}-{number:04}.wav",
        rate=random.choice(_RATES),
        channels=random.choice((1, 1, 2)),
        width=random.choice((1, 2)),
        seconds=round(random.uniform(0.6, 1.8), 2),
        pitch=random.choice((110.0, 146.8, 220.0, 261.6, 329.6, 440.0)),
        gain=random.choice((0.05, 0.2, 0.5, 0.9)),
    )


def _content(number: int, sample: Sample) -> bytes:
    sound = _wav(sample)
    if (number + 1) % _DAMAGED_EVERY:
        return sound
    damage = _DAMAGES[number // _DAMAGED_EVERY % len(_DAMAGES)]
    return damage(sound)


_DAMAGES: tuple[Callable[[bytes], bytes], ...] = (
    lambda sound: sound[: len(sound) // 2],
    lambda sound: b"",
    lambda sound: bytes(range(7, 227, 5)) + sound[44:],
    lambda sound: b"This was meant to be a recording.\n" * 40,
    lambda sound: sound[:20],
)


def _wav(sample: Sample) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(sample.channels)
        wav.setsampwidth(sample.width)
        wav.setframerate(sample.rate)
        period = _period(sample.rate, sample.channels, sample.width, sample.pitch, sample.gain)
        size = int(sample.rate * sample.seconds) * sample.channels * sample.width
        wav.writeframes((period * (size // len(period) + 1))[:size])
    return file.getvalue()


@cache
def _period(rate: int, channels: int, width: int, pitch: float, gain: float) -> bytes:
    """About a tenth of a second of a tone with an overtone, repeated for the length of a file."""
    frames = round(rate / pitch * round(pitch / 10))
    step = 2 * math.pi * pitch / rate
    tone = (0.8 * math.sin(step * n) + 0.2 * math.sin(3 * step * n) for n in range(frames))
    if width == 1:
        return bytes(128 + int(127 * gain * value) for value in tone for _ in range(channels))
    values = array("h", (int(32767 * gain * value) for value in tone for _ in range(channels)))
    if array("h", (1,)).tobytes() == b"\x00\x01":
        values.byteswap()
    return values.tobytes()


def _write_odd_names(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name in _ODD_NAMES:
        try:
            (folder / os.fsdecode(name)).write_bytes(_wav(Sample("", 8000, 1, 2, 1.0, 440.0, 0.5)))
            written += 1
        except OSError:
            continue
    return written
