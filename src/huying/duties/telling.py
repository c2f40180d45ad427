"""Whom an application concerns, and the words they are told in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.duties.models import Admission, AdmissionState
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom, tell

APPLIED = kind(
    "admission_applied",
    _("Application to review"),
    _("{unit} applies for a new item: {item}. Please review it by {day}."),
    group=Group.DESK,
)
RETURNED = kind(
    "admission_returned",
    _("Application to complete"),
    _("Your application {item} came back; please complete it."),
    group=Group.TASKS,
)
TO_DECIDE = kind(
    "admission_to_decide",
    _("Application to decide"),
    _("The application {item} of {unit} passed the pre-review. Please decide by {day}."),
    group=Group.TASKS,
)
ON_TRIAL = kind(
    "admission_on_trial",
    _("New item on trial"),
    _("{item} of {unit} is on trial until {day}."),
    group=Group.OTHER,
)
DECIDED = kind(
    "admission_decided",
    _("Application decided"),
    _("Your application {item} was decided. The words stand with it."),
    group=Group.TASKS,
)
LATE = kind(
    "admission_late",
    _("Application overdue"),
    _("The application {item} of {unit} waits since {day}."),
    group=Group.DESK,
)


def _put(what: Kind, whom: Whom, row: Admission, now: datetime, key: str = "") -> int:
    until = row.review_due or row.decide_due or row.trial_until
    return tell(
        what,
        whom,
        key=f"{what.name}:{row.pk}:{key or row.revision}",
        district_code=row.district_code,
        now=now,
        path=f"/desk/duties/admissions/{row.pk}",
        data={
            "item": row.name,
            "unit": row.unit.name,
            "day": f"{until:%m-%d}" if until is not None else "",
        },
    )


def tell_office(what: Kind, row: Admission, now: datetime) -> int:
    return _put(what, Whom(desks=(row.district_code,)), row, now)


def tell_leaders(what: Kind, row: Admission, now: datetime) -> int:
    return _put(what, Whom(leaders=(row.district_code,)), row, now)


def tell_unit(what: Kind, row: Admission, now: datetime) -> int:
    return _put(what, Whom(units=(row.unit_id,)), row, now)


def tell_towns(what: Kind, row: Admission, now: datetime) -> int:
    return _put(what, Whom(desks=tuple(row.trial_towns)), row, now, "towns")


def tell_late(row: Admission, now: datetime, key: str) -> int:
    """Whoever it waits for."""
    here = (row.district_code,)
    waits = Whom(desks=here) if row.state == AdmissionState.SUBMITTED else Whom(leaders=here)
    return _put(LATE, waits, row, now, key)
