"""Closing a month: its scores are written down once, by the month's closed figures.

Score and figure of a closed month are the same numbers: whatever was learned after the figures were
closed (`assessment.closing`) is a correction of both.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.assessment import closing
from huying.assessment.models import ClosedPeriod
from huying.assessment.rolled import closed
from huying.assessment.scores import keeping, sheets
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ClosedMonth, ClosedScore
from huying.assessment.scores.monthly import Month, live
from huying.assessment.scores.publishing import held
from huying.assessment.scores.rating import hold, is_closed
from huying.assessment.scores.subjects import after, before, first_of, last_of
from huying.cases.models import Case
from huying.clock.calendar import CIVIL_TZ
from huying.errors import WrongState
from huying.people.acting import SYSTEM, Actor
from huying.places.models import Division, Level

MOST_BEHIND: Final = 12
"""So many months at most are made up for in one run."""


@transaction.atomic
def close(district: str, month: date, *, by: Actor, now: datetime) -> ClosedMonth:
    """Writes the scores of a month down, of all kinds; from then on they stand.

    They rest on the month's closed figures; these are closed first where they are due.

    Raises:
        WrongState: the month is not over, or closed already.
        TooEarly: its figures cannot be closed yet. NotFollowed: nor while they do not follow the
            events.
    """
    if now < datetime.combine(after(month), time.min, CIVIL_TZ):
        raise WrongState(_("This month is not over."))
    hold(month, district=district, alone=True)
    if is_closed(month, district):
        raise WrongState(_("This month is closed already."))
    period = _figures(district, month, now)
    found = [
        live(kind, district, month, held(kind, district, month), at=period.as_of) for kind in Kind
    ]
    kept = ClosedMonth.objects.create(
        district_code=district,
        month=month,
        at=period.as_of,
        period=period,
        closed_at=now,
        closed_by_id=by.account_id,
        sheets={
            each.kind: {"version": each.held.version, "sheet": sheets.as_data(each.held.sheet)}
            for each in found
        },
    )
    for each in found:
        _write(kept, each)
    return kept


def _figures(district: str, month: date, now: datetime) -> ClosedPeriod:
    """The month's closed figures."""
    span = month, last_of(month)
    if (period := closed(district, *span)) is not None:
        return period
    try:
        return closing.close(district, *span, now=now)
    except closing.AlreadyClosed:  # just now, by somebody else
        return ClosedPeriod.objects.get(district_code=district, first=span[0], last=span[1])


def _write(kept: ClosedMonth, month: Month) -> None:
    ClosedScore.objects.bulk_create(
        ClosedScore(
            closed=kept,
            district_code=kept.district_code,
            kind=month.kind,
            subject=each.subject.key,
            area_code=each.subject.area,
            total=each.score.total,
            grade=each.score.grade,
            vetoed=each.score.vetoed,
            body=keeping.as_data(each.score),
        )
        for each in month.standings
    )


def close_due(*, now: datetime) -> int:
    """Closes every month that is over and whose day to close has come; how many were.

    The first month is the one of the first case.
    """
    made = 0
    for district in Division.objects.filter(level=Level.DISTRICT).values_list("code", flat=True):
        for month in due(district, now):
            try:
                close(district, month, by=SYSTEM, now=now)
            except closing.TooEarly:
                break  # figures that are set to be closed later than scores: they come first
            made += 1
    return made


def due(district: str, now: datetime) -> list[date]:
    """The months to close, the oldest first."""
    today = timezone.localdate(now)
    newest = before(first_of(today))
    if today.day < settings.HUYING.scores_close_day:
        newest = before(newest)
    last = ClosedMonth.objects.filter(district_code=district).order_by("-month").first()
    if last is not None:
        month = after(last.month)
    else:
        first = Case.objects.filter(district_code=district).order_by("received_at").first()
        if first is None:
            return []
        month = max(
            first_of(timezone.localdate(first.received_at)),
            first_of(today - timedelta(days=31 * MOST_BEHIND)),
        )
    found: list[date] = []
    while month <= newest and len(found) < MOST_BEHIND:
        found.append(month)
        month = after(month)
    return found
