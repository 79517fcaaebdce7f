"""A build of another system, as the pages get it: run again after a failure, watched, and in trouble."""

from __future__ import annotations

from typing import Any

ITEM: dict[str, Any] = {
    "job_type": "build",
    "status": "running",
    "file_path": "github:octo/repo@main",
    "attempt": 2,
    "started_at": "2026-11-22T03:13:00.500Z",
    "counts_from": "2026-11-22T03:13:00.500Z",
    "waiting_reason": "An approval <of> somebody",
    "platform": "github",
    "project": "octo/\u202erepo & <b>",
    "number": "4711",
    "url": "https://github.com/octo/repo/actions/runs/123?a=1&b=2",
    "watch": "watching",
    "can_cancel": False,
}


def _state(name: str, status: str, conclusion: str | None = None) -> dict[str, Any]:
    ended = None if conclusion is None else "2026-11-22T03:14:00.000Z"
    return {
        "name": name,
        "status": status,
        "conclusion": conclusion,
        "started_at": None if status == "queued" else "2026-11-22T03:13:30.000Z",
        "completed_at": ended,
        "duration_seconds": None if ended is None else 30,
    }


def _stage(stage_id: str, log: str | None, steps: list[dict[str, Any]], **state: Any) -> dict[str, Any]:
    numbered = [{"number": number, **step} for number, step in enumerate(steps, 1)]
    return {"id": stage_id, **_state(**state), "attempt": 2, "log": log, "steps": numbered}


STEPS = [_state("Set up", "completed", "success"), _state("npm test <b>", "failed", "failure")]
RECORD: dict[str, Any] = {
    "reported": True,
    "raw_status": "waiting",
    "watch_message": "GitHub: 502 <Bad Gateway>",
    "needs_watcher": True,
    "can_stop_watching": True,
    "can_watch_again": False,
    "stages": [
        _stage("1", "complete", STEPS, name="test (20) & <i>", status="failed", conclusion="failure"),
        _stage("2", None, [], name="deploy", status="queued"),
        _stage("3", "open", [], name="", status="running"),
    ],
    "artifacts": [
        {"number": 1, "name": "dist.zip", "url": "https://x.example/1?a=1&b=2", "size": 1_234_567},
        {"number": 2, "name": "\u0641.zip", "url": "https://x.example/2", "size": None},
    ],
    "attempts": [
        {
            "number": 1,
            **_state("", "failed", "failure"),
            "exit_code": None,
            "error_message": "test: npm test",
            "last_heartbeat_at": None,
            "stages": [
                {"id": "9", **_state("test & <i>", "failed", "failure"), "attempt": 1, "log": "complete"}
            ],
        }
    ],
}
