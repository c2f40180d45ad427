"""升级: an unanswered call climbs level by level, and the desk above sees to it.

By the clock, and each level once: a run that was missed is made up for by the next one, with a
new limit from then on, so that no desk is passed over that had no time to act.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case, TextKind
from huying.cases.turns import take_some
from huying.cases.verbs import VERBS, Act, verb
from huying.errors import Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.places.models import above
from huying.response import standing
from huying.response.called import (
    Step,
    clock,
    end,
    fitting,
    matter,
    remember,
    renew,
    sort_words,
    the_call,
    units_named,
)
from huying.response.whistles import Call, CallState, Sort, Whistle
from huying.response.whistling import BLOWN, BLOWN_NOW, call_units

CLIMBED = kind(
    "whistle_climbed",
    _("A whistle was not answered"),
    _("{unit} did not answer the whistle: {item}. It is with {desk} now."),
    group=Group.WHISTLE,
)
EXCUSED = kind(
    "whistle_excused",
    _("A refusal was found right"),
    _("{desk} excused {unit} from the whistle: {item}."),
    group=Group.WHISTLE,
)
OVERRULED = kind(
    "whistle_overruled",
    _("A refusal was overruled"),
    _("{desk} decided that {unit} must answer by {by}: {item}."),
    group=Group.WHISTLE,
)


def go_up(step: Step, call: uuid.UUID | None) -> None:
    """One level up, with a new limit there."""
    found = the_call(step, call, state=CallState.CALLED, climb_at__lt=step.now)
    before = found.level_code
    higher = above(before)
    assert higher is not None  # at the district `climb_at` is empty
    if found.missed_at is None:
        found.missed_at = found.answer_by
    found.climbs += 1
    renew(step, found, level_code=higher)
    found.save()
    step.data |= {
        "unit": found.unit_id,
        "from_desk": before,
        "to_desk": higher,
        "answer_by": found.answer_by,
    }
    step.tell(
        CLIMBED,
        Whom(units=(found.unit_id,), desks=(before, higher), leaders=(higher,)),
        unit=found.unit.name,
        desk=naming.own_name(higher),
        item=matter(step, found.whistle),
    )
    remember(step)


def ask_again(step: Step, call: uuid.UUID | None, text: str) -> None:
    """The desk above presses the unit: a new limit, and told again."""
    found = the_call(step, call, **fitting("press_call", step.by))
    step.text(TextKind.REQUIREMENT, text)
    renew(step, found)
    found.save()
    whistle = found.whistle
    step.data |= {"unit": found.unit_id, "answer_by": found.answer_by}
    step.tell(
        BLOWN_NOW if whistle.sort == Sort.EMERGENCY else BLOWN,
        Whom(units=(found.unit_id,)),
        desk=naming.own_name(step.by.area_code),
        sort=sort_words(whistle.sort),
        item=matter(step, whistle),
        by=clock(found.answer_by),
    )
    remember(step)


def see_to_it(step: Step, call: uuid.UUID | None, unit: int | None, text: str) -> None:
    """The desk above answers for the unit: itself, or by calling another. The miss stays.

    Raises:
        Missing: no words on what is done instead.
        BadInput: a unit that this desk cannot call.
    """
    found = the_call(step, call, **fitting("stand_in", step.by))
    step.text(TextKind.COMMENT, text, needed="text")
    end(step, found, CallState.STOOD_IN)
    found.save()
    step.data |= {"unit": found.unit_id}
    if unit is not None:
        named = units_named(step.by.area_code, [unit], field="unit")
        call_units(step, found.whistle, named, level_code=step.by.area_code, field="unit")
        step.data["units"] = [unit]
        called = Call.objects.get(whistle=found.whistle, unit=unit, ended_at=None)
        step.data["answer_by"] = called.answer_by
    remember(step)


def decide_refusal(step: Step, call: uuid.UUID | None, upheld: bool | None, reason: str) -> None:
    """The level above: the unit is excused, or must answer by a new limit.

    Raises:
        Missing: no decision, or no words on why.
    """
    found = the_call(step, call, **fitting("arbitrate_call", step.by))
    if upheld is None:
        raise Missing(_("Please decide whether the refusal holds."), field="upheld")
    step.text(TextKind.REASON, reason, needed="reason")
    found.upheld = upheld
    step.data |= {"unit": found.unit_id, "upheld": upheld}
    if upheld:
        end(step, found, CallState.EXCUSED)
    else:
        renew(step, found)
        step.data["answer_by"] = found.answer_by
    found.save()
    step.tell(
        EXCUSED if upheld else OVERRULED,
        Whom(units=(found.unit_id,), desks=(found.whistle.caller_code,)),
        desk=naming.own_name(step.by.area_code),
        unit=found.unit.name,
        item=matter(step, found.whistle),
        by=clock(found.answer_by),
    )
    remember(step)


@verb("climb")
def climb(act: Act, *, call: uuid.UUID | None = None) -> None:
    """升级: nobody answered in time; the level above has it from now on."""
    go_up(act, call)


@verb("press_call")
def press_call(act: Act, *, call: uuid.UUID | None = None, text: str = "") -> None:
    """催报: the desk that an unanswered call has climbed to asks again, with a new limit."""
    ask_again(act, call, text)


@verb("stand_in")
def stand_in(
    act: Act, *, call: uuid.UUID | None = None, unit: int | None = None, text: str = ""
) -> None:
    """代为落实: the desk that an unanswered call has climbed to sees to it, or calls another."""
    see_to_it(act, call, unit, text)


@verb("arbitrate_call")
def arbitrate_call(
    act: Act, *, call: uuid.UUID | None = None, upheld: bool | None = None, reason: str = ""
) -> None:
    """裁定拒报: the level above decides on a unit's refusal."""
    decide_refusal(act, call, upheld, reason)


