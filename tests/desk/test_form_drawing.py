"""Lists of options are drawn as Django's own templates draw them, letter by letter."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from huying.form_drawing import Renderer

CHOICES: list[Any] = [
    ("", "---"),
    ("a", "东街口 <b>&'\""),
    ("b\"<>&'", mark_safe("<i>安全</i>")),
    (7, gettext_lazy("Lead unit")),
    (None, 12345),
    ("石碁镇", [("x", "小龙村"), ("y", "岭边村")]),
]


class Numbered(forms.Select):
    """A list of which each option says more."""

    def create_option(self, name: str, value: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *rest, **more)
        option["attrs"] |= {"data-at": f"<{value}>", "disabled": value == "a", "data-n": 1000}
        return option


class Radios(forms.Select):
    """A list whose options have another template than Django's."""

    option_template_name = "django/forms/widgets/radio_option.html"


@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple, Numbered, Radios])
@pytest.mark.parametrize("attrs", [{}, {"class": "a<b", "required": True, "hidden": False}])
@pytest.mark.parametrize("value", [None, "a", "7", ["x", "b\"<>&'"]])
def test_a_list_is_drawn_letter_by_letter(kind: Any, attrs: dict[str, Any], value: Any) -> None:
    widget = kind(attrs=attrs, choices=CHOICES)
    with override("zh-hans"):
        ours = widget.render("name<>", value, renderer=Renderer())
        assert ours == widget.render("name<>", value, renderer=DjangoTemplates())
    assert hasattr(ours, "__html__")


def test_the_forms_use_it() -> None:
    assert isinstance(get_default_renderer(), Renderer)
