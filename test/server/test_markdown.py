"""Markdown as a tree that bindings can show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from vpo_polling.markdown import DEEPEST, tree

Node = dict[str, Any]


def brief(nodes: list[Node]) -> list[Any]:
    """`kind`, with its text or its children."""
    return [
        (node["kind"], brief(node["children"]) if "children" in node else node.get("text")) for node in nodes
    ]


def text_of(nodes: list[Node]) -> str:
    return "".join(node.get("text", "") + text_of(node.get("children", [])) for node in nodes)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("*b*`d`", [("paragraph", [("emphasis", [("text", "b")]), ("code", "d")])]),
        ("a **c**", [("paragraph", [("text", "a "), ("strong", [("text", "c")])])]),
        ("# A\n\n### B", [("heading3", [("text", "A")]), ("heading5", [("text", "B")])]),
        ("###### F", [("heading6", [("text", "F")])]),
        ("- a\n- b", [("list", [("item", [("text", "a")]), ("item", [("text", "b")])])]),
        ("```py\nx\n```", [("listing", "x")]),
        ("> a", [("quote", [("paragraph", [("text", "a")])])]),
        ("~~a~~", [("paragraph", [("deleted", [("text", "a")])])]),
        ("a  \nb\nc", [("paragraph", [("text", "a"), ("break", None), ("text", "b\nc")])]),
        ("---", [("rule", None)]),
        ("<b onclick=x>a</b>", [("paragraph", [("text", "<b onclick=x>a</b>")])]),
        ("|a|\n|-|", [("table", [("head", [("row", [("heading_cell", [("text", "a")])])])])]),
        ("", []),
    ],
)  # fmt: skip
def test_each_kind(source: str, expected: list[Any]) -> None:
    assert brief(tree(source)) == expected


def test_numbers_begin_where_they_were_written_to_begin() -> None:
    (numbers,) = tree("7. a\n8. b")
    assert (numbers["kind"], [item["number"] for item in numbers["children"]]) == ("numbers", [7, 8])


def test_a_listing_knows_its_language() -> None:
    assert tree("```py title\nx\n```")[0]["language"] == "py"
    assert tree("    x")[0]["language"] is None


@pytest.mark.parametrize(
    ("source", "href"),
    [
        ("[a](https://x.org/b)", "https://x.org/b"),
        ("<https://x.org>", "https://x.org"),
        ("see https://x.org/a.", "https://x.org/a"),
        ("![a](http://x.org/p.png)", "http://x.org/p.png"),
        ("[a](mailto:b@c.d)", None),
        ("[a](/etc/passwd)", None),
        ("[a](//x.org)", None),
    ],
)
def test_links_lead_to_web_addresses_or_nowhere(source: str, href: str | None) -> None:
    (link,) = [node for node in tree(source)[0]["children"] if node["kind"] == "link"]
    assert link["href"] == href


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "JaVaScRiPt:x()", "data:text/html,x", "vbscript:x"]
)
def test_no_other_scheme_becomes_a_link(scheme: str) -> None:
    for source in (f"[a]({scheme})", f"![a]({scheme})", f"<{scheme}>"):
        assert all(not node.get("href") for node in tree(source)[0]["children"])


@given(st.text(alphabet=st.sampled_from("ab *_`~#>-+1.|[]()!<>&\\\n\t:/'\"é😀\ud800\0"), max_size=200))
@example("> " * 200 + "deep")
@example("- " * 100 + "deep")
def test_any_text_is_a_tree_of_numbered_nodes(source: str) -> None:
    def check(nodes: list[Node], depth: int) -> None:
        assert [node["n"] for node in nodes] == list(range(len(nodes)))
        assert depth <= DEEPEST + 5
        for node in nodes:
            assert all(isinstance(node.get(name), (str, type(None))) for name in ("text", "href", "language"))
            check(node.get("children", []), depth + 1)

    check(tree(source), 0)


def test_the_words_are_all_there() -> None:
    source = "# A b\n\nc *d e* f\n\n1. g\n   - h\n\n| i | j |\n|---|---|\n| k | l |\n\n> m\n> n"
    assert [letter for letter in text_of(tree(source)) if letter.isalpha()] == list(
        "AbcdefghijklmNn".replace("N", "")
    )
