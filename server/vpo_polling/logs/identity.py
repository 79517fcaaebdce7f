"""Which file a byte offset belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def generation(record: Mapping[str, Any], attempt: int, inode: int | None, size: int) -> str:
    """Changes with the attempt, and whenever what was read so far is no longer the beginning of the log.

    The writer names it in the record beside the log, and names another one when it finds its log truncated or
    replaced. What happens when it is gone shows in the inode or, once the log is closed, in the size.
    """
    gen = record.get("gen")
    if not isinstance(gen, str):
        return f"{attempt}-{inode or 0:x}"
    if inode is not None and record.get("inode", inode) != inode:
        gen += f"-{inode:x}"
    if record.get("size", size) != size:
        gen += f"-{size:x}"
    return gen
