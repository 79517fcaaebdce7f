from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store

# Prints its own process id and then waits for a file; TERM ends it.
WAITS = 'echo pid=$$; while [ ! -e "$0" ]; do sleep 0.02; done'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    count = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i/3000; done"
    commands = {
        "ok": {"argv": ["sh", "-c", "echo hello"]},
        "fails": {"argv": ["sh", "-c", "echo broken; exit 4"]},
        "waits": {"argv": ["sh", "-c", WAITS, str(tmp_path / "go")]},
        "stubborn": {"argv": ["sh", "-c", f"trap '' TERM; {WAITS}", str(tmp_path / "go")]},
        "counts": {"argv": ["sh", "-c", count], "progress": r"(?P<done>\d+)/(?P<total>\d+)"},
        "secret": {"argv": ["sh", "-c", "echo $DB_PASSWORD; env"], "env": {"DB_PASSWORD": "correct-horse"}},
    }
    return load({"data_dir": tmp_path / "data", "commands": commands})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings.database_path)
    opened.migrate()
    yield opened
    opened.close()
