"""A closed period on the figures' pages: since when it stands, and what was learned since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from huying.assessment.closing import corrections
from huying.assessment.counting import By
from huying.assessment.following import follows
from huying.assessment.models import ClosedPeriod
from huying.assessment.rolled import closed
from huying.assessment.tallies import Tally
from huying.assessment.wording import tally_words
from huying.cases.models import Case
from huying.desk.figures_asked import Look, reach_of
from huying.people.acting import Actor

FEW: Final = 10
"""So many cases of a correction stand beside a table."""

MANY: Final = 200
"""And so many where one figure was opened."""


@dataclass(frozen=True, slots=True)
class Side:
    """The cases that count now and did not, or the other way.

    Attributes:
        cases: those that the post sees, as far as they are listed.
        others: how many more there are: out of its sight, or not listed.
    """

    cases: list[Case]
    others: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction in words."""

    words: str
    then: int
    now: int
    more: Side
    fewer: Side


@dataclass(frozen=True, slots=True)
class Standing:
    """A period whose figures stand.

    Attributes:
        corrections: what was learned since; None while the facts do not follow the log, for then
            nobody can say.
    """

    period: ClosedPeriod
    corrections: list[Corrected] | None


def standing(
    look: Look,
    actor: Actor,
    subject: str | None = None,
    *,
    tallies: Collection[Tally] = frozenset(Tally),
    most: int = FEW,
) -> Standing | None:
    """How a look's period stands; None where it is not closed, or is looked at as of a moment.

    Args:
        subject: whose corrections; without one those of the whole area, and where a post sees its
            own figures only, its own.
        most: so many cases are listed of each side.
    """
    period = closed(look.area, look.first, look.last) if look.at is None else None
    if period is None:
        return None
    if not follows():
        return Standing(period, None)
    by, name = look.by, subject
    if name is None:
        own = reach_of(actor).own
        by, name = (By.ALL, "") if own is None else (look.by, own[look.by])
    found = [each for each in corrections(look.area, period, by, name) if each.tally in tallies]
    ids = {case for each in found for case in (*each.more, *each.fewer)}
    seen = {case.pk: case for case in Case.objects.visible_to(actor).for_pages().filter(pk__in=ids)}
    return Standing(
        period,
        [
            Corrected(
                tally_words(each.tally),
                each.then,
                each.now,
                _side(each.more, seen, most),
                _side(each.fewer, seen, most),
            )
            for each in found
        ],
    )


def _side(ids: Collection[UUID], seen: dict[UUID, Case], most: int) -> Side:
    cases = [seen[each] for each in ids if each in seen][:most]
    return Side(cases, len(ids) - len(cases))


def said(corrected: Corrected) -> str:
    """A correction in one line, as the Excel file has it."""
    line = f"{corrected.then} → {corrected.now}"
    for sign, side in (("+", corrected.more), ("−", corrected.fewer)):
        numbers = [case.number for case in side.cases]
        if side.others:
            numbers.append(f"… {side.others}")
        if numbers:
            line += f"  {sign} {' '.join(numbers)}"
    return line
