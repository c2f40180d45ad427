"""吹哨: a community or town calls units to a case, lets them go, and says how they did."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases.models import TextKind
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import Unit
from huying.places import naming
from huying.response.called import (
    Step,
    calls_of,
    clock,
    end,
    fitting,
    matter,
    new_call,
    remember,
    sort_words,
    the_call,
    units_named,
)
from huying.response.whistles import Call, CallState, Sort, Whistle

BLOWN = kind(
    "whistle_blown",
    _("The whistle was blown for your unit"),
    _("{desk} blew the whistle ({sort}): {item}. Answer by {by}."),
    group=Group.WHISTLE,
)
BLOWN_NOW = kind(
    "whistle_emergency",
    _("Emergency: the whistle was blown for your unit"),
    _("{desk} blew the whistle ({sort}): {item}. Answer by {by}."),
    alarm=True,
    group=Group.WHISTLE,
)
CALLED = kind(
    "members_called",
    _("Your branch or team is called"),
    _("{desk} blew the whistle ({sort}): {item}. Please say whether you come."),
    group=Group.WHISTLE,
)
CALLED_NOW = kind(
    "members_called_now",
    _("Emergency: your branch or team is called"),
    _("{desk} blew the whistle ({sort}): {item}. Please say whether you come."),
    alarm=True,
    group=Group.WHISTLE,
)
MEMBERS_RELEASED = kind(
    "members_released",
    _("Your branch or team is released"),
    _("{desk} released your branch or team: {item}. Thank you."),
    group=Group.WHISTLE,
)
RELEASED = kind(
    "whistle_released",
    _("Released from a whistle"),
    _("{desk} released your unit: {item}."),
    group=Group.WHISTLE,
)
RATED = kind(
    "whistle_rated",
    _("Rated after a whistle"),
    _("{desk} rated your unit: attendance {attendance}, cooperation {cooperation}, "
      "outcome {outcome} of 5. {item}"),
    group=Group.WHISTLE,
)  # fmt: skip

MARKS = range(1, 6)
MINE = "/desk/mine"
"""Where members and volunteers find the calls of their branch or team; of cases they see none."""


def call_units(
    step: Step,
    whistle: Whistle,
    units: Sequence[Unit],
    *,
    level_code: str,
    field: str = "units",
) -> None:
    """Calls each of the units, and tells them; an emergency at once and aloud.

    Raises:
        BadInput: one of them is called to this case or problem already.
    """
    called = calls_of(step).filter(ended_at=None, unit__in=[unit.pk for unit in units])
    if called.exists():
        raise BadInput(_("One of these units is called here already."), field=field)
    made = [new_call(step, whistle, unit, level_code=level_code) for unit in units]
    emergency = whistle.sort == Sort.EMERGENCY
    called_ones = tuple(call.unit_id for call in made)
    said: dict[str, Any] = {
        "desk": naming.own_name(level_code),
        "sort": sort_words(whistle.sort),
        "item": matter(step, whistle),
    }
    step.tell(
        BLOWN_NOW if emergency else BLOWN,
        Whom(units=called_ones),
        **said,
        by=clock(made[0].answer_by),
    )
    step.tell(
        CALLED_NOW if emergency else CALLED,
        Whom(members=called_ones),
        path=MINE,
        apart=True,
        **said,
    )


def sort_given(sort: Sort | str) -> Sort:
    """The sort that was chosen.

    Raises:
        Missing: none.
        BadInput: there is no such sort.
    """
    if not sort:
        raise Missing(_("Please choose what the whistle is for."), field="sort")
    if sort not in Sort.values:
        raise BadInput(_("There is no such sort of whistle."), field="sort")
    return Sort(sort)


@verb("blow")
def blow(
    act: Act,
    *,
    sort: Sort | str = "",
    units: Sequence[int] = (),
    text: str = "",
) -> None:
    """吹哨: calls units, teams and party branches to the case; each must answer by its limit.

    Raises:
        Missing: no sort, no unit, or no words on what is needed.
        BadInput: a unit that this desk cannot call, or one that is called already.
    """
    case, wanted = act.case, sort_given(sort)
    named = units_named(case.holder_code, units)
    act.text(TextKind.REQUIREMENT, text, needed="text")
    whistle = Whistle.objects.create(
        case=case,
        district_code=case.district_code,
        sort=wanted,
        caller_code=case.holder_code,
        area_code=case.area_code,
        lon=case.lon,
        lat=case.lat,
        blown_at=act.now,
        blown_by_id=act.by.account_id,
    )
    call_units(act, whistle, named, level_code=case.holder_code)
    act.data |= {
        "whistle": whistle.pk,
        "sort": str(wanted),
        "units": [unit.pk for unit in named],
        "answer_by": whistle.calls.all()[0].answer_by,
    }
    remember(act)


def let_go(step: Step, call: uuid.UUID | None, text: str) -> None:
    """Releases one unit, or all that are still called.

    Raises:
        WrongState: the unit is released already, or its refusal awaits a decision.
    """
    theirs = fitting("release", step.by)
    found: list[Call]
    if call is None:
        found = list(calls_of(step).select_for_update(of=("self",)).filter(**theirs))
    else:
        found = [the_call(step, call, **theirs)]
    step.text(TextKind.COMMENT, text)
    for each in found:
        end(step, each, CallState.RELEASED)
        each.save()
    step.data |= {"units": [each.unit_id for each in found]}
    said: dict[str, Any] = {
        "desk": naming.own_name(step.by.area_code),
        "item": matter(step, found[0].whistle),
    }
    units = tuple(each.unit_id for each in found)
    step.tell(RELEASED, Whom(units=units), **said)
    step.tell(MEMBERS_RELEASED, Whom(members=units), path=MINE, apart=True, **said)
    remember(step)


def give_marks(
    step: Step,
    call: uuid.UUID | None,
    attendance: int | None,
    cooperation: int | None,
    outcome: int | None,
    text: str,
) -> None:
    """Rates a unit whose call is over, once: whether it came, how it worked, what came of it.

    Raises:
        Missing, BadInput: a mark is lacking, or is none from 1 to 5.
    """
    marks: dict[str, Any] = {
        "attendance": attendance,
        "cooperation": cooperation,
        "outcome": outcome,
    }
    for name, mark in marks.items():
        if mark is None:
            raise Missing(_("Please give a mark from 1 to 5."), field=name)
        if mark not in MARKS:
            raise BadInput(_("Please give a mark from 1 to 5."), field=name)
    found = the_call(step, call, **fitting("rate", step.by))
    step.text(TextKind.COMMENT, text)
    found.rated_at = step.now
    for name, mark in marks.items():
        setattr(found, name, mark)
    found.save()
    step.data |= {"unit": found.unit_id, **marks}
    step.tell(
        RATED,
        Whom(units=(found.unit_id,)),
        desk=naming.own_name(step.by.area_code),
        item=matter(step, found.whistle),
        **marks,
    )
    remember(step)


@verb("release")
def release(act: Act, *, call: uuid.UUID | None = None, text: str = "") -> None:
    """解除: the desk that blew the whistle lets one unit go, or all of them."""
    let_go(act, call, text)


@verb("rate")
def rate(
    act: Act,
    *,
    call: uuid.UUID | None = None,
    attendance: int | None = None,
    cooperation: int | None = None,
    outcome: int | None = None,
    text: str = "",
) -> None:
    """评价: the desk that blew the whistle rates a unit, from 1 to 5 each: 到场, 配合, 结果."""
    give_marks(act, call, attendance, cooperation, outcome, text)
