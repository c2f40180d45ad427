"""What is folded in a template says the same as before, in each language, and is drawn once."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from django.template import (
    Context,
    Engine,
    RequestContext,
    Template,
    VariableDoesNotExist,
    engines,
)
from django.template.base import Node
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from huying.templating import Still, _Name

BASE = """{% load i18n desk static %}
<title>{% block title %}{% translate "Queue" %}{% endblock %}</title>
{% icon "eye" %}{% icon name %}<a href="{% address "desk" %}">{% translate "Case queue" %}</a>
{% block content %}nothing{% endblock %}{% translate "Queue" as word %}[{{ word }}]
{% comment %}x{% endcomment %}
{% static "huying/mark.svg" %}{{ "plain" }}{{ "<b>" }}{{ "<b>"|safe }}"""
PAGE = """{% extends "base" %}{% load i18n desk %}
{% block title %}{% translate "Map" %} · {{ block.super }}{% endblock %}
{% block content %}
{% if many %}{% for each in many %}<b>{% icon "x" %}{% translate "Queue" %}</b>{{ each }}
{% if forloop.last %}{% translate "the latest first" %}!{% icon each %}{% else %},{% endif %}
{% endfor %}{% else %}{% translate "Close the case" %} {% icon "x" %}{% endif %}
{% include "part" %}{% blocktranslate %}Something{% endblocktranslate %}
{% blocktranslate with n=name %}{{ n }} there{% endblocktranslate %}
{% translate "Watch" context "verb" %}{% translate name %}
{% autoescape off %}{{ name }}{% translate "Queue" %}{% endautoescape %}
{% with a="<i>" %}{{ a }}{% translate "Map" %}{% icon "x" %}{% endwith %}{% endblock %}"""
PART = """{% load i18n %}({% translate "Queue" %} {{ name }})"""
VALUE = "({{ value }}{{ value|default:'&' }}{{ nothing }})"
TEMPLATES = {"base": BASE, "page": PAGE, "part": PART, "value": VALUE}
LIBRARIES = {
    "desk": "huying.templatetags.desk",
    "i18n": "django.templatetags.i18n",
    "static": "django.templatetags.static",
}


def _engine(*, folded: bool) -> Engine:
    kept = "huying.templating.Loader" if folded else "django.template.loaders.cached.Loader"
    from_memory = ("django.template.loaders.locmem.Loader", TEMPLATES)
    return Engine(loaders=[(kept, [from_memory])], libraries=LIBRARIES)


@pytest.mark.parametrize("many", [[], ["eye"], ["<a>", "&", "x"]])
def test_it_says_what_it_said(many: list[str]) -> None:
    ours, plain = _engine(folded=True), _engine(folded=False)
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            for name in ("eye", "<gavel>"):
                said = {"many": many, "name": name}
                drawn = ours.get_template("page").render(Context(said))
                assert drawn == plain.get_template("page").render(Context(said))


def test_what_is_always_the_same_is_drawn_once_in_each_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[str] = []
    annotated = Node.render_annotated

    def noted(self: Node, context: Any) -> Any:
        drawn.append(type(self).__name__)
        return annotated(self, context)

    page = _engine(folded=True).get_template("page")
    for language in ("zh-hans", "en"):
        with translation.override(language):
            page.render(Context({"name": "eye"}))
    monkeypatch.setattr(Node, "render_annotated", noted)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            page.render(Context({"name": "eye"}))
    # What says the name, what keeps a word, and what stands alone: nothing is gained with it.
    assert drawn.count("StaticNode") == 0
    assert drawn.count("TranslateNode") == 2 * len(("as word", "translate name"))
    assert drawn.count("SimpleNode") == 2 * len(("icon name",))


def test_nothing_that_depends_on_the_page_is_folded() -> None:
    page = _engine(folded=True).get_template("base")
    still = [piece for piece in page.nodelist if isinstance(piece, Still)]
    assert still
    assert all(each.render(Context()) == each.render(Context({"name": "x"})) for each in still)


class Shown:
    def __str__(self) -> str:
        return "三巷6号"


def test_a_page_that_is_drawn_lets_go_of_what_it_has_shown() -> None:
    page = engines["django"].from_string("<p>{{ shown }}</p>")
    shown = Shown()
    held = weakref.ref(shown)
    gc.disable()
    try:
        drawn = page.render({"shown": shown}, RequestFactory().get("/"))
        del shown
        assert held() is None
    finally:
        gc.enable()
    assert drawn == "<p>三巷6号</p>"


class _Case:
    number = "4401"
    place: Any = {"name": "小龙村", "none": None}
    rows = ("first", "second")

    def left(self) -> str:
        return "3 小时"

    def of_unit(self, unit: str) -> str:
        return unit

    def close(self) -> str:
        raise AssertionError("a page closes nothing")

    close.alters_data = True  # type: ignore[attr-defined]

    @property
    def broken(self) -> str:
        raise ValueError("nothing to see")


@pytest.mark.parametrize("context", [Context, RequestContext])
@pytest.mark.parametrize(
    "name",
    [
        "case", "case.number", "case.place.name", "case.place.none", "case.place.items",
        "case.rows.1", "case.rows.9", "case.left", "case.of_unit", "case.close", "case.broken",
        "case.nothing", "case.nothing.more", "nothing", "nothing.more", "made", "made.number",
        "case.number.upper", "words.0", "states.values", "2", "\"said\"",
    ],
)  # fmt: skip
def test_a_name_is_what_django_says_it_is(name: str, context: Any) -> None:
    names = {"case": _Case(), "made": _Case, "words": ["a"], "states": {"values": "own"}}
    beside = [RequestFactory().get("/")] if context is RequestContext else []
    told = context(*beside, names)
    told.push({"words": ["b"]})
    told.template = Template("")

    def said(kind: Any) -> Any:
        try:
            found = kind(name).resolve(told)
        except (VariableDoesNotExist, ValueError) as error:
            return type(error)
        return type(found) if isinstance(found, _Case) else found

    expected = said(_Name.__base__)
    found = said(_Name)
    assert type(found) is type(expected)
    assert str(found) == str(expected)


@pytest.mark.parametrize("value", ["<b>", mark_safe("<b>"), gettext_lazy("Queue"), 1234567, None])
@pytest.mark.parametrize("escapes", [True, False])
def test_a_value_is_shown_as_django_shows_it(value: Any, escapes: bool) -> None:
    said = []
    for folded in (True, False):
        page = _engine(folded=folded).get_template("value")
        said.append(page.render(Context({"value": value}, autoescape=escapes)))
    assert said[0] == said[1]
