"""Paging from row to row: each job is seen exactly once, whatever is created meanwhile."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from given_jobs import ended, queued
from hypothesis import given, settings
from hypothesis import strategies as st
from vpo_polling.store import ListQuery, Store
from vpo_polling.store.lists import Cursor


def page(store: Store, **query: Any) -> dict[str, Any]:
    if isinstance(query.get("cursor"), str):
        query["cursor"] = Cursor.parse(query["cursor"])
    data, _revision = store.read(ListQuery(**query))
    assert data is not None
    return data


def ids(data: dict[str, Any]) -> list[str]:
    return [job["id"] for job in data["jobs"]]


def pages(store: Store, between: Any = lambda: None, **query: Any) -> list[list[str]]:
    """All pages from the first to the last; `between` happens after each."""
    data = page(store, **query)
    found = [ids(data)]
    while data["next_cursor"]:
        between()
        data = page(store, **query, cursor=data["next_cursor"])
        found.append(ids(data))
    return found


@settings(max_examples=40, deadline=None)
@given(
    moments=st.lists(st.integers(1, 4), max_size=14),
    arriving=st.lists(st.integers(1, 9), max_size=6),
    limit=st.integers(1, 5),
    order=st.sampled_from(["asc", "desc"]),
    filtered=st.booleans(),
)
def test_every_job_is_seen_once_while_others_arrive(
    moments: list[int], arriving: list[int], limit: int, order: str, filtered: bool
) -> None:
    with TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "vpo.db")
        store.migrate()
        # Many are of the same millisecond, and only every other one matches the filter.
        there = [
            queued(store, job_type="scan" if number % 2 else "prune", now=moment)
            for number, moment in enumerate(moments)
        ]
        wanted = {job_id for number, job_id in enumerate(there) if number % 2 or not filtered}
        query = {"limit": limit, "order": order, **({"type": "scan"} if filtered else {})}

        def arrive() -> None:
            if arriving:
                queued(store, now=arriving.pop())

        # What comes among those not yet read is read too.
        found = [job_id for one in pages(store, arrive, **query) for job_id in one]
        store.close()
    assert len(found) == len(set(found))
    assert wanted <= set(found)


def test_the_way_back_shows_the_same_pages(store: Store) -> None:
    for _ in range(10):
        queued(store, now=1_000)
    for order in ("asc", "desc"):
        forth = pages(store, limit=3, order=order)
        assert [len(one) for one in forth] == [3, 3, 3, 1]
        data = page(store, limit=3, order=order)
        for _ in forth[1:]:
            data = page(store, limit=3, order=order, cursor=data["next_cursor"])
        back = [ids(data)]
        while data["previous_cursor"]:
            data = page(store, limit=3, order=order, cursor=data["previous_cursor"])
            back.append(ids(data))
        assert back[::-1][: len(forth) - 1] == forth[:-1]
        assert back[-1] == forth[0]


def test_what_arrived_meanwhile_is_found_on_the_way_back_and_the_first_page_is_full(store: Store) -> None:
    old = [queued(store, now=moment) for moment in range(1, 7)][::-1]
    second = page(store, limit=3, cursor=page(store, limit=3)["next_cursor"])
    assert ids(second) == old[3:]
    new = queued(store, now=100)
    assert ids(page(store, limit=3, cursor=page(store, limit=3)["next_cursor"])) == old[2:5]
    back = page(store, limit=3, cursor=second["previous_cursor"])
    assert ids(back) == old[:3]
    first = page(store, limit=3, cursor=back["previous_cursor"])
    assert ids(first) == [new, *old[:2]], "less than a page before a row is the first page"
    assert first["previous_cursor"] is None


def test_a_row_that_is_gone_still_marks_its_place(store: Store) -> None:
    rows = [ended(store, now=moment) for moment in range(1, 7)][::-1]
    cursor = page(store, limit=2)["next_cursor"]
    assert store.delete(rows[1])
    assert ids(page(store, limit=2, cursor=cursor)) == rows[2:4]


def test_only_the_order_of_creation_has_cursors(store: Store) -> None:
    for _ in range(3):
        queued(store)
    data = page(store, limit=1, offset=1, sort="status")
    assert (data["previous_cursor"], data["next_cursor"]) == (None, None)
    assert (data["previous_offset"], data["next_offset"]) == (0, 2)
