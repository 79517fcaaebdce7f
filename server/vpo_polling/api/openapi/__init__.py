"""The description of the interface: parts that make one document when they are put one behind the other."""

from __future__ import annotations

from pathlib import Path


def document() -> bytes:
    return b"".join(part.read_bytes() for part in sorted(Path(__file__).parent.glob("*.yaml")))
