"""What a rule would take away at a moment, and what it must leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, ExtractYear

from huying.cases import models as cases
from huying.cases.states import OPEN_STATES
from huying.clock.calendar import CIVIL_TZ
from huying.requests.models import RequestRecord, State
from huying.retention.models import RetentionHold
from huying.retention.rules import CASE, Rule
from huying.supervision.models import Supervision

SUPERVISED: Final = "supervised"
REQUEST: Final = "request"
OPEN_CASE: Final = "open_case"
SAMPLE: Final = 5


@dataclass(slots=True)
class Found:
    """What a rule has to do with at a moment."""

    due: int = 0
    held: dict[str, int] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)
    sample: list[str] = field(default_factory=list)


def border(days: int, now: datetime) -> datetime:
    """What is older than this goes."""
    return now - timedelta(days=days)


def old(rule: Rule, days: int, now: datetime) -> QuerySet[Any]:
    """All rows that are old enough, each with `held_by`: why it stays, or empty."""
    found = rule.find(border(days, now))
    if not rule.subject:
        return found.annotate(held_by=Value("", output_field=CharField()))
    holds = RetentionHold.objects.filter(
        subject=rule.subject, subject_id=OuterRef("holder"), lifted_at=None
    ).order_by("placed_at")
    asked = RequestRecord.objects.filter(
        subject=rule.subject, subject_id=OuterRef("holder"), request__state=State.OPEN
    )
    reasons: list[Any] = [
        When(Exists(asked), then=Value(REQUEST)),
        When(Exists(holds), then=Coalesce(holds.values("reason")[:1], Value(""))),
    ]
    if rule.subject == CASE:
        supervised = Supervision.objects.filter(case=OuterRef("holder"), lifted_at=None)
        reasons += [
            When(Exists(supervised), then=Value(SUPERVISED)),
            When(Exists(_still_open()), then=Value(OPEN_CASE)),
        ]
    return found.annotate(
        held_by=Case(*reasons, default=Value(""), output_field=CharField(max_length=14))
    )


def _still_open() -> QuerySet[Any]:
    """The case, or what it was merged into, its parent, its parts, while those go on."""
    goes_on = sorted(OPEN_STATES)
    return cases.Case.objects.filter(pk=OuterRef("holder")).filter(
        Q(state__in=goes_on)
        | Q(merged_into__state__in=goes_on)
        | Q(parent__state__in=goes_on)
        | Q(subs__state__in=goes_on)
    )


def due(rule: Rule, days: int, now: datetime) -> QuerySet[Any]:
    """The rows that go."""
    return old(rule, days, now).filter(held_by="")


def count(rule: Rule, days: int, now: datetime) -> Found:
    """How many go and how many stay, by year and by reason; and the ids of some of those rows."""
    found = Found()
    rows = old(rule, days, now).order_by()
    goes = rows.filter(held_by="")
    years = goes.annotate(in_year=ExtractYear("old_since", tzinfo=CIVIL_TZ)).values_list("in_year")
    for year, number in years.annotate(n=Count("pk")).order_by("in_year"):
        found.years[str(year)] = number
        found.due += number
    if rule.subject:
        held = rows.exclude(held_by="").values_list("held_by")
        found.held = dict(held.annotate(n=Count("pk")).order_by("held_by"))
    found.sample = [
        str(pk) for pk in goes.order_by("old_since", "pk").values_list("pk", flat=True)[:SAMPLE]
    ]
    return found


def batches(
    rule: Rule, days: int, now: datetime, size: int
) -> Iterator[tuple[UUID | None, list[UUID]]]:
    """The rows that go, case by case where a rule is of cases, else so many at a time.

    They are asked for again and again, as what was taken away is found no more; what could not be
    taken is passed over.
    """
    after: UUID | None = None
    while True:
        rows = due(rule, days, now)
        if rule.of_cases:
            rows = rows.filter(case_id__gt=after) if after else rows
            keys = list(
                rows.order_by("case_id").values_list("case_id", flat=True).distinct()[:size]
            )
            for case in keys:
                yield case, []
        else:
            rows = rows.filter(pk__gt=after) if after else rows
            keys = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
            if keys:
                yield None, keys
        if len(keys) < size:
            return
        after = keys[-1]
