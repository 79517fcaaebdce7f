"""Where a text stands in lines as a reader sees them: without control sequences, never across a line end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from vpo_polling.logs.plain import CONTROL_SEQUENCE, LONGEST_SEQUENCE, plain_bytes
from vpo_polling.logs.text import whole_characters

SHOWN_BEFORE = 120
SHOWN = 400
CUT = "…"
_REPLACED = "\ufffd"


class _Found(NamedTuple):
    text: str
    """The part of the line that is in memory."""

    at: int
    column: int
    is_last_part: bool


class Matcher:
    def __init__(self, query: str, *, exact: bool) -> None:
        self._exact = exact
        query = query.encode("utf-8", "replace").decode()
        self._units = _units(query)
        self._text = _folded(query, exact)
        # Blocks are searched as bytes: a character never begins within another one, so bytes match where
        # characters do. Only what is no text is shown as a character that is not there.
        self._bytes = self._text.encode()
        self._asks_for_replaced = _REPLACED in query
        self._asks_for_return = "\r" in query
        self._crosses_lines = "\n" in query

    def count(self, block: bytes) -> tuple[int, int]:
        """Matches, and lines with one, in a block of whole lines."""
        text = self._searchable(block)
        matches = text.count(self._bytes)
        return (matches, sum(self._bytes in line for line in text.split(b"\n"))) if matches else (0, 0)

    def lines(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Of each line with a match: its number within the block, and its matches."""
        text = self._searchable(block)
        number = position = 0
        for begin, end in self._spans(text):
            number += text.count(b"\n", position, begin)
            position = begin
            yield number, text.count(self._bytes, begin, end)

    def count_long(self, pieces: Iterator[bytes]) -> int:
        """Matches in one line, which comes in pieces of any size."""
        return sum(1 for _ in self._found(pieces))

    def placed(self, pieces: Iterator[bytes], skip: int, most: int) -> Iterator[dict[str, Any]]:
        """Some of them: column and length in UTF-16 units, as JavaScript counts, and the text around."""
        for text, at, column, is_last_part in islice(self._found(pieces), skip, skip + most):
            before = text[max(0, at - SHOWN_BEFORE) : at]
            end = at + max(len(self._text), SHOWN - len(before))
            offset = column - _units(before)
            is_whole = is_last_part and end >= len(text)
            shown = f"{CUT if offset else ''}{before}{text[at:end]}{'' if is_whole else CUT}"
            yield {"column": column, "length": self._units, "text": shown, "text_offset": offset}

    def _found(self, pieces: Iterator[bytes]) -> Iterator[_Found]:
        text, searched = "", 0
        counted = column = 0
        for piece, is_last in _shown(pieces):
            text += piece
            folded = _folded(text, self._exact)
            while not self._crosses_lines and (at := folded.find(self._text, searched)) >= 0:
                column += _units(text[counted:at])
                counted = at
                yield _Found(text, at, column, is_last)
                searched = at + len(self._text)
            # Kept: what may still be the beginning of a match, and what is shown before it.
            searched = max(searched, len(text) - len(self._text) + 1)
            cut = max(0, searched - SHOWN_BEFORE)
            if cut > counted:
                column += _units(text[counted:cut])
                counted = cut
            text, searched, counted = text[cut:], searched - cut, counted - cut

    def _searchable(self, block: bytes) -> bytes:
        if self._asks_for_return:
            block = block.replace(b"\r\n", b"\n")
        block = plain_bytes(block)
        if self._asks_for_replaced:
            block = block.decode("utf-8", "replace").encode()
        # Nothing matches across a line end.
        return b"" if self._crosses_lines else block if self._exact else block.lower()

    def _spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Of each line with a match: from the first one to the end."""
        end = 0
        while (begin := text.find(self._bytes, end)) >= 0:
            end = text.find(b"\n", begin) + 1 or len(text)
            yield begin, end


def _shown(pieces: Iterator[bytes]) -> Iterator[tuple[str, bool]]:
    """One line without control sequences, cut where none and no character is; and which is the last."""
    held = b""
    piece = next(pieces, b"")
    while piece:
        following = next(pieces, b"")
        data = held + piece
        if following:
            cut = _safe_cut(data)
        else:
            data = data[:-2] if data.endswith(b"\r\n") else data.removesuffix(b"\n")
            cut = len(data)
        held = data[cut:]
        yield plain_bytes(data[:cut]).decode("utf-8", "replace"), not following
        piece = following


def _safe_cut(data: bytes) -> int:
    end = 0
    for found in CONTROL_SEQUENCE.finditer(data):
        end = found.end()
    begun = data.find(b"\x1b", max(end, len(data) - LONGEST_SEQUENCE))
    if begun >= 0:
        return begun
    # The line end may come in two pieces.
    return len(data) - 1 if data.endswith(b"\r") else whole_characters(data)


def _folded(text: str, exact: bool) -> str:
    """Without regard to ASCII case; of the same length."""
    return text if exact else text.encode().lower().decode()


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")
