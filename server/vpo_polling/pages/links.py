"""Every URL that a page contains, below the prefix that the application is mounted at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlencode

from vpo_polling.assets import Assets
from vpo_polling.store import ListQuery, StatsQuery


@dataclass(frozen=True)
class Links:
    root: str
    """The prefix, without a slash at its end."""
    assets: Assets

    def asset(self, name: str) -> str:
        return self.assets.url(self.root, name)

    def icon(self) -> str:
        return f"{self.root}/icon.svg"

    def chart(self, name: str) -> str:
        return f"{self.root}/charts/{name}.svg"

    def jobs(self, query: ListQuery | None = None) -> str:
        return _with_query(f"{self.root}/jobs", query)

    def job(self, job_id: str) -> str:
        return f"{self.root}/jobs/{job_id}"

    def api_list(self, query: ListQuery) -> str:
        return _with_query(f"{self.root}/api/jobs", query)

    def api_jobs(self, action: str = "") -> str:
        """For several jobs at a time: where an action is sent, or without one a new job."""
        return f"{self.root}/api/jobs{action and '/'}{action}"

    def api_stats(self, query: StatsQuery) -> str:
        return f"{self.root}/api/stats?since={query.since}"

    def api_job(self, job_id: str, part: str = "") -> str:
        return f"{self.root}/api/jobs/{job_id}{part and '/'}{part}"


def parameters(query: ListQuery) -> dict[str, str]:
    """What has to be asked for: everything that is not as it is anyway."""
    values = {field.name: (getattr(query, field.name), field.default) for field in fields(query)}
    return {name: str(value) for name, (value, default) in values.items() if value != default}


def _with_query(path: str, query: ListQuery | None) -> str:
    text = urlencode(parameters(query)) if query else ""
    return f"{path}?{text}" if text else path
