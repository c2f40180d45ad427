"""What came in and what was closed, day by day: one question for all days of a span."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from huying.assessment.rolled import holder_of, level_of
from huying.assessment.statements import ask
from huying.places.models import CODE_LENGTH, Level


class Daily(NamedTuple):
    """One civil day: cases received, and closings that count (left out ones do not)."""

    day: date
    received: int
    closings: int


def daily(area: str, first: date, last: date) -> list[Daily]:
    """Every day of a span, both ends included, of a district, town or community.

    The counts are those of `present.states` and of `rolled.rolled` for each day alone.

    Raises:
        ValueError: the area is no whole code.
    """
    level = level_of(area)
    # States stand by town and by community; under a town, what of the district is known no finer.
    wide = len(area) <= CODE_LENGTH[Level.TOWN]
    rows = ask(
        "days",
        {
            "area": area,
            "above": holder_of(area, level),
            "by": str(level),
            "level": CODE_LENGTH[Level.TOWN if wide else Level.COMMUNITY],
            "first": first,
            "last": last,
        },
    )
    return [Daily(*row) for row in rows]
