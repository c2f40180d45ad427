"""What can be asked of cases. Everything a person sees is loaded through ``visible_to``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

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


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> Self:
        """The cases that the actor's present post may see, and no others.

        A desk, checker or leader sees what lies in its area or is held there; a grid worker the
        own grid; a handler the unit's cases; all of them what they take part in by name. The
        three guardian roles see none, nor do members and volunteers.
        """
        if actor.is_system:
            return self
        if not actor.works_cases:
            return self.none()
        taking_part = self._taking_part(actor)
        if actor.role == Role.HANDLER:
            return self.filter(taking_part)
        if not actor.area_code:
            return self.filter(taking_part)
        if len(actor.area_code) == 6:
            return self.filter(district_code=actor.area_code)
        in_area = Q(area_code__startswith=actor.area_code)
        if actor.role not in ON_FOOT:
            in_area |= Q(holder_code__startswith=actor.area_code)
        return self.filter(in_area | taking_part)

    @staticmethod
    def _taking_part(actor: Actor) -> Q:
        who = Q(pk__in=[])
        if actor.account_id is not None:
            who |= Q(account=actor.account_id)
        parties = apps.get_model("huying", "CaseParty").objects.filter(until_seq__isnull=True)
        if actor.role != Role.HANDLER:
            return Q(pk__in=parties.filter(who).values("case"))
        if actor.unit_id is not None:
            who |= Q(unit=actor.unit_id)
        # A handler sees nothing else: looked up first, where the server would rather ask every
        # case of the district, one after the other, whether it is one of these.
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
