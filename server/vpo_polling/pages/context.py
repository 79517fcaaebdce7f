"""What each template gets: one dataclass per page, its fields the names that the template may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from vpo_polling.store import ListQuery

from .formatting import Surroundings
from .links import Links
from .words import Catalogue


@dataclass(frozen=True)
class Page:
    """What base.html needs."""

    links: Links
    build: str
    polling: Polling
    t: Catalogue
    """Sentences of the templates, by their key, in the reader's language."""
    as_of: str
    """When this was true, as ISO 8601: without the script a page should say how old it is."""


@dataclass(frozen=True)
class Polling:
    """The settings that reach the page script by <body>."""

    enabled: bool
    interval_ms: int
    log_interval_ms: int


@dataclass(frozen=True)
class Live:
    """A resource as the server painted it: its data, where it is asked for again, and its ETag."""

    data: Any
    source: str
    etag: str


@dataclass(frozen=True)
class Column:
    """A column that can be sorted by."""

    name: str
    label: str
    href: str
    """The list in the order that a click asks for, as a template that the list's own answers fill."""
    sorted: str
    """As aria-sort: ascending, descending or none."""


@dataclass(frozen=True)
class Neighbours:
    """Other pages of the list, as templates that the list's own answers fill."""

    first: str
    previous: str
    next: str
    has_previous: str
    """What must hold for there to be one, as a condition of the binding language."""
    has_next: str


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """A <select> of the filter form; its first choice filters nothing."""

    name: str
    label: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class LivePage(Page):
    """What `fill` blocks need."""

    surroundings: Surroundings
    """Words of the data, and the time of this rendering."""


@dataclass(frozen=True)
class JobsPage(LivePage):
    jobs: Live
    query: ListQuery
    problems: Sequence[str]
    """What was wrong with the URL, in sentences; the list is shown without it."""
    filters: Sequence[Filter]
    statuses: Sequence[str]
    columns: Mapping[str, Column]
    pages: Neighbours
    kept: Sequence[tuple[str, str]]
    """Order and page size, as hidden fields of the filter form."""
    scan_root: str
    """Where directories to scan may be, as an example."""
    stats: Live
    charts: Sequence[str]
    """Names of the pictures of these statistics."""


@dataclass(frozen=True)
class Log:
    """The beginning of a log, painted by the server; the script goes on from byte `end` of `gen`."""

    source: str
    raw: str
    """Where its bytes can be saved from."""
    attempt: int | None
    """Of which attempt, where the reader asked for one; else the page follows the newest."""
    stage: str | None
    """The name of the stage whose log it is; None for the attempt's own."""
    text: str
    gen: str
    end: int
    more: bool


@dataclass(frozen=True)
class JobPage(LivePage):
    job: Live
    errors: Live | None
    """Files that a scan could not read; None for other kinds of job."""
    log: Log


@dataclass(frozen=True)
class SessionsPage(LivePage):
    sessions: Live
    pages: tuple[str, str]
    """The page of the list before this one, and the one after it."""
    projects: Sequence[Mapping[str, Any]]
    has_agent: bool
    """Whether the settings name one; without it sessions are begun by other programs."""
    project_root: str | None
    """Where directories of projects may be, as an example; None where there may be none."""


@dataclass(frozen=True)
class SessionPage(LivePage):
    transcript: Live
    api: str
    """Where the session is in the interface."""
    earlier: str | None
    """The page that begins further up; None when this one begins at the beginning."""
    has_agent: bool


@dataclass(frozen=True)
class FilesPage(LivePage):
    project: Mapping[str, Any]
    files: Live


@dataclass(frozen=True)
class ErrorPage(Page):
    status: int
    message: str
    hint: str


def values(page: Page) -> dict[str, Any]:
    return {field.name: getattr(page, field.name) for field in fields(page)}
