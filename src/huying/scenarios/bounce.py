"""石碁镇: a heap of building rubble on a river bank that nobody wants, until the district decides.

The town sends it to the city management, which says the bank is the water's; the water says
rubble is the city management's. After the second return the district arbitrates: the city
management is responsible, and gets it by forced dispatch. Made up, as are the people.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db import transaction

from huying.cases import accepting, checking, closing
from huying.cases.models import Case, Channel
from huying.clock.calendar import CIVIL_TZ
from huying.dispatch import arbitrating, ordering
from huying.errors import Missing
from huying.intake.reporting import Told, take
from huying.people.acting import Actor
from huying.people.models import Role, Unit
from huying.places.models import Grid
from huying.response import handling
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
ITEM = "0206"
RUBBLE = "小龙村涌边堤岸上被人偷倒了两车建筑垃圾，下雨会冲到河涌里。"
DAY = datetime(2019, 7, 16, tzinfo=CIVIL_TZ)


def at(hour: int, minute: int) -> datetime:
    return DAY.replace(hour=hour, minute=minute)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    town: Actor
    district: Actor
    city: Unit
    cleaner: Actor
    water: Unit
    waterman: Actor
    checker: Actor


def cast(now: datetime) -> Cast:
    """Finds the people and places of the story, and makes those that are not there."""
    first_grid(VILLAGE, now)
    desk(TOWN, "石碁镇城市运行综合指挥中心")
    desk(DISTRICT, "番禺区指挥中心")
    city = department(TOWN, "石碁镇城管执法队", "城管执法队")
    water = department(TOWN, "石碁镇水务(河长办)", "水务(河长办)")
    day = now.date()

    def plays(part: str, name: str, role: Role, area: str, unit: Unit | None = None) -> Actor:
        return player("bounce", part, name, role, area, day, unit=unit)

    return Cast(
        town=plays("town", "黎晓雯", Role.DISPATCHER, TOWN),
        district=plays("district", "何志明", Role.DISPATCHER, DISTRICT),
        city=city,
        cleaner=plays("city", "陈伟强", Role.HANDLER, TOWN, city),
        water=water,
        waterman=plays("water", "冯水生", Role.HANDLER, TOWN, water),
        checker=plays("checker", "梁秀琼", Role.CHECKER, TOWN),
    )


def play(on_step: Step = quiet) -> dict[str, Any]:
    """Replays the story; what happened, and whether the log holds.

    Raises:
        AssertionError: the unit that arbitration named could return the case without new facts.
    """
    with transaction.atomic():
        people = cast(at(8, 0))

    def done(verb: str, case: Case, by: Actor) -> Case:
        on_step(verb, case, by)
        return case

    when = at(9, 0)
    case = done(
        "report",
        take(
            Told(
                channel=Channel.HOTLINE,
                text=RUBBLE,
                area=VILLAGE,
                address="小龙村涌边堤岸",
                item=ITEM,
                alarms=False,
            ),
            by=people.town,
            now=when,
        ),
        people.town,
    )
    case = done(
        "accept", accepting.accept(case, by=people.town, now=at(9, 10), item=ITEM), people.town
    )
    for unit, handler, minute, reason, other in (
        (people.city, people.cleaner, 15, "堤岸属河道管理范围，应由水务部门清理。", people.water),
        (people.water, people.waterman, 45, "建筑垃圾属城管执法范围，不是水务职责。", people.city),
    ):
        case = ordering.dispatch(case, by=people.town, now=at(9, minute), unit=unit.pk)
        done("dispatch", case, people.town)
        case = ordering.return_(
            case,
            by=handler,
            now=at(9, minute + 14),
            reason_code="not_ours",
            suggested_unit=other.pk,
            reason=reason,
        )
        done("return", case, handler)

    case = arbitrating.arbitrate(
        case,
        by=people.district,
        now=at(10, 20),
        unit=people.city.pk,
        reason="按区权责清单，偷倒建筑垃圾由城管执法队负责查处和清运，水务配合指认范围。",
        requirement="今天下雨前清走，并设围挡。",
    )
    done("arbitrate", case, people.district)
    _cannot_be_returned(case, people)

    case = done(
        "sign_for", ordering.sign_for(case, by=people.cleaner, now=at(10, 30)), people.cleaner
    )
    grid = Grid.objects.filter(community=VILLAGE, voided_at=None).order_by("code")[0]
    lon, lat = _inside(grid)
    case = handling.handle(
        case,
        by=people.cleaner,
        now=at(14, 10),
        result="两车建筑垃圾已清运到消纳场，堤岸恢复原状，已设围挡并调取监控追查。",
        photos=tuple(
            photo(words, kind, people.cleaner, at(14, 5)).pk
            for words, kind in (("10:40", "photo_before"), ("14:05", "photo_after"))
        ),
        lon=lon,
        lat=lat,
        form="清运两车，约 12 立方米。",
    )
    done("handle", case, people.cleaner)
    case = checking.check_pass(
        case, by=people.checker, now=at(15, 0), text="现场已清空，围挡完好。"
    )
    done("check_pass", case, people.checker)
    if case.is_open:  # else the setting has closed it with its check
        case = closing.close(case, by=people.district, now=at(15, 20))
        done("close", case, people.district)
    return told(case) | {"returns": case.returns, "responsible": people.city.name}


def _inside(grid: Grid) -> tuple[float, float]:
    spot = shapely.from_geojson(json.dumps(grid.outline)).representative_point()
    return spot.x, spot.y


def _cannot_be_returned(case: Case, people: Cast) -> None:
    """The unit that was named tries once more, and is refused."""
    try:
        ordering.return_(
            case,
            by=people.cleaner,
            now=at(10, 25),
            reason_code="not_ours",
            suggested_unit=people.water.pk,
            reason="仍不是我队职责。",
        )
    except Missing:
        return
    raise AssertionError("a forced dispatch was returned without new facts")


def said(result: dict[str, Any]) -> str:
    """The story's end in one line."""
    return (
        f"{result['case']}: returned {result['returns']} times, decided by the district: "
        f"{result['responsible']}; chain {result['chain']}"
    )
