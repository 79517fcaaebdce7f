"""How numbers are written for people: always rounded down, never more precise than is read.

Pages, logs and the command line share these, so that one job has one duration everywhere.
"""

from __future__ import annotations

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def units(seconds: int) -> list[str]:
    """The largest unit that is not zero, and the one below it."""
    first = next((at for at, (_, size) in enumerate(_UNITS) if seconds >= size), len(_UNITS) - 1)
    texts: list[str] = []
    for unit, size in _UNITS[first : first + 2]:
        texts.append(f"{seconds // size} {unit}")
        seconds %= size
    return texts


def duration_text(seconds: float) -> str:
    return " ".join(units(int(seconds)))


def size_text(count: int) -> str:
    """Bytes in thousands: `999 B`, `1.5 kB`, `12 MB`."""
    if count < 1000:
        return f"{count} B"
    power = min((len(str(count)) - 1) // 3, len(_BYTE_UNITS) - 1)
    tenths = count * 10 // 1000**power
    return f"{tenths // 10 if tenths >= 100 else tenths / 10} {_BYTE_UNITS[power]}"


def percent_text(percent: float) -> str:
    """100% is said only of what is done."""
    return f"{min(100, int(percent))}%"
