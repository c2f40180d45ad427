"""What words refer to: a case that they name by its number, with what it is about and its page."""

from __future__ import annotations

import re
from typing import Final

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huying.cases.models import Case
from huying.people.acting import Actor

register = template.Library()

NUMBER: Final = re.compile(r"(?<!\d)(\d{25})(?!\d)")
MOST: Final = 50
"""So many cases of one text are looked up; the rest stay numbers."""


@register.simple_tag(takes_context=True)
def referring(context: Context, text: str) -> SafeString:
    """The text, in it each case that the reader may open as a link with its item's name.

    A number of a case that is not theirs to see stays a number, as one does that is none.
    """
    numbers = list(dict.fromkeys(NUMBER.findall(text)))[:MOST]
    if not numbers:
        return conditional_escape(text)
    actor: Actor = context["request"].actor
    cases = Case.objects.visible_to(actor).for_pages().filter(number__in=numbers)
    found = {case.number: case for case in cases}
    return format_html_join("", "{}", ((_part(part, found),) for part in NUMBER.split(text)))


def _part(part: str, found: dict[str, Case]) -> SafeString:
    case = found.get(part)
    if case is None:
        return conditional_escape(part)
    version = case.item_version
    name = _("not classified yet") if version is None else version.name
    return format_html('<a href="{}">{} {}</a>', reverse("case", args=[part]), part, name)
