"""Processes: who one is (an id alone is reused), and ending all of a session but ourselves."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

GRACE_SECONDS = 3.0


def started_at(pid: int) -> float | None:
    """When a process began, for telling it from a later one with the same id; None when none is alive.

    On Linux in seconds since the boot: a start in wall clock would move whenever that clock is set, and a
    living process would be taken for a stranger.
    """
    try:
        if sys.platform == "linux":
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (OSError, psutil.Error):
        return None


def host() -> str:
    """Where process ids mean the same: one boot of one machine and, on Linux, one namespace of ids."""
    if sys.platform == "linux":
        with suppress(OSError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    return f"{socket.gethostname()}/{int(psutil.boot_time())}"


def is_same(pid: int, started: float, marks: Sequence[str]) -> bool:
    """Whether a process is still the one that was started with these arguments."""
    if started_at(pid) != started:
        return False
    try:
        return set(marks) <= set(psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def members(session: int) -> list[int]:
    """Living processes of a session, without the caller.

    Of the session, not the process group: shells with job control and programs such as `timeout` put what
    they start into groups of their own, which a signal to the group would miss.
    """
    found = []
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == session and pid != os.getpid() and started_at(pid) is not None:
                found.append(pid)
        except OSError:
            continue
    return found


def signal_members(session: int, number: int) -> int:
    """Sends a signal to every process of a session except the caller; how many there were."""
    found = members(session)
    for pid in found:
        try:
            os.kill(pid, number)
        except OSError:
            continue
    return len(found)


def kill_members(session: int, *, deadline_seconds: float = 2.0) -> bool:
    """KILL until nobody is left: a process may fork while the list is read."""
    deadline = time.monotonic() + deadline_seconds
    while signal_members(session, signal.SIGKILL):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def kill_marked(session: int, name: str, value: str) -> None:
    """KILL for what is left of a session and carries a mark in its environment; at most two seconds.

    The session's number alone proves nothing once its leader is gone: it may have been given to strangers.
    """
    deadline = time.monotonic() + 2.0
    while left := [pid for pid in members(session) if _has_mark(pid, name, value)]:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        if time.monotonic() > deadline:
            return
        time.sleep(0.005)


def _has_mark(pid: int, name: str, value: str) -> bool:
    try:
        return psutil.Process(pid).environ().get(name) == value
    except (psutil.Error, OSError):
        return False
