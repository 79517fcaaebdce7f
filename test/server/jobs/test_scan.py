"""Scans: what is found, what is refused, and names that no log should have to carry."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.jobs.kinds import media
from vpo_polling.jobs.kinds.orders import python_env
from vpo_polling.jobs.kinds.scan import Scan
from vpo_polling.jobs.kinds.walk import media_files
from vpo_polling.jobs.printable import printable, valid
from vpo_polling.jobs.protocol import encode


def sound(path: Path, seconds: float = 0.5, rate: int = 8000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(b"\x10\x00" * int(rate * seconds))
    return path


class Scanned:
    def __init__(self, root: Path, *, with_levels: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.lines: list[str] = []
        clock = iter(range(10_000))
        scan = Scan(
            root,
            with_levels=with_levels,
            send=self.sent.append,
            say=self.lines.append,
            clock=lambda: float(next(clock)),
        )
        self.totals = scan.run()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["t"] == kind]

    @property
    def errors(self) -> dict[str, str]:
        return {item[1]: item[2] for message in self.of("errors") for item in message["items"]}


def found(root: Path) -> list[str]:
    return [os.path.relpath(path, root) for path in media_files(root, lambda path, why: None)]


def test_every_media_file_is_read_and_counted(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav", 0.5)
    sound(tmp_path / "deep" / "er" / "B.WAV", 1.5)
    (tmp_path / "readme.txt").write_text("not media")
    scan = Scanned(tmp_path)
    assert scan.totals.raw() == {
        "files": 2,
        "errors": 0,
        "bytes": 8044 + 24044,
        "duration_seconds": 2.0,
        "containers": {"Wave": 2},
        "codecs": {"PCM": 2},
    }
    assert scan.of("summary") == [
        {"t": "summary", "text": "2 files, 32 kB, 2 s of media, 0 errors", "raw": scan.totals.raw()}
    ]
    assert scan.lines[2:4] == [
        "[1/2] ok    a.wav  Wave/PCM  0.50 s  8.0 kB",
        "[2/2] ok    deep/er/B.WAV  Wave/PCM  1.50 s  24 kB",
    ]


def test_the_total_is_unknown_until_all_is_counted_and_then_complete(tmp_path: Path) -> None:
    for number in range(3):
        sound(tmp_path / f"{number}.wav")
    progress = [(message["done"], message["total"]) for message in Scanned(tmp_path).of("progress")]
    assert progress == [(0, None)] * 4 + [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_damaged_files_are_errors_with_a_reason(tmp_path: Path) -> None:
    whole = sound(tmp_path / "whole.wav").read_bytes()
    (tmp_path / "half.wav").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("hello " * 100)
    (tmp_path / "header.wav").write_bytes(whole[:20])
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "nowhere.wav").symlink_to(tmp_path / "gone.wav")
    assert Scanned(tmp_path).errors == {
        "half.wav": "Truncated: the file ends before its Wave data does",
        "empty.wav": "The file is empty",
        "text.mp3": "Not a media file: no known format",
        "header.wav": "Truncated: the file ends before its Wave data does",
        "pipe.wav": "Not a regular file",
        "nowhere.wav": "No such file or directory",
    }


def test_what_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is the test's own."""
    closed = sound(tmp_path / "closed.wav")
    folder = tmp_path / "closed"
    folder.mkdir()
    real_open, real_scandir = os.open, os.scandir

    def refuse(path: Any) -> None:
        if Path(path) in (closed, folder):
            raise PermissionError(13, "Permission denied")

    def open_unless_closed(path: Any, *more: Any, **options: Any) -> int:
        refuse(path)
        return real_open(path, *more, **options)

    def scandir_unless_closed(path: Any) -> Any:
        refuse(path)
        return real_scandir(path)

    monkeypatch.setattr(os, "open", open_unless_closed)
    monkeypatch.setattr(os, "scandir", scandir_unless_closed)
    assert Scanned(tmp_path).errors == {"closed": "Permission denied", "closed.wav": "Permission denied"}


def test_links_lead_neither_in_circles_nor_outside(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    sound(root / "real.wav")
    sound(outside / "secret.wav")
    (root / "loop").symlink_to(root)
    (root / "away").symlink_to(outside)
    (root / "secret.wav").symlink_to(outside / "secret.wav")
    (root / "again.wav").symlink_to(root / "real.wav")
    (outside / "blob").write_bytes((root / "real.wav").read_bytes())
    (root / "borrowed.wav").symlink_to(outside / "blob")
    (root / "blob").write_bytes((root / "real.wav").read_bytes())
    (root / "named.wav").symlink_to(root / "blob")
    assert found(root) == ["named.wav", "real.wav"]
    alias = tmp_path / "alias"
    alias.symlink_to(root)
    assert sorted(Path(path).name for path in media_files(alias, lambda path, why: None)) == [
        "named.wav",
        "real.wav",
    ]


def test_a_folder_that_vanished_is_an_error_of_the_scan(tmp_path: Path) -> None:
    complaints: list[tuple[str, str]] = []
    assert list(media_files(tmp_path / "gone", lambda path, why: complaints.append((path, why)))) == []
    assert complaints == [(str(tmp_path / "gone"), "No such file or directory")]


ODD = {
    b"two\nlines.wav": "two\\nlines.wav",
    b"red \x1b[31m.wav": "red \\x1b[31m.wav",
    "rtl \u202egnp.wav".encode(): "rtl \\u202egnp.wav",
    b"bytes \xff\xfe.wav": "bytes \\xff\\xfe.wav",
    "<b>é</b>".replace("/", "_").encode() + b".wav": "<b>é<_b>.wav",
}


@pytest.mark.parametrize(("name", "shown"), ODD.items())
def test_odd_names_are_one_harmless_line_and_valid_json(tmp_path: Path, name: bytes, shown: str) -> None:
    try:
        (tmp_path / os.fsdecode(name)).touch()
    except OSError:
        # This file system takes only UTF-8; the escaping itself is tested all the same.
        assert printable(os.fsdecode(name)) == shown
        return
    scan = Scanned(tmp_path)
    assert scan.lines[2] == f"[1/1] error {shown}: The file is empty"
    path, filename, _ = scan.of("errors")[0]["items"][0]
    assert path == f"{tmp_path}/{filename}"
    assert filename == valid(os.fsdecode(name))
    filename.encode("utf-8")
    assert encode(scan.of("errors")[0]).count(b"\n") == 1


def test_a_scan_of_a_directory_that_is_not_there_fails_in_words(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    argv = [sys.executable, "-m", "vpo_polling.jobs.kinds.scan", gone]
    ran = subprocess.run(argv, env=python_env(), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, f"{gone}: No such file or directory.\n")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "waits.mkv")
    with pytest.raises(media.Unreadable, match="Not a regular file"):
        media.inspect(tmp_path / "waits.mkv")
