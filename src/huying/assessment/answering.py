"""Figures for whoever shows them: the closed ones, the sums, or the log, whichever has them.

Of a closed period they are those that were closed. Else they are read from facts and sums while
these follow the log (`following.follows`), and counted from the log where they do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from django.utils import timezone

from huying.assessment.counting import Asked, By, Counted, counted, lines_of_cases, subject
from huying.assessment.following import follows
from huying.assessment.left_out import LeftOuts
from huying.assessment.models import ClosedPeriod
from huying.assessment.rolled import behind, closed, has_sums, rolled
from huying.assessment.tallies import Tally

MOST: Final = 20_000
"""So many lines of one count are looked at when a figure is opened."""


def counts(
    area: str,
    first: date,
    last: date,
    by: By = By.ALL,
    *,
    tallies: Collection[Tally] | None = None,
    at: datetime | None = None,
) -> dict[str, Counter[Tally]]:
    """Counts by subject, as `rolled.rolled` has them, whether the sums follow the log or not.

    Args:
        at: as it was known at this moment; without one as it stands: of a closed period as it was
            when that was closed, else as it is known now.
    """
    period = closed(area, first, last) if at is None else None
    moment = _moment(period, at)
    if (period is not None and has_sums(area, by)) or follows(moment):
        return rolled(area, first, last, by, at=at, tallies=tallies)
    wanted = frozenset(Tally) if tallies is None else frozenset(tallies)
    found = counted(Asked(area, first, last, moment or timezone.now()), by)
    return {
        name: Counter({tally: n for tally, n in each.counts.items() if tally in wanted})
        for name, each in found.items()
    }


def _moment(period: ClosedPeriod | None, at: datetime | None) -> datetime | None:
    return at if period is None else period.as_of


def opened(
    area: str,
    first: date,
    last: date,
    by: By,
    name: str,
    tallies: Collection[Tally],
    *,
    at: datetime | None = None,
) -> Counted:
    """The cases, places and surveys behind one subject's counts, and what was left out of them."""
    moment = _moment(closed(area, first, last) if at is None else None, at)
    asked = Asked(area, first, last, moment or timezone.now())
    if not follows(moment):
        whole = counted(asked, by).get(name, Counted())
        found = Counted()
        for tally in sorted(tallies):
            for ref in whole.cases.get(tally, ()):
                found.add(tally, ref)
            if tally in whole.left:
                found.left[tally] = whole.left[tally]
        return found
    found = Counted()
    for tally in sorted(tallies):
        for ref in behind(area, first, last, by, name, tally, at=at, limit=MOST):
            found.add(tally, ref)
    left = LeftOuts(area, asked.at)
    for case, line in lines_of_cases(left.cases, asked):
        if line.tally in tallies and subject(line.about, by) == name and left.why(case, line):
            found.left.setdefault(line.tally, []).append(case)
    return found
