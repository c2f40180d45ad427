"""A month or week whose figures are closed by what is known now, as if it were over."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from huying.assessment.following import follow
from huying.assessment.models import ClosedPeriod
from huying.assessment.rolled import places
from huying.assessment.statements import do


def closed_now(district: str, first: date, last: date) -> ClosedPeriod:
    """What `closing.close` writes, but for the wait until the days have gone by."""
    follow()
    now = timezone.now()
    kind = "week" if (last - first).days == 6 else "month"
    period = ClosedPeriod.objects.create(
        district_code=district, kind=kind, first=first, last=last, as_of=now, closed_at=now
    )
    do(
        "close",
        {
            "period": period.pk,
            "places": places(district),
            "district": district,
            "first": first,
            "last": last,
            "at": now,
        },
    )
    return period
