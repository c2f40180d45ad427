"""石碁镇 小龙村, a weekend in July 2019: nobody touches a case, and the clock climbs the ladder.

A pavement that has caved in is with the town's construction office on Friday at five, with sixteen
hours on the continuous clock. Nobody comes. On Saturday at five the unit is reminded, at nine the
deadline has passed and the town's leader is told, and at one on Sunday, after twice the time, the
case is supervised formally. All the while the worker looks every ten minutes. On Monday the leader
instructs, the unit does it, the check passes, the desk answers, the leader lifts the supervision,
and the case closes. Made up, as are the people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from huying.cases import accepting, checking, closing
from huying.cases.models import Case, Channel
from huying.clock.calendar import CIVIL_TZ
from huying.dispatch import ordering
from huying.intake.reporting import Told, take
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Post, Role, Unit
from huying.response import handling
from huying.scenarios.petrol import photo
from huying.scenarios.players import Step, department, desk, first_grid, player, quiet, told
from huying.supervision import climbing, formal, instructing

TOWN, VILLAGE = "440113120", "440113120213"
ITEM = "0212"
PAVEMENT = "小龙村宗祠东街人行道塌了一块，约半平方米，晚上看不见，老人走过很危险。"
FRIDAY = datetime(2019, 7, 12, tzinfo=CIVIL_TZ)
LOOKS_EVERY = timedelta(minutes=10)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment so many days after that Friday."""
    return FRIDAY.replace(hour=hour, minute=minute) + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    town: Actor
    works: Unit
    mason: Actor
    checker: Actor
    leader: Actor


def cast(now: datetime) -> Cast:
    """Finds the people and places of the story, and makes those that are not there."""
    first_grid(VILLAGE, now)
    desk(TOWN, "石碁镇城市运行综合指挥中心")
    works = department(TOWN, "石碁镇规划建设办", "住建")

    def plays(part: str, name: str, role: Role, unit: Unit | None = None) -> Actor:
        return _over_the_weekend(
            player("night", part, name, role, TOWN, now.date(), unit=unit), now.date()
        )

    return Cast(
        town=plays("town", "黎晓雯", Role.DISPATCHER),
        works=works,
        mason=plays("works", "冯建业", Role.HANDLER, works),
        checker=plays("checker", "梁秀琼", Role.CHECKER),
        leader=plays("leader", "周国强", Role.TOWN_LEADER),
    )


def _over_the_weekend(actor: Actor, first: date) -> Actor:
    """The people of this story are on their posts until Monday."""
    assert actor.post_id is not None
    Post.objects.filter(pk=actor.post_id).update(ends_on=first + timedelta(days=3))
    return actor


def play(on_step: Step = quiet) -> dict[str, Any]:
    """Replays the story; what happened, and whether the log holds.

    In one transaction: a worker that runs meanwhile, by today's clock, sees the case when it is
    closed, and climbs nothing of it.
    """
    with transaction.atomic():
        case = _play(on_step)
    return told(case)


def _play(on_step: Step) -> Case:
    people = cast(at(0, 8))

    def done(verb: str, case: Case, by: Actor) -> Case:
        on_step(verb, case, by)
        return case

    case = take(
        Told(
            channel=Channel.HOTLINE, text=PAVEMENT, area=TOWN, address="小龙村宗祠东街", item=ITEM
        ),
        by=people.town,
        now=at(0, 16),
    )
    done("report", case, people.town)
    case = accepting.accept(case, by=people.town, now=at(0, 16, 20), item=ITEM)
    done("accept", case, people.town)
    case = ordering.dispatch(case, by=people.town, now=at(0, 17), unit=people.works.pk)
    done("dispatch", case, people.town)
    case = ordering.sign_for(case, by=people.mason, now=at(0, 17, 5))
    done("sign_for", case, people.mason)

    case = _nobody_comes(case, until=at(3, 8, 30), on_step=on_step)

    case = instructing.instruct(
        case,
        by=people.leader,
        now=at(3, 8, 30),
        text="今天上午必须修好，值班安排要说明白。",
        until=at(3, 18),
    )
    done("instruct", case, people.leader)
    case = handling.handle(
        case,
        by=people.mason,
        now=at(3, 11),
        result="塌陷处已挖开回填夯实，重铺人行道砖，现场已清理。",
        photos=[
            photo("08:50", "photo_before", people.mason, at(3, 8, 50)).pk,
            photo("11:00", "photo_after", people.mason, at(3, 11)).pk,
        ],
        lon=113.42,
        lat=22.955,
    )
    done("handle", case, people.mason)
    case = checking.check_pass(
        case, by=people.checker, now=at(3, 12, 30), text="到现场看过，路面平整，可以通行。"
    )
    done("check_pass", case, people.checker)
    case = instructing.answer_instruction(
        case, by=people.town, now=at(3, 12, 40), text="上午已修好；周末值班已补排。"
    )
    done("answer_instruction", case, people.town)
    case = formal.lift_supervision(
        case, by=people.leader, now=at(3, 12, 50), reason="已修好并核查通过，同意解除。"
    )
    done("lift_supervision", case, people.leader)
    case = closing.close(case, by=people.town, now=at(3, 13))
    return done("close", case, people.town)


def _nobody_comes(case: Case, *, until: datetime, on_step: Step) -> Case:
    """The worker looks again and again, as it would, and finds something to do four times."""
    now = case.changed_at
    while (now := now + LOOKS_EVERY) < until:
        seen = case.last_seq
        case = climbing.look(case.pk, now=now)
        if case.last_seq > seen:
            for event in case.events.filter(seq__gt=seen).order_by("seq"):
                on_step(event.verb, case, SYSTEM)
    return case


def said(result: dict[str, Any]) -> str:
    """The story's end in one line."""
    rungs = [step["verb"] for step in result["steps"] if step["verb"] in RUNGS]
    return f"{result['case']}: {', '.join(rungs)}, each once; chain {result['chain']}"


RUNGS = tuple(rung.verb for rung in climbing.RUNGS)
