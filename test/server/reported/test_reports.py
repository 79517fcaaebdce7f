"""Jobs that are reported over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from api.test_openapi import described
from given_jobs import running
from serving import OWN_PAGE, serving
from vpo_polling.settings import Settings
from vpo_polling.store import Store

from reported.support import Reporter

pytestmark = pytest.mark.anyio


async def test_the_first_report_makes_the_job_and_the_next_ones_change_it(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        made = await job.put("queued", job_type="deploy", file_path="web")
        described(made, "/api/jobs/{job_id}")
        assert (made.status_code, made.headers["location"]) == (201, job.path)
        assert made.json()["attempts"] == []
        assert not made.json()["can_retry"]
        going = await job.put(processed_count=1, total_count=4, progress_message="copying")
        described(going, "/api/jobs/{job_id}")
        assert going.json()["progress_percent"] == 25
        ended = await job.put("failed", conclusion="timed_out", error_message="too slow")
        record = ended.json()
        assert (record["status"], record["conclusion"], record["error_message"]) == (
            "failed",
            "timed_out",
            "too slow",
        )
        # What is left out is not so any more.
        assert record["progress_message"] is record["total_count"] is None
        assert [row["conclusion"] for row in record["attempts"]] == ["timed_out"]
        listed = (await client.get("/api/jobs?type=deploy")).json()["jobs"]
        assert [row["id"] for row in listed] == [job.id]


async def test_the_same_report_again_is_no_change(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first(stages=[{"id": "a", "name": "A", "status": "running"}])
        before = store.revisions(["jobs"])
        for _ in range(3):
            await job.put(stages=[{"id": "a", "name": "A", "status": "running"}])
        assert store.revisions(["jobs"]) == before
        await job.put(stages=[{"id": "a", "name": "A", "status": "completed"}])
        assert store.revisions(["jobs"]) != before


async def test_what_goes_on_after_its_end_is_the_next_attempt_and_keeps_the_last_one(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        stage = {"id": "test", "name": "Test", "status": "failed"}
        await job.first(stages=[stage])
        await job.log(b"broken\n", stage="test", complete=1)
        await job.put("failed", error_message="Test", stages=[stage])
        again = (await job.put("running", stages=[{**stage, "status": "running"}])).json()
        assert (again["attempt"], again["status"], again["error_message"]) == (2, "running", None)
        assert [(row["number"], row["conclusion"]) for row in again["attempts"]] == [
            (1, "failure"),
            (2, None),
        ]
        assert [one["id"] for one in again["attempts"][0]["stages"]] == ["test"]
        assert again["stages"][0]["log"] is None
        assert (await job.shown_log(attempt=1, stage="test"))["text"] == "broken\n"
        assert (await job.shown_log(stage="test"))["text"] == ""
        late = await job.put("failed", attempt=1)
        described(late, "/api/jobs/{job_id}")
        assert late.status_code == 409
        assert "current one is 2" in late.json()["error"]
        # A reporter may have missed the end of an attempt.
        third = (await job.put("running", attempt=4)).json()
        assert [(row["number"], row["conclusion"]) for row in third["attempts"]] == [
            (1, "failure"),
            (2, "interrupted"),
            (4, None),
        ]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"status": "done"}, "status"),
    ({"status": "running", "stage": []}, "'stage': is not known"),
    ({"status": "completed", "conclusion": "failure"}, "one of success, neutral, skipped"),
    ({"status": "running", "conclusion": "success"}, "must be null"),
    ({"status": "running", "url": "javascript:alert(1)"}, "http"),
    ({"status": "running", "started_at": "yesterday"}, "started_at"),
    ({"status": "running", "started_at": "2026-01-01T00:00:00"}, "started_at"),
    ({"status": "running", "stages": [{"id": "../x", "name": "x", "status": "running"}]}, "stages.0.id"),
    ({"status": "running", "stages": [{"id": "a", "name": "x", "status": "running"}] * 2}, "same id"),
    ({"status": "running", "artifacts": [{"name": "x", "url": "ftp://x"}]}, "artifacts.0.url"),
    ({"status": "running", "progress_percent": 101}, "progress_percent"),
    ({"status": "running", "attempt": 0}, "attempt"),
    ({"status": "running"}, "'job_type' and 'file_path'"),
    ({"status": "running", "job_type": "No Type", "file_path": "x"}, "job_type"),
]


@pytest.mark.parametrize(("report", "said"), BAD)
async def test_a_bad_report_is_refused_with_its_mistake_and_changes_nothing(
    settings: Settings, store: Store, report: dict[str, Any], said: str
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        answer = await client.put(job.path, json=report, headers=OWN_PAGE)
        described(answer, "/api/jobs/{job_id}")
        assert answer.status_code in (400, 409)
        assert said in answer.json()["error"]
        assert (await client.get(job.path)).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"status": NaN}', b"\xff", b'"x"'])
async def test_what_is_no_json_object_is_refused(settings: Settings, store: Store, body: bytes) -> None:
    headers = {**OWN_PAGE, "content-type": "application/json"}
    async with serving(settings, store) as client:
        answer = await client.put(Reporter(client).path, content=body, headers=headers)
        assert answer.status_code == 400


async def test_a_job_that_runs_here_is_nobody_elses(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client, running(store))
        for answer in (await job.put(), await job.log(b"x\n"), await job.event({"type": "X"})):
            assert answer.status_code == 409
            assert "runs here" in answer.json()["error"]


async def test_with_if_match_a_deleted_job_stays_deleted(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        answer = await Reporter(client).put(job_type="deploy", file_path="web", headers={"if-match": "*"})
        described(answer, "/api/jobs/{job_id}")
        assert answer.status_code == 412


async def test_no_runner_takes_a_reported_job_and_nobody_thinks_it_lost(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        queued, going = Reporter(client), Reporter(client)
        await queued.first("queued")
        await going.first("running")
        assert store.claim_next(now=1) is None
        assert store.running() == []
        store.explain_waiting("The disk is full")
        assert (await queued.record())["waiting_reason"] is None


async def test_who_reports_hears_of_the_wish_to_cancel(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        await job.first("queued")
        answer = await client.post(f"{job.path}/cancel", headers=OWN_PAGE)
        assert (answer.json()["status"], answer.json()["can_cancel"]) == ("queued", False)
        told = (await job.put("running")).json()
        assert told["cancel_requested"]
        assert "asked to stop" in told["waiting_reason"]
        ended = (await job.put("cancelled")).json()
        assert (ended["conclusion"], ended["waiting_reason"]) == ("cancelled", None)


async def test_secrets_are_masked_and_times_are_those_of_the_reporter(
    settings: Settings, store: Store
) -> None:
    async with serving(settings, store) as client:
        job = Reporter(client)
        stage = {"id": "a", "name": "curl --token abcdefgh", "status": "running"}
        await job.first(created_at="2026-01-01T00:00:00+01:00", stages=[stage])
        record = (
            await job.put(
                "completed",
                started_at="2026-01-01T00:00:10Z",
                completed_at="2026-01-01T00:01:12.5Z",
                summary="password=hunter2222",
                stages=[{**stage, "status": "completed"}],
            )
        ).json()
        assert record["summary"] == "password=***"
        assert "abcdefgh" not in str(record)
        assert record["created_at"] == "2025-12-31T23:00:00.000Z"
        # It counts from where it began there, not from when it was heard of here.
        assert record["duration_seconds"] == 62
        await job.event({"type": "X", "data": {"deep": [{"said": "password=hunter2222"}]}})
        assert "hunter2222" not in (await client.get(f"{job.path}/events")).text


async def test_a_reporters_token_may_report_and_nothing_else(settings: Settings, store: Store) -> None:
    token = store.tokens.create(scope="report", name="ci", now=0)
    reader = store.tokens.create(scope="read", name="x", now=0)
    async with serving(settings, store) as client:
        client.headers["authorization"] = f"Bearer {token}"
        job = Reporter(client)
        await job.first()
        assert (await job.log(b"x\n")).status_code == 200
        assert (await job.event({"type": "X"})).status_code == 200
        for method, path in (
            ("POST", f"{job.path}/cancel"),
            ("DELETE", job.path),
            ("POST", "/api/builds"),
            ("POST", "/api/jobs"),
            ("POST", f"{job.path}/stop-watching"),
        ):
            assert (await client.request(method, path)).status_code == 403
        client.headers["authorization"] = f"Bearer {reader}"
        assert (await job.put()).status_code == 403
        assert (await job.log(b"x\n")).status_code == 403
