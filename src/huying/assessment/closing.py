"""Closing a month or week: its figures stand from then on; what is learned later is a correction.

The figures are those of a moment shortly after the period's end, by what the log said then; when
the closing itself runs makes no difference. The moment is past by so much that nothing written
before it is still on its way into the log.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.assessment.counting import By
from huying.assessment.following import behind_by
from huying.assessment.models import ClosedFigure, ClosedPeriod
from huying.assessment.rolled import beside_keys, changed, places, rolled
from huying.assessment.statements import do
from huying.assessment.tallies import Tally, civil_day
from huying.clock.calendar import CIVIL_TZ
from huying.errors import WrongState
from huying.installation import config
from huying.places.models import Division, Level

SURE: Final = timedelta(hours=1)
"""What was written so long ago is in the log for everybody to see."""


class TooEarly(WrongState):
    code = "too_early"
    sentence = _(
        "The period is not over long enough for its figures to be closed; scores rest on these."
    )


class AlreadyClosed(WrongState):
    code = "already_closed"
    sentence = _("This period is closed already; its figures stand.")


class NotFollowed(WrongState):
    code = "not_followed"
    sentence = _("The figures do not follow the events at the moment; nothing was closed.")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is known now of a closed period, and was not when it was closed.

    Attributes:
        then, now: the count as it stands, and as it would be today.
        more, fewer: the cases that count now and did not, and the other way.
    """

    tally: Tally
    then: int
    now: int
    more: tuple[UUID, ...]
    fewer: tuple[UUID, ...]


def month_of(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday."""
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=6)


def as_of(last: date) -> datetime:
    """The moment whose knowledge is kept of a period: midnight, some days after its last day."""
    days = config.close_periods_after_days
    return datetime.combine(last + timedelta(days=1 + days), time.min, CIVIL_TZ)


def close(
    district: str,
    first: date,
    last: date,
    *,
    now: datetime,
    at: datetime | None = None,
    sure: timedelta = SURE,
) -> ClosedPeriod:
    """Closes a month or a week of a district, by what was known at a moment.

    Args:
        sure: how long past that moment has to be; none where nobody else writes, as when a demo is
            made.

    Raises:
        TooEarly: that moment is not past, or not after the period.
        AlreadyClosed: it is closed.
        NotFollowed: the sums do not follow the log.
        ValueError: the days are neither a month nor a week.
    """
    kinds = ((ClosedPeriod.Kind.MONTH, month_of), (ClosedPeriod.Kind.WEEK, week_of))
    kind = next((kind for kind, whole in kinds if whole(first) == (first, last)), None)
    if kind is None:
        raise ValueError("neither a month nor a week")
    moment = at or as_of(last)
    if moment > now - sure or civil_day(moment) <= last:
        raise TooEarly()
    behind = behind_by()
    if behind is None or behind >= SURE:
        raise NotFollowed()
    with transaction.atomic():
        period, made = ClosedPeriod.objects.get_or_create(
            district_code=district,
            first=first,
            last=last,
            defaults={"kind": kind, "as_of": moment, "closed_at": now},
        )
        if not made:
            raise AlreadyClosed()
        do(
            "close",
            {
                "period": period.pk,
                "places": places(district),
                "district": district,
                "first": first,
                "last": last,
                "at": moment,
            },
        )
        # Lines that no case's own course makes stand under the same keys.
        counts = Counter(beside_keys(district, first, last, moment))
        ClosedFigure.objects.bulk_create(
            [
                ClosedFigure(period=period, by=by, area=area, tally=tally, subject=subject, n=n)
                for (by, area, tally, subject), n in sorted(counts.items())
            ],
            batch_size=5000,
        )
    return period


def close_due(*, now: datetime) -> int:
    """Closes each district's last month and week once their days have gone by; how many."""
    closed = 0
    districts = Division.objects.filter(level=Level.DISTRICT).order_by("code")
    for district in districts.values_list("code", flat=True):
        for first, last in _due(now):
            known = ClosedPeriod.objects.filter(district_code=district, first=first, last=last)
            if known.exists():
                continue
            close(district, first, last, now=now)
            closed += 1
    return closed


def _due(now: datetime) -> Iterator[tuple[date, date]]:
    """The last month and the last week whose moment has come."""
    for whole in (month_of, week_of):
        first, last = whole(civil_day(now))
        while as_of(last) > now - SURE:
            first, last = whole(first - timedelta(days=1))
        yield first, last


def corrections(
    area: str, period: ClosedPeriod, by: By = By.ALL, name: str = ""
) -> list[Correction]:
    """What is known now of one subject and was not when the period was closed."""
    first, last = period.first, period.last
    then = rolled(area, first, last, by).get(name, Counter())
    found: dict[Tally, tuple[list[UUID], list[UUID]]] = {}
    for tally, case, counts in changed(area, first, last, by, name, period.as_of):
        found.setdefault(tally, ([], []))[0 if counts else 1].append(case)
    made = []
    for tally, (more, fewer) in sorted(found.items()):
        # A fact that was written anew and says the same is no correction.
        gained, lost = Counter(more) - Counter(fewer), Counter(fewer) - Counter(more)
        if not gained and not lost:
            continue
        change = gained.total() - lost.total()
        made.append(
            Correction(
                tally,
                then[tally],
                then[tally] + change,
                tuple(sorted(gained.elements())),
                tuple(sorted(lost.elements())),
            )
        )
    return made
