"""What the feed has to know of a query, beside how to read it."""

from __future__ import annotations

from typing import Any


class Answer:
    """Base of all queries: one whose answers nothing but a write changes, known by their text."""

    lifetime_ms: int = 0
    """How long an answer is valid at most; 0 = no clock ends it."""

    patience_s: float = 1.8
    """How long an asker waits for it at most: it hears within 2 s that the database does not answer."""

    rows: tuple[str, str] | None = None
    """The member with the rows of the answer, and the member of a row that tells it from the others."""

    def expires(self, now: int) -> int | None:
        """Wall clock, ms: when the answer may change although no row does."""
        return None

    def identity(self, data: dict[str, Any]) -> tuple[str, int] | None:
        """What the ETag stands for (a name and a version of it), where that is not the text of the answer."""
        return None
