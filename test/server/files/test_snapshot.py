"""What there is below a directory, and what differs from what somebody knows."""

from __future__ import annotations

import os
from pathlib import Path

from vpo_polling.files.snapshot import File, changes, snapshot

A, B = File(1, 1000, 1), File(2, 2000, 1)


def test_files_are_found_by_path_and_links_and_caches_are_not(tmp_path: Path) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("readme.md", "src/a.py", "src/deep/b.py", ".git/config"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to(tmp_path / "src")
    (tmp_path / "file-link").symlink_to("/etc/hostname")
    files, is_cut = snapshot(tmp_path)
    assert (list(files), is_cut) == (["readme.md", "src/a.py", "src/deep/b.py"], False)


def test_a_name_that_is_no_utf_8_is_shown_escaped(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).write_text("x")
    assert list(snapshot(tmp_path)[0]) == ["caf\\udce9"]


def test_a_version_stays_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    first = snapshot(tmp_path)[0]["a"]
    assert snapshot(tmp_path)[0]["a"] == first
    file.write_text("three")
    second = snapshot(tmp_path)[0]["a"]
    assert second.version != first.version
    other = tmp_path / "b"
    other.write_text("four!")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert snapshot(tmp_path)[0]["a"].version != second.version, (
        "another file in its place, as old and as long"
    )


def test_changes_are_created_modified_and_deleted() -> None:
    found = changes({"a": A, "b": B}, {"a": 1, "b": 1, "c": 7}, [])
    assert found == [
        {"path": "b", "last_modified": "1970-01-01T00:00:02.000Z", "version": 2, "change_type": "modified"},
        {"path": "c", "last_modified": None, "version": None, "change_type": "deleted"},
    ]
    assert [(one["path"], one["change_type"]) for one in changes({"a": A}, {}, [])] == [("a", "created")]


def test_only_the_paths_that_are_named_are_looked_at() -> None:
    named = changes({"a": A, "b": B}, {}, ["b", "gone", "b"])
    assert [(one["path"], one["change_type"]) for one in named] == [("b", "created"), ("gone", "deleted")]
