"""The schema of a database that is opened."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from given_jobs import ended, queued
from vpo_polling.store import SchemaError, Store
from vpo_polling.store.schema import metadata


def test_the_migrations_build_what_the_code_expects(store: Store) -> None:
    with store.snapshot() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


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
