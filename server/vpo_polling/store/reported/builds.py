"""Builds that watchers follow for the server: asked for on the page, taken with a lease."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from vpo_polling.store import revisions
from vpo_polling.store.answers import Answer
from vpo_polling.store.database import Database, Write
from vpo_polling.store.queue import insert_job
from vpo_polling.store.reported.holders import holder
from vpo_polling.store.schema import jobs, leases
from vpo_polling.store.types import NewJob

RELOOK_MS = 60 * 60 * 1000
"""For so long after its end a build may be run again without anybody having to say so."""

_TAKEN = (jobs.c.id, jobs.c.file_path, jobs.c.platform, jobs.c.pinned, jobs.c.watch, jobs.c.account)


@dataclass(frozen=True, kw_only=True)
class BuildsQuery(Answer):
    """The builds that are to be watched; another answer when there are others, not when one goes on."""

    topic = revisions.JOBS

    def read(self, connection: Connection, now: int) -> dict[str, Any]:
        found = select(*_TAKEN).where(jobs.c.watch == "watching").order_by(jobs.c.created_at, jobs.c.id)
        return {
            "builds": [
                {"id": row.id, "platform": row.platform, "target": row.file_path}
                for row in connection.execute(found)
            ]
        }


class BuildWrites(Database):
    def watch_build(self, target: str, platform: str, *, now: int) -> tuple[str, bool]:
        """The job of a build, and whether it is a new one: one that is known is watched again."""
        with self.write() as write:
            known = select(jobs.c.id).where(jobs.c.watch.is_not(None), jobs.c.file_path == target)
            newest = known.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(1)
            job_id = write.connection.execute(newest).scalar_one_or_none()
            if job_id is not None:
                _watch(write, job_id)
                return job_id, False
            job_id = str(uuid.uuid4())
            job = NewJob(job_type="build", file_path=target)
            # Until it was looked at, the target is all that can be shown of it.
            shown = {"watch": "watching", "platform": platform, "project": target.partition(":")[2]}
            insert_job(write.connection, job_id, job, now, reported=True, tracked=True, **shown)
            write.touch(job_id)
            return job_id, True

    def watch_again(self, job_id: str) -> bool:
        """False: it is no build that a watcher could follow."""
        with self.write() as write:
            return _watch(write, job_id)

    def stop_watching(self, job_id: str) -> bool:
        """The build itself goes on; it is shown as it was last seen. False: nobody watches it."""
        with self.write() as write:
            here = (jobs.c.id == job_id) & (jobs.c.watch == "watching")
            values = {"watch": "stopped", "watch_message": None}
            if not write.connection.execute(update(jobs).where(here).values(**values)).rowcount:
                return False
            write.touch(job_id)
            return True

    def claim_builds(
        self, watcher: str, accounts: Mapping[str, str], *, now: int, lease_ms: int
    ) -> list[dict[str, Any]]:
        """Takes (or keeps) all builds of these accounts, by platform, for a while.

        An account that another watcher holds is left to it, with its builds. Accounts that are not named any
        more are given up. A build belongs to the account that watched it last; where nobody holds that, to
        any of its platform.
        """
        with self.write() as write:
            connection = write.connection
            given_up = (leases.c.watcher == watcher) & leases.c.account.not_in(accounts.values())
            connection.execute(delete(leases).where(or_(given_up, leases.c.expires_at <= now)))
            taken: list[dict[str, Any]] = []
            for platform, account in accounts.items():
                if holder(connection, account, now) not in (None, watcher):
                    continue
                lease = {"account": account, "watcher": watcher, "expires_at": now + lease_ms}
                renewed = {name: lease[name] for name in ("watcher", "expires_at")}
                on_conflict = insert(leases).values(**lease)
                connection.execute(
                    on_conflict.on_conflict_do_update(index_elements=["account"], set_=renewed)
                )
                taken += _take(write, platform, account, now)
            return taken


def _watch(write: Write, job_id: str) -> bool:
    here = (jobs.c.id == job_id) & jobs.c.watch.is_not(None)
    if not write.connection.execute(select(jobs.c.id).where(here)).first():
        return False
    again = update(jobs).where(here, jobs.c.watch != "watching").values(watch="watching", watch_message=None)
    if write.connection.execute(again).rowcount:
        write.touch(job_id)
    return True


def _take(write: Write, platform: str, account: str, now: int) -> list[dict[str, Any]]:
    held_by_others = select(leases.c.account).where(leases.c.account != account)
    ended_lately = (jobs.c.watch == "finished") & (func.coalesce(jobs.c.completed_at, 0) > now - RELOOK_MS)
    wanted = (
        select(*_TAKEN)
        .where(
            jobs.c.platform == platform,
            or_(jobs.c.watch == "watching", ended_lately),
            or_(jobs.c.account.is_(None), jobs.c.account == account, jobs.c.account.not_in(held_by_others)),
        )
        .order_by(jobs.c.created_at, jobs.c.id)
    )
    rows = write.connection.execute(wanted).all()
    strangers = [row.id for row in rows if row.account != account]
    for job_id in strangers:
        write.connection.execute(update(jobs).where(jobs.c.id == job_id).values(account=account))
        write.touch(job_id)
    return [
        {
            "job_id": row.id,
            "target": row.pinned or row.file_path,
            "watch": row.watch,
        }
        for row in rows
    ]
