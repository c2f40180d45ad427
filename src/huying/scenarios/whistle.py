"""石碁镇: a town blows the whistle for joint enforcement, and one of three departments stays away.

A factory with flats over its workshop: blocked ways out, cables in the open, drums of solvent.
The town calls the fire brigade, the city management and the environment, who answer after 12 and
25 minutes, and never. The third call climbs to the district, which sees to it; each is rated, and
the case closes. Made up, as are the people.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import shapely
from django.db import transaction

from huying.cases import accepting, checking, closing
from huying.cases.models import Case, Channel
from huying.clock.calendar import CIVIL_TZ
from huying.dispatch import ordering
from huying.intake.reporting import Told, take
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Role, Unit
from huying.response import answering, handling, unanswered, whistling
from huying.response.whistles import Call
from huying.scenarios.petrol import photo
from huying.scenarios.players import (
    Step,
    department,
    desk,
    first_grid,
    player,
    quiet,
    told,
)

DISTRICT, TOWN, VILLAGE = "440113", "440113120", "440113120213"
ITEM = "0204"
FACTORY = "小龙村兴业路一家作坊楼下生产、楼上住人，安全出口被堆放的布料堵住，电线裸露。"
BLOWN = datetime(2019, 7, 18, 9, 30, tzinfo=CIVIL_TZ)


def after(minutes: int) -> datetime:
    return BLOWN + timedelta(minutes=minutes)


def play(on_step: Step = quiet) -> dict[str, Any]:
    """Replays the story; what happened, and whether the chain holds."""
    day = BLOWN.date()
    with transaction.atomic():
        grid = first_grid(VILLAGE, BLOWN)
        desk(DISTRICT, "番禺区城市运行综合指挥中心")
        desk(TOWN, "石碁镇城市运行综合指挥中心")
        units = [
            department(TOWN, "石碁镇消防所", "消防"),
            department(TOWN, "石碁镇城管执法队", "城管执法队"),
            department(TOWN, "石碁镇生态环境所", "生态环境所"),
        ]
        safety = department(TOWN, "石碁镇应急管理办", "应急管理办")
        town = player("whistle", "town", "黎晓雯", Role.DISPATCHER, TOWN, day)
        district = player("whistle", "district", "区志伟", Role.DISPATCHER, DISTRICT, day)
        checker = player("whistle", "checker", "梁秀琼", Role.CHECKER, TOWN, day)
        handler = player("whistle", "safety", "陈国栋", Role.HANDLER, TOWN, day, unit=safety)
        fire, city, _environment = (
            player("whistle", f"unit-{n}", name, Role.HANDLER, TOWN, day, unit=unit)
            for n, (name, unit) in enumerate(
                zip(("冯永辉", "梁志强", "何绮雯"), units, strict=True)
            )
        )
    spot = shapely.from_geojson(json.dumps(grid.outline)).representative_point()

    case = take(
        Told(
            channel=Channel.DESK,
            text=FACTORY,
            lon=spot.x,
            lat=spot.y,
            address="小龙村兴业路",
            item=ITEM,
            alarms=False,
        ),
        by=town,
        now=after(-20),
    )
    on_step("report", case, town)

    def step(verb: str, by: Actor, done: Case) -> Case:
        on_step(verb, done, by)
        return done

    case = step("accept", town, accepting.accept(case, by=town, now=after(-15), item=ITEM))
    case = ordering.dispatch(case, by=town, now=after(-12), unit=safety.pk)
    case = step("dispatch", town, case)
    case = step("sign_for", handler, ordering.sign_for(case, by=handler, now=after(-8)))
    case = whistling.blow(
        case,
        by=town,
        now=BLOWN,
        sort="emergency",
        units=[unit.pk for unit in units],
        text="住人厂房，立即到场联合检查，先疏散楼上人员。",
    )
    case = step("blow", town, case)
    case = step("answer", fire, answering.answer(case, by=fire, now=after(12), text="两车出动。"))
    case = step("answer", city, answering.answer(case, by=city, now=after(25)))
    unanswered.climb_all(now=after(31))
    case = step("climb", SYSTEM, Case.objects.get(pk=case.pk))
    for by, minutes in ((fire, 33), (city, 41)):
        case = answering.check_in(case, by=by, now=after(minutes), lon=spot.x, lat=spot.y)
        step("check_in", by, case)
    case = unanswered.stand_in(
        case, by=district, now=after(45), text="区生态环境分局已派员到场，镇所原因另行查明。"
    )
    step("stand_in", district, case)
    case = step("release", town, whistling.release(case, by=town, now=after(120)))
    marks = zip(units, ((5, 5, 5), (4, 4, 5), (1, 1, 1)), (122, 123, 124), strict=True)
    for unit, (attendance, cooperation, outcome), minutes in marks:
        case = whistling.rate(
            case,
            by=town,
            now=after(minutes),
            call=_call(case, unit).pk,
            attendance=attendance,
            cooperation=cooperation,
            outcome=outcome,
        )
        step("rate", town, case)
    when = after(130)
    case = handling.handle(
        case,
        by=handler,
        now=when,
        result="已清理安全出口，搬离住人，封存溶剂 6 桶，责令停业整改。",
        photos=tuple(
            photo("11:40", kind, handler, when).pk for kind in ("photo_before", "photo_after")
        ),
        lon=spot.x,
        lat=spot.y,
    )
    step("handle", handler, case)
    case = checking.check_pass(case, by=checker, now=after(150), text="到场核查，出口畅通。")
    step("check_pass", checker, case)
    if case.is_open:  # else the setting has closed it with its check
        case = step("close", town, closing.close(case, by=town, now=after(155)))

    calls = Call.objects.filter(whistle__case=case).select_related("unit").order_by("pk")
    return told(case) | {
        "calls": [
            {
                "unit": call.unit.name,
                "state": call.state,
                "answered_after_min": call.minutes_to(call.answered_at),
                "climbs": call.climbs,
                "marks": [call.attendance, call.cooperation, call.outcome],
            }
            for call in calls
        ]
    }


def _call(case: Case, unit: Unit) -> Call:
    return Call.objects.get(whistle__case=case, unit=unit)


def said(result: dict[str, Any]) -> str:
    answers = ", ".join(
        "never" if each["answered_after_min"] is None else f"{each['answered_after_min']} min"
        for each in result["calls"]
    )
    return f"{result['case']}: answered after {answers}; chain {result['chain']}"
