"""Text from file systems, made safe for a log: one line, no control of the terminal, always valid UTF-8."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero width), surrogate (bytes that are no UTF-8), line and paragraph ends.
_ESCAPED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def printable(text: str) -> str:
    r"""Escapes what would not show as itself, as Python does: `a\nb`, `\x1b[31m`, `\u202e`, `\xff`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _ESCAPED else c for c in text)


def valid(text: str) -> str:
    r"""The same text with only the bytes that are no UTF-8 escaped (`\xff`)."""
    return "".join(_escaped(c) if "\ud800" <= c <= "\udfff" else c for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
