"""The guards in words: what each is called, what it looks for, and what it noticed in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.errors import Words
from huying.fairness.guards import Guard

GUARD_WORDS: Final[dict[Guard, tuple[Words, Words]]] = {
    Guard.FLOOD: (
        pgettext_lazy("guard", "many reports settled by oneself"),
        _("Confirmed, these cases count in no figure."),
    ),
    Guard.SPLIT: (
        pgettext_lazy("guard", "one matter as several reports"),
        _("Confirmed, only the first of them counts."),
    ),
    Guard.HASTY: (
        pgettext_lazy("guard", "finished just before the deadline, and failed"),
        _("Confirmed, it was not done in time."),
    ),
    Guard.SUSPENDED: (
        pgettext_lazy("guard", "suspended just before the deadline"),
        _("Confirmed, it was not done in time, whenever it is."),
    ),
    Guard.RETURNED: (
        pgettext_lazy("guard", "returned just before the deadline"),
        _("It counts as a return near the deadline; in order, it does not any more."),
    ),
    Guard.COPIED: (
        pgettext_lazy("guard", "the photo of another case"),
        _("Confirmed, the later case was not done, nor its report a valid one."),
    ),
    Guard.OUTSIDE: (
        pgettext_lazy("guard", "reports from outside one's grid"),
        _("Confirmed, they are no reports of the patrol."),
    ),
}
"""What it is called, and what comes of confirming it."""


def reason(guard: Guard, numbers: Mapping[str, int]) -> str:
    """Why it was noticed, in one sentence."""
    given = {"n": 0, "minutes": 0, "usual": 0, "bits": 0, "days": 0, "others": 0} | dict(numbers)
    match guard:
        case Guard.FLOOD:
            said = now_(
                "%(n)d reports settled on the spot by who reported them, in %(minutes)d minutes;"
                " a usual day has %(usual)d."
            )
        case Guard.SPLIT:
            said = now_(
                "%(n)d reports of the same item in %(minutes)d minutes, a few metres apart, in"
                " like words."
            )
        case Guard.HASTY:
            said = now_(
                "Finished %(minutes)d minutes before the deadline, then failed or reopened."
            )
        case Guard.SUSPENDED:
            said = now_("Suspended %(minutes)d minutes before the deadline.")
        case Guard.RETURNED:
            said = now_("Returned %(minutes)d minutes before the deadline.")
        case Guard.COPIED if given["others"]:
            said = now_(
                "A photo of the later case differs in %(bits)d of 64 places from a colleague's of a"
                " case %(days)d days before."
            )
        case Guard.COPIED:
            said = now_(
                "A photo of the later case differs in %(bits)d of 64 places from one of a case"
                " %(days)d days before."
            )
        case Guard.OUTSIDE:
            said = now_("%(n)d reports of one day from outside the grid of who reported them.")
    return said % given
