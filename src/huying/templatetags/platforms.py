"""How days and times of appointments stand on pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

register = template.Library()

WEEKDAYS: Final = (
    pgettext_lazy("platforms", "Mon"),
    pgettext_lazy("platforms", "Tue"),
    pgettext_lazy("platforms", "Wed"),
    pgettext_lazy("platforms", "Thu"),
    pgettext_lazy("platforms", "Fri"),
    pgettext_lazy("platforms", "Sat"),
    pgettext_lazy("platforms", "Sun"),
)


@register.filter
def day_said(day: date) -> str:
    """今天 11-29 周日."""
    ahead = (day - timezone.localdate()).days
    said = day_written(day)
    if ahead == 0:
        return _("today %(day)s") % {"day": said}
    return _("tomorrow %(day)s") % {"day": said} if ahead == 1 else said


@register.filter
def day_written(day: date) -> str:
    """11-30 周一: on paper there is no tomorrow."""
    return f"{day:%m-%d} {WEEKDAYS[day.weekday()]}"


@register.filter
def wall(moment: datetime | None) -> str:
    """09:30."""
    return "" if moment is None else f"{timezone.localtime(moment):%H:%M}"


@register.filter
def day_at(moment: datetime | None) -> str:
    """明天 11-30 周一 09:30."""
    if moment is None:
        return ""
    return f"{day_said(timezone.localtime(moment).date())} {wall(moment)}"


@register.filter
def hours_said(written: str) -> str:
    """The hours of a day, or that it is closed."""
    return written.replace(" ", "，") if written else _("closed all day")
