"""Whom scores are of, and what is measured of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.assessment.counting import By
from huying.assessment.indicators import indicators
from huying.assessment.scores.scoring import Measured
from huying.assessment.tallies import Tally
from huying.errors import Words


class Kind(models.TextChoices):
    """The kinds of subjects, each with a sheet of its own."""

    WORKER = "worker", _("Grid workers")
    DISPATCHER = "dispatcher", _("Dispatchers")
    DESK = "desk", _("Command centres")
    UNIT = "unit", _("Departments and teams")
    COMMUNITY = "community", _("Communities")
    TOWN = "town", _("Towns")
    BRANCH = "branch", pgettext_lazy("scores", "Party branches")


BY: Final[Mapping[Kind, By]] = {
    Kind.DISPATCHER: By.ACCOUNT,
    Kind.DESK: By.HOLDER,
    Kind.UNIT: By.UNIT,
    Kind.COMMUNITY: By.COMMUNITY,
    Kind.TOWN: By.TOWN,
    Kind.BRANCH: By.UNIT,
}

OF_WORKERS: Final[Mapping[By, frozenset[Tally]]] = {
    By.REPORTER: frozenset({Tally.PATROL_DECIDED, Tally.PATROL_VALID}),
    By.GRID: frozenset({Tally.FOUND_BY_OTHERS}),
    By.ACCOUNT: frozenset(
        {Tally.VERIFY_DUE, Tally.VERIFY_IN_TIME, Tally.CHECK_DUE, Tally.CHECK_IN_TIME}
    ),
}
"""What of a grid worker is counted by whom: what they reported, what others found in their grid,
what they themselves were asked to look at."""


@dataclass(frozen=True, slots=True)
class Count:
    """A measure that is a number of pieces."""

    code: str
    name: Words
    tallies: frozenset[Tally] = frozenset()


COUNTS: Final[Mapping[str, Count]] = {
    each.code: each
    for each in (
        Count("accepted_cases", _("Cases accepted"), frozenset({Tally.ACCEPTED})),
        Count("dispatched_cases", _("Cases dispatched to it"), frozenset({Tally.DISPATCHED})),
        Count("complaints", _("Told by residents"), frozenset({Tally.FOUND_BY_OTHERS})),
        Count("supervised_cases", _("Formally supervised"), frozenset({Tally.SUPERVISED})),
        Count("second_returns", _("Returned a second time"), frozenset({Tally.RETURNED_AGAIN})),
        Count("reopened_cases", _("Opened again"), frozenset({Tally.REOPENED})),
    )
}


def name_of(measure: str) -> Words:
    """A measure's name in the language of the page."""
    if measure in COUNTS:
        return COUNTS[measure].name
    found = indicators().get(measure)
    return measure if found is None else found.name


def is_measure(measure: str) -> bool:
    """Whether a sheet can name it."""
    return measure in COUNTS or measure in indicators()


def is_lower_better(measure: str) -> bool:
    """Of rates; of a count the sheet says it."""
    found = indicators().get(measure)
    return found is not None and found.better == "lower"


def tallies_of(measure: str) -> tuple[frozenset[Tally], frozenset[Tally]]:
    """What numerator and denominator are made of; nothing for what is not counted from events."""
    if measure in COUNTS:
        return COUNTS[measure].tallies, frozenset()
    found = indicators().get(measure)
    if found is None:
        return frozenset(), frozenset()
    return found.numerator.tallies, found.denominator.tallies


def measured(measure: str, counts: Counter[Tally]) -> Measured:
    """A measure by these counts."""
    if measure in COUNTS:
        return Measured(Fraction(sum(counts[tally] for tally in COUNTS[measure].tallies)))
    figure = indicators()[measure].figure(counts)
    return Measured(figure.numerator, figure.denominator)
