"""Every URL that a page contains, below the prefix that the application is mounted at."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlencode

from vpo_polling.assets import Assets
from vpo_polling.store import ListQuery, StatsQuery
from vpo_polling.store.turns.queries import SessionsQuery


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

    def sessions(self, query: SessionsQuery | None = None) -> str:
        return _with_query(f"{self.root}/sessions", query)

    def session(self, session_id: str) -> str:
        return f"{self.root}/sessions/{session_id}"

    def files(self, project_id: str) -> str:
        return f"{self.root}/projects/{project_id}/files"

    def api_sessions(self, query: SessionsQuery | None = None) -> str:
        return _with_query(f"{self.root}/api/sessions", query)

    def api_session(self, project_id: str, session_id: str) -> str:
        return f"{self.api_project(project_id, 'sessions')}/{session_id}"

    def api_project(self, project_id: str, part: str = "") -> str:
        return f"{self.root}/api/projects/{project_id}{part and '/'}{part}"

    def api_list(self, query: ListQuery) -> str:
        return _with_query(f"{self.root}/api/jobs", query)

    def api_jobs(self, action: str = "") -> str:
        """For several jobs at a time: where an action is sent, or without one a new job."""
        return f"{self.root}/api/jobs{action and '/'}{action}"

    def api_builds(self) -> str:
        return f"{self.root}/api/builds"

    def api_stats(self, query: StatsQuery) -> str:
        return f"{self.root}/api/stats?since={query.since}"

    def api_job(self, job_id: str, part: str = "") -> str:
        return f"{self.root}/api/jobs/{job_id}{part and '/'}{part}"


def parameters(query: ListQuery | SessionsQuery) -> dict[str, str]:
    """What has to be asked for: everything that is not as it is anyway."""
    values = {field.name: (getattr(query, field.name), field.default) for field in fields(query)}
    return {name: str(value) for name, (value, default) in values.items() if value != default}


def _with_query(path: str, query: ListQuery | SessionsQuery | None) -> str:
    text = urlencode(parameters(query)) if query else ""
    return f"{path}?{text}" if text else path
