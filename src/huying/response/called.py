"""What every step of a whistle shares: which call is meant, and who may do what next.

A step is written once and done through two doors: as a verb of a case, whose `Act` puts it on the
case's timeline, or as a step of a standing problem (`standing.Standing`), whose own log keeps it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.cases.closing import clear, hold, holding
from huying.cases.models import Case, CaseParty, TextKind
from huying.cases.words import item_name
from huying.clock.calendar import CIVIL_TZ
from huying.errors import BadInput, Missing, WrongState
from huying.notices.kinds import Kind
from huying.notices.telling import Whom
from huying.people.acting import Actor
from huying.people.models import Unit, UnitKind
from huying.places import naming
from huying.places.models import above
from huying.response import limits
from huying.response.whistles import Call, CallState, Sort, Whistle

GOING_ON = (CallState.CALLED, CallState.ANSWERED, CallState.PRESENT)
RATEABLE = (CallState.RELEASED, CallState.STOOD_IN)
HOLD = "whistle"
"""The kind of the hold that an open call puts on its case."""

holding(HOLD, _("a called unit that is not released"))


class Step(Protocol):
    """A step being done; `cases.verbs.Act` is one, and `standing.Standing`."""

    by: Actor
    now: datetime
    data: dict[str, Any]
    seq: int

    def text(self, kind: TextKind, body: str, *, needed: str | None = None) -> None: ...

    def tell(
        self, kind: Kind, whom: Whom, *, path: str = "", apart: bool = False, **data: Any
    ) -> None: ...


def case_of(step: Step) -> Case | None:
    return getattr(step, "case", None)


def calls_of(step: Step) -> QuerySet[Call]:
    """The calls of the step's case, or of its standing problem."""
    case = case_of(step)
    found = Call.objects.select_related("whistle", "unit")
    if case is not None:
        return found.filter(whistle__case=case)
    return found.filter(whistle=step.whistle)  # type: ignore[attr-defined]


def the_call(step: Step, call: uuid.UUID | None, **fitting: Any) -> Call:
    """The call that is meant, locked; the only fitting one where none is named.

    Raises:
        Missing: several fit and none is named.
        BadInput: there is no such call here.
        WrongState: it is in no state that allows this, or no longer this actor's.
    """
    here = calls_of(step).select_for_update(of=("self",))
    if call is None:
        found = list(here.filter(**fitting)[:2])
        if len(found) > 1:
            raise Missing(_("Please say which of the called units is meant."), field="call")
        if not found:
            raise WrongState(_("None of the called units is in a state that allows this."))
        return found[0]
    one = here.filter(pk=call).first()
    if one is None:
        raise BadInput(_("This unit was not called here."), field="call")
    if not here.filter(pk=call, **fitting).exists():
        raise WrongState(_("None of the called units is in a state that allows this."))
    return one


def fitting(verb: str, by: Actor) -> dict[str, Any]:
    """Which calls an actor may do a step to, as a filter."""
    caller = {"whistle__caller_code": by.area_code}
    # The code of a desk above begins those of the desks below it, and sorts before them.
    with_it = {
        "state": CallState.CALLED,
        "level_code": by.area_code,
        "whistle__caller_code__gt": by.area_code,
    }
    of_verb: dict[str, dict[str, Any]] = {
        "answer": {"unit": by.unit_id, "state": CallState.CALLED},
        "check_in": {"unit": by.unit_id, "state": CallState.ANSWERED},
        "refuse_call": {"unit": by.unit_id, "state": CallState.CALLED},
        "press_call": with_it,
        "stand_in": with_it,
        "arbitrate_call": {"state": CallState.REFUSED, "arbiter_code": by.area_code},
        "release": {"state__in": GOING_ON, **caller},
        "rate": {"state__in": RATEABLE, "rated_at": None, **caller},
    }
    return of_verb[verb]


def whom_it_is_with(call: Call) -> str:
    """The desk that decides on a refusal: the level above the one that the call is with."""
    return above(call.level_code) or call.level_code


def may_be_called(caller_code: str, unit: Unit) -> bool:
    """Whether a desk may call this unit: of its own area, or of a level above on the way up."""
    return (
        unit.active
        and unit.kind != UnitKind.DESK
        and (unit.area_code.startswith(caller_code) or caller_code.startswith(unit.area_code))
    )


