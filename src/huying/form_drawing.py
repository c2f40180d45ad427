"""Draws the fields of forms: as Django's templates do, and long lists of options quickly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

SELECT: Final = "django/forms/widgets/select.html"
OPTION: Final = "django/forms/widgets/select_option.html"


class Renderer(DjangoTemplates):
    """Django's renderer. Its template of a list includes two others for each option, which for a
    district's places or units took longer than everything else on the page."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        if template_name == SELECT and _is_plain(context["widget"]):
            return drawn(context["widget"])
        return super().render(template_name, context, request)  # type: ignore[return-value]


def drawn(widget: Mapping[str, Any]) -> SafeString:
    """What Django's template makes of a list, letter by letter.

    Args:
        widget: what a `Select` tells its template.
    """
    said = [f'<select name="{_shown(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            said.append(f'\n  <optgroup label="{_shown(group)}">')
        for option in options:
            value, attributes = _text(option["value"]), _attributes(option["attrs"])
            label = _shown(option["label"])
            said.append(f'\n  <option value="{value}"{attributes}>{label}</option>\n')
        if group:
            said.append("\n  </optgroup>")
    said.append("\n</select>")
    # Each part was escaped where it was put in.
    return mark_safe("".join(said))  # noqa: S308


def _is_plain(widget: Mapping[str, Any]) -> bool:
    options = (option for _group, options, _index in widget["optgroups"] for option in options)
    return all(option["template_name"] == OPTION for option in options)


def _attributes(attributes: Mapping[str, Any]) -> str:
    said = []
    for name, value in attributes.items():
        if value is True:
            said.append(f" {_shown(name)}")
        elif value is not False:
            said.append(f' {_shown(name)}="{_text(value)}"')
    return "".join(said)


def _shown(value: Any) -> str:
    return conditional_escape(localize(value))


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))
