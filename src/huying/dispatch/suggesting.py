"""The proposal that the desk sees before it dispatches: unit, level, deadline, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from huying.cases.deadlines import limits_for
from huying.cases.models import Case
from huying.cases.states import State
from huying.catalogue.models import ItemVersion
from huying.clock.deadlines import due
from huying.clock.limits import Limit
from huying.clock.reading import calendar_for
from huying.dispatch import routing
from huying.dispatch.deciding import Decided, decided
from huying.dispatch.models import Order
from huying.dispatch.ordering import may_be_sent_to
from huying.dispatch.routing import Candidate, Matter, Ranked, Reason, rank
from huying.people.models import Unit, UnitKind
from huying.places.models import Level


@dataclass(frozen=True, slots=True)
class UnitSuggestion:
    """A unit with its reasons in words, its open load, and when it would have to be done.

    Attributes:
        due_at: the deadline of handling, were it dispatched now; None without a limit.
        helps: a rule or the catalogue wants it beside the lead.
    """

    unit: Unit
    load: int
    reasons: tuple[str, ...]
    due_at: datetime | None
    limit: Limit | None
    helps: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do with a case: the best unit, the others, and the level it is for.

    There is no best one while the place is not known well enough to choose among them.

    Attributes:
        by: which rule decides, and why the others do not; None while the case has no item.
        assist: units of the case's place that the rule wants beside the lead.
    """

    level: Level
    best: UnitSuggestion | None
    others: tuple[UnitSuggestion, ...]
    by: Decided | None = None
    assist: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[UnitSuggestion, ...]:
        return ((self.best,) if self.best is not None else ()) + self.others


def words(reason: Reason, rule: str, load: int) -> str:
    """A reason as a dispatcher reads it; ``rule`` is the one that decides."""
    return {
        Reason.RULE_NAMES: _("named by rule %(rule)s") % {"rule": rule},
        Reason.RULE_ASSISTS: _("to assist by rule %(rule)s") % {"rule": rule},
        Reason.LEAD_DEPARTMENT: _("leads this item in the catalogue"),
        Reason.ASSISTING_DEPARTMENT: _("assists with this item in the catalogue"),
        Reason.RETURN_NAMED_IT: _("named by the unit that returned it"),
        Reason.RETURNED_IT: _("has returned this case before"),
        Reason.LEVEL_FITS: _("at the level that the matter is for"),
        Reason.NEARER_LEVEL: _("one level from where the matter belongs"),
        Reason.PLACE_UNKNOWN: _("the place is not known well enough to say whether it is its own"),
        Reason.LEAST_LOAD: _("has less open work: %(load)d") % {"load": load},
    }[reason]


class Roster:
    """The units that desks may send to and their open work, looked up once for many cases.

    Open work is counted when a unit is first asked about, and stays as it was then.
    """

    def __init__(self) -> None:
        self._units: dict[str, list[Unit]] = {}
        self._loads: dict[int, int] = {}

    def units_for(self, case: Case) -> list[Unit]:
        """Every unit that the desk which holds the case may send it to."""
        if case.holder_code not in self._units:
            self._units[case.holder_code] = list(
                Unit.objects.filter(
                    active=True,
                    kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM],
                    area_code__startswith=case.holder_code,
                )
            )
        return [unit for unit in self._units[case.holder_code] if may_be_sent_to(case, unit)]

    def loads(self, units: Iterable[Unit]) -> Mapping[int, int]:
        """Open cases of each unit, as lead: dispatched to it or being handled by it."""
        unknown = [unit.pk for unit in units if unit.pk not in self._loads]
        if unknown:
            counted = (
                Case.objects.filter(
                    Q(state=State.DISPATCHED) | Q(state=State.HANDLING), lead_unit__in=unknown
                )
                .values_list("lead_unit")
                .annotate(Count("pk"))
            )
            self._loads |= dict.fromkeys(unknown, 0) | dict(counted)
        return self._loads


def suggest(
    case: Case,
    now: datetime,
    *,
    version: ItemVersion | None = None,
    roster: Roster | None = None,
) -> Suggestion:
    """The suggestion for a case as it stands. Nothing is written.

    ``version`` is the item to assume where the case has none yet; ``roster`` is shared by whoever
    asks for many cases.
    """
    roster = roster or Roster()
    version = case.item_version or version
    if version is None:
        return Suggestion(Level(case.level), None, ())
    returned = (
        list(Order.objects.filter(case=case, returned_at__isnull=False).order_by("-returned_at"))
        if case.returns
        else []
    )
    by = decided(case, now, version=version)
    then = by.outcome
    if case.accepted_at is not None:
        level = Level(case.level)
    else:
        level = then.level or Level(version.default_level)
    matter = Matter(
        item_code=version.item_id,
        level=level,
        area_code=case.area_code,
        lead_department=version.lead_department,
        assisting_departments=tuple(version.assisting_departments),
        lead=then.lead,
        assist=then.assist,
        returned_by=frozenset(order.unit_id for order in returned),
        named_by_return=returned[0].return_to_id if returned else None,
    )
    units = {unit.pk: unit for unit in roster.units_for(case)}
    load = roster.loads(units.values())
    ranked = rank(
        matter,
        [
            Candidate(
                unit_id=unit.pk,
                name=unit.name,
                department=unit.department,
                level=Level(unit.level),
                load=load.get(unit.pk, 0),
                duty=unit.duty,
                code=unit.code,
                area_code=unit.area_code,
            )
            for unit in units.values()
        ],
    )
    limit = limits_for(case).handle
    due_at = None
    if limit is not None:
        due_at = due(now, limit, calendar_for(case.district_code)).at

    def said(each: Ranked) -> UnitSuggestion:
        unit_load = each.candidate.load
        return UnitSuggestion(
            unit=units[each.candidate.unit_id],
            load=unit_load,
            reasons=tuple(words(reason, str(by.rule or ""), unit_load) for reason in each.reasons),
            due_at=due_at,
            limit=limit,
            helps=bool(routing.HELPS & {*each.reasons}),
        )

    suggestions = [said(each) for each in ranked]
    best = suggestions[0] if routing.best(ranked) is not None else None
    return Suggestion(
        level=matter.level,
        best=best,
        others=tuple(each for each in suggestions if each is not best),
        by=by,
        assist=_assisting(ranked, best),
    )


def _assisting(ranked: Iterable[Ranked], best: UnitSuggestion | None) -> tuple[int, ...]:
    """One unit for each department or team that the rule wants beside the proposed lead."""
    if best is None:
        return ()
    chosen: dict[str, int] = {}
    for each in ranked:
        if each.certain and Reason.RULE_ASSISTS in each.reasons:
            unit = each.candidate
            chosen.setdefault(unit.department or unit.duty or unit.code, unit.unit_id)
    return tuple(pk for pk in chosen.values() if pk != best.unit.pk)
