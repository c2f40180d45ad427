"""报到: a called unit answers, checks in on the spot, or says why it cannot come."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from huying.cases.models import TextKind
from huying.cases.reasons import LISTS, CallRefusal
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing, NotAllowed
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.places.locating import locate
from huying.places.measure import metres_between
from huying.response.called import (
    Step,
    fitting,
    matter,
    remember,
    settled,
    the_call,
    time_from,
    whom_it_is_with,
)
from huying.response.whistles import CallState, Whistle

ANSWERED = kind(
    "whistle_answered",
    _("A called unit answered"),
    _("{unit} answered the whistle after {minutes} minutes: {item}."),
    group=Group.WHISTLE,
)
REFUSED = kind(
    "whistle_refused",
    _("A called unit refuses to come"),
    _("{unit} refuses the whistle: {item}. The level above decides."),
    group=Group.WHISTLE,
)


def take_answer(step: Step, call: uuid.UUID | None, text: str) -> None:
    """The unit comes. Late is better than never, and is kept as late."""
    found = the_call(step, call, **fitting("answer", step.by))
    step.text(TextKind.COMMENT, text)
    found.state = CallState.ANSWERED
    found.answered_at = step.now
    found.answered_by_id = step.by.account_id
    settled(found)
    if step.now > found.answer_by and found.missed_at is None:
        found.missed_at = found.answer_by
    found.save()
    minutes = found.minutes_to(step.now)
    step.data |= {"unit": found.unit_id, "minutes": minutes, "late": found.late}
    whistle = found.whistle
    step.tell(
        ANSWERED,
        Whom(desks=tuple(dict.fromkeys((whistle.caller_code, found.level_code)))),
        unit=found.unit.name,
        minutes=minutes,
        item=matter(step, whistle),
    )
    remember(step)


def take_position(step: Step, call: uuid.UUID | None, lon: float | None, lat: float | None) -> None:
    """The unit is on the spot. Of the position only the grid and the distance are kept.

    Raises:
        Missing: no position.
        BadInput: it is none on earth.
    """
    found = the_call(step, call, **fitting("check_in", step.by))
    if lon is None or lat is None:
        raise Missing(_("Please give the position where you are."), field="position")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput(_("This is no position."), field="position")
    found.state = CallState.PRESENT
    found.arrived_at = step.now
    found.arrived_grid = locate(lon, lat).grid_code or ""
    found.arrived_m = distance_m(found.whistle, lon, lat)
    found.save()
    step.data |= {
        "unit": found.unit_id,
        "position": found.arrived_grid or "outside",
        "minutes": found.minutes_to(step.now),
    }
    if found.arrived_m is not None:
        step.data["distance_m"] = found.arrived_m
    remember(step)


def distance_m(whistle: Whistle, lon: float, lat: float) -> int | None:
    """Metres to the spot; None where the spot has no position."""
    if whistle.lon is None or whistle.lat is None:
        return None
    return round(metres_between(whistle.lon, whistle.lat, lon, lat))


def take_refusal(step: Step, call: uuid.UUID | None, reason_code: str, reason: str) -> None:
    """The unit says why it cannot come; the level above decides. Once a call.

    Raises:
        NotAllowed: a refusal of this call was overruled already.
    """
    found = the_call(step, call, **fitting("refuse_call", step.by))
    if found.upheld is False:
        raise NotAllowed(_("The refusal was overruled; the unit must answer."))
    if not reason_code:
        raise Missing(_("Please choose a reason."), field="reason_code")
    if reason_code not in LISTS["refuse_call"].values:
        raise BadInput(_("This reason is not on the list."), field="reason_code")
    step.text(TextKind.REASON, reason, needed="reason")
    found.state = CallState.REFUSED
    found.refused_at = step.now
    found.refuse_reason = str(reason_code)
    found.arbiter_code = whom_it_is_with(found)
    settled(found)
    found.decide_by = found.tell_at = time_from(found, step.now)
    found.save()
    step.data |= {
        "unit": found.unit_id,
        "reason_code": str(reason_code),
        "decided_by": found.arbiter_code,
        "decide_by": found.decide_by,
    }
    step.tell(
        REFUSED,
        Whom(desks=(found.whistle.caller_code, found.arbiter_code)),
        unit=found.unit.name,
        item=matter(step, found.whistle),
    )
    remember(step)


@verb("answer")
def answer(act: Act, *, call: uuid.UUID | None = None, text: str = "") -> None:
    """报到: the called unit takes the whistle and comes."""
    take_answer(act, call, text)


@verb("check_in")
def check_in(
    act: Act,
    *,
    call: uuid.UUID | None = None,
    lon: float | None = None,
    lat: float | None = None,
) -> None:
    """到场签到: the called unit is on the spot, and stays until it is released."""
    take_position(act, call, lon, lat)


@verb("refuse_call")
def refuse_call(
    act: Act,
    *,
    call: uuid.UUID | None = None,
    reason_code: CallRefusal | str = "",
    reason: str = "",
) -> None:
    """拒绝报到: with a reason; the level above decides whether it holds."""
    take_refusal(act, call, str(reason_code), reason)
