"""石碁镇 小龙村, 11 July 2019: petrol smelt at ten, dealt with and checked by eleven.

The matter is from the press: a grid worker on patrol smells petrol near the ancestral hall's east
street; the safety squad is there within half an hour; about 1,500 litres of illegally stored
petrol and two vehicles are seized; everything is over by eleven. The minutes in between, and the
people's names, are made up.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from django.db import transaction
from PIL import Image, ImageDraw

from huying.audit.verifying import verify
from huying.cases import accepting, checking, closing
from huying.cases.attaching import stage
from huying.cases.models import Attachment, Case, CaseEvent, CaseText, Channel, TextKind
from huying.dispatch import ordering
from huying.intake.reporting import Told, take
from huying.people.acting import Actor
from huying.people.models import Role, Unit, UnitKind
from huying.places.models import Grid, Level
from huying.response import handling, recording
from huying.response.models import HandlingRecord, RecordKind, SeizedGoods
from huying.scenarios.players import Step, desk, first_grid, player, quiet

TOWN = "440113120"
VILLAGE = "440113120213"
ITEM = "0203"
SMELL = (
    "巡查到小龙村宗祠东街，闻到很重的汽油味，一辆厢式货车停在巷口，怀疑是非法加油的私油“野鸡车”。"
)
DAY = datetime(2019, 7, 11, tzinfo=ZoneInfo("Asia/Shanghai"))


def at(hour: int, minute: int) -> datetime:
    return DAY.replace(hour=hour, minute=minute)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part. The checker is neither the handler nor of the team."""

    worker: Actor
    dispatcher: Actor
    team: Actor
    team_unit: Unit
    checker: Actor
    grid: Grid


def cast(now: datetime) -> Cast:
    """Finds the people and places of the story, and makes those that are not there."""
    grid = first_grid(VILLAGE, now)
    desk(TOWN, "石碁镇城市运行综合指挥中心")
    team = Unit.objects.filter(area_code=TOWN, kind=UnitKind.TEAM).order_by("code").first()
    if team is None:
        team = Unit.objects.create(
            code=f"{TOWN}-team-1",
            kind=UnitKind.TEAM,
            area_code=TOWN,
            name="石碁镇联合执法队（企业商铺类）",
            duty="企业商铺类",
            level=Level.TOWN,
            district_code=TOWN[:6],
        )
    day = now.date()
    return Cast(
        worker=player("petrol", "worker", "何家明", Role.GRID_WORKER, grid.code, day),
        dispatcher=player("petrol", "dispatcher", "黎晓雯", Role.DISPATCHER, TOWN, day),
        team=player("petrol", "team", "陈国栋", Role.HANDLER, TOWN, day, unit=team),
        team_unit=team,
        checker=player("petrol", "checker", "梁秀琼", Role.CHECKER, TOWN, day),
        grid=grid,
    )


def photo(words: str, kind: str, by: Actor, now: datetime) -> Attachment:
    """A drawn picture that stands for a photo, and says so."""
    picture = Image.new("RGB", (1280, 960), "#d7dde2")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 640, 1280, 960), fill="#8b8f90")
    pen.rectangle((420, 380, 860, 700), fill="#2f5d8a" if kind == "photo_before" else "#9aa7a0")
    pen.ellipse((480, 650, 580, 750), fill="#222")
    pen.ellipse((700, 650, 800, 750), fill="#222")
    pen.text((40, 40), f"SCENARIO {words}", fill="#333", font_size=40)
    body = io.BytesIO()
    picture.save(body, "JPEG")
    body.seek(0)
    return stage(body, kind=kind, by=by, now=now)


