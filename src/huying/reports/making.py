"""Reports are made: by somebody who asks, or by themselves once a week or month is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from huying.assessment.tallies import civil_day
from huying.cases.models import Case
from huying.clock.calendar import CIVIL_TZ
from huying.errors import BadInput, NotFound, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.places.models import Division, Level
from huying.reports import sight
from huying.reports.collecting import reports
from huying.reports.keeping import Form, drop, keep
from huying.reports.models import MadeReport
from huying.reports.report import Report
from huying.reports.spans import Kind, Span

log = logging.getLogger(__name__)

READY = kind(
    "report_ready",
    _("A report is ready"),
    _("{report} can be read and downloaded."),
    group=Group.OTHER,
)

AT_ONCE: Final = 3
"""Reports that one person may have made at the same time."""
QUIET: Final = timedelta(minutes=10)
"""A report that nothing was told of for so long is not being made any more."""
KEPT: Final = timedelta(days=366)
"""How long one that somebody asked for is kept; those made by themselves stay."""
MORNING: Final = time(6)
"""In China; earlier than this no report is made by itself."""

UNFINISHED: Final = (MadeReport.State.WAITING, MadeReport.State.RUNNING)


def ask(area: str, kind: str, day: date | None, *, by: Actor, now: datetime) -> MadeReport:
    """Has a report made on the week or month of a day.

    Raises:
        NotFound: no such place, or none that the actor may see.
        BadInput: no kind, no day, or one that has not come.
        WrongState: enough are being made for this person already.
    """
    if not sight.may_look(by) or not area.startswith(by.area_code):
        raise NotFound
    if not Division.objects.filter(code=area).exists():
        raise NotFound
    if kind not in Kind.values:
        raise BadInput(_("Please choose a week or a month."), field="kind")
    if day is None:
        raise BadInput(_("Please choose a day of the week or month."), field="day")
    span = Span.around(Kind(kind), day)
    if span.first > civil_day(now):
        raise BadInput(_("This week or month has not begun yet."), field="day")
    with transaction.atomic():
        busy = MadeReport.objects.filter(asked_by=by.account_id, state__in=UNFINISHED)
        if busy.filter(touched_at__gt=now - QUIET).count() >= AT_ONCE:
            raise WrongState(_("Three reports are being made for you already; please wait."))
        made = MadeReport.objects.create(
            district_code=area[:6],
            area_code=area,
            kind=span.kind,
            first=span.first,
            last=span.last,
            asked_by_id=by.account_id,
            asked_at=now,
            touched_at=now,
        )
        make_report.defer(report_id=str(made.pk))
    return made


@app.task(name="make_report", queue="exports")
def make_report(report_id: str) -> int:
    """Makes one report that was asked for. A repeated job makes nothing."""
    return make([UUID(report_id)], datetime.now(UTC))


def make_due(*, now: datetime) -> int:
    """Makes what is due by itself: how many reports."""
    _sweep(now)
    local = now.astimezone(CIVIL_TZ)
    if local.time() < MORNING:
        return 0
    count = 0
    for span in due_spans(local.date()):
        for district in Division.objects.filter(level=Level.DISTRICT).order_by("code"):
            count += make(_wanted(district.code, span, now), now)
    return count


def due_spans(today: date) -> list[Span]:
    """The weeks and months that are over and are to be reported on by now, as set."""
    spans = []
    if settings.HUYING.report_weekly:
        spans.append(Span.ended_before(Kind.WEEKLY, today))
    if 0 < settings.HUYING.report_day <= today.day:
        spans.append(Span.ended_before(Kind.MONTHLY, today))
    return spans


def _wanted(district: str, span: Span, now: datetime) -> list[UUID]:
    """A row for each area that has no report of the span yet, and was at work in it."""
    ended = datetime.combine(span.last, time.max, CIVIL_TZ)
    if not Case.objects.filter(district_code=district, received_at__lte=ended).exists():
        return []
    areas = Division.objects.filter(code__startswith=district).exclude(level=Level.COMMUNITY)
    MadeReport.objects.bulk_create(
        [
            MadeReport(
                district_code=district,
                area_code=code,
                kind=span.kind,
                first=span.first,
                last=span.last,
                scheduled=True,
                asked_at=now,
                touched_at=now,
            )
            for code in areas.order_by("code").values_list("code", flat=True)
        ],
        ignore_conflicts=True,
    )
    mine = MadeReport.objects.filter(
        scheduled=True, district_code=district, kind=span.kind, first=span.first
    )
    # Also those whose making broke off.
    mine.filter(state=MadeReport.State.RUNNING, touched_at__lt=now - QUIET).update(
        state=MadeReport.State.WAITING
    )
    mine.filter(state=MadeReport.State.FAILED, touched_at__lt=now - timedelta(hours=3)).update(
        state=MadeReport.State.WAITING
    )
    waiting = mine.filter(state=MadeReport.State.WAITING)
    return list(waiting.order_by("area_code").values_list("pk", flat=True))


def make(pks: Sequence[UUID], now: datetime) -> int:
    """Makes reports of one span and district, whose log is read once for all of them."""
    claimed = MadeReport.objects.filter(pk__in=pks, state=MadeReport.State.WAITING)
    if not claimed.update(state=MadeReport.State.RUNNING, touched_at=now, done=0):
        return 0
    rows = MadeReport.objects.filter(pk__in=pks, state=MadeReport.State.RUNNING)
    by_area = {row.area_code: row for row in rows}
    left = set(by_area)
    span = next(iter(by_area.values())).span
    try:
        for area, report in reports(sorted(by_area), span, now, told=_teller(pks)):
            _finish(by_area[area], report, now)
            left.discard(area)
    except Exception:
        failed = [by_area[area].pk for area in left]
        MadeReport.objects.filter(pk__in=failed, state=MadeReport.State.RUNNING).update(
            state=MadeReport.State.FAILED, touched_at=datetime.now(UTC)
        )
        raise
    return len(by_area)


def _teller(pks: Sequence[UUID]) -> Callable[[int], None]:
    def told(steps: int) -> None:
        MadeReport.objects.filter(pk__in=pks, state=MadeReport.State.RUNNING).update(
            done=steps, touched_at=datetime.now(UTC)
        )

    return told


def _finish(made: MadeReport, report: Report, now: datetime) -> None:
    """Keeps a report with its files, and tells whom it is for."""
    made.content, made.at = report.as_json(), report.at
    for form in Form:
        keep(made, form)
    with transaction.atomic():
        made.state = MadeReport.State.READY
        made.done = MadeReport.STEPS
        made.touched_at = datetime.now(UTC)
        made.save(update_fields=["content", "at", "state", "done", "touched_at"])
        if made.scheduled:
            whom = Whom(desks=(made.area_code,), leaders=(made.area_code,))
        else:
            whom = Whom(accounts=() if made.asked_by_id is None else (made.asked_by_id,))
        tell(
            READY,
            whom,
            key=f"report:{made.pk}",
            district_code=made.district_code,
            now=now,
            path=f"/desk/reports/{made.pk}",
            data={"report": report.short},
        )


def _sweep(now: datetime) -> None:
    """Takes away what somebody asked for long ago."""
    old = MadeReport.objects.filter(scheduled=False, asked_at__lt=now - KEPT)
    for pk in old.values_list("pk", flat=True):
        drop(pk)
        MadeReport.objects.filter(pk=pk).delete()
