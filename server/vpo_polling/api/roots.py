"""Which directories may be used at the request of a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vpo_polling.errors import ApiError


def directory_within(
    text: str,
    roots: Sequence[Path],
    *,
    setting: str = "scan_roots",
    use: str = "scanned",
    field: str = "path",
) -> Path:
    """The real directory that `text` names, relative to the first root. Raises ApiError.

    What is outside is refused before it is known whether it exists: the answer must not say.
    """
    if not roots:
        message = f"No directory may be {use} from here; see {setting}"
        raise ApiError(403, "PATH_NOT_ALLOWED", message, details={"field": field})
    try:
        path = (roots[0] / Path(text).expanduser()).resolve()
        inside = any(path.is_relative_to(root.resolve()) for root in roots)
        is_directory = inside and path.is_dir()
    except (OSError, RuntimeError, ValueError):
        # Endless links, NUL bytes, half characters, an unknown ~user.
        message = "This path can't be used"
        raise ApiError(400, "VALIDATION_FAILED", message, details={"field": field}) from None
    if not inside:
        allowed = ", ".join(map(str, roots))
        message = f"This path is outside the directories that may be {use} ({allowed}); see {setting}"
        raise ApiError(403, "PATH_NOT_ALLOWED", message, details={"field": field})
    if not is_directory:
        raise ApiError(400, "VALIDATION_FAILED", "There is no such directory", details={"field": field})
    return path
