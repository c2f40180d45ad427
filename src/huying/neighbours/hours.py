"""Hours given, counted from confirmed attendance alone, and the certificates that say so."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit.masking import masked_name
from huying.errors import NotFound, WrongState
from huying.neighbours.models import Circle, CircleAttendance, HoursCertificate
from huying.neighbours.models.circles import AttendanceState
from huying.neighbours.noting import note
from huying.people.acting import Actor

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_SIZE: Final = 12


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave one team or group in a year."""

    circle: Circle
    year: int
    minutes: int
    times: int

    @property
    def hours(self) -> float:
        return hours_of(self.minutes)


def hours_of(minutes: int) -> float:
    """Minutes as hours with one place, rounded down: nobody is certified what they did not give."""
    return minutes * 10 // 60 / 10


def given_by(account_id: int | None) -> list[Given]:
    """By team and year, the newest first."""
    rows = (
        CircleAttendance.objects.filter(account=account_id, state=AttendanceState.CAME)
        .order_by()
        .annotate(year=ExtractYear("activity__begins_at"))
        .values_list("activity__circle", "year", "minutes")
    )
    sums: dict[tuple[uuid.UUID, int], list[int]] = {}
    for circle, year, minutes in rows:
        sums.setdefault((circle, year), []).append(minutes)
    circles = Circle.objects.in_bulk({circle for circle, _year in sums})
    found = [
        Given(circles[circle], year, sum(each), len(each)) for (circle, year), each in sums.items()
    ]
    return sorted(found, key=lambda each: (-each.year, each.circle.name))


def of_circle(circle: Circle) -> int:
    """Minutes that all together gave it."""
    rows = CircleAttendance.objects.filter(activity__circle=circle, state=AttendanceState.CAME)
    return rows.aggregate(n=Sum("minutes"))["n"] or 0


@transaction.atomic
def certify(circle: uuid.UUID, year: int, *, by: Actor, now: datetime) -> HoursCertificate:
    """The certificate of one's own hours; the same hours keep their number.

    Raises:
        NotFound: the actor never belonged to it.
        WrongState: no hour of that year was confirmed.
    """
    given = next(
        (
            each
            for each in given_by(by.account_id)
            if each.circle.pk == circle and each.year == year
        ),
        None,
    )
    if given is None:
        raise NotFound
    if not given.minutes:
        raise WrongState(_("No hour of that year was confirmed yet."))
    assert by.account_id is not None
    same = HoursCertificate.objects.filter(
        circle=circle, account=by.account_id, year=year, minutes=given.minutes
    )
    if (before := same.first()) is not None:
        return before
    code = "".join(secrets.choice(_LETTERS) for _letter in range(CODE_SIZE))
    try:
        with transaction.atomic():
            made = HoursCertificate.objects.create(
                district_code=given.circle.district_code,
                number=_number(given.circle, year, now),
                code=code,
                circle=given.circle,
                account_id=by.account_id,
                year=year,
                minutes=given.minutes,
                issued_at=now,
            )
    except IntegrityError:
        return same.get()  # asked for twice at once
    note(given.circle, "certify", by=by, now=now, number=made.number)
    return made


def _number(circle: Circle, year: int, now: datetime) -> str:
    """The community, the day, and letters that no other has."""
    tail = "".join(secrets.choice(_LETTERS) for _letter in range(6)).upper()
    return f"{circle.area_code}-{timezone.localtime(now):%Y%m%d}-{tail}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What everybody may read of a certificate: of its holder only a masked name."""

    number: str
    name: str
    circle: str
    area_code: str
    year: int
    hours: float
    issued_at: datetime


def check(code: str) -> Checked | None:
    """The certificate of a code; None for any other."""
    if len(code) != CODE_SIZE or not code.isascii():
        return None
    found = (
        HoursCertificate.objects.filter(code=code.lower())
        .select_related("circle", "account")
        .first()
    )
    if found is None:
        return None
    return Checked(
        number=found.number,
        name=masked_name(found.account.name),
        circle=found.circle.name,
        area_code=found.circle.area_code,
        year=found.year,
        hours=hours_of(found.minutes),
        issued_at=found.issued_at,
    )
