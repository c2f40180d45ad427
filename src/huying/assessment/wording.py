"""What is counted, in the words of a page: each tally, and so each indicator, can be read."""

from __future__ import annotations

from typing import Final

from django.utils.translation import pgettext_lazy

from huying.assessment.indicators import Formula, Indicator
from huying.assessment.tallies import Tally
from huying.errors import Words

WORDS: Final[dict[Tally, Words]] = {
    Tally.PATROL_DECIDED: pgettext_lazy("tally", "reports of the patrol that were decided on"),
    Tally.PATROL_VALID: pgettext_lazy("tally", "reports of the patrol that were accepted"),
    Tally.FOUND_BY_OTHERS: pgettext_lazy(
        "tally", "true matters in a grid that residents told of first"
    ),
    Tally.DECIDED: pgettext_lazy("tally", "reports that were accepted or declined"),
    Tally.OUTSIDE_LIST: pgettext_lazy("tally", "declined as outside the list of responsibilities"),
    Tally.ACCEPTED: pgettext_lazy("tally", "accepted"),
    Tally.ACCEPTED_RIGHTLY: pgettext_lazy("tally", "accepted, and the item never changed after"),
    Tally.DISPATCHED: pgettext_lazy("tally", "dispatches"),
    Tally.DISPATCHED_RIGHTLY: pgettext_lazy("tally", "dispatches that were not returned"),
    Tally.VERIFY_DUE: pgettext_lazy("tally", "to be verified by then"),
    Tally.VERIFY_IN_TIME: pgettext_lazy("tally", "verified in time"),
    Tally.ACCEPT_DUE: pgettext_lazy("tally", "to be accepted or declined by then"),
    Tally.ACCEPT_IN_TIME: pgettext_lazy("tally", "accepted or declined in time"),
    Tally.DISPATCH_DUE: pgettext_lazy("tally", "to be dispatched by then"),
    Tally.DISPATCH_IN_TIME: pgettext_lazy("tally", "dispatched in time"),
    Tally.HANDLE_DUE: pgettext_lazy("tally", "to be handled by then"),
    Tally.HANDLE_DONE: pgettext_lazy("tally", "handled"),
    Tally.HANDLE_IN_TIME: pgettext_lazy("tally", "handled in time"),
    Tally.CHECK_DUE: pgettext_lazy("tally", "to be checked by then"),
    Tally.CHECK_IN_TIME: pgettext_lazy("tally", "checked in time"),
    Tally.TOTAL_DUE: pgettext_lazy("tally", "to be closed by then"),
    Tally.TOTAL_DONE: pgettext_lazy("tally", "closed"),
    Tally.TOTAL_IN_TIME: pgettext_lazy("tally", "closed in time"),
    Tally.DAY_DUE: pgettext_lazy("tally", "simple matters that were accepted"),
    Tally.DAY_DONE: pgettext_lazy("tally", "closed within 24 hours of the report"),
    Tally.CHECKED: pgettext_lazy("tally", "checks"),
    Tally.REWORK: pgettext_lazy("tally", "checks that failed"),
    Tally.EXTENDED: pgettext_lazy("tally", "dispatches that were given more time"),
    Tally.RETURNED: pgettext_lazy("tally", "returns"),
    Tally.RETURNED_AGAIN: pgettext_lazy("tally", "second and later returns"),
    Tally.RETURNED_NEAR: pgettext_lazy("tally", "returns in the last tenth of the time to handle"),
    Tally.SUPERVISED: pgettext_lazy("tally", "cases under formal supervision"),
    Tally.CLOSINGS: pgettext_lazy("tally", "closings"),
    Tally.REOPENED: pgettext_lazy("tally", "cases opened again"),
    Tally.HEARD: pgettext_lazy("tally", "residents who were heard"),
    Tally.RESPONDED: pgettext_lazy("tally", "residents who were answered in time"),
    Tally.SOLVED: pgettext_lazy("tally", "residents whose matter is solved"),
    Tally.SATISFIED: pgettext_lazy("tally", "satisfied residents"),
    Tally.FAIRLY_SATISFIED: pgettext_lazy("tally", "fairly satisfied residents"),
    Tally.COME_DUE: pgettext_lazy("tally", "called by a whistle, and due on the spot"),
    Tally.COME_IN_TIME: pgettext_lazy("tally", "on the spot in time"),
    Tally.WATCHED: pgettext_lazy("tally", "closings whose 30 days are over"),
    Tally.RECURRED: pgettext_lazy(
        "tally", "closings after which the same item came up again near the spot within 30 days"
    ),
    Tally.PATROL_WANTED: pgettext_lazy("tally", "visits that the patrol plans wanted"),
    Tally.PATROL_MADE: pgettext_lazy("tally", "wanted visits that were made"),
    Tally.SURVEY_WANTED: pgettext_lazy("tally", "to be collected by the survey's deadline"),
    Tally.SURVEY_DONE: pgettext_lazy("tally", "collected"),
}


def tally_words(tally: Tally) -> str:
    return str(WORDS[tally])


def formula_words(formula: Formula) -> str:
    """A formula as one reads it: 满意的居民 + 0.9 × 基本满意的居民."""
    said = ""
    for weight, tally in formula.terms:
        sign = " − " if weight < 0 else " + "
        times = "" if abs(weight) == 1 else f"{float(abs(weight)):g} × "
        said += f"{sign if said or weight < 0 else ''}{times}{tally_words(tally)}"
    return said.strip()


def definition(indicator: Indicator) -> tuple[str, str]:
    """What is divided by what."""
    return formula_words(indicator.numerator), formula_words(indicator.denominator)
