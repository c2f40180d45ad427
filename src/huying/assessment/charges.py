"""What is held against somebody: a counted fact that speaks against whom it is counted for. Pure.

Each may be appealed against by exactly those whom it is counted for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.utils.translation import pgettext_lazy

from huying.assessment.left_out import family_of
from huying.assessment.tallies import Line, Tally
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Role


class Whose(StrEnum):
    """For whom a fact is counted."""

    UNIT = "unit"
    DESK = "desk"
    ACCOUNT = "account"
    REPORTER = "reporter"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class Charge:
    """A kind of thing that is held against somebody.

    Attributes:
        counts_as: what there has to be.
        good: with it there is nothing to hold against anybody; None where the fact itself is bad.
    """

    code: str
    words: Words
    counts_as: Tally
    good: Tally | None
    whose: tuple[Whose, ...]


CHARGES: Final[dict[str, Charge]] = {
    each.code: each
    for each in (
        Charge("verify", pgettext_lazy("charge", "not verified in time"),
               Tally.VERIFY_DUE, Tally.VERIFY_IN_TIME, (Whose.ACCOUNT,)),
        Charge("accept", pgettext_lazy("charge", "not accepted in time"),
               Tally.ACCEPT_DUE, Tally.ACCEPT_IN_TIME, (Whose.DESK,)),
        Charge("accepted", pgettext_lazy("charge", "item changed after acceptance"),
               Tally.ACCEPTED, Tally.ACCEPTED_RIGHTLY, (Whose.DESK,)),
        Charge("dispatch", pgettext_lazy("charge", "not dispatched in time"),
               Tally.DISPATCH_DUE, Tally.DISPATCH_IN_TIME, (Whose.DESK,)),
        Charge("dispatched", pgettext_lazy("charge", "dispatched to the wrong unit"),
               Tally.DISPATCHED, Tally.DISPATCHED_RIGHTLY, (Whose.DESK,)),
        Charge("handle", pgettext_lazy("charge", "not handled in time"),
               Tally.HANDLE_DUE, Tally.HANDLE_IN_TIME, (Whose.UNIT,)),
        Charge("returned", pgettext_lazy("charge", "returned just before the deadline"),
               Tally.RETURNED_NEAR, None, (Whose.UNIT,)),
        Charge("come", pgettext_lazy("charge", "not on the spot in time"),
               Tally.COME_DUE, Tally.COME_IN_TIME, (Whose.UNIT,)),
        Charge("check", pgettext_lazy("charge", "not checked in time"),
               Tally.CHECK_DUE, Tally.CHECK_IN_TIME, (Whose.ACCOUNT,)),
        Charge("rework", pgettext_lazy("charge", "failed the check"),
               Tally.REWORK, None, (Whose.UNIT,)),
        Charge("total", pgettext_lazy("charge", "not closed in time"),
               Tally.TOTAL_DUE, Tally.TOTAL_IN_TIME, (Whose.UNIT, Whose.DESK)),
        Charge("day", pgettext_lazy("charge", "simple matter not closed within 24 hours"),
               Tally.DAY_DUE, Tally.DAY_DONE, (Whose.UNIT, Whose.DESK)),
        Charge("reopened", pgettext_lazy("charge", "opened again"),
               Tally.REOPENED, None, (Whose.UNIT,)),
        Charge("recurred", pgettext_lazy("charge", "the same came up again"),
               Tally.RECURRED, None, (Whose.UNIT,)),
        Charge("heard", pgettext_lazy("charge", "the resident is not satisfied"),
               Tally.HEARD, Tally.SATISFIED, (Whose.UNIT,)),
        Charge("invalid", pgettext_lazy("charge", "report not accepted"),
               Tally.PATROL_DECIDED, Tally.PATROL_VALID, (Whose.REPORTER,)),
        Charge("missed", pgettext_lazy("charge", "missed: a resident told of it first"),
               Tally.FOUND_BY_OTHERS, None, (Whose.GRID,)),
    )
}  # fmt: skip
"""In the order of a case's life."""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing held against somebody in one case."""

    case: UUID
    charge: Charge
    line: Line

    @property
    def tallies(self) -> list[str]:
        """What would leave the figures with it."""
        return sorted(family_of(self.charge.counts_as))

    @property
    def called_unit(self) -> int:
        """Of a whistle's call the unit: several are called by one event. Else 0."""
        return self.line.about.unit or 0 if self.charge.code == "come" else 0


def charges_in(found: Iterable[tuple[UUID, Line]]) -> list[Held]:
    """All that the lines hold against anybody."""
    lines = list(found)
    there = {(case, line.seq, line.tally, line.about.unit) for case, line in lines}
    return [
        Held(case, charge, line)
        for charge in CHARGES.values()
        for case, line in lines
        if line.tally is charge.counts_as
        and (charge.good is None or (case, line.seq, charge.good, line.about.unit) not in there)
    ]


def against(held: Held, actor: Actor) -> bool:
    """Whether it is the actor, on this post, whom it is counted for."""
    return any(_is(whose, held, actor) for whose in held.charge.whose)


def _is(whose: Whose, held: Held, actor: Actor) -> bool:
    about = held.line.about
    match whose:
        case Whose.UNIT:
            return actor.role == Role.HANDLER and about.unit == actor.unit_id is not None
        case Whose.DESK:
            return actor.role == Role.DISPATCHER and about.holder == actor.area_code
        case Whose.ACCOUNT:
            return actor.account_id is not None and about.account == actor.account_id
        case Whose.REPORTER:
            return actor.account_id is not None and about.reporter == actor.account_id
        case Whose.GRID:
            return actor.role in ON_FOOT and about.area == actor.area_code
