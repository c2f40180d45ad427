"""What can be asked of cases. Everything a person sees is loaded through ``visible_to``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q

from huying.cases.states import OPEN_STATES, State
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Role

if TYPE_CHECKING:
    from huying.cases.models import Case  # noqa: F401


class _IsAnyOf(Func):
    """``value = ANY(array)``: an array of a subquery is made once, before anything is looked up."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides who may see a case: where it lies, who holds it, who takes part."""

    area_code: str
    holder_code: str
    accounts: Collection[int]
    units: Collection[int]

    def is_open_to(self, actor: Actor) -> bool:
        """The same as `CaseQuerySet.visible_to`, for a case that is in memory."""
        if actor.is_system:
            return True
        if not actor.works_cases:
            return False
        if actor.account_id in self.accounts:
            return True
        if actor.role == Role.HANDLER:
            return actor.unit_id in self.units
        holds = actor.role not in ON_FOOT
        return actor.covers(self.area_code) or (holds and actor.covers(self.holder_code))


class Sees(Enum):
    """What a post sees beside what it takes part in."""

    ALL = "all"
    NOTHING = "nothing"
    DISTRICT = "district"
    GRID = "grid"
    AREA = "area"
    AREA_AND_HELD = "area and held"
    OF_UNIT = "of its unit"
    NOTHING_MORE = "nothing more"


class Seeing(NamedTuple):
    """How a post sees cases, whichever post of its kind it is."""

    sees: Sees
    by_name: bool
    by_unit: bool

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """How this actor's present post sees.

        A desk, checker or leader sees what lies in its area or is held there; a grid worker the
        own grid; a handler the unit's cases; all of them what they take part in by name. The
        three guardian roles see none, nor do members and volunteers.
        """
        if actor.is_system:
            return cls(Sees.ALL, by_name=False, by_unit=False)
        if not actor.works_cases:
            return cls(Sees.NOTHING, by_name=False, by_unit=False)
        by_name = actor.account_id is not None
        if actor.role == Role.HANDLER:
            return cls(Sees.OF_UNIT, by_name, by_unit=actor.unit_id is not None)
        if not actor.area_code:
            sees = Sees.NOTHING_MORE
        elif len(actor.area_code) == 6:
            sees = Sees.DISTRICT
        elif actor.role not in ON_FOOT:
            sees = Sees.AREA_AND_HELD
        else:
            sees = Sees.GRID if len(actor.area_code) == 15 else Sees.AREA
        return cls(sees, by_name, by_unit=False)


def who_sees(actor: Actor) -> dict[str, Any]:
    """What `CaseQuerySet.seen` compares with."""
    return {"area": actor.area_code, "account": actor.account_id, "unit": actor.unit_id}


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> Self:
        """The cases that the actor's present post may see, and no others; see `Seeing.of`."""
        return self.seen(Seeing.of(actor), **who_sees(actor))

    def seen(self, seeing: Seeing, *, area: Any, account: Any, unit: Any) -> Self:
        """The same from its parts, which may be gaps of a question (`postgres.frozen`)."""
        if seeing.sees is Sees.ALL:
            return self
        if seeing.sees is Sees.NOTHING:
            return self.none()
        if seeing.sees is Sees.DISTRICT:
            return self.filter(district_code=area)
        taking_part = self._taking_part(seeing, account, unit)
        if seeing.sees in (Sees.OF_UNIT, Sees.NOTHING_MORE):
            return self.filter(taking_part)
        # Nothing lies below a grid: the same as what begins with its code, and a plan can be kept.
        in_area = Q(area_code=area) if seeing.sees is Sees.GRID else Q(area_code__startswith=area)
        if seeing.sees is Sees.AREA_AND_HELD:
            in_area |= Q(holder_code__startswith=area)
        return self.filter(in_area | taking_part)

    @staticmethod
    def _taking_part(seeing: Seeing, account: Any, unit: Any) -> Q:
        who = Q(pk__in=[])
        if seeing.by_name:
            who |= Q(account=account)
        parties = apps.get_model("huying", "CaseParty").objects.filter(until_seq__isnull=True)
        if seeing.sees not in (Sees.OF_UNIT, Sees.GRID, Sees.AREA):
            return Q(pk__in=parties.filter(who).values("case"))
        if seeing.by_unit:
            who |= Q(unit=unit)
        # Who sees little else: looked up first, where the server would rather ask every case of
        # the district, one after the other, whether it is one of these.
        return Q(_IsAnyOf(F("pk"), ArraySubquery(parties.filter(who).values("case"))))

    def open(self) -> Self:
        return self.filter(state__in=sorted(OPEN_STATES))

    def in_state(self, *states: State) -> Self:
        return self.filter(state__in=[str(state) for state in states])

    def held_by(self, area_code: str) -> Self:
        """Held by exactly this desk, not by one below it."""
        return self.filter(holder_code=area_code)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lt=now)

    def unsigned_emergencies(self) -> Self:
        """Emergencies, confirmed or by their words, that no unit has signed for."""
        at_desk = Q(state=State.REPORTED) & (Q(emergency=True) | ~Q(emergency_words=""))
        unsigned = Q(state__in=[State.ACCEPTED, State.DISPATCHED], emergency=True) | at_desk
        return self.open().filter(unsigned, alarms=True)

    def by_time_left(self) -> Self:
        """The least time left first; paused cases, which have no deadline now, last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "received_at", "id")

    def due_to_wake(self, now: datetime) -> Self:
        """The cases that the system must look at, the longest wait first.

        Their moment lies behind: a deadline itself is still in time.
        """
        return self.filter(wake_at__lt=now).order_by("wake_at")

    def for_lines(self) -> Self:
        """With what a line of the queue shows, in one query."""
        return self.select_related("item_version", "lead_unit")

    def for_pages(self) -> Self:
        """With everything that a list or page shows, in one query."""
        return self.select_related(
            "item_version", "lead_unit", "handler", "reporter", "responsible_unit"
        )
