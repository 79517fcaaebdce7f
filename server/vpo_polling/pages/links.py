"""Every URL that a page contains, below the prefix that the application is mounted at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlencode

from vpo_polling.assets import Assets
from vpo_polling.store import ListQuery


@dataclass(frozen=True)
class Links:
    root: str
    """The prefix, without a slash at its end."""
    assets: Assets

    def asset(self, name: str) -> str:
        return self.assets.url(self.root, name)

    def jobs(self, query: ListQuery | None = None) -> str:
        return _with_query(f"{self.root}/jobs", query)

    def job(self, job_id: str) -> str:
        return f"{self.root}/jobs/{job_id}"

    def api_jobs(self, query: ListQuery | None = None) -> str:
        return _with_query(f"{self.root}/api/jobs", query)

    def api_job(self, job_id: str, part: str = "") -> str:
        return f"{self.root}/api/jobs/{job_id}{part and '/'}{part}"


def parameters(query: ListQuery) -> dict[str, str]:
    """What has to be asked for: everything that is not as it is anyway."""
    values = {field.name: (getattr(query, field.name), field.default) for field in fields(query)}
    return {name: str(value) for name, (value, default) in values.items() if value != default}


def _with_query(path: str, query: ListQuery | None) -> str:
    text = urlencode(parameters(query)) if query else ""
    return f"{path}?{text}" if text else path
