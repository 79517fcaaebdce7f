"""The description says exactly what the server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from given_jobs import ended, queued, running
from given_logs import write
from serving import OWN_PAGE, serving
from vpo_polling.api import routes
from vpo_polling.api.logs import LOG_KEYS, SEARCH_KEYS
from vpo_polling.api.openapi import document
from vpo_polling.api.params import LIST_KEYS, STATS_KEYS
from vpo_polling.errors import ApiError
from vpo_polling.settings import Settings
from vpo_polling.store import JOB_TYPES, STATUSES, Ending, Progress, Store

TEXT = document().decode()
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
METHODS = ("get", "post", "put", "patch", "delete")
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"


def operations() -> set[tuple[str, str]]:
    return {
        (path, method.upper())
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item
    }


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    served = {
        (route, method)
        for route in {*routes.POLLS, *routes.READS, *routes.LONG_READS, *routes.ACTIONS}
        for method in routes.methods(route)
        if method != "HEAD"
    }
    assert operations() == served


def test_parameters_and_words_are_those_of_the_code() -> None:
    for path, keys in (
        ("jobs", LIST_KEYS),
        ("events/jobs", LIST_KEYS),
        ("jobs/{job_id}/logs", LOG_KEYS),
        ("jobs/{job_id}/logs/search", SEARCH_KEYS),
    ):
        parameters = DOCUMENT["paths"][f"/api/{path}"]["get"]["parameters"]
        assert [parameter["name"] for parameter in parameters if "name" in parameter] == list(keys)
    parameters = DOCUMENT["paths"]["/api/stats"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters if "name" in parameter] == list(STATS_KEYS)
    assert tuple(DOCUMENT["components"]["schemas"]["Status"]["enum"]) == STATUSES
    assert tuple(DOCUMENT["components"]["schemas"]["JobType"]["anyOf"][0]["enum"]) == JOB_TYPES


def test_every_reference_leads_somewhere_and_everything_defined_is_used() -> None:
    for kind in ("schemas", "parameters", "responses", "headers"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in TEXT, f"{kind}/{name} is not used"
    for reference in set(_references(DOCUMENT)):
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []


def described(response: httpx.Response, path: str) -> None:
    operation = DOCUMENT["paths"][path][response.request.method.lower()]
    answer = operation["responses"].get(str(response.status_code))
    assert answer is not None, f"{response.request.method} {path} → {response.status_code} is not described"
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    for name in answer.get("headers", {}):
        assert name.lower() in response.headers
    media_type = response.headers.get("content-type", "").split(";")[0]
    if "content" not in answer:
        assert response.content == b""
        return
    schema = answer["content"][media_type]["schema"]
    if media_type == "application/json":
        validator = jsonschema.Draft202012Validator({"components": DOCUMENT["components"], **schema})
        validator.validate(response.json())


@pytest.mark.anyio
async def test_real_answers_are_as_described(settings: Settings, store: Store, media: Path) -> None:
    working = running(store)
    store.report([Progress(job_id=working, attempt=1, processed=1, total=3, message="x")])
    store.add_scan_errors(working, 1, [("/a", "a", "bad")])
    failed = Ending(
        status="failed", conclusion="failure", exit_code=1, error_message="no", summary_raw={"errors": 1}
    )
    ids = [queued(store), working, ended(store), ended(store, ending=failed)]
    store.heartbeat([working], now=5_000)
    async with serving(settings, store) as client:
        for path in ("/api/jobs", "/api/about", "/api/openapi.yaml", "/health", "/livez"):
            response = await client.get(path)
            described(response, path)
            if "etag" in response.headers:
                described(await client.get(path, headers={"if-none-match": response.headers["etag"]}), path)
        for query in ("", "?since=7d", "?since=x", "?limit=1"):
            described(await client.get("/api/stats" + query), "/api/stats")
        for query in (
            "?x=1",
            "?status=x",
            "?limit=1",
            "?cursor=x",
            f"?cursor=a2.{NOBODY}",
            "?status=failed&since=7d&search=m",
        ):
            described(await client.get("/api/jobs" + query), "/api/jobs")
        for query in ("?x=1", "?since=x"):
            described(await client.get("/api/events/jobs" + query), "/api/events/jobs")
        for job_id in [*ids, NOBODY, "zz"]:
            for path in ("/api/jobs/{job_id}", "/api/jobs/{job_id}/logs", "/api/jobs/{job_id}/errors"):
                described(await client.get(path.format(job_id=job_id)), path)
        for job_id in [*ids, NOBODY, "zz"]:
            for action in ("cancel", "retry", "delete"):
                path = f"/api/jobs/{{job_id}}/{action}"
                described(await client.post(path.format(job_id=job_id), headers=OWN_PAGE), path)
                described(await client.post(path.format(job_id=job_id)), path)
        done = ended(store)
        for _ in range(2):
            described(await client.delete(f"/api/jobs/{done}", headers=OWN_PAGE), "/api/jobs/{job_id}")
        for body in ({"type": "scan", "path": "."}, {"type": "scan", "path": "/"}, {}):
            described(await client.post("/api/jobs", json=body, headers=OWN_PAGE), "/api/jobs")
        described(
            await client.post("/api/jobs", data={"type": "scan", "path": "."}, headers=OWN_PAGE), "/api/jobs"
        )


@pytest.mark.anyio
async def test_real_answers_about_several_jobs_are_as_described(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for action in ("cancel", "retry", "delete"):
            path = f"/api/jobs/{action}"
            fitting = queued(store) if action == "cancel" else ended(store)
            for chosen in ([fitting], [fitting, NOBODY], []):
                described(await client.post(path, json={"id": chosen}, headers=OWN_PAGE), path)
            described(await client.post(path, json={"id": [fitting]}), path)
            another = queued(store) if action == "cancel" else ended(store)
            described(await client.post(path, data={"id": another}, headers=OWN_PAGE), path)


@pytest.mark.anyio
async def test_real_answers_about_logs_are_as_described(settings: Settings, store: Store) -> None:
    working = running(store)
    logs = "/api/jobs/{job_id}/logs"
    write(settings, working, "one\ntwo two\n")
    async with serving(settings, store) as client:
        for job_id in (working, NOBODY, "zz"):
            for path, query in ((logs, "?start=0"), (f"{logs}/search", "?q=two"), (f"{logs}/search", "?q=")):
                described(await client.get(path.format(job_id=job_id) + query), path)
            for headers in ({}, {"range": "bytes=1-2"}, {"range": "bytes=99-"}):
                path = f"{logs}/raw"
                described(await client.get(path.format(job_id=job_id), headers=headers), path)


@pytest.mark.anyio
async def test_the_served_document_is_this_one(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        response = await client.get("/api/v1/openapi.yaml")
    assert response.headers["content-type"].startswith("text/yaml")
    assert yaml.safe_load(response.text) == DOCUMENT


def test_every_code_that_can_be_answered_is_described() -> None:
    codes = set(DOCUMENT["components"]["schemas"]["Error"]["properties"]["code"]["enum"])
    package = Path(routes.__file__).parent.parent
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    assert {code for code in codes if f'"{code}"' not in sources} == set()
    assert ApiError(400, "INVALID_REQUEST", "x").code in codes
