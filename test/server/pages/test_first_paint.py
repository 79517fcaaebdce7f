"""The first paint, as it is written to test/contract/first-paint.json for the page script's tests.

Those paint the same data over this markup and find nothing to write. Here the file is held to what the
templates give today; WRITE_FIRST_PAINT=1 renews it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from vpo_polling import resources
from vpo_polling.assets import Assets
from vpo_polling.pages import context, listing
from vpo_polling.pages.charts import CHARTS
from vpo_polling.pages.environment import make_environment
from vpo_polling.pages.files import nested
from vpo_polling.pages.formatting import Surroundings
from vpo_polling.pages.links import Links
from vpo_polling.pages.words import chosen
from vpo_polling.store import STATUSES, ListQuery, StatsQuery

from pages import build_samples
from pages.session_samples import FILES, SESSION, SESSIONS, TRANSCRIPTS

GOLDEN = Path(__file__).parents[2] / "contract" / "first-paint.json"
NOW = 1_795_317_245_000
NAMES = (
    "/media/films/Alien (1979).mkv",
    "/media/<b>&amp;\"quoted\" 'so'</b>/{id} {{ 7 * 7 }}.mkv",
    "/media/\u0641\u064a\u0644\u0645/\u202egnp.exe\u001b[31m",
    "C:\\media\\100% & ünï\r\nçødé \U0001f3ac.wav",
    "/",
)


def item(number: int, /, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"0000000{number}-0000-4000-8000-000000000000",
        "job_type": "scan",
        "status": "queued",
        "conclusion": None,
        "file_path": NAMES[number],
        "progress_percent": 0.0,
        "processed_count": None,
        "total_count": None,
        "attempt": 1,
        "created_at": "2026-11-22T03:00:00.000Z",
        "started_at": None,
        "completed_at": None,
        "counts_from": "2026-11-22T03:00:00.000Z",
        "duration_seconds": None,
        "waiting_reason": None,
        "platform": None,
        "project": None,
        "number": None,
        "url": None,
        "watch": None,
        "can_cancel": True,
        "can_retry": False,
        **changes,
    }


RUNNING = {
    "status": "running",
    "started_at": "2026-11-22T03:13:00.500Z",
    "progress_percent": 36.55,
    "processed_count": 731,
    "total_count": 2000,
}
FAILED = {
    "status": "failed",
    "conclusion": "timed_out",
    "job_type": "command",
    "attempt": 2,
    "progress_percent": 63.7,
    "started_at": "2026-11-20T03:00:01.000Z",
    "completed_at": "2026-11-20T04:01:01.000Z",
    "duration_seconds": 3660,
    "can_cancel": False,
    "can_retry": True,
}
ITEMS = [
    item(0),
    item(1, **RUNNING),
    item(2, **FAILED),
    item(3, status="completed", conclusion="success", progress_percent=100, duration_seconds=0),
    item(4, status="cancelled", conclusion="interrupted", attempt=3),
]


def listed(jobs: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    counts = {status: sum(job["status"] == status for job in jobs) for status in STATUSES}
    return {
        "jobs": jobs,
        "total": len(jobs),
        "limit": 50,
        "offset": 0,
        "has_filters": False,
        "max_page_size": 100,
        "counts": counts,
        "counts_total": len(jobs),
        "active": bool(jobs),
        "filters": {"status": "", "type": "", "since": "", "search": ""},
        "previous_offset": None,
        "next_offset": None,
        "previous_cursor": None,
        "next_cursor": None,
        **changes,
    }


def record(job: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **job,
        "id_short": job["id"][:8],
        "priority": 100,
        "policy_name": None,
        "error_message": None,
        "output_path": None,
        "summary": None,
        "summary_raw": None,
        "has_logs": True,
        "has_scan_errors": False,
        "progress_message": None,
        "reported": False,
        "raw_status": None,
        "watch_message": None,
        "needs_watcher": False,
        "can_stop_watching": False,
        "can_watch_again": False,
        "stages": [],
        "artifacts": [],
        "settled": "going" if job["completed_at"] is None else "ended",
        "can_delete": job["completed_at"] is not None,
        "last_heartbeat_at": None,
        "attempts": [],
        **changes,
    }


ATTEMPTS = [
    {
        "number": 1,
        "status": "cancelled",
        "conclusion": "interrupted",
        "started_at": "2026-11-20T03:00:01.000Z",
        "completed_at": "2026-11-20T03:30:00.000Z",
        "duration_seconds": 1799,
        "exit_code": None,
        "error_message": None,
        "last_heartbeat_at": "2026-11-20T03:29:58.000Z",
        "stages": [],
    },
    {
        "number": 2,
        "status": "failed",
        "conclusion": "timed_out",
        "started_at": "2026-11-20T03:31:00.000Z",
        "completed_at": "2026-11-20T04:01:01.000Z",
        "duration_seconds": 1801,
        "exit_code": 124,
        "error_message": "<script>alert(1)</script>",
        "last_heartbeat_at": None,
        "stages": [],
    },
]
FILTERED = {"status": "failed", "type": "", "since": "7d", "search": 'a&b "c"'}
LISTS = {
    "a list with every status": listed(ITEMS, next_offset=50, next_cursor="a1795314000000.x", total=131),
    "a list with builds": listed([item(0, **build_samples.ITEM), ITEMS[1]]),
    "an empty list": listed([]),
    "no match": listed([], has_filters=True, filters=FILTERED),
    "beyond the end": listed([], total=7, offset=50, previous_offset=0),
}
RECORDS = {
    "a queued job": record(ITEMS[0], waiting_reason="the group is busy"),
    "a running job": record(ITEMS[1], progress_message="S01\u202e<i>.mkv"),
    "a build": record(item(0, **build_samples.ITEM), **build_samples.RECORD),
    "a failed job": record(
        ITEMS[2],
        attempts=ATTEMPTS,
        error_message="one\r\ntwo",
        last_heartbeat_at="2026-11-20T03:29:58.000Z",
        policy_name="slow",
        output_path="/out/x.mkv",
        summary="3 of 4",
    ),
}
HOURS = [
    {
        "hour": f"2026-11-22T0{n}:00:00.000Z",
        "completed": n,
        "failed": 0,
        "median_seconds": n,
        "p95_seconds": None,
    }
    for n in range(3)
]
STATS = {
    "a busy day": {
        "since": "24h",
        "hours": HOURS,
        "total_completed": 3,
        "total_failed": 0,
        "total_ended": 3,
        "version": "0f",
    },
    "a quiet day": {
        "since": "24h",
        "hours": [],
        "total_completed": 0,
        "total_failed": 0,
        "total_ended": 0,
        "version": "00",
    },
}
ERRORS = {
    "scan errors": [{"path": f"{name}/x", "filename": name, "error": "can't be read"} for name in NAMES],
    "no scan errors": [],
}


class NoAssets(Assets):
    """Style sheets and bundles change more often than the markup that this is about."""

    def url(self, root_path: str, name: str) -> str:
        return f"{root_path}/static/{name}"


LINKS = Links("/vpo", NoAssets())
T = chosen("en")
SHARED: dict[str, Any] = {
    "links": LINKS,
    "build": "B",
    "polling": context.Polling(True, 5000, 15000),
    "t": T,
    "as_of": "2026-11-22T03:14:05.000Z",
}


def jobs_page(data: dict[str, Any], query: ListQuery | None = None) -> context.JobsPage:
    query = query or ListQuery()
    return context.JobsPage(
        **SHARED,
        surroundings=Surroundings(T.words, NOW),
        jobs=context.Live(data, LINKS.api_list(query), 'W/"e"'),
        query=query,
        problems=(),
        filters=listing.filters(query, T),
        statuses=STATUSES,
        columns=listing.columns(query, LINKS, T),
        pages=listing.neighbours(query, LINKS),
        kept=listing.kept(query),
        scan_root="/media",
        stats=context.Live(STATS["a busy day"], LINKS.api_stats(StatsQuery()), 'W/"e"'),
        charts=tuple(CHARTS),
    )


def job_page(data: dict[str, Any], errors: list[dict[str, str]]) -> context.JobPage:
    found = {"job_id": data["id"], "status": data["status"], "attempt": data["attempt"], "errors": errors}
    found["total_errors"] = len(errors)
    return context.JobPage(
        **SHARED,
        surroundings=Surroundings(T.words, NOW),
        job=context.Live(data, LINKS.api_job(data["id"]), 'W/"e"'),
        errors=context.Live(found, LINKS.api_job(data["id"], "errors"), 'W/"e"'),
        log=context.Log(LINKS.api_job(data["id"], "logs"), "/raw", 1, "test", "", "1-0", 0, False),
    )


def sessions_page(rows: list[dict[str, Any]]) -> context.SessionsPage:
    data = {
        "sessions": rows,
        "total": len(rows),
        "limit": 20,
        "offset": 20,
        "has_more": False,
        "active": False,
    }
    return context.SessionsPage(
        **SHARED,
        surroundings=Surroundings(T.words, NOW),
        sessions=context.Live(data, LINKS.api_sessions(), 'W/"e"'),
        pages=(LINKS.sessions(), LINKS.sessions()),
        projects=[{"name": "Films"}],
        has_agent=True,
        project_root="/work",
    )


def session_page(data: dict[str, Any]) -> context.SessionPage:
    api = LINKS.api_session(data["project_id"], data["id"])
    return context.SessionPage(
        **SHARED,
        surroundings=Surroundings(T.words, NOW),
        transcript=context.Live(data, f"{api}/transcript", 'W/"e"'),
        api=api,
        earlier=LINKS.session(data["id"]),
        has_agent=False,
    )


def files_page(files: list[dict[str, Any]]) -> context.FilesPage:
    data = {"project_id": "p", "files": files, "total": len(files), "truncated": False}
    return context.FilesPage(
        **SHARED,
        surroundings=Surroundings(T.words, NOW),
        project={"name": "Films"},
        files=context.Live({**data, **nested(files)}, LINKS.api_project("p", "files"), 'W/"e"'),
    )


def region(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def cases() -> list[dict[str, Any]]:
    environment = make_environment(resources.TEMPLATES)

    def render(template: str, page: context.Page) -> str:
        return environment.get_template(template).render(context.values(page))

    made = []
    for name, data in LISTS.items():
        html = render("jobs.html", jobs_page(data))
        made.append({"name": name, "data": data, "html": region(html, "jobs")})
    for name, data in STATS.items():
        html = render("jobs.html", replace(jobs_page(listed([])), stats=context.Live(data, "/s", 'W/"e"')))
        made.append({"name": name, "data": data, "html": region(html, "stats")})
    for name, data in RECORDS.items():
        html = render("job.html", job_page(data, []))
        made.append({"name": name, "data": data, "html": region(html, "job")})
    for name, errors in ERRORS.items():
        page = job_page(RECORDS["a running job"], errors)
        html = render("job.html", page)
        assert page.errors
        made.append({"name": name, "data": page.errors.data, "html": region(html, "errors")})
    for name, rows in SESSIONS.items():
        sessions = sessions_page(rows)
        html = render("sessions.html", sessions)
        made.append({"name": name, "data": sessions.sessions.data, "html": region(html, "sessions")})
    for name, data in TRANSCRIPTS.items():
        html = render("session.html", session_page(data))
        made.append({"name": name, "data": data, "html": region(html, "session")})
    for name, rows in {"files": FILES, "no files": []}.items():
        files = files_page(rows)
        html = render("files.html", files)
        made.append({"name": name, "data": files.files.data, "html": region(html, "files")})
    return made


def test_the_first_paint_is_what_the_scripts_tests_paint_over() -> None:
    golden = {"words": T.for_script(), "now": NOW, "cases": cases()}
    if os.environ.get("WRITE_FIRST_PAINT"):
        GOLDEN.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    assert json.loads(GOLDEN.read_text("utf-8")) == golden, "WRITE_FIRST_PAINT=1 renews it"


@pytest.mark.parametrize("template", ["jobs", "job", "sessions", "session", "files", "error"])
def test_a_template_is_given_exactly_what_its_page_documents(template: str) -> None:
    """A template that uses anything else fails (StrictUndefined); a field that none uses is in the way."""
    pages: dict[str, context.Page] = {
        "jobs": jobs_page(listed(ITEMS)),
        "job": job_page(RECORDS["a failed job"], []),
        "sessions": sessions_page([SESSION]),
        "session": session_page(TRANSCRIPTS["a transcript"]),
        "files": files_page(FILES),
        "error": context.ErrorPage(**SHARED, status=404, message="Gone", hint="Look elsewhere."),
    }
    used: set[str] = set()

    class Watched(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            used.add(name)
            return super().__getitem__(name)

    environment = make_environment(resources.TEMPLATES)
    page = environment.get_template(f"{template}.html")
    rendering = page.new_context(context.values(pages[template]))
    rendering.parent = cast("dict[str, Any]", Watched(rendering.parent))
    "".join(page.root_render_func(rendering))
    assert used & context.values(pages[template]).keys() == context.values(pages[template]).keys()
