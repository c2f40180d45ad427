"""Parts of a page that are drawn once show nobody what another was shown."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.utils.translation import override

ENGINE = Engine(
    libraries={
        "once": "huying.templatetags.once",
        "desk": "huying.templatetags.desk",
        "i18n": "django.templatetags.i18n",
    }
)


def part(text: str) -> Template:
    return Template("{% load desk i18n once %}" + text, engine=ENGINE)


def test_it_is_drawn_once_for_its_values() -> None:
    here = part("{% once place=place %}{{ place }}{{ place.upper }}{% endonce %}")
    for place in ("东街口", "西街口", "东街口"):
        assert here.render(Context({"place": place})) == place * 2
    assert here.render(Context({"place": "<"})) == "&lt;&lt;"
    assert len(here.nodelist[-1]._kept) == 3  # type: ignore[attr-defined]


def test_what_is_not_named_is_not_seen() -> None:
    assert part("{% once %}[{{ who }}]{% endonce %}").render(Context({"who": "何明"})) == "[]"


def test_each_reader_gets_the_own_language_and_the_own_token() -> None:
    form = part('{% once %}{% csrf_token %}{% translate "Case queue" %}{% endonce %}')
    with override("zh-hans"):
        assert "案件" in form.render(Context({"csrf_token": "a"}))
        drawn = form.render(Context({"csrf_token": "b<"}))
    assert drawn.startswith('<input type="hidden" name="csrfmiddlewaretoken" value="b&lt;">')
    with override("en"):
        assert form.render(Context()) == "Case queue"


def test_a_block_that_pages_fill_cannot_stand_in_it() -> None:
    with pytest.raises(TemplateSyntaxError, match="not drawn once"):
        part("{% once %}{% block title %}{% endblock %}{% endonce %}")
    with pytest.raises(TemplateSyntaxError, match="by name"):
        part("{% once 1 %}{% endonce %}")


def test_whatever_was_sent_is_chosen_only_where_it_is_offered() -> None:
    choices = [("a", "甲"), ("镇", [("x", "乙"), ('"><b', "丙")])]
    lists = part("{% options choices chosen %}")

    def drawn(chosen: object) -> str:
        return lists.render(Context({"choices": choices, "chosen": chosen}))

    plain = (
        '<option value="a">甲</option><optgroup label="镇"><option value="x">乙</option>'
        '<option value="&quot;&gt;&lt;b">丙</option></optgroup>'
    )
    assert drawn(None) == drawn("") == drawn('a">') == drawn("甲") == plain
    assert drawn("x") == plain.replace('"x"', '"x" selected')
    assert drawn('"><b') == plain.replace('lt;b"', 'lt;b" selected')
