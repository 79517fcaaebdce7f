"""The job list as its URL asks for it: the query, what was wrong with it, links to the list otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from vpo_polling.api.params import LIST_KEYS, MAX_NAMED, MAX_SHOWN, list_query
from vpo_polling.errors import ApiError
from vpo_polling.store import JOB_TYPES, STATUSES, ListQuery
from vpo_polling.store.queries import FILTERS, SINCE_MS

from .context import Choice, Column, Filter, Neighbours
from .links import Links, parameters
from .words import WORDS

COLUMNS = {
    "file_path": "File",
    "job_type": "Type",
    "status": "Status",
    "created_at": "Created",
    "duration": "Duration",
}
_DESCENDING_FIRST = {"created_at", "duration"}
_NOUNS = {"status": "status", "type": "type", "since": "age", "search": "name"}
_ARIA = {"asc": "ascending", "desc": "descending"}


@dataclass(frozen=True)
class Asked:
    query: ListQuery
    problems: tuple[str, ...]
    is_clean: bool
    """False: the URL also names filters that filter nothing, as forms do."""


def read_url(values: Mapping[str, str], types: Collection[str] = JOB_TYPES) -> Asked:
    """Whatever the list does not know is named and left out: the reader keeps a list to go on from."""
    problems: list[str] = []
    good = {name: value for name, value in values.items() if name in LIST_KEYS}
    unknown = sorted(values.keys() - good.keys())
    for name in unknown[:MAX_NAMED]:
        problems.append(f"This list has no filter called “{name[:MAX_SHOWN]}”; it was left out.")
    if len(unknown) > MAX_NAMED:
        problems.append(f"{len(unknown) - MAX_NAMED} more that it has not were left out.")
    for name in FILTERS:
        try:
            list_query({name: good.get(name, "")}, types)
        except ApiError:
            problems.append(
                f"“{good.pop(name)[:MAX_SHOWN]}” is no {_NOUNS[name]} of jobs; the list shows all."
            )
    is_clean = all(good.values())
    return Asked(list_query(good, types), tuple(problems), is_clean)


def filters(query: ListQuery, types: Collection[str] = JOB_TYPES) -> list[Filter]:
    def choices(name: str, everything: str, values: Collection[str]) -> Filter:
        chosen = getattr(query, name)
        options = [Choice("", everything, chosen is None)]
        options += [Choice(value, WORDS.get(value, value), chosen == value) for value in values]
        return Filter(name, name.capitalize(), options)

    return [
        choices("status", "Every status", STATUSES),
        choices("type", "Every type", [*JOB_TYPES, *sorted(set(types) - set(JOB_TYPES))]),
        choices("since", "Any time", tuple(SINCE_MS)),
    ]


def kept(query: ListQuery) -> list[tuple[str, str]]:
    """What the filter form passes on unchanged."""
    return [(name, value) for name, value in parameters(query).items() if name in {"sort", "order", "limit"}]


def columns(query: ListQuery, links: Links) -> dict[str, Column]:
    def column(name: str, label: str) -> Column:
        is_current = query.sort == name
        order = "desc" if name in _DESCENDING_FIRST else "asc"
        if is_current:
            order = "asc" if query.order == "desc" else "desc"
        target = replace(query, sort=name, order=order)
        return Column(name, label, _live(links, target), _ARIA[query.order] if is_current else "none")

    return {name: column(name, label) for name, label in COLUMNS.items()}


def neighbours(query: ListQuery, links: Links) -> Neighbours:
    first = _live(links, query)
    return Neighbours(
        first=first,
        previous=f"{first}&offset={{previous_offset}}",
        next=f"{first}&offset={{next_offset}}",
    )


def _live(links: Links, query: ListQuery) -> str:
    """The first page of a list as a template: its filters are those of the answer that is shown."""
    parts = [f"{name}={{filters.{name}}}" for name in FILTERS]
    rest = {name: value for name, value in parameters(query).items() if name in {"sort", "order", "limit"}}
    return f"{links.jobs()}?" + "&".join([*parts, urlencode(rest)] if rest else parts)
