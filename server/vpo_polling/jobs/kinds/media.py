"""What one media file is: container, codecs, duration and size; for plain WAV also how loud it is."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymediainfo import MediaInfo

# fmt: off
EXTENSIONS = frozenset((
    ".3gp", ".aac", ".ac3", ".aif", ".aiff", ".alac", ".ape", ".asf", ".avi", ".dff", ".dsf", ".dts",
    ".dv", ".eac3", ".f4v", ".flac", ".flv", ".m1v", ".m2ts", ".m2v", ".m4a", ".m4b", ".m4v", ".mka",
    ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpc", ".mpeg", ".mpg", ".mts", ".mxf", ".oga", ".ogg",
    ".ogm", ".ogv", ".opus", ".qt", ".ra", ".rm", ".rmvb", ".tak", ".thd", ".ts", ".tta", ".vob",
    ".wav", ".weba", ".webm", ".wma", ".wmv", ".wv",
))
# fmt: on
_STREAMS = ("Video", "Audio", "Text")


class Unreadable(Exception):
    """A file that can't be read as what its name says; the text tells why."""


@dataclass(frozen=True)
class Media:
    container: str
    codecs: tuple[str, ...]
    duration_seconds: float
    size: int


def is_media(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in EXTENSIONS


def inspect(path: Path) -> Media:
    """Raises Unreadable."""
    try:
        # Not blocking: a named pipe would otherwise be waited for until somebody writes into it.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(file, "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("Not a regular file")
            if status.st_size == 0:
                raise Unreadable("The file is empty")
            # An open file rather than its name: names that are not UTF-8 can't be passed on.
            tracks = MediaInfo.parse(opened).tracks
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    return _media([track.to_data() for track in tracks], status.st_size)


def _media(tracks: list[dict[str, Any]], size: int) -> Media:
    general: dict[str, Any] = next((track for track in tracks if track.get("track_type") == "General"), {})
    container = general.get("format")
    if not container:
        raise Unreadable("Not a media file: no known format")
    streams = [track for track in tracks if track.get("track_type") in _STREAMS]
    codecs = tuple(str(track["format"]) for track in streams if track.get("format"))
    if general.get("istruncated") == "Yes":
        raise Unreadable(f"Truncated: the file ends before its {container} data does")
    if not codecs:
        raise Unreadable(f"No readable audio, video or text in the {container} container")
    return Media(str(container), codecs, _seconds(general, streams), size)


def _seconds(general: dict[str, Any], streams: list[dict[str, Any]]) -> float:
    for track in (general, *streams):
        try:
            return float(track["duration"]) / 1000
        except (KeyError, TypeError, ValueError):
            continue
    return 0.0
