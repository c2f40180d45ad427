"""The demo's reports: the last week of the shown town and of the district."""

from __future__ import annotations

from datetime import datetime

from huying.clock.calendar import CIVIL_TZ
from huying.people.demo import SHOWN_TOWN
from huying.reports import making
from huying.reports.keeping import drop
from huying.reports.models import MadeReport
from huying.reports.spans import Kind, Span


def load_reports(now: datetime) -> int:
    """Makes them; how many there are."""
    span = Span.ended_before(Kind.WEEKLY, now.astimezone(CIVIL_TZ).date())
    areas = (SHOWN_TOWN[:6], SHOWN_TOWN)
    if MadeReport.objects.filter(kind=span.kind, first=span.first, area_code__in=areas).exists():
        return 0
    rows = [
        MadeReport(
            district_code=area[:6],
            area_code=area,
            kind=span.kind,
            first=span.first,
            last=span.last,
            scheduled=True,
            asked_at=now,
            touched_at=now,
        )
        for area in areas
    ]
    made = MadeReport.objects.bulk_create(rows)
    return making.make([each.pk for each in made], now)


def unload_reports() -> None:
    """Takes every report away: their figures are of cases that go."""
    for pk in MadeReport.objects.values_list("pk", flat=True):
        drop(pk)
    MadeReport.objects.all().delete()
