"""The schema of a database that is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from given_jobs import ended, queued
from vpo_polling.store import SchemaError, Store
from vpo_polling.store.database import MIGRATIONS
from vpo_polling.store.schema import metadata


def test_the_migrations_build_what_the_code_expects(store: Store) -> None:
    with store.snapshot() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_tables_are_known_to_be_those_of_this_version_by_the_names_of_the_migrations(store: Store) -> None:
    assert store.is_migrated()
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert [Path(script.path).name[:4] for script in scripts] == sorted(
        (script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()), reverse=True
    )
    for version, expected in (("0001", False), ("9999", False)):
        with store.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (version,))
        assert store.is_migrated() is expected


def test_a_database_without_tables_is_not_migrated(tmp_path: Path) -> None:
    fresh = Store.open(tmp_path / "fresh.db")
    assert not fresh.is_migrated()
    fresh.close()


def test_jobs_of_an_earlier_version_are_kept_and_are_not_tracked(tmp_path: Path) -> None:
    old = Store.open(tmp_path / "old.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        columns = "id, job_type, status, file_path, priority, attempt, created_at, progress_percent"
        connection.exec_driver_sql(
            f"INSERT INTO jobs ({columns}, has_logs, scan_error_count, cancel_requested)"
            " VALUES ('a', 'scan', 'completed', '/x', 100, 1, 1, 100, 0, 0, 0)"
        )
    old.migrate()
    job = old.get_job("a")
    assert job is not None
    assert (job["status"], job["can_retry"]) == ("completed", True)
    old.close()


def test_migrating_again_keeps_everything(store: Store) -> None:
    job_id = queued(store)
    store.migrate()
    assert store.get_job(job_id) is not None


def test_a_start_forgets_the_numbers_of_deleted_jobs_only(store: Store) -> None:
    gone, kept = ended(store), queued(store)
    store.delete(gone)
    topics = ["jobs", f"job:{gone}", f"job:{kept}"]
    assert set(store.revisions(topics)) == set(topics), "a feed that runs must see the deletion as a change"
    store.migrate()
    assert set(store.revisions(topics)) == {"jobs", f"job:{kept}"}


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(store: Store) -> None:
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="newer version"):
        store.migrate()


def test_the_database_uses_a_write_ahead_log(store: Store) -> None:
    with store.snapshot() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
