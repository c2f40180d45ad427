"""The nightly look for what is unusual: the last days' events, the guards, and what they found.

Nothing is decided here. A finding is written once, and waits for a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from huying.assessment.course import course
from huying.assessment.reading import versions
from huying.cases.models import Attachment, Case, CaseEvent, CaseText
from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.fairness import guards
from huying.fairness.guards import Guard, Noticed, Picture, Reported
from huying.fairness.models import Unusual, UnusualCase
from huying.guard_limits import Limits
from huying.people.models import ON_FOOT, Post

DAYS: Final = 2
"""So many days that are over are looked at each night: what a phone sent late is seen as well."""

USUAL: Final = timedelta(days=30)
"""What is usual is seen from so many days before."""

_TURNED: Final = ("check_fail", "reopen", "suspend", "return")


def limits() -> Limits:
    return Limits.read(settings.HUYING.guards)


def watch(*, now: datetime) -> int:
    """Looks at the days that are over; how many findings are new."""
    today, found = timezone.localdate(now), 0
    for back in range(DAYS, 0, -1):
        found += watch_day(today - timedelta(days=back), now=now)
    return found


def watch_day(day: date, *, now: datetime) -> int:
    """Looks at one day; how many findings are new."""
    begins = datetime.combine(day, time.min, CIVIL_TZ)
    ends = begins + timedelta(days=1)
    known = limits()
    reports = _reports(begins, ends)
    noticed = [
        *guards.floods(reports, _usual(reports, begins), known),
        *guards.splits(reports, known),
        *guards.outsides(reports, known),
        *_of_courses(begins, ends, known),
        *_copied(begins, ends, known),
    ]
    return sum(_write(each, day, now) for each in noticed)


def _reports(begins: datetime, ends: datetime) -> list[Reported]:
    """What was reported on foot that day, undone or not."""
    events = list(
        CaseEvent.objects.filter(
            verb="report", at__gte=begins, at__lt=ends, role__in=sorted(ON_FOOT)
        ).select_related("case")
    )
    cases = [each.case_id for each in events]
    settled = {
        (case, account)
        for case, account in CaseEvent.objects.filter(case_id__in=cases, verb="settle").values_list(
            "case_id", "actor_id"
        )
    }
    words = dict(CaseText.objects.filter(case__in=cases, seq=1).values_list("case", "body"))
    posts = dict(
        Post.objects.filter(pk__in={each.post_id for each in events}).values_list("pk", "area_code")
    )
    return [
        Reported(
            case=each.case_id,
            account=each.actor_id,
            at=each.at,
            item=each.case.item_code,
            area=each.data["area"],
            lon=each.case.lon,
            lat=each.case.lat,
            words=words.get(each.case_id, ""),
            settled=(each.case_id, each.actor_id) in settled,
            # What has no grid may lie anywhere: nobody is held to it.
            own=len(each.data["area"]) < 15
            or each.data["area"].startswith(posts.get(each.post_id or 0, "")),
        )
        for each in events
        if each.actor_id is not None
    ]


def _usual(reports: Iterable[Reported], begins: datetime) -> dict[int, list[int]]:
    """How many each of them settled on their days before."""
    accounts = {each.account for each in reports}
    rows = CaseEvent.objects.filter(
        verb="settle", at__gte=begins - USUAL, at__lt=begins, actor_id__in=accounts
    )
    days: Counter[tuple[int, date]] = Counter()
    for account, at in rows.values_list("actor_id", "at"):
        if account is not None:
            days[account, timezone.localdate(at)] += 1
    found: dict[int, list[int]] = defaultdict(list)
    for (account, _day), n in days.items():
        found[account].append(n)
    return found


def _of_courses(begins: datetime, ends: datetime, known: Limits) -> Iterator[Noticed]:
    """What happened to cases that day that may have been done for the clock."""
    turned = CaseEvent.objects.filter(verb__in=_TURNED, at__gte=begins, at__lt=ends)
    cases = set(turned.values_list("case_id", flat=True))
    if not cases:
        return
    find = versions()
    events = CaseEvent.objects.filter(case_id__in=cases).order_by("case_id", "seq")
    for case, rows in groupby(events, key=lambda each: each.case_id):
        log = [each for each in rows if each.at < ends]
        calendar = calendar_for(log[0].data["area"])
        there = [
            *guards.at_the_last(log, find, calendar, known),
            guards.hasty(course(log, versions=find, calendar=calendar), known),
        ]
        yield from (replace(each, cases=(case,)) for each in there if each is not None)


def _copied(begins: datetime, ends: datetime, known: Limits) -> Iterator[Noticed]:
    """Photos of that day against all those of their districts before."""
    photos = Attachment.objects.filter(
        case__isnull=False,
        look__isnull=False,
        uploader_kind="account",
        uploader_id__isnull=False,
        uploaded_at__lt=ends,
    )
    fresh = photos.filter(uploaded_at__gte=begins)
    districts = fresh.order_by().values_list("district_code", flat=True).distinct()
    since = begins - timedelta(days=known.copied_days)
    for district in sorted(districts):
        here = _pictures(photos.filter(district_code=district, uploaded_at__gte=since))
        yield from guards.copies((each for each in here if each.at >= begins), here, known)


def _pictures(photos: QuerySet[Attachment]) -> list[Picture]:
    rows = photos.order_by().values_list(
        "case", "uploader_id", "uploaded_at", "look", "case__merged_into", "case__parent"
    )
    return [
        Picture(case, account, at, look, merged_into or parent or case)
        for case, account, at, look, merged_into, parent in rows
        if case is not None and account is not None and look is not None
    ]


def key_of(noticed: Noticed, day: date) -> str:
    """The same thing noticed again has the same key: of people's days the day, else the cases."""
    if noticed.guard in (Guard.FLOOD, Guard.OUTSIDE):
        return f"{noticed.guard}:{noticed.account}:{day}"
    named = " ".join(sorted(each.hex for each in noticed.cases))
    seq = noticed.numbers.get("seq", 0)
    return f"{noticed.guard}:{seq}:{sha256(named.encode()).hexdigest()[:40]}"


@transaction.atomic
def _write(noticed: Noticed, day: date, now: datetime) -> bool:
    """Writes a finding down, once; whether it is new."""
    areas = dict(Case.objects.filter(pk__in=noticed.cases).values_list("pk", "area_code"))
    cases = [each for each in noticed.cases if each in areas]
    if not cases:
        return False
    area = _common([areas[each] for each in cases])
    made, new = Unusual.objects.get_or_create(
        key=key_of(noticed, day),
        defaults={
            "district_code": area[:6],
            "area_code": area,
            "guard": str(noticed.guard),
            "day": day,
            "numbers": dict(noticed.numbers),
            "account_id": noticed.account,
            "unit_id": noticed.unit,
            "found_at": now,
        },
    )
    if new:
        UnusualCase.objects.bulk_create(
            UnusualCase(finding=made, case_id=case, place=n) for n, case in enumerate(cases)
        )
    return new


def _common(areas: list[str]) -> str:
    """The smallest division that holds them all."""
    for length in (15, 12, 9, 6):
        begins = {each[:length] for each in areas}
        if len(begins) == 1 and len(next(iter(begins))) == length:
            return next(iter(begins))
    return areas[0][:6]
