"""What may come of a report, besides that it is taken."""

from __future__ import annotations


class Refused(Exception):
    """The report doesn't fit to what is known; nothing of it was stored. The message is for the reporter."""


class Unknown(Exception):
    """There is no such job."""


class Gap(Exception):
    """What was sent doesn't begin where what is stored ends."""

    def __init__(self, what: str, expected: int) -> None:
        super().__init__(f"{what} are stored up to {expected}: go on from there")
        self.expected = expected


class Closed(Refused):
    """Nothing more can be added."""
