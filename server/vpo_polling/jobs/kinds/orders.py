"""From a claimed job to the order that its shim gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import vpo_polling
from vpo_polling.jobs.masking import secret_values
from vpo_polling.jobs.protocol import JOB_MARK, Order
from vpo_polling.settings import Settings
from vpo_polling.store.types import Claimed

PACKAGE_ROOT = str(Path(vpo_polling.__file__).parent.parent)
# Never the directory of the job: Python would import what lies there.
NEUTRAL_CWD = "/"


class CannotStart(Exception):
    """The job can't be run as it is described; the message is a sentence for whoever started it."""


def order_for(job: Claimed, settings: Settings) -> Order:
    """Raises CannotStart."""
    kind = _KINDS.get(job.job_type)
    if kind is None:
        raise CannotStart(f"This server can't run jobs of the type {job.job_type}.")
    return kind(job, settings)


def python_env() -> dict[str, str]:
    """For our own modules run by this interpreter, also from a checkout that was never installed."""
    return _base_env() | {"PYTHONPATH": PACKAGE_ROOT, "PYTHONUNBUFFERED": "1"}


def _base_env() -> dict[str, str]:
    # The server's own settings, among them its token, are none of a job's business.
    return {name: value for name, value in os.environ.items() if not name.startswith("VPO_")}


def _scan(job: Claimed, settings: Settings) -> Order:
    flags = [f"--{name}" for name in ("levels", "samples") if job.options.get(name)]
    # The column shows a path; a name that is not UTF-8 is kept exactly in the options.
    path = str(job.options.get("path") or job.file_path)
    argv = [sys.executable, "-m", "vpo_polling.jobs.kinds.scan", *flags, "--", path]
    return _order(job, settings, argv=argv, cwd=NEUTRAL_CWD, env=python_env())


def _command(job: Claimed, settings: Settings) -> Order:
    name = job.options.get("command")
    if name is None and job.argv:
        # From the local command line; nothing that comes over HTTP sets it.
        cwd = str(job.options.get("cwd") or Path.cwd())
        return _order(job, settings, argv=list(job.argv), cwd=cwd, env=_base_env())
    command = settings.commands.get(str(name))
    if command is None:
        raise CannotStart(f"There is no command {name!r} in the settings.")
    # Output to a pipe is otherwise kept back until the program ends, by Python among others.
    env = {"PYTHONUNBUFFERED": "1"} | _base_env() | dict(command.env)
    return _order(
        job,
        settings,
        argv=list(command.argv),
        cwd=str(command.cwd or Path.cwd()),
        env=env,
        own_env=command.env,
        progress=None if command.progress is None else command.progress.pattern,
    )


def _order(
    job: Claimed,
    settings: Settings,
    *,
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    own_env: Mapping[str, str] | None = None,
    progress: str | None = None,
) -> Order:
    secrets = secret_values(own_env or {}) + secret_values(os.environ) + [settings.token or ""]
    return Order(
        job_id=job.job_id,
        attempt=job.attempt,
        data_dir=str(settings.data_dir),
        argv=argv,
        cwd=cwd,
        env={**env, JOB_MARK: job.job_id},
        secrets=[value for value in secrets if value],
        progress=progress,
        max_log_bytes=settings.max_log_bytes,
    )


_KINDS: dict[str, Callable[[Claimed, Settings], Order]] = {"scan": _scan, "command": _command}
