"""What the end of a process means for its job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vpo_polling.jobs.printable import valid
from vpo_polling.store.types import Ending

# (status, conclusion) by reason; what is not here was cut off and goes on as the next attempt.
_BY_REASON = {
    "cancelled": ("cancelled", "cancelled"),
    "not_started": ("failed", "startup_failure"),
    "log_failed": ("failed", "failure"),
}


def ending_of(record: Mapping[str, Any] | None) -> Ending | None:
    """From a shim's last message or its exit record. None: the attempt was cut off."""
    if record is None:
        return None
    reason = record.get("reason")
    if reason == "exited":
        status, conclusion = (
            ("completed", "success") if record.get("exit_code") == 0 else ("failed", "failure")
        )
    elif reason in _BY_REASON:
        status, conclusion = _BY_REASON[reason]
    else:
        return None
    return Ending(
        status=status,
        conclusion=conclusion,
        exit_code=record.get("exit_code"),
        error_message=_text(record.get("error_message")),
        summary=_text(record.get("summary")),
        summary_raw=record.get("summary_raw"),
    )


def _text(value: object) -> str | None:
    return valid(value) if isinstance(value, str) else None
