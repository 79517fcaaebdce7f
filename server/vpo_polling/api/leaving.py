"""Whether somebody still waits for an answer."""

from __future__ import annotations

from starlette.types import Receive


async def gone(receive: Receive) -> None:
    """Returns when the connection has been closed; what else the client sends is of no interest."""
    while (await receive())["type"] != "http.disconnect":
        pass
