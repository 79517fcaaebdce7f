"""Jobs, their attempts and their revisions in a database."""

from vpo_polling.store.lists import ListQuery
from vpo_polling.store.queries import ErrorsQuery, JobQuery, Query
from vpo_polling.store.queue import WHY_NO_CANCEL, now_ms, why_no_retry
from vpo_polling.store.stats import StatsQuery
from vpo_polling.store.store import Store
from vpo_polling.store.tokens import SCOPES
from vpo_polling.store.types import (
    ACTIVE,
    JOB_TYPES,
    MAX_ATTEMPTS,
    STATUSES,
    TERMINAL,
    TYPE_NAME,
    AttemptRow,
    Claimed,
    DatabaseFull,
    DatabaseUnavailable,
    Ending,
    NewJob,
    OwnProcess,
    Progress,
    SchemaError,
    StoreError,
)

__all__ = [
    "ACTIVE",
    "JOB_TYPES",
    "MAX_ATTEMPTS",
    "SCOPES",
    "STATUSES",
    "TERMINAL",
    "TYPE_NAME",
    "WHY_NO_CANCEL",
    "AttemptRow",
    "Claimed",
    "DatabaseFull",
    "DatabaseUnavailable",
    "Ending",
    "ErrorsQuery",
    "JobQuery",
    "ListQuery",
    "NewJob",
    "OwnProcess",
    "Progress",
    "Query",
    "SchemaError",
    "StatsQuery",
    "Store",
    "StoreError",
    "now_ms",
    "why_no_retry",
]