SOME = 100
"""Calls that are looked at in one run of the list."""


def climb_all(*, now: datetime) -> int:
    """Lets every call climb whose limit has passed; how many did.

    Safe in several processes at once. A call whose case or problem another process holds is left
    to that one, or to the next minute; one that cannot climb does not keep the others down.
    """
    return do_all("climb", "climb_at", now)


def do_all(step: str, turn: str, now: datetime) -> int:
    """Does a step of the clock's to every call whose turn has come; to how many.

    ``turn`` names the call's column that says when that is.
    """
    due = Call.objects.filter(**{f"{turn}__lt": now}).order_by(turn)
    found = list(due.values_list("pk", "whistle", "whistle__case")[:SOME])
    return sum(_do_one(step, due.filter(pk=pk), whistle, case, now) for pk, whistle, case in found)


def _do_one(
    step: str, due: QuerySet[Call], whistle: uuid.UUID, case: uuid.UUID | None, now: datetime
) -> int:
    # The case or the whistle is locked first, as every step does, so that none waits for another
    # in a ring.
    if case is not None:
        cases = Case.objects.filter(pk=case).only("pk")
        return take_some(cases, partial(_on_case, step=step, due=due, now=now), some=1)
    problems = Whistle.objects.filter(pk=whistle)
    return take_some(problems, partial(_on_problem, step=step, due=due, now=now), some=1)


def _still_due(due: QuerySet[Call]) -> uuid.UUID | None:
    """Whoever held the row a moment ago may have done the same, or somebody has acted."""
    return due.values_list("pk", flat=True).first()


def _on_case(case: Case, *, step: str, due: QuerySet[Call], now: datetime) -> object:
    call = _still_due(due)
    return call and VERBS[step].do(case.pk, by=SYSTEM, now=now, call=call)


def _on_problem(whistle: Whistle, *, step: str, due: QuerySet[Call], now: datetime) -> object:
    call = _still_due(due)
    return call and standing.do(step, whistle.pk, by=SYSTEM, now=now, call=call)
