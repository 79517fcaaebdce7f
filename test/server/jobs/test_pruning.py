"""Deleting what has ended, and logs that outlived their jobs."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from given_jobs import ended, queued, running
from vpo_polling.jobs.pruning import Pruned, Rule, prune
from vpo_polling.logs.paths import LogPaths
from vpo_polling.settings import Settings
from vpo_polling.store import Ending, Store

FAILED = Ending(status="failed", conclusion="failure")


def log_of(settings: Settings, job_id: str, size: int = 10) -> Path:
    paths = LogPaths.of(settings.data_dir, job_id, 1)
    paths.folder.mkdir(parents=True, exist_ok=True)
    paths.log.write_bytes(b"x" * size)
    return paths.folder


def left(store: Store, *job_ids: str) -> list[bool]:
    return [store.get_job(job_id) is not None for job_id in job_ids]


def test_what_ended_longer_ago_goes_with_its_log(settings: Settings, store: Store) -> None:
    old, new, waiting, works = ended(store, now=1_000), ended(store, now=5_000), queued(store), running(store)
    folders = [log_of(settings, job_id) for job_id in (old, new, works)]
    pruned = prune(store, settings.data_dir, Rule(older_than_ms=4_000), now=9_000)
    assert pruned == Pruned(jobs=1, leftovers=0, bytes=10)
    assert left(store, old, new, waiting, works) == [False, True, True, True]
    assert [folder.exists() for folder in folders] == [False, True, True]


def test_the_newest_are_kept_and_only_those_of_a_status_go(settings: Settings, store: Store) -> None:
    jobs = [ended(store, now=now, ending=FAILED) for now in (1_000, 2_000, 3_000)]
    done = ended(store, now=500)
    rule = Rule(keep=1, statuses=("failed",))
    assert prune(store, settings.data_dir, rule, now=9_000) == Pruned(2, 0, 0)
    assert left(store, *jobs, done) == [False, False, True, True]


def test_a_trial_says_the_same_and_deletes_nothing(settings: Settings, store: Store) -> None:
    job_id = ended(store)
    folder = log_of(settings, job_id, 30)
    leftover = log_of(settings, str(uuid.uuid4()), 12)
    tried = prune(store, settings.data_dir, Rule(keep=0), now=9_000, dry_run=True)
    assert left(store, job_id) == [True]
    assert (folder.exists(), leftover.exists()) == (True, True)
    assert tried == Pruned(1, 1, 42) == prune(store, settings.data_dir, Rule(keep=0), now=9_000)
    assert (folder.exists(), leftover.exists()) == (False, False)


def test_of_other_folders_nothing_is_touched(settings: Settings, store: Store, tmp_path: Path) -> None:
    logs = settings.data_dir / "logs"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "letter").write_text("dear")
    odd = [
        logs / "notes",
        logs / str(uuid.uuid4()).upper(),
        logs / uuid.uuid4().hex,
        settings.data_dir / str(uuid.uuid4()),
    ]
    for folder in odd:
        folder.mkdir(parents=True)
    link = logs / str(uuid.uuid4())
    link.symlink_to(outside)
    file = logs / str(uuid.uuid4())
    file.write_text("no folder")
    # Inside of what does go a link is removed, not followed.
    leftover = log_of(settings, str(uuid.uuid4()))
    (leftover / "link").symlink_to(outside)
    assert prune(store, settings.data_dir, Rule(keep=9), now=1).leftovers == 1
    assert all(path.exists() for path in (*odd, link, file, outside / "letter"))
    assert not leftover.exists()


def test_the_log_of_a_job_that_is_just_being_made_stays(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folders are listed first: between that and the look at the jobs a new one may appear."""
    existing = Store.existing
    made: list[Path] = []

    def late(self: Store, job_ids: list[str]) -> set[str]:
        made.append(log_of(settings, running(store)))
        return existing(self, job_ids)

    monkeypatch.setattr(Store, "existing", late)
    log_of(settings, str(uuid.uuid4()))
    assert prune(store, settings.data_dir, Rule(keep=9), now=1).leftovers == 1
    assert made[0].exists()


def test_what_is_refused_keeps_its_log(settings: Settings, store: Store) -> None:
    job_id = ended(store)
    folder = log_of(settings, job_id)
    asked: list[str] = []

    def refuse(wanted: str) -> bool:
        asked.append(wanted)
        return False

    pruned = prune(store, settings.data_dir, Rule(keep=0), now=9_000, delete=refuse)
    assert (pruned, asked, folder.exists()) == (Pruned(0, 0, 0), [job_id], True)


def test_a_rule_that_names_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="which jobs"):
        Rule()


def test_without_any_log_there_is_nothing_to_look_at(settings: Settings, store: Store) -> None:
    assert not os.path.exists(settings.data_dir / "logs")
    assert prune(store, settings.data_dir, Rule(keep=0), now=1) == Pruned(0, 0, 0)


def test_a_thousand_logs_are_asked_for_in_pieces(settings: Settings, store: Store) -> None:
    for _ in range(1_100):
        (settings.data_dir / "logs" / str(uuid.uuid4())).mkdir(parents=True)
    kept = log_of(settings, ended(store))
    assert prune(store, settings.data_dir, Rule(keep=9), now=1) == Pruned(0, 1_100, 0)
    assert kept.exists()
