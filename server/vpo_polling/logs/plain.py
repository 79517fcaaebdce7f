"""What a reader sees: text without the control sequences that colour a terminal."""

from __future__ import annotations

import re

LONGEST_SEQUENCE = 4096
"""Bytes. What goes on longer is text: so a line can be looked through in pieces of bounded size."""

_SEQUENCE = r"\x1b(?:\[[0-?]{0,200}[ -/]{0,20}[@-~]|\][^\x07\x1b\n]{0,4000}(?:\x07|\x1b\\)|[@-Z\\^_])"
CONTROL_SEQUENCE = re.compile(_SEQUENCE.encode())
_IN_TEXT = re.compile(_SEQUENCE)


def plain(text: str) -> str:
    return _IN_TEXT.sub("", text)


def plain_bytes(text: bytes) -> bytes:
    return CONTROL_SEQUENCE.sub(b"", text) if b"\x1b" in text else text
