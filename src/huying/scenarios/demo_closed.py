"""The demo's closed months and weeks: what is over stands, by what is known when it is made.

Everything that the demo's people did was written today. By the moments at which its months and
weeks would have been closed nothing was known of it, so they are closed by now; what is decided
after that, such as an appeal, is a correction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from huying.assessment import closing
from huying.assessment.following import follow
from huying.assessment.rolled import closed
from huying.cases.models import Case
from huying.people.demo import SHOWN_TOWN

WEEKS: Final = 6
MONTHS: Final = 12


def load_closed(now: datetime) -> int:
    """Closes what is over and not closed yet, since the first case; how many."""
    district = SHOWN_TOWN[:6]
    first = Case.objects.filter(district_code=district).order_by("received_at").first()
    if first is None:
        return 0
    follow()
    since = timezone.localdate(first.received_at)
    made = 0
    for begins, ends in _over(now):
        if ends >= since and closed(district, begins, ends) is None:
            closing.close(district, begins, ends, now=now, at=now, sure=timedelta(0))
            made += 1
    return made


def _over(now: datetime) -> Iterator[tuple[date, date]]:
    """The last months and weeks whose time to be closed has come."""
    for whole, many in ((closing.month_of, MONTHS), (closing.week_of, WEEKS)):
        span = whole(timezone.localdate(now))
        for _back in range(many):
            span = whole(span[0] - timedelta(days=1))
            if closing.as_of(span[1]) <= now - closing.SURE:
                yield span
