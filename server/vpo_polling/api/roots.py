"""Which directories may be scanned at the request of a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vpo_polling.errors import ApiError


def directory_within(text: str, roots: Sequence[Path]) -> Path:
    """The real directory that `text` names, relative to the first root. Raises ApiError.

    What is outside is refused before it is known whether it exists: the answer must not say.
    """
    if not roots:
        message = "No directory may be scanned from here; see scan_roots"
        raise ApiError(403, "PATH_NOT_ALLOWED", message, details={"field": "path"})
    try:
        path = (roots[0] / Path(text).expanduser()).resolve()
        inside = any(path.is_relative_to(root.resolve()) for root in roots)
        is_directory = inside and path.is_dir()
    except (OSError, RuntimeError, ValueError):
        # Endless links, NUL bytes, half characters, an unknown ~user.
        raise ApiError(
            400, "VALIDATION_FAILED", "This path can't be used", details={"field": "path"}
        ) from None
    if not inside:
        allowed = ", ".join(map(str, roots))
        message = f"This path is outside the directories that may be scanned ({allowed}); see scan_roots"
        raise ApiError(403, "PATH_NOT_ALLOWED", message, details={"field": "path"})
    if not is_directory:
        raise ApiError(400, "VALIDATION_FAILED", "There is no such directory", details={"field": "path"})
    return path
