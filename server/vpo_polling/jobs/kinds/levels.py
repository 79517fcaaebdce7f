"""How loud a WAV file is, after ITU-R BS.1770: true peak (between samples too) and loudness in LUFS.

In plain Python, so it needs nothing installed and keeps one core busy for a while: a scan has to ask for it.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import BinaryIO

from vpo_polling.jobs.kinds.media import Unreadable

_BLOCK_SECONDS = 0.4
_STEP_SECONDS = 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
_TAPS = 12


@dataclass(frozen=True)
class Levels:
    peak_db: float
    # None for silence and for files shorter than one block of 400 ms.
    loudness_lufs: float | None


def measure(path: Path) -> Levels:
    """Raises Unreadable when the file holds less than its header promises."""
    try:
        with path.open("rb") as file:
            rate, channels = _samples(file)
    except (OSError, EOFError, wave.Error) as error:
        raise Unreadable(str(error) or "The file ends inside its header") from error
    peak = max((_true_peak(channel) for channel in channels if channel), default=0.0)
    return Levels(_decibel(peak * peak), _loudness(channels, rate))


def _samples(file: BinaryIO) -> tuple[int, list[list[float]]]:
    with wave.open(file) as wav:
        width, count, frames = wav.getsampwidth(), wav.getnchannels(), wav.getnframes()
        data = wav.readframes(frames)
        if len(data) < frames * count * width:
            raise Unreadable(f"Truncated: {frames} frames announced, {len(data) // (count * width)} found")
        return wav.getframerate(), [_scaled(data, width, channel, count) for channel in range(count)]


def _scaled(data: bytes, width: int, channel: int, count: int) -> list[float]:
    if width == 1:
        return [(value - 128) / 128 for value in data[channel::count]]
    if width == 2:
        values = array("h", data)
        if sys.byteorder == "big":
            values.byteswap()
        return [value / 32768 for value in values[channel::count]]
    full = 1 << (8 * width - 1)
    step = width * count
    places = range(channel * width, len(data) - width + 1, step)
    return [int.from_bytes(data[at : at + width], "little", signed=True) / full for at in places]


def _loudness(channels: Sequence[Sequence[float]], rate: int) -> float | None:
    step = max(1, round(rate * _STEP_SECONDS))
    per_block = round(_BLOCK_SECONDS / _STEP_SECONDS)
    energies = [_step_energies(_weighted(channel, rate), step) for channel in channels]
    sums = [sum(parts) for parts in zip(*energies, strict=True)]
    blocks = [sum(sums[at : at + per_block]) / (per_block * step) for at in range(len(sums) - per_block + 1)]
    audible = [power for power in blocks if _OFFSET + _decibel(power) > _ABSOLUTE_GATE]
    if not audible:
        return None
    gate = _OFFSET + _decibel(sum(audible) / len(audible)) + _RELATIVE_GATE
    kept = [power for power in audible if _OFFSET + _decibel(power) > gate]
    return _OFFSET + _decibel(sum(kept) / len(kept)) if kept else None


def _step_energies(samples: Sequence[float], step: int) -> list[float]:
    return [
        sum(value * value for value in samples[at : at + step])
        for at in range(0, len(samples) - step + 1, step)
    ]


def _weighted(samples: Sequence[float], rate: int) -> list[float]:
    return _filtered(_filtered(samples, _shelf(rate)), _high_pass(rate))


Coefficients = tuple[float, float, float, float, float]


def _shelf(rate: int) -> Coefficients:
    """First stage of the K weighting: the head lifts high frequencies by 4 dB."""
    k = math.tan(math.pi * min(1681.974450955533, rate * 0.45) / rate)
    gain = 10 ** (3.999843853973347 / 20)
    band = gain**0.4996667741545416
    damping = k / 0.7071752369554196
    norm = 1 + damping + k * k
    return (
        (gain + band * damping + k * k) / norm,
        2 * (k * k - gain) / norm,
        (gain - band * damping + k * k) / norm,
        2 * (k * k - 1) / norm,
        (1 - damping + k * k) / norm,
    )


def _high_pass(rate: int) -> Coefficients:
    """Second stage: what is below hearing."""
    k = math.tan(math.pi * 38.13547087602444 / rate)
    damping = k / 0.5003270373238773
    norm = 1 + damping + k * k
    return (1.0, -2.0, 1.0, 2 * (k * k - 1) / norm, (1 - damping + k * k) / norm)


def _filtered(samples: Sequence[float], coefficients: Coefficients) -> list[float]:
    b0, b1, b2, a1, a2 = coefficients
    z1 = z2 = 0.0
    result: list[float] = []
    append = result.append
    for value in samples:
        out = b0 * value + z1
        z1 = b1 * value - a1 * out + z2
        z2 = b2 * value - a2 * out
        append(out)
    return result


def _between(shift: float) -> tuple[float, ...]:
    """Weights of the surrounding samples for the curve at a fraction between two of them: a windowed sinc."""
    weights = []
    for tap in range(_TAPS):
        x = tap - (_TAPS / 2 - 1) - shift
        sinc = math.sin(math.pi * x) / (math.pi * x)
        weights.append(sinc * (0.5 + 0.5 * math.cos(2 * math.pi * x / (_TAPS + 1))))
    total = sum(weights)
    return tuple(weight / total for weight in weights)


_QUARTERS = tuple(_between(shift) for shift in (0.25, 0.5, 0.75))


def _true_peak(samples: Sequence[float]) -> float:
    """The highest value of the curve through the samples, looked at four times per sample."""
    peak = max(max(samples), -min(samples))
    for at in range(len(samples) - _TAPS + 1):
        window = samples[at : at + _TAPS]
        for weights in _QUARTERS:
            value = sum(map(mul, weights, window))
            if value > peak:
                peak = value
            elif -value > peak:
                peak = -value
    return peak


def _decibel(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf
