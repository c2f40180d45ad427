"""When an assisting unit's part of a case is due, and why. Pure.

A part has the lead unit's deadline, or an earlier one of its own: its own limit, counted from when
the unit was asked, is stopped by the same suspensions and ends with the lead's at the latest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huying.cases.deadlines import Dues
from huying.clock.calendar import WorkingCalendar
from huying.clock.deadlines import Due, due
from huying.clock.explaining import explain
from huying.clock.lights import yellow_at
from huying.clock.limits import Limit, Pause


@dataclass(frozen=True, slots=True)
class PartDue:
    """The deadline of a part.

    Attributes:
        due: None when neither the part nor the lead unit has a limit.
        own: whether it is the part's own limit that ends first.
        asked: whether the part has a limit of its own at all.
    """

    due: Due | None
    own: bool
    asked: bool

    @property
    def at(self) -> datetime | None:
        return None if self.due is None else self.due.at

    @property
    def yellow_at(self) -> datetime | None:
        return None if self.due is None or self.due.at is None else yellow_at(self.due)

    def sentences(self) -> list[str]:
        """Why it is due when it is due."""
        if self.due is None:
            return []
        if self.own:
            first = _("The part has a limit of its own.")
        elif self.asked:
            first = _("The part's own limit would end later; the lead unit's deadline holds.")
        else:
            first = _("The part has the lead unit's deadline: no other was set.")
        return [first, *explain(self.due)]


def part_due(
    asked_at: datetime,
    limit: Limit | None,
    lead: Due | None,
    calendar: WorkingCalendar,
    pauses: Iterable[Pause] = (),
) -> PartDue:
    """The deadline of a part that was asked for at a moment.

    Args:
        limit: the part's own; None for none.
        lead: the lead unit's deadline for handling; None while it has none.
        pauses: the case's suspensions.
    """
    if limit is None:
        return PartDue(lead, own=False, asked=False)
    own = due(asked_at, limit, calendar, pauses)
    if lead is None or _ends_first(own, lead):
        return PartDue(own, own=True, asked=True)
    return PartDue(lead, own=False, asked=True)


def _ends_first(own: Due, lead: Due) -> bool:
    if own.at is None or lead.at is None:
        # One stands still: so does the case, and the one with a moment passed before it did.
        return own.at is not None or lead.at is None
    return own.at < lead.at


def due_in(
    dues: Dues, asked_at: datetime, limit: Limit | None, calendar: WorkingCalendar
) -> PartDue:
    """The same from all deadlines of the case."""
    stages = dues.stages
    return part_due(asked_at, limit, stages.handle, calendar, stages.times.pauses)
