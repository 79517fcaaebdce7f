"""The words for values of the data: the one table that the server and the page script show them from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        # status
        "queued": "Queued",
        "running": "Running",
        "completed": "Completed",
        "failed": "Failed",
        "cancelled": "Cancelled",
        # conclusion
        "success": "Success",
        "neutral": "Neutral",
        "skipped": "Skipped",
        "failure": "Failure",
        "timed_out": "Timed out",
        "startup_failure": "Could not start",
        "action_required": "Action required",
        "unstable": "Unstable",
        "not_built": "Not built",
        "stale": "Stale",
        "interrupted": "Interrupted",
        # job type
        "scan": "Scan",
        "apply": "Apply",
        "transcode": "Transcode",
        "move": "Move",
        "process": "Process",
        "prune": "Prune",
        "command": "Command",
        # age of a list
        "24h": "Last 24 hours",
        "7d": "Last 7 days",
        "30d": "Last 30 days",
    }
)
