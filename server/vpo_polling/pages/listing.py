"""The job list as its URL asks for it: the query, what was wrong with it, links to the list otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from vpo_polling.api.params import LIST_KEYS, MAX_NAMED, MAX_SHOWN, list_query
from vpo_polling.errors import ApiError
from vpo_polling.store import JOB_TYPES, ListQuery
from vpo_polling.store.lists import CREATION, FILTERS, SINCE_MS

from .context import Choice, Column, Filter, Neighbours
from .links import Links, parameters
from .words import Catalogue

COLUMNS = ("file_path", "job_type", "status", "created_at", "duration")
_DESCENDING_FIRST = {"created_at", "duration"}
_ARIA = {"asc": "ascending", "desc": "descending"}


@dataclass(frozen=True)
class Asked:
    query: ListQuery
    problems: tuple[str, ...]
    is_clean: bool
    """False: the URL also names filters that filter nothing, as forms do."""


def read_url(values: Mapping[str, str], t: Catalogue, types: Collection[str] = JOB_TYPES) -> Asked:
    """Whatever the list does not know is named and left out: the reader keeps a list to go on from."""
    problems: list[str] = []
    good = {name: value for name, value in values.items() if name in LIST_KEYS}
    unknown = sorted(values.keys() - good.keys())
    for name in unknown[:MAX_NAMED]:
        problems.append(t("jobs.unknown_filter").replace("{}", name[:MAX_SHOWN]))
    if len(unknown) > MAX_NAMED:
        problems.append(t("jobs.more_unknown").replace("{}", str(len(unknown) - MAX_NAMED)))
    for name in FILTERS:
        try:
            list_query({name: good.get(name, "")}, types)
        except ApiError:
            value = good.pop(name)[:MAX_SHOWN]
            problems.append(
                t("jobs.bad_filter").replace("{name}", t(f"noun.{name}")).replace("{value}", value)
            )
    try:
        query = list_query(good, types)
    except ApiError:
        good.pop("cursor")
        problems.append(t("jobs.bad_cursor"))
        query = list_query(good, types)
    return Asked(query, tuple(problems), is_clean=all(good.values()))


def filters(query: ListQuery, t: Catalogue, types: Collection[str] = JOB_TYPES) -> list[Filter]:
    def choices(name: str, label: str, everything: str, values: Collection[str]) -> Filter:
        chosen = getattr(query, name)
        options = [Choice("", t(everything), chosen is None)]
        options += [Choice(value, t.word(value), chosen == value) for value in values]
        return Filter(name, t(label), options)

    known = [*JOB_TYPES, *sorted(set(types) - set(JOB_TYPES))]
    return [
        choices("type", "jobs.type", "jobs.every_type", known),
        choices("since", "jobs.age", "jobs.any_time", tuple(SINCE_MS)),
    ]


def kept(query: ListQuery) -> list[tuple[str, str]]:
    """What the filter form passes on unchanged."""
    return [(name, value) for name, value in parameters(query).items() if name in {"sort", "order", "limit"}]


def columns(query: ListQuery, links: Links, t: Catalogue) -> dict[str, Column]:
    def column(name: str) -> Column:
        is_current = query.sort == name
        order = "desc" if name in _DESCENDING_FIRST else "asc"
        if is_current:
            order = "asc" if query.order == "desc" else "desc"
        target = replace(query, sort=name, order=order)
        return Column(
            name, t(f"jobs.{name}"), _live(links, target), _ARIA[query.order] if is_current else "none"
        )

    return {name: column(name) for name in COLUMNS}


def neighbours(query: ListQuery, links: Links) -> Neighbours:
    """By cursor where rows keep their place, so that none is seen twice or missed; else by offset."""
    first = _live(links, query)
    by = "cursor" if query.sort == CREATION else "offset"
    previous, following = f"previous_{by}", f"next_{by}"
    return Neighbours(
        first=first,
        previous=f"{first}&{by}={{{previous}}}",
        next=f"{first}&{by}={{{following}}}",
        # An offset of 0 is a page too, and yet no reason to offer one on the first.
        has_previous=previous if by == "cursor" else "offset",
        has_next=following,
    )


def _live(links: Links, query: ListQuery) -> str:
    """The first page of a list as a template: its filters are those of the answer that is shown."""
    parts = [f"{name}={{filters.{name}}}" for name in FILTERS]
    rest = {name: value for name, value in parameters(query).items() if name in {"sort", "order", "limit"}}
    return f"{links.jobs()}?" + "&".join([*parts, urlencode(rest)] if rest else parts)
