"""Running jobs: the runner inside the server, the shim around each job, and the kinds of work.

Programs of your own report what they do with `from vpo_polling import jobs` and `jobs.track(…)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vpo_polling.jobs.tracking import Cancelled, TrackedJob, track

__all__ = ["Cancelled", "TrackedJob", "track"]


def __getattr__(name: str) -> object:
    """Only when asked for: every shim imports this package, and none of them needs a database."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from vpo_polling.jobs import tracking

    return getattr(tracking, name)
