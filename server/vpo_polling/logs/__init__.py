"""Append-only logs: one file per attempt, written by its shim, read in bounded pieces by everyone else."""

from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.reader import consistent, read, read_unless

__all__ = ["LogPaths", "consistent", "read", "read_unless"]
