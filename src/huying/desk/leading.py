"""The leader's page: what is red now, what keeps coming back, which unit to call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from huying.assessment.counting import By
from huying.assessment.indicators import Figure, indicators
from huying.assessment.rolled import rolled
from huying.assessment.spots import Came, Spot, gathered, grid_of, spots_among
from huying.assessment.tallies import Tally, civil_day
from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.clock.calendar import CIVIL_TZ
from huying.desk import queue
from huying.desk.here import at, me
from huying.desk.process import may_look, short_words
from huying.errors import Words
from huying.people.models import UnitKind
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level

BACK_WITHIN: Final = timedelta(days=30)
COMES_BACK: Final = 3
"""So often the same item at the same place within thirty days keeps coming back."""
SHOWN: Final = 8
LATE: Final = 14
UNITS: Final = 12


@dataclass(frozen=True, slots=True)
class Urgent:
    """An emergency that no unit has signed for."""

    case: Case
    item: str
    place: str
    where: str
    waits: str


@dataclass(frozen=True, slots=True)
class Behind:
    """A unit, or a desk where no unit has the cases, with what is overdue there."""

    name: str
    desk: str
    count: int
    longest: str
    width: int
    query: str
    team: str


@dataclass(frozen=True, slots=True)
class Back:
    """An item that keeps coming back at a spot.

    Attributes:
        cases: the last of them, the newest first.
        more: how many came before those.
    """

    item: str
    place: str
    count: int
    still: int
    cases: list[Case]
    more: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of a span beside the same of the span before."""

    words: Words
    now: str
    before: str
    sign: str
    verdict: str
    query: str


@require_safe
@at(may_look)
def page(request: HttpRequest) -> HttpResponseBase:
    """All of it, of the post's area."""
    actor, now = me(request), timezone.now()
    area, today = actor.area_code, timezone.localdate(now)
    seen: CaseQuerySet = Case.objects.visible_to(actor).filter(area_code__startswith=area)
    month = "month" if request.GET.get("span") == "month" else "week"
    first, last, first_before, last_before = spans(month, today)
    late = seen.overdue(now)
    units = behind_by_unit(late, now)
    urgent = urgent_now(seen, now)
    context = {
        "place": naming.own_name(area),
        "now": now,
        "span": month,
        "first": first,
        "last": last,
        "first_before": first_before,
        "last_before": last_before,
        "urgent": urgent[:SHOWN],
        "urgent_count": len(urgent),
        "late_count": queue.in_words(queue.counted(late)),
        "late": queue.rows(list(late.for_pages().by_time_left()[:LATE]), now),
        "units": units[:UNITS],
        "units_more": max(len(units) - UNITS, 0),
        "back": coming_back(seen, now, area[: CODE_LENGTH[Level.DISTRICT]]),
        "reopened": _again(seen, now, reopened__gt=0),
        "reworked": _again(seen, now, reworks__gt=1),
        "figures": beside(area, (first, last), (first_before, last_before)),
    }
    return render(request, "desk/leading/page.html", context)


def spans(span: str, today: date) -> tuple[date, date, date, date]:
    """The week or month until yesterday, and as many days from the beginning of the one before.

    Of whole days alone: a morning set beside a whole day would call everything worse. On a week's
    or month's first day it is the one that has just ended.
    """
    last = today - timedelta(days=1)
    if span == "week":
        first = last - timedelta(days=last.weekday())
        before = first - timedelta(days=7)
        return first, last, before, before + (last - first)
    first = last.replace(day=1)
    end = first - timedelta(days=1)
    before = end.replace(day=1)
    return first, last, before, min(before + (last - first), end)


def urgent_now(cases: CaseQuerySet, now: datetime) -> list[Urgent]:
    """Emergencies that no unit has signed for, the longest wait first."""
    found = cases.unsigned_emergencies().for_pages().order_by("received_at")
    catalogue = snapshot(now)
    urgent = []
    for case in found[: queue.MOST_COUNTED]:
        item = catalogue.get(case.item_code or case.suggested_item)
        where = case.lead_unit.name if case.lead_unit else naming.own_name(case.holder_code)
        urgent.append(
            Urgent(
                case=case,
                item=_("not classified") if item is None else item.name,
                place=queue.short_place(case.area_code),
                where=where,
                waits=short_words(now - case.received_at),
            )
        )
    return urgent


def behind_by_unit(late: CaseQuerySet, now: datetime) -> list[Behind]:
    """Where what is overdue lies: with which unit, or which desk has yet to act."""
    with_unit = Q(state__in=[State.DISPATCHED, State.HANDLING])
    rows: list[Any] = [
        *late.filter(with_unit)
        .order_by()
        .values("holder_code", "lead_unit", "lead_unit__name", "lead_unit__code", "lead_unit__kind")
        .annotate(n=Count("pk"), since=Min("due_at")),
        *late.exclude(with_unit)
        .order_by()
        .values("holder_code")
        .annotate(n=Count("pk"), since=Min("due_at")),
    ]
    rows.sort(key=lambda row: (-row["n"], row["since"], row["holder_code"]))
    most = max((row["n"] for row in rows), default=1)
    found = []
    for row in rows:
        desk, unit = naming.own_name(row["holder_code"]), row.get("lead_unit")
        is_team = row.get("lead_unit__kind") == UnitKind.TEAM
        asked = {"tab": "overdue", "holder": row["holder_code"]}
        found.append(
            Behind(
                name=row.get("lead_unit__name") or _("%(desk)s, the desk itself") % {"desk": desk},
                desk=desk if unit else "",
                count=row["n"],
                longest=short_words(now - row["since"]),
                width=round(100 * row["n"] / most),
                query=urlencode(asked | ({"unit": unit} if unit else {})),
                team=row["lead_unit__code"] if is_team else "",
            )
        )
    return found


