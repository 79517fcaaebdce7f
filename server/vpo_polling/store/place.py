"""Whether the database's file is still the one that was opened.

Open connections go on with a file that was deleted, and what they write is gone at the next start; new ones
would make an empty file of the same name.
"""

from __future__ import annotations

import os
from pathlib import Path

from vpo_polling.store.types import DatabaseUnavailable


class Place:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def check(self) -> None:
        """Raises DatabaseUnavailable when the file is gone or another one. It may come back."""
        try:
            found = os.stat(self._path)
        except OSError as error:
            if self._seen is None:
                return  # not made yet, or opening it will say what is wrong
            message = f"{self._path} is gone while it was in use: {error.strerror}."
            raise DatabaseUnavailable(message) from None
        if self._seen is None:
            self._seen = (found.st_dev, found.st_ino)
        elif self._seen != (found.st_dev, found.st_ino):
            raise DatabaseUnavailable(f"{self._path} was replaced while it was in use: restart the server.")
