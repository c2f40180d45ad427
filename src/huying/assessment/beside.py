"""Counters beside the events of cases: patrols, surveys, and matters that come back.

What is no case's own course is counted by its own part, in the same lines: whoever knows of it puts
a counter here. A line's reference is then a place or a survey, and not a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

from huying.assessment.tallies import Line, Tally

if TYPE_CHECKING:
    from huying.assessment.counting import Asked

Counter = Callable[["Asked"], Iterator[tuple[UUID, Line]]]
_COUNTERS: Final[list[Counter]] = []

OF_PLACES: Final = frozenset({Tally.PATROL_WANTED, Tally.PATROL_MADE})
"""Their lines refer to places of a patrol."""

OF_SURVEYS: Final = frozenset({Tally.SURVEY_WANTED, Tally.SURVEY_DONE})
"""Their lines refer to surveys."""

OF_CASES: Final = frozenset(Tally) - OF_PLACES - OF_SURVEYS


def counter(made: Counter) -> Counter:
    """Adds a counter: of the days and area asked for, known at the moment asked for."""
    _COUNTERS.append(made)
    return made


def lines_beside(asked: Asked, *, but: Counter | None = None) -> Iterator[tuple[UUID, Line]]:
    """The lines of all counters; without one that is asked in another way."""
    for each in _COUNTERS:
        if each is not but:
            yield from each(asked)
