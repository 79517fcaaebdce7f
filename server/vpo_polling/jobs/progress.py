"""Progress read from a command's output by the regular expression of its settings."""

from __future__ import annotations

import re

from vpo_polling.logs.plain import plain

# Progress bars are short; longer lines only cost time.
LONGEST_LINE = 4096


class ProgressReader:
    """Looks at every line and at every state of a line that is overwritten by carriage returns."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)
        self._rest = b""

    def feed(self, data: bytes) -> dict[str, object] | None:
        """The newest progress in this piece of output, if there is any."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest[-LONGEST_LINE:] + data)
        for line in reversed(lines):
            found = self._pattern.search(plain(line[-LONGEST_LINE:].decode("utf-8", "replace")))
            if found is not None:
                return _progress(found.groupdict())
        return None


def _progress(groups: dict[str, str | None]) -> dict[str, object] | None:
    try:
        if groups.get("percent") is not None:
            return {"t": "progress", "percent": min(100.0, max(0.0, float(groups["percent"] or 0)))}
        done, total = groups.get("done"), groups.get("total")
        return {
            "t": "progress",
            "done": None if done is None else int(done),
            "total": None if total is None else int(total),
        }
    except ValueError:
        return None
