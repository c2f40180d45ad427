"""Whom a milestone concerns, and the words they are told in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.measures.models import MeasureMilestone
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom, tell

DUE = kind(
    "measure_due",
    _("Milestone of a measure"),
    _("Measure {number}: {milestone} is to be reached by {day}."),
    group=Group.TASKS,
)
OVERDUE = kind(
    "measure_overdue",
    _("Milestone overdue"),
    _("Measure {number} of {unit}: {milestone} was to be reached by {day}."),
    group=Group.SUPERVISION,
)


def tell_of(what: Kind, row: MeasureMilestone, now: datetime, key: str) -> int:
    """The responsible units; of what is overdue the district's desk and leaders as well."""
    measure = row.measure
    office = (measure.district_code,) if what is OVERDUE else ()
    return tell(
        what,
        Whom(units=(measure.unit_id, *measure.helpers), desks=office, leaders=office),
        key=f"{what.name}:{row.pk}:{key}",
        district_code=row.district_code,
        now=now,
        path=f"/desk/measures/{measure.pk}",
        data={
            "number": str(measure.number),
            "milestone": row.title,
            "unit": measure.unit.name,
            "day": f"{row.due_on:%m-%d}",
        },
    )
