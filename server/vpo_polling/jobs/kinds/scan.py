"""The work of a scan job: `python -m vpo_polling.jobs.kinds.scan [--levels] [--samples] DIRECTORY`.

Finds the media files below a directory, reads each, prints a line for each, reports progress, unreadable
files and a summary. Unreadable files are results, not failures: a job that saw every file succeeds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vpo_polling.amounts import duration_text, size_text
from vpo_polling.jobs.kinds import levels, media
from vpo_polling.jobs.kinds.walk import media_files
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.jobs.protocol import Reporter
from vpo_polling.jobs.samples import write_samples

# Often enough for a picture that moves, seldom enough to cost nothing.
REPORT_SECONDS = 0.05
# All samples of a file are in memory while its levels are measured.
LONGEST_MEASURED_SECONDS = 60

Send = Callable[[dict[str, Any]], None]
Say = Callable[[str], None]


@dataclass
class Totals:
    files: int = 0
    errors: int = 0
    bytes: int = 0
    duration: float = 0.0
    containers: Counter[str] = field(default_factory=Counter)
    codecs: Counter[str] = field(default_factory=Counter)

    def add(self, found: media.Media) -> None:
        self.bytes += found.size
        self.duration += found.duration_seconds
        self.containers[found.container] += 1
        self.codecs.update(found.codecs)

    def raw(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "errors": self.errors,
            "bytes": self.bytes,
            "duration_seconds": round(self.duration, 3),
            "containers": dict(self.containers.most_common()),
            "codecs": dict(self.codecs.most_common()),
        }

    def text(self) -> str:
        return ", ".join(
            (
                _counted(self.files, "file"),
                size_text(self.bytes),
                f"{duration_text(self.duration)} of media",
                _counted(self.errors, "error"),
            )
        )


class Scan:
    def __init__(
        self, root: Path, *, with_levels: bool, send: Send, say: Say, clock: Callable[[], float]
    ) -> None:
        self._root = root
        self._with_levels = with_levels
        self._send = send
        self._say = say
        self._clock = clock
        self._reported = -REPORT_SECONDS
        self.totals = Totals()

    def run(self) -> Totals:
        self._say(f"Scanning {printable(str(self._root))}")
        self._progress(0, None)
        files = self._find()
        self._say(f"Found {_counted(len(files), 'media file')}")
        width = len(str(len(files)))
        for number, path in enumerate(files, 1):
            self._progress(number - 1, len(files))
            self._say(f"[{number:>{width}}/{len(files)}] {self._look_at(path)}")
        self._progress(len(files), len(files), force=True)
        self._say(self.totals.text())
        self._send({"t": "summary", "text": self.totals.text(), "raw": self.totals.raw()})
        return self.totals

    def _find(self) -> list[Path]:
        files = []
        for path in media_files(self._root, self._unreadable_folder):
            files.append(path)
            self._progress(0, None)
        return files

    def _unreadable_folder(self, path: str, why: str) -> None:
        self._error(Path(path), why)
        self._say(f"error {printable(path)}: {printable(why)}")

    def _look_at(self, path: Path) -> str:
        self.totals.files += 1
        shown = printable(os.path.relpath(path, self._root))
        try:
            found = media.inspect(path)
            loudness = self._loudness(path, found)
        except media.Unreadable as error:
            self._error(path, str(error))
            return f"error {shown}: {printable(str(error))}"
        self.totals.add(found)
        parts = ("/".join((found.container, *dict.fromkeys(found.codecs))), f"{found.duration_seconds:.2f} s")
        return "  ".join((f"ok    {shown}", *parts, size_text(found.size), *loudness))

    def _loudness(self, path: Path, found: media.Media) -> tuple[str, ...]:
        plain = found.container == "Wave" and found.codecs == ("PCM",)
        if not (self._with_levels and plain and found.duration_seconds <= LONGEST_MEASURED_SECONDS):
            return ()
        measured = levels.measure(path)
        loudness = "silent" if measured.loudness_lufs is None else f"{measured.loudness_lufs:.1f} LUFS"
        return (loudness, f"peak {measured.peak_db:.1f} dB")

    def _error(self, path: Path, why: str) -> None:
        self.totals.errors += 1
        self._send({"t": "errors", "items": [[valid(str(path)), valid(path.name), valid(why)]]})

    def _progress(self, done: int, total: int | None, *, force: bool = False) -> None:
        now = self._clock()
        if force or now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self._send({"t": "progress", "done": done, "total": total})


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scan")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--levels", action="store_true", help="measure the loudness of WAV files")
    parser.add_argument("--samples", action="store_true", help="write the sample library there first")
    wanted = parser.parse_args()
    send = Reporter().send

    def say(line: str) -> None:
        print(line, flush=True)

    if wanted.samples:
        written = write_samples(wanted.directory)
        say(f"Sample library: {written:,} files written" if written else "Sample library: complete")
    root = Path(os.path.realpath(wanted.directory))
    try:
        os.scandir(root).close()
    except OSError as error:
        message = f"{printable(str(wanted.directory))}: {error.strerror}."
        say(message)
        send({"t": "failure", "message": message})
        return 1
    Scan(root, with_levels=wanted.levels, send=send, say=say, clock=time.monotonic).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