def play(on_step: Step = quiet) -> dict[str, Any]:
    """Replays the story; what happened, and whether the chain holds.

    ``on_step`` is called after each verb with its name, the case and the actor.
    """
    steps: list[dict[str, str]] = []
    with transaction.atomic():
        people = cast(at(9, 0))

    def done(verb: str, case: Case, by: Actor, when: datetime) -> Case:
        steps.append(
            {"verb": verb, "at": when.isoformat(), "by": by.name, "state": str(case.state)}
        )
        on_step(verb, case, by)
        return case

    spot = shapely.from_geojson(json.dumps(people.grid.outline)).representative_point()

    when = at(10, 0)
    before = photo("10:00", "photo_before", people.worker, when)
    case = take(
        Told(
            channel=Channel.PATROL,
            text=SMELL,
            lon=spot.x,
            lat=spot.y,
            accuracy_m=8,
            address="小龙村宗祠东街",
            item=ITEM,
            photos=(before.pk,),
            alarms=False,
        ),
        by=people.worker,
        now=when,
    )
    done("report", case, people.worker, when)

    when = at(10, 2)
    case = accepting.accept(case, by=people.dispatcher, now=when, item=ITEM, emergency=True)
    done("accept", case, people.dispatcher, when)

    when = at(10, 4)
    case = ordering.dispatch(
        case,
        by=people.dispatcher,
        now=when,
        unit=people.team_unit.pk,
        requirement="立即到场，先疏散和断电，禁止明火；通知消防待命。",
    )
    done("dispatch", case, people.dispatcher, when)

    when = at(10, 6)
    case = ordering.sign_for(case, by=people.team, now=when)
    done("sign_for", case, people.team, when)

    when = at(10, 24)
    case = handling.arrive(case, by=people.team, now=when, lon=spot.x, lat=spot.y)
    done("arrive", case, people.team, when)

    when = at(10, 44)
    case = recording.record(
        case,
        by=people.team,
        now=when,
        kind=RecordKind.SEIZURE,
        found="厢式货车两台停在宗祠东街巷内，车内以铁桶储存汽油，无危险化学品经营许可，未接地、未通风。",
        goods=("汽油（铁桶装，封存取样）", "厢式货车"),
        amounts=("1500", "2"),
        measures=(SeizedGoods.Measure.LITRE, SeizedGoods.Measure.VEHICLE),
        custody="汽油由有资质单位运至石碁镇危险化学品暂存点，车辆停放石碁镇执法停车场",
    )
    done("record", case, people.team, when)

    when = at(10, 50)
    after = photo("10:50", "photo_after", people.team, when)
    case = handling.handle(
        case,
        by=people.team,
        now=when,
        result=(
            "查获非法储存汽油约 1500 升、车辆 2 台，现场已清理，油品和车辆已扣押，当事人移交处理。"
        ),
        photos=(after.pk,),
        lon=spot.x,
        lat=spot.y,
    )
    done("handle", case, people.team, when)

    when = at(10, 56)
    case = checking.check_pass(
        case, by=people.checker, now=when, text="到现场核查，无汽油味，车辆和油品已运走，隐患消除。"
    )
    done("check_pass", case, people.checker, when)

    if case.is_open:  # else the setting has closed it with its check
        when = at(10, 58)
        case = closing.close(case, by=people.dispatcher, now=when)
        done("close", case, people.dispatcher, when)

    proof = verify(number=case.number)
    return {
        "case": case.number,
        "steps": steps,
        "minutes_to_arrival": _minutes(case.received_at, case.arrived_at),
        "minutes_to_close": _minutes(case.received_at, case.ended_at),
        "seizure": seizure(case),
        "events": CaseEvent.objects.filter(case_id=case.pk).count(),
        "chain": "ok" if proof.ok else "broken",
    }


def seizure(case: Case) -> dict[str, Any]:
    """What the record says was taken, how much, where it is kept, and under which number."""
    record = HandlingRecord.objects.get(case=case, kind=RecordKind.SEIZURE)
    words = {text.pk: text.body for text in CaseText.objects.filter(case=case, seq=record.seq)}
    custody = CaseText.objects.get(case=case, seq=record.seq, kind=TextKind.CUSTODY)
    return {
        "document": record.number,
        "goods": [
            {"what": words[line.words], "amount": f"{line.amount:f}".rstrip("0").rstrip("."),
             "measure": line.measure}
            for line in record.goods.order_by("line")
        ],
        "custody": custody.body,
    }  # fmt: skip


def _minutes(since: datetime, until: datetime | None) -> int:
    assert until is not None  # the story got there
    return int((until - since).total_seconds() // 60)


def said(result: dict[str, Any]) -> str:
    """The story's end in one line."""
    return (
        f"{result['case']}: on the spot after {result['minutes_to_arrival']} minutes, "
        f"closed after {result['minutes_to_close']}, {result['seizure']['document']}; "
        f"chain {result['chain']}"
    )
