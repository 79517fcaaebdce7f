"""The filler paints what the page script would paint, and refuses markup that it can't."""

from __future__ import annotations

import json
import re

import pytest
from jinja2 import DictLoader, Environment, TemplateSyntaxError
from vpo_polling.pages.environment import script_json
from vpo_polling.pages.fill import FillExtension, fill
from vpo_polling.pages.formatting import Surroundings
from vpo_polling.pages.values import Json

AROUND = Surroundings({"running": "Running"}, now=1_000_000)


def painted(markup: str, data: Json) -> str:
    return fill(markup, data, AROUND)


@pytest.mark.parametrize(
    ("markup", "data", "expected"),
    [
        ('<b data-vpo-text="{a|word}"></b>', {"a": "running"}, '<b data-vpo-text="{a|word}">Running</b>'),
        ('<b data-vpo-text="{a} of {b}"></b>', {}, '<b data-vpo-text="{a} of {b}"></b>'),
        (
            '<progress max="9" data-vpo-attr-value="{n}"></progress>',
            {"n": 4.0},
            '<progress max="9" data-vpo-attr-value="{n}" value="4"></progress>',
        ),
        (
            '<progress max="9" data-vpo-attr-value="{n}"></progress>',
            {"n": None},
            '<progress max="9" data-vpo-attr-value="{n}"></progress>',
        ),
        ('<p data-vpo-show="a">x</p>', {"a": 1}, '<p data-vpo-show="a">x</p>'),
        ('<p data-vpo-show="a">x</p>', {"a": 0}, '<p data-vpo-show="a" hidden>x</p>'),
        ('<input data-vpo-show="a">', {}, '<input data-vpo-show="a" hidden disabled>'),
        ("<p>plain &amp; as it was<br></p>", {}, "<p>plain &amp; as it was<br></p>"),
    ],
)
def test_a_binding_is_filled(markup: str, data: Json, expected: str) -> None:
    assert painted(markup, data) == expected


def test_controls_in_a_hidden_part_are_disabled_and_others_are_not() -> None:
    markup = '<div data-vpo-show="a"><p><button>x</button></p></div><button>y</button>'
    assert painted(markup, {}) == (
        '<div data-vpo-show="a" hidden><p><button disabled>x</button></p></div><button>y</button>'
    )
    assert "disabled" not in painted(markup, {"a": 1})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("\"quoted\" & 'so'", "&#34;quoted&#34; &amp; &#39;so&#39;"),
        ("{{ 7 * 7 }}{% raw %}", "{{ 7 * 7 }}{% raw %}"),
        ("a\0b\ud800c", "a\ufffdb\ufffdc"),
        ("one\r\ntwo", "one&#13;\ntwo"),
        ("\x1b[31m\u202e", "\x1b[31m\u202e"),
    ],
)
def test_data_stay_text_in_elements_and_attributes(value: str, expected: str) -> None:
    markup = '<b data-vpo-attr-title="{a}" data-vpo-text="{a}"></b>'
    assert painted(markup, {"a": value}) == (
        f'<b data-vpo-attr-title="{{a}}" data-vpo-text="{{a}}" title="{expected}">{expected}</b>'
    )


ROWS = (
    '<ul data-vpo-each="jobs" data-vpo-key="id"><template data-vpo-when="a=1"><li>one</li></template>'
    '<template><li data-vpo-text="{a}"></li></template></ul>'
)


def test_rows_follow_their_templates_with_their_keys() -> None:
    data: Json = {"jobs": [{"id": 'k"1', "a": "<x>"}, {"id": 2, "a": 1}]}
    templates, _, rows = painted(ROWS, data).rpartition("</template>")
    assert templates + "</template></ul>" == ROWS
    assert rows == (
        '<li data-vpo-text="{a}" data-vpo-row="k&#34;1">&lt;x&gt;</li><li data-vpo-row="2">one</li></ul>'
    )


@pytest.mark.parametrize("jobs", [None, [], "text", {"a": 1}, 7])
def test_what_is_no_list_has_no_rows(jobs: Json) -> None:
    assert painted(ROWS, {"jobs": jobs}) == ROWS


def test_a_tree_uses_one_template_at_every_depth() -> None:
    markup = (
        '<ul data-vpo-each="nodes" data-vpo-key="n" data-vpo-use="node"></ul><template id="node"><li>'
        '<i data-vpo-text="{n}"></i><ul data-vpo-each="nodes" data-vpo-key="n" data-vpo-use="node"></ul>'
        "</li></template>"
    )
    found = painted(markup, {"nodes": [{"n": 1, "nodes": [{"n": 2, "nodes": []}]}]})
    assert found.count("data-vpo-row") == 2
    assert found.index('data-vpo-row="1"') < found.index('data-vpo-row="2"') < found.index("<template")


