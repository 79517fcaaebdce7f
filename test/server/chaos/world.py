"""A data directory with everything that may live on it, and may die at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from jobs.support import eventually
from timing import PATIENCE
from vpo_polling.jobs.kinds.orders import PACKAGE_ROOT
from vpo_polling.jobs.protocol import JOB_MARK
from vpo_polling.settings import Settings, load
from vpo_polling.store import TERMINAL, ListQuery, NewJob, Store

WRITER = Path(__file__).with_name("writer.py")
SHIM = "vpo_polling.jobs.shim"
# Names of the settings' commands, and how many pieces they write.
LENGTHS = {"short": 10, "long": 80}
# A moment that does not come is not waited for longer than this.
MOMENT_SECONDS = 1.0
# How often each is chosen: a new server costs a second.
ODDS = {"server": 2, "shim": 4, "child": 3, "command": 2}
Job = dict[str, Any]


class World:
    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.folder = folder
        self.journals = folder / "journals"
        self.journals.mkdir(parents=True)
        self.settings = self._settings()
        self.store = Store.open(self.settings.database_path)
        self.store.migrate()
        self.server: subprocess.Popen[str] | None = None
        self.commands: list[subprocess.Popen[str]] = []
        self.killed_shims: set[int] = set()
        self.kills: Counter[str] = Counter()

    def _settings(self) -> Settings:
        tables = [
            f'[commands.{name}]\nargv = ["{sys.executable}", "{WRITER}", "{self.journals}", "{pieces}"]\n'
            for name, pieces in LENGTHS.items()
        ]
        config = self.folder / "vpo.toml"
        config.write_text("workers = 3\n" + "".join(tables))
        return load({"data_dir": self.folder / "data"}, config=config)

    # Life

    def start_server(self) -> None:
        """Unless a command runs its own job on this directory: then that one is the runner, and says so."""
        server = self._start("serve", "--port", "0", "--log-level", "error")
        assert server.stdout is not None
        if "is ready" in server.stdout.readline():
            self.server = server
            return
        said = server.communicate()[1]
        assert "is in use by the command that started a job" in said, said

    def start_command(self) -> None:
        self.commands.append(self._start("run", self._some_length(), quiet=True))

    def queue_jobs(self, count: int) -> None:
        for _ in range(count):
            name = self._some_length()
            self.store.create_job(NewJob(job_type="command", file_path=name, options={"command": name}))

    def _some_length(self) -> str:
        return self.rng.choice(tuple(LENGTHS))

    def _start(self, *arguments: str, quiet: bool = False) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("VPO_")}
        env |= {"PYTHONPATH": PACKAGE_ROOT, "VPO_DATA_DIR": str(self.settings.data_dir)}
        # Nobody reads what a command says, so it must not go into a pipe that fills.
        out = subprocess.DEVNULL if quiet else subprocess.PIPE
        argv = [sys.executable, "-m", "vpo_polling", *arguments]
        return subprocess.Popen(argv, cwd=self.folder, env=env, stdout=out, stderr=out, text=True)

    # Death

    def kill_something(self) -> None:
        """One process, sometimes two at once, after a moment that depends on how far the jobs are."""
        self._wait_for_a_moment()
        killed = set()
        for kind in set(self.rng.choices(list(ODDS), list(ODDS.values()), k=self.rng.choice((1, 1, 1, 2)))):
            pids = self._alive(kind)
            if not pids:
                continue
            pid = self.rng.choice(pids)
            if kind == "shim":
                self.killed_shims.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills[kind] += 1
                killed.add(pid)
        self._bury(killed)

    def _alive(self, kind: str) -> list[int]:
        if kind == "server":
            return [self.server.pid] if self.server else []
        if kind == "command":
            return [command.pid for command in self.commands if command.poll() is None]
        if kind == "shim":
            return [shim for job, _attempt, shim in self.running() if _is(shim, job, SHIM)]
        live = {job for job, _attempt, _shim in self.running()}
        found = [path.name.split(".") for path in self.journals.glob("*.journal")]
        return [int(pid) for job, pid, _ in found if job in live and _is(int(pid), str(WRITER))]

    def _wait_for_a_moment(self) -> None:
        running, written, ended = len(self.running()), self._written(), self.ended()
        more = self.rng.randrange(20_000)
        moments: list[Callable[[], bool]] = [
            lambda: True,
            lambda: len(self.running()) != running,
            lambda: self._written() > written + more,
            lambda: self.ended() > ended,
        ]
        with suppress(AssertionError):
            eventually(self.rng.choice(moments), seconds=MOMENT_SECONDS)

    def _bury(self, killed: set[int]) -> None:
        """What was killed is waited for, so that its lock is free."""
        for process in self._processes():
            if process.pid in killed:
                process.wait(PATIENCE)
        self.commands = [command for command in self.commands if command.poll() is None]
        if self.server is not None and self.server.poll() is not None:
            _close(self.server)
            self.server = None

    # What is so

    def all_jobs(self) -> list[Job]:
        page = self.store.read(ListQuery(limit=100_000))[0]
        assert page is not None
        return list(page["jobs"])

    def running(self) -> list[tuple[str, int, int]]:
        """Job, attempt and shim of every attempt that is said to be running."""
        return [(row.job_id, row.attempt, row.pid) for row in self.store.running() if row.pid]

    def unfinished(self) -> list[tuple[str, str, int]]:
        jobs = self.all_jobs()
        return [(job["id"], job["status"], job["attempt"]) for job in jobs if job["status"] not in TERMINAL]

    def ended(self) -> int:
        return sum(job["status"] in TERMINAL for job in self.all_jobs())

    def marked(self) -> list[psutil.Process]:
        """Every living process that any job of this world started."""
        ids = {job["id"] for job in self.all_jobs()}
        return [process for process in psutil.process_iter() if _mark(process) in ids]

    def _written(self) -> int:
        return sum(path.stat().st_size for path in self.journals.glob("*.journal"))

    def _processes(self) -> list[subprocess.Popen[str]]:
        return [*self.commands, *([self.server] if self.server else [])]

    # The end

    def last_server(self) -> subprocess.Popen[str]:
        for command in self.commands:
            command.send_signal(signal.SIGTERM)
            command.wait(PATIENCE)
        if self.server is None:
            self.start_server()
        assert self.server is not None
        return self.server

    def close(self) -> None:
        for process in self._processes():
            process.kill()
            process.wait(PATIENCE)
            _close(process)
        for left in self.marked():
            with suppress(psutil.Error):
                left.kill()
        self.store.close()


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _mark(process: psutil.Process) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.environ().get(JOB_MARK)
    except (psutil.Error, OSError):
        return None


def _is(pid: int, *marks: str) -> bool:
    """Whether a process is the one that is meant: its number may have been given to another one since."""
    try:
        return set(marks) <= set(psutil.Process(pid).cmdline())
    except psutil.Error:
        return False
