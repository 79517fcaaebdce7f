"""The same deltas as in deltas.test.ts: server and script apply them alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.feed import canonical
from vpo_polling.feed.deltas import apply, difference

VECTORS = json.loads((Path(__file__).parents[2] / "contract" / "deltas.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["applied"], ids=lambda vector: vector["name"])
def test_what_is_found_is_what_changed(vector: dict[str, Any]) -> None:
    found = difference(vector["base"], vector["expected"], "jobs", "id")
    assert found is not None
    assert canonical(found) == canonical(vector["delta"])


@pytest.mark.parametrize("vector", VECTORS["applied"], ids=lambda vector: vector["name"])
def test_applied_it_is_the_answer(vector: dict[str, Any]) -> None:
    assert canonical(apply(vector["base"], vector["delta"], "jobs", "id")) == canonical(vector["expected"])
