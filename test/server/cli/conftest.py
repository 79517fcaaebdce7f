from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jobs.support import eventually
from timing import PATIENCE
from typer.testing import CliRunner
from vpo_polling.cli.app import app
from vpo_polling.jobs.kinds.orders import PACKAGE_ROOT
from vpo_polling.store import Store

COMMANDS = """
[commands.waits]
argv = ["sh", "-c", "echo pid=$$; while [ ! -e go ]; do sleep 0.02; done"]
"""


class Vpo:
    """The command line in a directory of its own, with one data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        # As nobody's own settings have it: the run of all tests asks for no colours, for one.
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("VPO_") and name != "NO_COLOR"
        }
        self.env |= {"PYTHONPATH": PACKAGE_ROOT, "VPO_DATA_DIR": str(self.data_dir), "COLUMNS": "100"}
        self.started: list[subprocess.Popen[str]] = []
        self.url = ""

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        if arguments[0] in ("jobs", "token"):
            return self._within(*arguments)
        started = self.start(*arguments)
        out, err = started.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, started.returncode, out, err)

    def _within(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In this process, for commands that start nothing: half a second of imports saved each time."""
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            ran = CliRunner().invoke(app, arguments, env=self.env, catch_exceptions=False)
        finally:
            os.chdir(here)
        return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-m", "vpo_polling", *arguments],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(started)
        return started

    def serve(self, *arguments: str) -> subprocess.Popen[str]:
        server = self.start("serve", "--port", "0", "--log-level", "warning", *arguments)
        assert server.stdout is not None
        ready = server.stdout.readline()
        found = re.search(r"http://\S+:\d+", ready)
        assert found is not None, ready or server.communicate()[1]
        self.url = found[0]
        return server

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            return json.load(answer)

    def jobs(self) -> list[dict[str, Any]]:
        """What the list shows, newest first."""
        listed: list[dict[str, Any]] = json.loads(self("jobs", "list", "--json").stdout)["jobs"]
        return listed

    def only_job(self) -> dict[str, Any]:
        (job,) = self.jobs()
        return job

    def wait_for_status(self, job_id: str, status: str) -> dict[str, Any]:
        store = Store.open(self.data_dir / "vpo.db")

        def look() -> dict[str, Any] | None:
            job = store.get_job(job_id)
            return job if job is not None and job["status"] == status else None

        try:
            return eventually(look)
        finally:
            store.close()

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=PATIENCE)
            for pipe in (process.stdout, process.stderr):
                assert pipe is not None
                pipe.close()


@pytest.fixture
def vpo(tmp_path: Path) -> Iterator[Vpo]:
    (tmp_path / "vpo.toml").write_text(COMMANDS)
    command = Vpo(tmp_path)
    yield command
    command.stop()


@pytest.fixture
def media(vpo: Vpo) -> Path:
    folder = vpo.folder / "media"
    folder.mkdir()
    for number in range(3):
        with wave.open(str(folder / f"{number}.wav"), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(8000)
            wav.writeframes(b"\x10\x00" * 8000)
    (folder / "broken.wav").write_text("no sound")
    return folder
