"""What does not count any more: granted on appeal, or found to be no real work. The facts stay.

The log is not touched and the courses are what they were; the lines named here drop out of
numerators and denominators from a moment on. A figure of an earlier moment keeps them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from huying.assessment.tallies import Line, Tally
from huying.audit.identifiers import new_id
from huying.cases.models import Case

FAMILIES: Final[tuple[frozenset[Tally], ...]] = (
    frozenset({Tally.VERIFY_DUE, Tally.VERIFY_IN_TIME}),
    frozenset({Tally.ACCEPT_DUE, Tally.ACCEPT_IN_TIME}),
    frozenset({Tally.DISPATCH_DUE, Tally.DISPATCH_IN_TIME}),
    frozenset({Tally.HANDLE_DUE, Tally.HANDLE_DONE, Tally.HANDLE_IN_TIME}),
    frozenset({Tally.CHECK_DUE, Tally.CHECK_IN_TIME}),
    frozenset({Tally.TOTAL_DUE, Tally.TOTAL_DONE, Tally.TOTAL_IN_TIME}),
    frozenset({Tally.DAY_DUE, Tally.DAY_DONE}),
    frozenset({Tally.COME_DUE, Tally.COME_IN_TIME}),
    frozenset({Tally.CHECKED, Tally.REWORK}),
    frozenset({Tally.RETURNED, Tally.RETURNED_AGAIN}),
    frozenset({Tally.DISPATCHED, Tally.DISPATCHED_RIGHTLY, Tally.EXTENDED}),
    frozenset({Tally.ACCEPTED, Tally.ACCEPTED_RIGHTLY}),
    frozenset({Tally.PATROL_DECIDED, Tally.PATROL_VALID}),
    frozenset({Tally.FOUND_BY_OTHERS}),
    frozenset({Tally.RETURNED_NEAR}),
    frozenset({Tally.SUPERVISED}),
    frozenset({Tally.CLOSINGS}),
    frozenset({Tally.REOPENED}),
    frozenset({Tally.HEARD, Tally.RESPONDED, Tally.SOLVED, Tally.SATISFIED,
               Tally.FAIRLY_SATISFIED}),
    frozenset({Tally.WATCHED, Tally.RECURRED}),
)  # fmt: skip
"""Tallies of one fact: what leaves the numerator leaves the denominator with it."""

_FAMILY: Final = {tally: family for family in FAMILIES for tally in family}


def family_of(tally: Tally) -> frozenset[Tally]:
    """All that a fact counts as, if it counts as this; patrols and surveys have none."""
    return _FAMILY.get(tally, frozenset({tally}))


class LeftOutQuerySet(models.QuerySet["LeftOut"]):
    def held(self, at: datetime) -> LeftOutQuerySet:
        """Those that held at a moment."""
        return self.filter(since__lte=at).filter(Q(until=None) | Q(until__gt=at))


class LeftOut(models.Model):
    """Lines of a case that do not count.

    Attributes:
        seq: the event that they hang on; 0 for all of the case.
        unit_id: of a whistle's call the called unit; several hang on one event.
        tallies: which of that event's lines.
        source_id: the appeal or the finding.
        until: since when they count again.
    """

    class Why(models.TextChoices):
        APPEAL = "appeal", pgettext_lazy("left out", "on appeal")
        UNUSUAL = "unusual", pgettext_lazy("left out", "found to be unusual")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    case = models.ForeignKey(Case, models.CASCADE, related_name="left_out")
    seq = models.PositiveIntegerField()
    unit_id = models.BigIntegerField(null=True)
    tallies = ArrayField(models.CharField(max_length=24))
    why = models.CharField(max_length=8, choices=Why.choices)
    source_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects = LeftOutQuerySet.as_manager()

    class Meta:
        db_table = "left_out"
        constraints = [
            models.CheckConstraint(
                name="left_out_known", condition=Q(why__in=["appeal", "unusual"])
            ),
            models.CheckConstraint(
                name="left_out_for_a_time", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(name="left_out_some", condition=Q(tallies__len__gte=1)),
            models.UniqueConstraint(
                name="left_out_once", fields=["source_id", "case", "seq", "tallies"]
            ),
        ]


class Left(NamedTuple):
    seq: int
    unit: int | None
    tallies: frozenset[str]
    why: str

    def holds(self, line: Line) -> bool:
        return (
            self.seq in (0, line.seq)
            and str(line.tally) in self.tallies
            and (self.unit is None or self.unit == line.about.unit)
        )


class LeftOuts:
    """What does not count in a district at a moment; one query, and there are few."""

    def __init__(self, area: str, at: datetime) -> None:
        self._found: dict[UUID, list[Left]] = defaultdict(list)
        rows = LeftOut.objects.held(at).filter(district_code=area[:6])
        for case, seq, unit, tallies, why in rows.values_list(
            "case", "seq", "unit_id", "tallies", "why"
        ):
            self._found[case].append(Left(seq, unit, frozenset(tallies), why))

    @property
    def cases(self) -> list[UUID]:
        return list(self._found)

    def why(self, ref: UUID, line: Line) -> str:
        """Why a line does not count; empty if it does."""
        return next((left.why for left in self._found.get(ref, ()) if left.holds(line)), "")

    def counting(self, found: Iterable[tuple[UUID, Line]]) -> Iterator[tuple[UUID, Line]]:
        """The lines that count."""
        return (each for each in found if not self.why(*each))
