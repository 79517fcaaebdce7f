"""The binding language gives what test/contract/formatters.json says, as the page script does."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.pages.formatting import FORMATTERS, Surroundings
from vpo_polling.pages.language import (
    LanguageError,
    attribute_of,
    check_attribute,
    parse_condition,
    parse_template,
    text_of,
    url_of,
)
from vpo_polling.pages.values import Json

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "contract" / "formatters.json").read_text(encoding="utf-8")
)
AROUND = Surroundings(VECTORS["words"])


def now_of(case: dict[str, Any]) -> int:
    if "now" not in case:
        return 0
    return round(datetime.fromisoformat(case["now"].replace("Z", "+00:00")).timestamp() * 1000)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=json.dumps)
def test_a_formatter_gives_the_shared_text(case: dict[str, Any]) -> None:
    around = Surroundings(VECTORS["words"], now_of(case))
    assert (FORMATTERS[case["formatter"]](case["value"], around) or "") == case["expected"]


@pytest.mark.parametrize("case", VECTORS["templates"], ids=json.dumps)
def test_a_template_gives_the_shared_text(case: dict[str, Any]) -> None:
    assert text_of(parse_template(case["template"]), case["data"], AROUND) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["urls"], ids=json.dumps)
def test_a_url_is_built_or_refused_as_shared(case: dict[str, Any]) -> None:
    assert url_of(parse_template(case["template"]), case["data"], AROUND) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["shows"], ids=json.dumps)
def test_a_condition_holds_as_shared(case: dict[str, Any]) -> None:
    assert parse_condition(case["show"]).holds(case["data"]) is case["expected"]


def test_every_formatter_has_vectors() -> None:
    assert {case["formatter"] for case in VECTORS["cases"]} == set(FORMATTERS)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("hidden", True, ""),
        ("hidden", False, None),
        ("aria-busy", True, "true"),
        ("aria-busy", False, "false"),
        ("data-live", False, "false"),
        ("data-status", None, None),
        ("value", 0, "0"),
        ("href", "javascript:alert(1)", None),
    ],
)
def test_booleans_and_nulls_decide_whether_an_attribute_stands(
    name: str, value: Json, expected: str | None
) -> None:
    assert attribute_of(name, parse_template("{a}"), {"a": value}, AROUND) == expected


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ("a", "onclick"),
        ("p", "style"),
        ("p", "class"),
        ("p", "data-vpo-text"),
        ("p", "data-polling-interval"),
        ("script", "src"),
        ("iframe", "src"),
        ("base", "href"),
        ("form", "action"),
        ("iframe", "srcdoc"),
    ],
)
def test_data_may_not_write_what_steers_or_runs(element: str, name: str) -> None:
    with pytest.raises(LanguageError):
        check_attribute(element, name)


@pytest.mark.parametrize(
    ("element", "name"), [("a", "href"), ("img", "src"), ("tr", "data-job-id"), ("td", "title")]
)
def test_data_may_write_the_listed_attributes(element: str, name: str) -> None:
    check_attribute(element, name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (10**30, "1e+30"),
        (2**53 + 1, "9007199254740992"),
        (10**400, None),
        (-1e-9, "-1e-9"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_written_as_a_browser_reads_them_from_json(value: float, expected: str | None) -> None:
    assert text_of(parse_template("{a}"), {"a": value}, AROUND) == expected


@pytest.mark.parametrize("source", ["{a|shout}", "{a|__class__}"])
def test_an_unknown_formatter_is_an_error(source: str) -> None:
    with pytest.raises(LanguageError, match="no formatter"):
        parse_template(source)


@pytest.mark.parametrize("source", ["", "!", "a b", "a..b", "=x", "a-b"])
def test_what_is_no_condition_is_an_error(source: str) -> None:
    with pytest.raises(LanguageError):
        parse_condition(source)
