"""What only a terminal gets: a table as wide as it is, colours, a line that is drawn anew."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator

import pytest
from given_jobs import ended, queued
from jobs.support import eventually
from rich.cells import cell_len
from timing import PATIENCE
from vpo_polling.store import Ending, Store

from cli.conftest import Vpo

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
FAILED = Ending(status="failed", conclusion="failure")
LONG = "/media/recordings/2026/a folder with a rather long name/second half.wav"


class Terminal:
    """As wide as it is told, and what was written to it."""

    def __init__(self, columns: int) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.set_blocking(self.ours, False)
        self.written = ""

    def read(self) -> str:
        try:
            while data := os.read(self.ours, 65536):
                self.written += data.decode()
        except OSError:
            pass
        return self.written

    def close(self) -> None:
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal() -> Iterator[type[Terminal]]:
    made: list[Terminal] = []

    class Kept(Terminal):
        def __init__(self, columns: int) -> None:
            super().__init__(columns)
            made.append(self)

    yield Kept
    for one in made:
        one.close()


@pytest.fixture
def store(vpo: Vpo) -> Iterator[Store]:
    """Of the command's data directory."""
    store = Store.open(vpo.data_dir / "vpo.db")
    store.migrate()
    yield store
    store.close()


def listed(vpo: Vpo, terminal: Terminal, **env: str) -> list[str]:
    subprocess.run(
        [sys.executable, "-m", "vpo_polling", "jobs", "list"],
        cwd=vpo.folder,
        env={**vpo.env, "TERM": "xterm", **env},
        stdout=terminal.theirs,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=PATIENCE,
    )
    return terminal.read().replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("columns", [200, 80, 50])
def test_a_table_is_as_wide_as_the_terminal(
    vpo: Vpo, store: Store, terminal: type[Terminal], columns: int
) -> None:
    ended(store, LONG, ending=FAILED)
    queued(store, "/media/録音/" + "長い名前" * 20, now=2_000)
    lines = [ESCAPE.sub("", line) for line in listed(vpo, terminal(columns))]
    assert lines[0].split() == (
        ["id", "created", "type", "status", "done", "path"]
        if columns > 50
        else ["id", "type", "status", "done", "path"]
    )
    assert len(lines) == 3
    assert all(cell_len(line) <= columns for line in lines)
    assert lines[1].endswith("長い名前")
    assert lines[2].endswith("half.wav")
    assert ("…" in lines[2]) is (columns < 200)


def test_colours_are_for_terminals_that_want_them(vpo: Vpo, store: Store, terminal: type[Terminal]) -> None:
    ended(store, ending=FAILED)
    assert "\x1b[31mfailure" in "\n".join(listed(vpo, terminal(80)))
    assert "\x1b" not in "\n".join(listed(vpo, terminal(80), NO_COLOR="1"))
    assert "\x1b" not in "\n".join(listed(vpo, terminal(80), TERM="dumb"))
    assert "\x1b" not in vpo("jobs", "list").stdout


def test_a_pipe_gets_each_job_whole_in_one_line(vpo: Vpo, store: Store) -> None:
    ended(store, LONG * 5)
    (line,) = vpo("jobs", "list").stdout.splitlines()
    assert line.endswith("  " + LONG * 5)


def test_a_job_that_is_followed_shows_how_it_is_getting_on(vpo: Vpo, terminal: type[Terminal]) -> None:
    script = "echo 1/4; while [ ! -e go ]; do sleep 0.02; done; echo 4/4"
    pattern = r"(?P<done>\d+)/(?P<total>\d+)"
    (vpo.folder / "vpo.toml").write_text(
        f"[commands.counts]\nargv = ['sh', '-c', '{script}']\nprogress = '{pattern}'\n"
    )
    screen = terminal(60)
    run = subprocess.Popen(
        [sys.executable, "-m", "vpo_polling", "run", "counts"],
        cwd=vpo.folder,
        env=vpo.env,
        stdout=screen.theirs,
        stderr=screen.theirs,
    )
    try:
        eventually(lambda: re.search(r"\r\x1b\[K25%  1 of 4  \d+ s", screen.read()))
        (vpo.folder / "go").touch()
        assert run.wait(PATIENCE) == 0
    finally:
        run.kill()
        run.wait()
    # The line makes way for the log, and nothing of it stays.
    assert "\r\x1b[K4/4\r\n" in screen.read()
    last = screen.written.rsplit("\n", 1)[1]
    assert last == "" or last.endswith("\r\x1b[K")