def coming_back(cases: CaseQuerySet, now: datetime, district: str) -> list[Back]:
    """The same item at the same spot, again and again: as 重复发生率 takes a spot, whatever grids
    and desks it lies between."""
    known: dict[UUID, Spot] = {}
    came = []
    rows = (
        cases.filter(received_at__gte=now - BACK_WITHIN, received_at__lte=now)
        .exclude(item_code="")
        .exclude(state__in=[State.DECLINED, State.MERGED, State.WITHDRAWN])
        .order_by()
        .values_list("pk", "received_at", "item_code", "area_code", "lon", "lat", "address")
    )
    for pk, came_at, item, area, lon, lat, address in rows.iterator():
        known[pk] = Spot(lon, lat, address)
        came.append(Came(civil_day(came_at), pk, item, grid_of(area)))
    groups = gathered(came, spots_among(known, district), COMES_BACK)[:SHOWN]
    shown = {each.case for group in groups for each in group}
    of = {case.pk: case for case in Case.objects.filter(pk__in=shown).for_pages()}
    catalogue, found = snapshot(now), []
    for group in groups:
        # One may have been erased since.
        there = [of[each.case] for each in reversed(group) if each.case in of]
        if not there:
            continue
        its = catalogue.get(group[0].item)
        found.append(
            Back(
                item=group[0].item if its is None else its.name,
                place=queue.short_place(there[0].area_code),
                count=len(group),
                still=sum(case.state != State.CLOSED for case in there),
                cases=there[:SHOWN],
                more=len(there[SHOWN:]),
            )
        )
    return found


def _again(cases: CaseQuerySet, now: datetime, **how: int) -> dict[str, Any]:
    """Cases of the last thirty days that went round again, those still open first."""
    found = cases.filter(received_at__gte=now - BACK_WITHIN, **how)
    ordered = found.for_pages().order_by("ended_at", "-reworks", "-received_at")
    return {
        "count": queue.in_words(queue.counted(found)),
        "lines": [
            {"case": case, "place": queue.short_place(case.area_code)} for case in ordered[:SHOWN]
        ],
    }


def tallies(area: str, first: date, last: date) -> Counter[Tally]:
    """The counts that the indicators shown are made of."""
    needed = {Tally.CLOSINGS}
    for code in SHOWN_FIGURES:
        needed |= indicators()[code].tallies
    return rolled(area, first, last, tallies=needed).get("", Counter())


SHOWN_FIGURES: Final = (
    "closed_in_time",
    "handled_in_time",
    "within_a_day",
    "returned",
    "rework",
    "reopened",
    "satisfied",
)


def beside(area: str, span: tuple[date, date], before: tuple[date, date]) -> list[Beside]:
    """The figures of a span beside those of the one before."""
    these, those = tallies(area, *span), tallies(area, *before)
    days = {"area": area, "period": "days", "by": str(By.ALL)}
    days |= {"first": span[0].isoformat(), "last": span[1].isoformat()}
    open_in = f"{reverse('figures')}?{urlencode(days)}"
    flow = {"first": span[0].isoformat(), "last": span[1].isoformat()}
    rows = [
        _number(
            pgettext_lazy("leading", "Reported"),
            _received(area, *span),
            _received(area, *before),
            f"{reverse('process')}?{urlencode(flow)}",
        ),
        _number(
            pgettext_lazy("leading", "Closed"),
            these[Tally.CLOSINGS],
            those[Tally.CLOSINGS],
            open_in,
        ),
    ]
    for code in SHOWN_FIGURES:
        known = indicators()[code]
        rows.append(_rate(known.figure(these), known.figure(those), known.better, open_in))
    return rows


def _received(area: str, first: date, last: date) -> int:
    return (
        Case.objects.filter(
            district_code=area[:6],
            area_code__startswith=area,
            received_at__gte=datetime.combine(first, time.min, CIVIL_TZ),
            received_at__lt=datetime.combine(last + timedelta(days=1), time.min, CIVIL_TZ),
        )
        .order_by()
        .count()
    )


def _number(words: Words, now: int, before: int, query: str) -> Beside:
    return Beside(words, str(now), str(before), _sign(now - before), "", query)


def _rate(now: Figure, before: Figure, better: str, query: str) -> Beside:
    change = Fraction(0)
    if now.value is not None and before.value is not None:
        change = now.value - before.value
    good = (change > 0) == (better == "higher")
    return Beside(
        words=now.indicator.name,
        now=now.percent or _("no data"),
        before=before.percent or _("no data"),
        sign=_sign(change),
        verdict="" if not change else "good" if good else "bad",
        query=query,
    )


def _sign(change: int | Fraction) -> str:
    return "up" if change > 0 else "down" if change < 0 else ""