def units_named(caller_code: str, units: Iterable[int], *, field: str = "units") -> list[Unit]:
    """The units that a desk calls.

    Raises:
        Missing: none.
        BadInput: one that this desk cannot call.
    """
    wanted = list(dict.fromkeys(units))
    if not wanted:
        raise Missing(_("Please choose whom to call."), field=field)
    found = {unit.pk: unit for unit in Unit.objects.filter(pk__in=wanted)}
    for pk in wanted:
        if pk not in found or not may_be_called(caller_code, found[pk]):
            raise BadInput(_("This desk cannot call this unit."), field=field)
    return [found[pk] for pk in wanted]


def new_call(step: Step, whistle: Whistle, unit: Unit, *, level_code: str) -> Call:
    """Calls a unit: it sees the case from now on, which cannot close while the call is open."""
    call = Call(
        whistle=whistle,
        district_code=whistle.district_code,
        unit=unit,
        asked_at=step.now,
        level_code=level_code,
    )
    _limit(step, call)
    call.save(force_insert=True)
    if whistle.case is not None:
        step.joins(CaseParty.Part.CALLED, unit=unit.pk)  # type: ignore[attr-defined]
        hold(whistle.case, HOLD, str(call.pk), step.now)
    return call


def end(step: Step, call: Call, state: CallState) -> None:
    """The call is over: it holds the case no longer, and the unit need not see it for it."""
    call.state = state
    call.ended_at = step.now
    settled(call)
    case = case_of(step)
    if case is None:
        return
    clear(case, HOLD, str(call.pk), step.now)
    still = Call.objects.filter(whistle__case=case, unit=call.unit_id, ended_at=None)
    if not still.exclude(pk=call.pk).exists():
        CaseParty.objects.filter(
            case=case, part=CaseParty.Part.CALLED, unit=call.unit_id, until_seq=None
        ).update(until_seq=step.seq)


def renew(step: Step, call: Call, *, level_code: str | None = None) -> None:
    """A new limit to answer, from now."""
    call.state = CallState.CALLED
    call.level_code = level_code or call.level_code
    _limit(step, call)


def _limit(step: Step, call: Call) -> None:
    """By when the unit is to answer, and what comes of it if it does not."""
    settled(call)
    call.answer_by = time_from(call, step.now)
    if above(call.level_code) is not None:
        call.climb_at = call.answer_by
    else:
        call.tell_at = call.answer_by


def time_from(call: Call, start: datetime) -> datetime:
    """When the whistle's limit, counted from a moment, has passed."""
    return limits.answer_by(call.district_code, Sort(call.whistle.sort), start)


def settled(call: Call) -> None:
    """Somebody has acted: nothing is left for the clock to do."""
    call.climb_at = call.tell_at = call.decide_by = None
    call.told = 0


def snapshot(calls: Iterable[Call]) -> dict[str, list[Any]] | None:
    """What decides who may do what next, as the case's row keeps it for the flow table. Pure.

    None when nothing more can be done about any of the calls.
    """
    found: dict[str, set[Any]] = {}
    for call in calls:
        caller = call.whistle.caller_code
        match call.state:
            case CallState.CALLED:
                found.setdefault("awaited", set()).add(call.unit_id)
                if call.level_code != caller:
                    found.setdefault("climbed", set()).add(call.level_code)
            case CallState.ANSWERED:
                found.setdefault("answered", set()).add(call.unit_id)
            case CallState.REFUSED:
                found.setdefault("disputed", set()).add(call.arbiter_code)
        if call.is_open and call.state != CallState.REFUSED:
            found.setdefault("callers", set()).add(caller)
        if not call.is_open and call.state != CallState.EXCUSED and call.rated_at is None:
            found.setdefault("unrated", set()).add(caller)
    return {name: sorted(values) for name, values in sorted(found.items())} or None


def remember(step: Step) -> None:
    """Brings the case's row up to date with its calls."""
    if (case := case_of(step)) is not None:
        case.calls = snapshot(calls_of(step))


def matter(step: Step, whistle: Whistle) -> str:
    """What the whistle is about, for whoever is told: an item's name, no words of anybody's."""
    case = case_of(step)
    if case is not None:
        return item_name(case)
    with override(settings.LANGUAGE_CODE):
        return now_("a standing problem in %(place)s") % {"place": naming.names(whistle.area_code)}


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(CIVIL_TZ):%m-%d %H:%M}"


def sort_words(sort: str) -> str:
    with override(settings.LANGUAGE_CODE):
        return str(Sort(sort).label)
