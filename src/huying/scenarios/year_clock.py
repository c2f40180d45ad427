"""What the clock does to a case of a told year: suspensions end, rungs of the ladder are climbed.

The worker comes round to a case `LATE` after its turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from huying.cases.deadlines import reworks_call
from huying.cases.models import Hold
from huying.clock.ladder import Rung, next_rung
from huying.clock.reading import ladder_for
from huying.people.acting import SYSTEM
from huying.scenarios.year_case import Told
from huying.supervision.formal import HELD, once_more
from huying.supervision.models import Cause, Supervision

LATE: Final = timedelta(seconds=20)


def wakes_at(hand: Told) -> datetime | None:
    """When the worker would come round to this case next."""
    turns = [hand.case.wake_at] if hand.case.wake_at is not None else []
    turns += [
        each.due_at
        for each in hand.supervisions
        if each.lifted_at is None and each.overdue_at is None
    ]
    return min(turns) + LATE if turns and hand.case.is_open else None


def wake(hand: Told) -> None:
    """What the clock calls for now: one step."""
    case, now = hand.case, hand.desk.now
    open_one = next((each for each in hand.supervisions if each.lifted_at is None), None)
    if (
        open_one is not None
        and open_one.overdue_at is None
        and open_one.due_at < now
        and (case.wake_at is None or open_one.due_at <= case.wake_at)
    ):
        _note_late(hand, open_one)
    elif case.is_suspended:
        _resume(hand)
    elif reworks_call(case, ladder_for(case.district_code)):
        _supervise(hand, Cause.REWORKS)
    elif next_rung(case.rung) is Rung.SUPERVISE:
        _supervise(hand, Cause.OVERTIME)
    else:
        _climb(hand)


def _note_late(hand: Told, made: Supervision) -> None:
    with hand.step("supervision_overdue", SYSTEM) as act:
        made.overdue_at = act.now
        act.data |= {"until": made.due_at, "number": made.number}


def _resume(hand: Told) -> None:
    with hand.step("resume", SYSTEM) as act:
        ends = min(act.now, hand.case.suspended_until or act.now)
        hand.suspensions[-1].ended_at = ends
        hand.case.suspended_until = None
        act.data["ended"] = ends


def _climb(hand: Told) -> None:
    case = hand.case
    rung = next_rung(case.rung)
    assert rung is not None  # the row would not have called
    with hand.step(rung.verb, SYSTEM) as act:
        turn = case.wake_at
        case.rung = rung
        act.data |= {
            "rung": int(rung),
            "deadline": case.state,
            "due": case.due_at,
            "percent": ladder_for(case.district_code).percent(rung),
            "turn": turn,
        }


def _supervise(hand: Told, cause: Cause) -> None:
    case = hand.case
    with hand.step("supervise", SYSTEM) as act:
        ladder = ladder_for(case.district_code)
        act.data["turn"] = case.wake_at
        if cause is Cause.REWORKS:
            act.data["reworks"] = case.reworks
        else:
            act.data |= {
                "rung": int(Rung.SUPERVISE),
                "percent": ladder.percent(Rung.SUPERVISE),
            }
        office, year = case.holder_code[:9], timezone.localtime(act.now).year
        serial = hand.desk.supervisions.get((office, year), 0) + 1
        hand.desk.supervisions[office, year] = serial
        made = Supervision(
            id=hand.desk.new_id(),
            case=case,
            district_code=case.district_code,
            office=office,
            year=year,
            serial=serial,
            cause=cause,
            step=case.state,
            step_due=case.due_at,
            reworks=case.reworks,
            unit_id=case.lead_unit_id,
            leader_id=hand.desk.leaders.get(case.holder_code),
            opened_at=act.now,
            due_at=once_more(case, act.now, hand.past()),
            seq=act.seq,
        )
        hand.supervisions.append(made)
        if cause is Cause.OVERTIME:
            case.rung = Rung.SUPERVISE
        case.supervised = True
        case.supervised_reworks = case.reworks
        hand.holds.append(
            Hold(
                id=hand.desk.new_id(),
                case=case,
                district_code=case.district_code,
                kind=HELD,
                ref=str(made.pk),
                since=act.now,
            )
        )
        act.data |= {
            "number": made.number,
            "cause": str(cause),
            "deadline": case.state,
            "due": case.due_at,
            "until": made.due_at,
            "leader": made.leader_id,
        }
