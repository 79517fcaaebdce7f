"""`vpo jobs cancel`, `retry` and `prune`: several jobs, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from given_jobs import ended, queued, running
from vpo_polling.store import NewJob, OwnProcess, Store, now_ms

from cli.conftest import Vpo

NOBODY = "0123abcd"


@pytest.fixture
def store(vpo: Vpo) -> Iterator[Store]:
    """Of the command's data directory."""
    store = Store.open(vpo.data_dir / "vpo.db")
    store.migrate()
    yield store
    store.close()


def test_each_of_several_jobs_is_dealt_with_whatever_becomes_of_the_others(vpo: Vpo, store: Store) -> None:
    done, waiting = ended(store), queued(store)
    cancelled = vpo("jobs", "cancel", NOBODY, done, waiting)
    assert (cancelled.returncode, cancelled.stdout) == (5, "")
    assert cancelled.stderr.splitlines() == [
        f"{NOBODY}: There is no job {NOBODY}.",
        f"{done[:8]}: The job has already ended.",
        f"{waiting[:8]}: cancel requested.",
    ]
    assert (store.get_job(waiting) or {})["status"] == "cancelled"
    assert vpo("jobs", "cancel", done, waiting).returncode == 1


@pytest.mark.parametrize("with_server", [True, False])
def test_for_programs_the_outcome_is_one_document(vpo: Vpo, store: Store, with_server: bool) -> None:
    if with_server:
        vpo.serve()
    # No runner can be quicker than the cancel.
    job_id = store.create_job(NewJob(job_type="transcode", file_path="x"))
    if with_server:
        vpo.wait_for_status(job_id, "failed")
    else:
        store.request_cancel(job_id, now=now_ms())
    asked = vpo("jobs", "cancel", "--json", job_id, NOBODY)
    assert asked.returncode == 5
    assert json.loads(asked.stdout) == [
        {"id": job_id, "done": False, "error": "The job has already ended"},
        {"id": NOBODY, "done": False, "error": f"There is no job {NOBODY}"},
    ]
    again = vpo("jobs", "retry", "--json", job_id)
    assert json.loads(again.stdout) == [{"id": job_id, "done": True, "error": None}]


def test_a_tracked_job_is_not_run_again(vpo: Vpo, store: Store) -> None:
    job_id = store.begin_tracked(
        NewJob(job_type="import", file_path="x"), OwnProcess(pid=1, started=-1.0), now=1
    )
    # Its process is gone, which any command sees.
    assert vpo("jobs", "show", job_id).returncode == 5
    refused = vpo("jobs", "retry", job_id)
    sentence = f"{job_id[:8]}: A program of its own reported this job; run that program again.\n"
    assert (refused.returncode, refused.stderr) == (1, sentence)
    assert [job["job_type"] for job in _listed(vpo, "--type", "import")] == ["import"]
    odd = vpo("jobs", "list", "--type", "export")
    assert (odd.returncode, odd.stderr.startswith("'export' is none of scan, ")) == (2, True)
    assert odd.stderr.endswith(", command, build, import.\n")


def test_a_build_of_another_system_is_cancelled_there(vpo: Vpo, store: Store) -> None:
    job_id, _ = store.watch_build("github:octo:repo:1", "github", now=1)
    refused = vpo("jobs", "cancel", job_id)
    assert (refused.returncode, "cancel it there" in refused.stderr) == (1, True)
    assert store.get_job(job_id)["status"] == "queued"  # type: ignore[index]


def _listed(vpo: Vpo, *arguments: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(vpo("jobs", "list", "--json", *arguments).stdout)["jobs"]
    return listed


@pytest.mark.parametrize("with_server", [True, False])
def test_what_ended_long_ago_is_deleted_with_its_log(vpo: Vpo, store: Store, with_server: bool) -> None:
    old, new = ended(store, now=1_000), ended(store, now=now_ms())
    folder = vpo.data_dir / "logs" / old
    folder.mkdir(parents=True)
    (folder / "1.log").write_bytes(b"x" * 2500)
    if with_server:
        vpo.serve()
    tried = vpo("jobs", "prune", "--older-than", "30d", "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "Would delete 1 job, 2.5 kB.\n")
    pruned = vpo("jobs", "prune", "--older-than", "30d")
    assert (pruned.returncode, pruned.stdout) == (0, "Deleted 1 job, 2.5 kB.\n")
    assert (store.get_job(old), folder.exists()) == (None, False)
    assert store.get_job(new) is not None
    if with_server:
        assert [job["id"] for job in vpo.get("/api/jobs")["jobs"]] == [new]
    rest = vpo("jobs", "prune", "--status", "completed", "--json")
    assert json.loads(rest.stdout) == {"jobs": 1, "leftovers": 0, "bytes": 0, "dry_run": False}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which jobs may go: --older-than 30d, --keep 100 or --status failed."),
        (["--older-than", "soon"], "'soon' is no age: use a number with min, h, d or w, such as 30d."),
        (["--status", "running"], "'running' is none of completed, failed, cancelled."),
    ],
)
def test_what_prune_does_not_understand_deletes_nothing(
    vpo: Vpo, store: Store, arguments: list[str], sentence: str
) -> None:
    job_id = ended(store)
    refused = vpo("jobs", "prune", *arguments)
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", sentence + "\n")
    assert store.get_job(job_id) is not None


def test_jobs_that_run_are_never_pruned(vpo: Vpo, store: Store) -> None:
    works = running(store)
    assert vpo("jobs", "prune", "--keep", "0").stdout == "Deleted 0 jobs, 0 B.\n"
    assert store.get_job(works) is not None