def test_a_tree_chooses_among_the_templates_of_a_home() -> None:
    markup = (
        '<p data-vpo-each="nodes" data-vpo-key="n" data-vpo-use="kinds"></p><div id="kinds" hidden>'
        '<template data-vpo-when="kind=text"><span data-vpo-text="{text}"></span></template>'
        '<template data-vpo-when="kind=bold">'
        '<b data-vpo-each="nodes" data-vpo-key="n" data-vpo-use="kinds"></b></template></div>'
    )
    text: Json = {"n": 0, "kind": "text", "text": "a"}
    nodes: Json = [text, {"n": 1, "kind": "bold", "nodes": [text]}, {"n": 2, "kind": "other"}]
    found = painted(markup, {"nodes": nodes}).split("</p>")[0]
    assert re.sub(r' data-[a-z-]+="[^"]*"', "", found) == "<p><span>a</span><b><span>a</span></b>"


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ('<p data-vpo-text="{a}">old</p>', "empty element"),
        ('<img data-vpo-text="{a}">', "empty element"),
        ('<p data-vpo-text="{a|loud}"></p>', "no formatter"),
        ('<p data-vpo-text="{a"></p>', "brace"),
        ('<p data-vpo-txet="{a}"></p>', "not known"),
        ('<p data-vpo-row="1"></p>', "rows get their key"),
        ('<p data-vpo-attr-onclick="{a}"></p>', "may not write"),
        ('<p data-vpo-attr-title="{a}" title="b"></p>', "written and bound"),
        ('<p data-vpo-show="a" hidden></p>', "show decides"),
        ('<p data-vpo-show="a"><button disabled>x</button></p>', "show decides"),
        ('<p data-vpo-show="a b"></p>', "not a condition"),
        ('<ul data-vpo-each="a"><template><li></li></template></ul>', "data-vpo-key"),
        ('<ul data-vpo-each="a" data-vpo-key="b"></ul>', "template"),
        (
            '<ul data-vpo-each="a" data-vpo-key="b"><template><li></li></template><li></li></ul>',
            "templates only",
        ),
        (
            '<ul data-vpo-each="a" data-vpo-key="b"><template><li></li><li></li></template></ul>',
            "exactly one",
        ),
        ('<ul data-vpo-each="a" data-vpo-key="b" data-vpo-use="c"></ul>', "names no template"),
        ("<p><b></p>", "</p> where </b>"),
        ("<p>", "never closed"),
        ("</p>", "no end tag"),
        ("<p a='b'></p>", "not a tag"),
        ("<P></P>", "not a tag"),
        ('<p a="1" a="2"></p>', "twice"),
        ("1 < 2", "not a tag"),
    ],
)
def test_markup_that_can_not_be_filled_is_an_error_when_it_is_loaded(markup: str, complaint: str) -> None:
    environment = Environment(
        loader=DictLoader({"page.html": f"\n{{% fill x %}}{markup}{{% endfill %}}"}),
        autoescape=True,
        extensions=[FillExtension],
    )
    with pytest.raises(TemplateSyntaxError) as caught:
        environment.get_template("page.html")
    assert complaint in str(caught.value)
    assert caught.value.name == "page.html"


def test_an_error_names_its_line() -> None:
    source = "<p>\n{# two\nlines #}\n{{ x }}</p>\n<b data-vpo-text='x'></b>"
    with pytest.raises(TemplateSyntaxError) as caught:
        Environment(autoescape=True, extensions=[FillExtension]).from_string(source)
    assert caught.value.lineno == 5


def test_jinja_may_stand_anywhere_in_the_markup() -> None:
    source = (
        '{% fill data %}{# a <comment #}<a{% if x %} id="{{ x }}"{% endif %}'
        ' data-vpo-attr-href="{{ base }}/{id}" data-vpo-text="{id}"></a>{% endfill %}'
    )
    environment = Environment(autoescape=True, extensions=[FillExtension])
    template = environment.from_string(source)
    values = {"surroundings": AROUND, "data": {"id": "a/b"}, "x": '"', "base": "/p"}
    assert template.render(values) == (
        '<a id="&#34;" data-vpo-attr-href="/p/{id}" data-vpo-text="{id}" href="/p/a%2Fb">a/b</a>'
    )


def test_a_page_without_surroundings_is_an_error() -> None:
    template = Environment(autoescape=True, extensions=[FillExtension]).from_string(
        "{% fill data %}{% endfill %}"
    )
    with pytest.raises(TypeError, match="surroundings"):
        template.render({"data": {}})


def test_no_word_ends_the_script_element_that_holds_it() -> None:
    text = script_json({"a": "</script><!--"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--"}
