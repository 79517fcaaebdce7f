"""The interface that existing clients know: names, types, clamps, defaults and words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from given_jobs import ended, queued, running
from serving import serving
from vpo_polling.settings import Settings
from vpo_polling.store import Ending, NewJob, Store, now_ms

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
TEXT, NULL = str, type(None)

ITEM: dict[str, tuple[type, ...]] = {
    "id": (TEXT,),
    "job_type": (TEXT,),
    "status": (TEXT,),
    "conclusion": (TEXT, NULL),
    "file_path": (TEXT,),
    "progress_percent": (int, float),
    "processed_count": (int, NULL),
    "total_count": (int, NULL),
    "attempt": (int,),
    "created_at": (TEXT,),
    "started_at": (TEXT, NULL),
    "completed_at": (TEXT, NULL),
    "duration_seconds": (int, NULL),
}
RECORD = ITEM | {
    "id_short": (TEXT,),
    "priority": (int,),
    "policy_name": (TEXT, NULL),
    "error_message": (TEXT, NULL),
    "output_path": (TEXT, NULL),
    "summary": (TEXT, NULL),
    "summary_raw": (dict, NULL),
    "has_logs": (bool,),
    "has_scan_errors": (bool,),
    "progress_message": (TEXT, NULL),
    "waiting_reason": (TEXT, NULL),
    "can_cancel": (bool,),
    "can_retry": (bool,),
    "can_delete": (bool,),
    "last_heartbeat_at": (TEXT, NULL),
    "attempts": (list,),
}
LIST = {
    "jobs": (list,),
    "total": (int,),
    "limit": (int,),
    "offset": (int,),
    "has_filters": (bool,),
    "max_page_size": (int,),
    "counts": (dict,),
    "active": (bool,),
    "filters": (dict,),
    "previous_offset": (int, NULL),
    "next_offset": (int, NULL),
}
HEALTH = {
    "status": (TEXT,),
    "database": (TEXT,),
    "uptime_seconds": (int, float),
    "version": (TEXT,),
    "shutting_down": (bool,),
    "jobs_queued": (int,),
    "jobs_running": (int,),
    "active_workers": (int,),
    "recent_errors": (int,),
    "last_config_reload": (NULL,),
    "config_reload_count": (int,),
    "config_reload_error": (NULL,),
}
ABOUT = {
    "version": (TEXT,),
    "git_hash": (TEXT, NULL),
    "profile_name": (TEXT,),
    "api_url": (TEXT,),
    "docs_url": (TEXT,),
    "is_read_only": (bool,),
}


def assert_shape(data: dict[str, Any], shape: dict[str, tuple[type, ...]]) -> None:
    assert set(data) == set(shape)
    wrong = {name: value for name, value in data.items() if type(value) not in shape[name]}
    assert wrong == {}


async def got(settings: Settings, store: Store, path: str) -> httpx.Response:
    async with serving(settings, store) as client:
        return await client.get(path)


async def test_shapes_of_lists_records_and_the_rest(settings: Settings, store: Store) -> None:
    failing = Ending(
        status="failed", conclusion="failure", error_message="no", summary="s", summary_raw={"errors": 1}
    )
    jobs = [queued(store), running(store), ended(store), ended(store, ending=failing)]
    async with serving(settings, store) as client:
        data = (await client.get("/api/jobs")).json()
        assert_shape(data, LIST)
        for item in data["jobs"]:
            assert_shape(item, ITEM)
        for job_id in jobs:
            assert_shape((await client.get(f"/api/jobs/{job_id}")).json(), RECORD)
        assert_shape((await client.get("/health")).json(), HEALTH)
        assert_shape((await client.get("/api/about")).json(), ABOUT)
        errors = (await client.get(f"/api/jobs/{jobs[1]}/errors")).json()
        assert (errors["job_id"], errors["errors"], errors["total_errors"]) == (jobs[1], [], 0)


@pytest.mark.parametrize(
    "path", ["/jobs", f"/jobs/{NOBODY}", "/about", "/openapi.yaml", "/jobs?x=1", "/nothing"]
)
async def test_both_versions_of_a_path_answer_alike(settings: Settings, store: Store, path: str) -> None:
    async with serving(settings, store) as client:
        plain, versioned = await client.get(f"/api{path}"), await client.get(f"/api/v1{path}")
        assert (plain.status_code, plain.content) == (versioned.status_code, versioned.content)
        assert plain.status_code != 500


async def test_health_has_no_version_in_its_path(settings: Settings, store: Store) -> None:
    assert (await got(settings, store, "/api/v1/health")).status_code == 404


@pytest.mark.parametrize(
    ("query", "limit", "offset"),
    [
        ("", 50, 0),
        ("limit=7&offset=3", 7, 3),
        ("limit=0", 1, 0),
        ("limit=-5", 1, 0),
        ("limit=101", 100, 0),
        ("limit=" + "9" * 30, 100, 0),
        ("limit=x", 50, 0),
        ("limit=1.5", 50, 0),
        ("limit=", 50, 0),
        ("limit=%D9%A3", 50, 0),
        ("limit=" + "9" * 5000, 50, 0),
        ("limit=3&limit=9", 3, 0),
        ("offset=-1", 50, 0),
        ("offset=x", 50, 0),
        ("offset=999999999999999999", 50, 2**53 - 1),
    ],
)
async def test_limit_and_offset_are_clamped(
    settings: Settings, store: Store, query: str, limit: int, offset: int
) -> None:
    response = await got(settings, store, f"/api/jobs?{query}")
    assert response.status_code == 200
    assert (response.json()["limit"], response.json()["offset"]) == (limit, offset)
    assert response.json()["max_page_size"] == 100


@pytest.mark.parametrize(
    ("query", "code", "error"),
    [
        ("x=1", "UNKNOWN_PARAMETERS", "Unknown query parameters: ['x']"),
        ("z&b=&status=queued", "UNKNOWN_PARAMETERS", "Unknown query parameters: ['b', 'z']"),
        ("Status=queued", "UNKNOWN_PARAMETERS", "Unknown query parameters: ['Status']"),
        ("x=1&status=bad", "UNKNOWN_PARAMETERS", "Unknown query parameters: ['x']"),
        ("status=bad", "INVALID_PARAMETER", "Invalid status value: 'bad'"),
        ("status=Queued", "INVALID_PARAMETER", "Invalid status value: 'Queued'"),
        ("type=film", "INVALID_PARAMETER", "Invalid type value: 'film'"),
        ("since=1h", "INVALID_PARAMETER", "Invalid since value: '1h'"),
        ("status=%3Cb%3E%00", "INVALID_PARAMETER", "Invalid status value: '<b>\\x00'"),
    ],
)
async def test_bad_filters_are_refused_in_the_known_words(
    settings: Settings, store: Store, query: str, code: str, error: str
) -> None:
    response = await got(settings, store, f"/api/jobs?{query}")
    assert response.status_code == 400
    assert response.json() == {"error": error, "code": code}
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    ("query", "has_filters"),
    [
        ("", False),
        ("status=&type=&since=&search=", False),
        ("search=%20%20", False),
        ("sort=status&order=asc&limit=1&offset=1", False),
        ("status=queued", True),
        ("type=command", True),
        ("since=30d", True),
        ("search=x", True),
    ],
)
async def test_only_filters_count_as_filters(
    settings: Settings, store: Store, query: str, has_filters: bool
) -> None:
    response = await got(settings, store, f"/api/jobs?{query}")
    assert response.json()["has_filters"] is has_filters


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", "/b"),
        ("order=ASC", "/a"),
        ("order=sideways", "/b"),
        ("sort=file_path&order=asc", "/a"),
        ("sort=nonsense&order=asc", "/a"),
        ("sort=id;drop%20table", "/b"),
    ],
)
async def test_unknown_orders_are_the_default(
    settings: Settings, store: Store, query: str, first: str
) -> None:
    queued(store, "/a", now=1_000)
    queued(store, "/b", now=2_000)
    response = await got(settings, store, f"/api/jobs?{query}")
    assert response.json()["jobs"][0]["file_path"] == first


async def test_search_is_trimmed_and_cut(settings: Settings, store: Store) -> None:
    queued(store, "/" + "a" * 200)
    async with serving(settings, store) as client:
        long = await client.get("/api/jobs", params={"search": "  " + "a" * 200 + "cut off"})
        assert long.json()["total"] == 1


async def test_every_type_and_status_can_be_asked_for(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for kind in ("scan", "apply", "transcode", "move", "process", "prune", "command"):
            assert (await client.get(f"/api/jobs?type={kind}")).status_code == 200
        for status in ("queued", "running", "completed", "failed", "cancelled"):
            assert (await client.get(f"/api/jobs?status={status}")).status_code == 200
        for since in ("24h", "7d", "30d"):
            assert (await client.get(f"/api/jobs?since={since}")).status_code == 200


@pytest.mark.parametrize("path", ["", "/logs", "/errors"])
async def test_ids(settings: Settings, store: Store, path: str) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        assert (await client.get(f"/api/jobs/{job_id.upper()}{path}")).status_code == 200
        for bad in ("zz", job_id + "%0A", job_id.replace("-", ""), "{" + job_id + "}", "%00"):
            response = await client.get(f"/api/jobs/{bad}{path}")
            assert response.status_code == 400, bad
            assert response.json() == {"error": "Invalid job ID format", "code": "INVALID_ID_FORMAT"}
        response = await client.get(f"/api/jobs/{NOBODY}{path}")
        assert response.status_code == 404
        assert response.json() == {"error": "Job not found", "code": "NOT_FOUND"}


async def test_what_does_not_exist_is_json_under_api(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for path in (
            "/api",
            "/api/",
            "/api/jobs/",
            "/api/v2/jobs",
            f"/api/jobs/{NOBODY}/x",
            f"/api/jobs/{NOBODY}/a/b",
        ):
            response = await client.get(path, headers={"accept": "text/html"})
            assert response.status_code in (400, 404), path
            assert response.json()["code"] in ("NOT_FOUND", "INVALID_ID_FORMAT")


async def test_other_methods_are_405_and_say_which_are_not(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        cases = {
            "/api/jobs": "GET, HEAD, POST",
            f"/api/jobs/{NOBODY}": "GET, HEAD, DELETE",
            f"/api/jobs/{NOBODY}/cancel": "POST",
            "/api/about": "GET, HEAD",
            "/health": "GET, HEAD",
        }
        for path, allowed in cases.items():
            response = await client.request("PATCH", path, headers={"sec-fetch-site": "same-origin"})
            assert response.status_code == 405
            assert response.headers["allow"] == allowed
            assert response.json()["code"] == "INVALID_REQUEST"


async def test_health_counts_and_says_when_it_is_not(settings: Settings, store: Store) -> None:
    queued(store)
    running(store)
    ended(store, ending=Ending(status="failed", conclusion="failure"), now=1_000)
    async with serving(settings, store) as client:
        response = await client.get("/health")
        data = response.json()
        assert response.status_code == 200
        assert (data["status"], data["database"], data["jobs_queued"], data["jobs_running"]) == (
            "healthy",
            "connected",
            1,
            1,
        )
        assert data["recent_errors"] == 0, "that failure was in 1970"
        with store.writer.begin() as connection:
            connection.exec_driver_sql("DROP TABLE jobs")
        response = await client.get("/health")
        assert response.status_code == 503
        assert (response.json()["status"], response.json()["database"]) == ("unhealthy", "disconnected")
        assert (await client.get("/livez")).status_code == 200


async def test_recent_errors_are_jobs_that_failed_today(settings: Settings, store: Store) -> None:
    job_id = store.create_job(NewJob(job_type="scan", file_path="/x"))
    store.claim_next(now=1_000)
    store.finish(job_id, 1, Ending(status="failed", conclusion="failure"), now=now_ms())
    assert (await got(settings, store, "/health")).json()["recent_errors"] == 1
