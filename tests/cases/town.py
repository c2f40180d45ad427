"""石碁镇 as the tests of the closed loop know it: two villages, their desks, units and people.

    case = town.bring_to("handling")
    town.do("handle", case, result="已办")

`Town.do` chooses who does a verb by default and moves the clock a minute on; `by=` and `now=` say
otherwise. `Town.refused` holds a refusal to its word: the right error, and nothing changed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from PIL import Image
from psycopg import sql

from huying.audit.sm3 import sm3
from huying.cases.answers import owner_of
from huying.cases.attaching import stage
from huying.cases.models import Attachment, Case, CaseEvent, Channel
from huying.cases.reporting import Key
from huying.errors import HuyingError
from huying.forms import versions
from huying.intake.reporting import Told, take
from huying.intake.verbs import VERBS
from huying.people.acting import OUTSIDE, RESIDENT, SYSTEM, Actor, ActorKind, actor_for
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.places.freshness import raise_versions
from huying.places.models import Grid, level_of
from huying.response import rostering
from huying.response.hearing import make_link

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2019, 7, 11, 10, 0, tzinfo=SHANGHAI)
"""A Thursday in the middle of working hours."""

DAY = date(2019, 7, 11)
DISTRICT = "440113"
TOWN = "440113120"
OTHER_TOWN = "440113102"
XIAOLONG = "440113120213"
LINGBIAN = "440113120214"
GRID_1, GRID_2 = f"{XIAOLONG}001", f"{XIAOLONG}002"
GRID_3 = f"{LINGBIAN}001"
SPOTS = {GRID_1: (113.405, 22.905), GRID_2: (113.415, 22.905), GRID_3: (113.405, 22.915)}
"""The middle of each grid."""

OPINION = "0107"
"""社情民意收集: community, 3 work days, evidence gps and a form; may not be settled on the spot."""
GUIDE = "0303"
"""办事指引: community, 16 hours of handling, 24 hours in all, evidence gps and a form."""
PEOPLE = "0101"
"""实有人口信息采集: may be settled on the spot, evidence gps and a form."""
FACTORY = "0204"
"""企业生产安全隐患: town, 5 work days; 应急管理办 leads; two photos and gps."""
DISPUTE = "0213"
"""治安隐患和矛盾纠纷: community, 3 work days; its words raise an alarm (持刀, 斗殴)."""
PETROL = "0203"
"""燃气、燃油和危险品隐患: an emergency by itself."""


def at(text: str) -> datetime:
    """A moment told in Chinese civil time: `at("2019-07-11 10:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


UNITS: dict[str, tuple[UnitKind, str, str, str]] = {
    "district_desk": (UnitKind.DESK, DISTRICT, "", ""),
    "town_desk": (UnitKind.DESK, TOWN, "", ""),
    "other_town_desk": (UnitKind.DESK, OTHER_TOWN, "", ""),
    "xiaolong_desk": (UnitKind.DESK, XIAOLONG, "", ""),
    "lingbian_desk": (UnitKind.DESK, LINGBIAN, "", ""),
    "safety": (UnitKind.DEPARTMENT, TOWN, "应急管理办", ""),
    "fire": (UnitKind.DEPARTMENT, TOWN, "消防", ""),
    "police": (UnitKind.DEPARTMENT, TOWN, "公安派出所", ""),
    "committee": (UnitKind.DEPARTMENT, XIAOLONG, "村(社区)居委", ""),
    "lingbian_committee": (UnitKind.DEPARTMENT, LINGBIAN, "村(社区)居委", ""),
    "district_safety": (UnitKind.DEPARTMENT, DISTRICT, "应急管理办", ""),
    "other_town_safety": (UnitKind.DEPARTMENT, OTHER_TOWN, "应急管理办", ""),
    "team": (UnitKind.TEAM, TOWN, "", "企业商铺类"),
}
POSTS: dict[str, tuple[str, Role, str, str]] = {
    # name of the post: (name of the account, role, area, unit)
    "worker": ("worker", Role.GRID_WORKER, GRID_1, ""),
    "next_worker": ("next_worker", Role.GRID_WORKER, GRID_2, ""),
    "far_worker": ("far_worker", Role.GRID_WORKER, GRID_3, ""),
    "head": ("head", Role.GRID_HEAD, XIAOLONG, ""),
    "district_dispatcher": ("district_dispatcher", Role.DISPATCHER, DISTRICT, ""),
    "dispatcher": ("dispatcher", Role.DISPATCHER, TOWN, ""),
    "second_dispatcher": ("second_dispatcher", Role.DISPATCHER, TOWN, ""),
    "other_town_dispatcher": ("other_town_dispatcher", Role.DISPATCHER, OTHER_TOWN, ""),
    "village_dispatcher": ("village_dispatcher", Role.DISPATCHER, XIAOLONG, ""),
    "handler": ("handler", Role.HANDLER, TOWN, "safety"),
    "colleague": ("colleague", Role.HANDLER, TOWN, "safety"),
    "colleague_as_checker": ("colleague", Role.CHECKER, TOWN, ""),
    "handler_as_checker": ("handler", Role.CHECKER, TOWN, ""),
    "fireman": ("fireman", Role.HANDLER, TOWN, "fire"),
    "fireman_as_checker": ("fireman", Role.CHECKER, TOWN, ""),
    "committee_handler": ("committee_handler", Role.HANDLER, XIAOLONG, "committee"),
    "teammate": ("teammate", Role.HANDLER, TOWN, "team"),
    "checker": ("checker", Role.CHECKER, TOWN, ""),
    "lingbian_checker": ("lingbian_checker", Role.CHECKER, LINGBIAN, ""),
    "other_town_checker": ("other_town_checker", Role.CHECKER, OTHER_TOWN, ""),
    "community_leader": ("community_leader", Role.COMMUNITY_LEADER, XIAOLONG, ""),
    "town_leader": ("town_leader", Role.TOWN_LEADER, TOWN, ""),
    "district_leader": ("district_leader", Role.DISTRICT_LEADER, DISTRICT, ""),
    "administrator": ("administrator", Role.ADMINISTRATOR, DISTRICT, ""),
    "security_administrator": (
        "security_administrator",
        Role.SECURITY_ADMINISTRATOR,
        DISTRICT,
        "",
    ),
    "auditor": ("auditor", Role.AUDITOR, DISTRICT, ""),
}
GUARDIANS = ("administrator", "security_administrator", "auditor")

USUALLY = {
    "ask_verify": "dispatcher", "verify": "worker", "accept": "dispatcher",
    "decline": "dispatcher", "dispatch": "dispatcher", "sign_for": "handler",
    "arrive": "handler", "return": "handler", "handle": "handler", "settle": "worker",
    "ask_check": "dispatcher", "check_pass": "checker", "check_fail": "checker",
    "add_assist": "dispatcher", "assist_sign": "fireman", "assist_arrive": "fireman",
    "assist_done": "fireman", "assist_return": "fireman", "sign_off": "handler",
    "send_part_back": "handler", "release_part": "dispatcher", "part_overdue": "system",
    "split": "dispatcher", "subs_ended": "system", "ask_outside": "handler",
    "revoke_ask": "handler", "outside_answer": "outside", "record": "handler",
    "close": "dispatcher", "suspend": "dispatcher", "resume": "dispatcher",
    "request_extension": "handler", "grant_extension": "dispatcher",
    "refuse_extension": "dispatcher", "escalate": "dispatcher", "send_down": "dispatcher",
    "take_over": "district_dispatcher", "arbitrate": "district_dispatcher",
    "change_item": "dispatcher", "pin": "dispatcher", "merge": "dispatcher",
    "withdraw": "second_dispatcher", "comment": "dispatcher", "attach": "dispatcher",
    "reopen": "dispatcher", "undo": "dispatcher", "alarm": "dispatcher",
    "alarm_answer": "teammate", "alarm_next": "system", "overdue": "system", "recompute": "system",
    "erased": "system", "remind": "system", "tell_leader": "system", "supervise": "town_leader",
    "supervision_overdue": "system", "instruction_overdue": "system", "meeting_overdue": "system",
    "lift_supervision": "town_leader", "instruct": "town_leader",
    "answer_instruction": "dispatcher", "meet": "dispatcher",
    "blow": "dispatcher", "answer": "fireman", "check_in": "fireman",
    "refuse_call": "fireman", "arbitrate_call": "district_dispatcher", "climb": "system",
    "press_call": "district_dispatcher", "stand_in": "district_dispatcher",
    "release": "dispatcher", "rate": "dispatcher", "call_overdue": "system",
    "ask_questions": "dispatcher", "answer_questions": "dispatcher",
    "ask_resident": "dispatcher", "resident_answer": "resident", "resident_withdraw": "resident",
    "share_photos": "dispatcher", "resident_rate": "resident", "call_back": "dispatcher",
    "give_code": "dispatcher",
    "ask_erasure": "resident", "confirm_erasure": "dispatcher",
}  # fmt: skip
"""Who does a verb when a story does not say."""

PATHS = {
    "reported": (),
    "accepted": ("accept",),
    "dispatched": ("accept", "dispatch"),
    "handling": ("accept", "dispatch", "sign_for"),
    "handled": ("accept", "dispatch", "sign_for", "handle"),
    "checked": ("accept", "dispatch", "sign_for", "handle", "check_pass"),
    "closed": ("accept", "dispatch", "sign_for", "handle", "check_pass", "close"),
    "declined": ("decline",),
    "merged": ("merge",),
    "withdrawn": ("withdraw",),
}
TABLES = (
    "CaseText", "CaseContact", "CaseParty", "Suspension", "Extension", "CheckRound",
    "Hold", "Order", "LikelyDuplicate", "Alarm", "Supervision", "Instruction", "Meeting",
    "Whistle", "Call",
)  # fmt: skip


class Town:
    """The place, its units and its people; `town.handler` is that person acting on that post."""

    def __init__(self) -> None:
        self._begin()
        self._draw_grids()
        made = Unit.objects.bulk_create(
            Unit(
                code=name,
                name=name,
                kind=kind,
                level=level_of(area),
                area_code=area,
                district_code=DISTRICT,
                department=department,
                duty=duty,
            )
            for name, (kind, area, department, duty) in UNITS.items()
        )
        self.units = dict(zip(UNITS, made, strict=True))
        names = dict.fromkeys(account for account, *_rest in POSTS.values())
        accounts = Account.objects.bulk_create(
            Account(username=f"town-{name}", name=name, password="!") for name in names
        )
        self.accounts = dict(zip(names, accounts, strict=True))
        posts = Post.objects.bulk_create(
            Post(
                account=self.accounts[account],
                role=role,
                area_code=area,
                district_code=DISTRICT,
                unit=self.units[unit] if unit else None,
                starts_on=date(2019, 1, 1),
            )
            for account, role, area, unit in POSTS.values()
        )
        self.posts = dict(zip(POSTS, posts, strict=True))

    def _begin(self) -> None:
        self.now = NOW
        self._actors: dict[str, Actor] = {
            "system": SYSTEM,
            "resident": RESIDENT,
            "outside": OUTSIDE,
        }

    def __getstate__(self) -> dict[str, Any]:
        return {"units": self.units, "accounts": self.accounts, "posts": self.posts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """As it was made, for another story that begins in it."""
        self.__dict__.update(state)
        self._begin()

    @staticmethod
    def _draw_grids() -> None:
        def outline(lon: float, lat: float) -> dict[str, Any]:
            west, south, east, north = lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return {"type": "Polygon", "coordinates": [ring]}

        Grid.objects.bulk_create(
            Grid(
                code=code,
                community_id=code[:12],
                name=f"第{int(code[12:])}网格",
                outline=outline(*spot),
                changed_at=NOW,
            )
            for code, spot in SPOTS.items()
        )
        raise_versions([DISTRICT])

    def actor(self, name: str) -> Actor:
        if name not in self._actors:
            self._actors[name] = actor_for(self.posts[name], DAY)
        return self._actors[name]

    def __getattr__(self, name: str) -> Any:
        if name in POSTS or name in ("system", "resident", "outside"):
            return self.actor(name)
        if name in UNITS:
            return self.units[name]
        raise AttributeError(name)

    # --- time

    def later(self, **span: float) -> datetime:
        """Moves the town's clock on."""
        self.now += timedelta(**span)
        return self.now

    # --- doing

    def report(
        self,
        text: str = "居民反映夜间加压泵声音大",
        *,
        by: Actor | None = None,
        now: datetime | None = None,
        grid: str = GRID_1,
        key: Any = None,
        **told: Any,
    ) -> Case:
        """A report by the town's second dispatcher, in the first grid, unless told otherwise."""
        told = {"channel": Channel.DESK, "area": grid} | told
        self.later(minutes=1)
        by = by or self.second_dispatcher
        return take(Told(text=text, **told), by=by, now=now or self.now, key=key)

    def town_case(self, **told: Any) -> Case:
        """A reported case that the town's desk holds."""
        return self.report(**({"item": FACTORY} | told))

    def usual_inputs(self, verb: str, case: Case) -> dict[str, Any]:
        """Good inputs for a verb."""
        lon, lat = SPOTS[GRID_1]
        ask = self.last_ask(case) if verb in ("revoke_ask", "outside_answer") else None
        return {
            "verify": {"true": True, "text": "到场看过，属实"},
            "accept": {"item": case.item_code or OPINION},
            "decline": {"reason_code": "not_a_matter", "reason": "不属于平台受理范围"},
            "dispatch": {"unit": self.safety.pk},
            "alarm": {"team": self.team.pk},
            "return": {
                "reason_code": "not_ours",
                "reason": "不是我办职责",
                "suggested_unit": self.fire.pk,
            },
            "handle": {"result": "已协调处理", "lon": lon, "lat": lat, "form": "已登记"},
            "add_assist": {"units": [self.fire.pk]},
            "assist_done": {"result": "已配合封闭现场", "lon": lon, "lat": lat},
            "assist_return": {"reason_code": "not_ours", "reason": "不需要消防配合"},
            "send_part_back": {"reason": "还有一处没有处理"},
            "part_overdue": {"unit": self.fire.pk},
            "release_part": {"reason": "不再需要配合"},
            "ask_outside": {"to": "番禺供电局石碁供电所", "question": "此处电线杆由谁管理？"},
            "revoke_ask": {"ask": ask},
            "outside_answer": {"ask": ask, "text": "是我所管理，已派人。"},
            "record": {"kind": "inspection", "found": "门口堆放杂物，占用消防通道。"},
            "split": {"item": OPINION, "text": "其中的邻里纠纷另行处理"},
            "settle": {"result": "当场办结", "lon": lon, "lat": lat, "form": "已登记"},
            "check_fail": {"reason": "现场仍有问题"},
            "suspend": {"until": self.now + timedelta(days=2), "reason": "等待施工许可"},
            "request_extension": {"amount": 1, "clock": "work_day", "reason": "缺配件"},
            "refuse_extension": {"reason": "时限足够"},
            "escalate": {"reason": "超出本级能力", "tried": "已协调两次"},
            "take_over": {"reason": "影响面大，由上级直接办理"},
            "arbitrate": {"unit": self.safety.pk, "reason": "按权责清单由其负责"},
            "send_down": {"to": XIAOLONG, "reason": "村里可以处理"},
            "change_item": {"item": DISPUTE, "reason": "实为纠纷"},
            "pin": {"lon": SPOTS[GRID_2][0], "lat": SPOTS[GRID_2][1]},
            "merge": {"reason": "同一件事"},
            "withdraw": {"reason": "已自行解决"},
            "blow": {"sort": "emergency", "units": [self.fire.pk], "text": "立即到场"},
            "check_in": {"lon": lon, "lat": lat},
            "refuse_call": {"reason_code": "not_ours", "reason": "不属本单位职责"},
            "arbitrate_call": {"upheld": True, "reason": "理由成立"},
            "stand_in": {"text": "由区里派员"},
            "rate": {"attendance": 5, "cooperation": 4, "outcome": 4},
            "ask_resident": {"question": "是哪一栋楼？"},
            "resident_answer": {"text": "三栋楼下"},
            "answer_questions": {"answers": {"fuel": "petrol"}},
            "resident_withdraw": {"reason": "已经好了"},
            "resident_rate": {"responded": True, "solved": True, "satisfied": False},
            "call_back": {"outcome": "not_reached"},
            "comment": {"text": "请留意"},
            "reopen": {"reason": "问题又出现"},
            "supervise": {"reason": "群众多次反映"},
            "lift_supervision": {"reason": "已办妥"},
            "instruct": {"text": "请今天内办结"},
            "answer_instruction": {"text": "已办结"},
            "meet": {
                "members": [self.safety.pk, self.fire.pk],
                "unit": self.safety.pk,
                "decision": "由应急办牵头",
                "until": self.now + timedelta(days=2),
            },
        }.get(verb, {})

    @staticmethod
    def last_ask(case: Case) -> Any:
        """The question that was last put to an outside party."""
        return case.outside_asks.values_list("pk", flat=True).last()

    def do(
        self,
        verb: str,
        case: Case,
        *,
        by: Actor | str | None = None,
        now: datetime | None = None,
        expect_seq: int | None = None,
        **inputs: Any,
    ) -> Case:
        """Does a verb with good inputs; what is named here overrides them."""
        self.later(seconds=5 if verb == "undo" else 60)
        who = by or USUALLY[verb]
        actor = self.actor(who) if isinstance(who, str) else who
        given = self.usual_inputs(verb, case) | inputs
        if verb == "merge" and "into" not in given:
            given["into"] = self.town_case(text="另一宗").pk
        return VERBS[verb].do(case, by=actor, now=now or self.now, expect_seq=expect_seq, **given)

    def bring_to(self, state: str, case: Case | None = None, *, item: str = OPINION) -> Case:
        """A case of the town's desk that has gone the shortest way to a state."""
        if case is None:
            case = self.report(item=item, text="厂房配电箱没有门")
            if case.holder_code != TOWN:
                case = self.do("escalate", case, by=self.desk_of(case))
        for verb in PATHS[state]:
            case = self.do(verb, case)
        assert case.state == state
        return case

    def bounced(self, case: Case | None = None) -> Case:
        """A case that two units of the town gave back; the district has to arbitrate."""
        case = case or self.bring_to("accepted")
        for unit, handler, other in (
            (self.safety, "handler", self.fire),
            (self.fire, "fireman", self.safety),
        ):
            case = self.do("dispatch", case, unit=unit.pk)
            case = self.do("return", case, by=handler, suggested_unit=other.pk)
        return case

    def bring_to_close(self, case: Case) -> Case:
        """An accepted case, handled by the usual hands and closed."""
        for verb in PATHS["closed"][1:]:
            case = self.do(verb, case)
        return case

    def emergency(self, case: Case, *, called: bool) -> Case:
        """The case as an emergency, the team on duty; with ``called`` its alarm is overdue."""
        Case.objects.filter(pk=case.pk).update(emergency=True)
        case.refresh_from_db()
        member = rostering.take_in(self.team, self.accounts["teammate"], by=SYSTEM)
        hours = (time(6), time(22))
        shift = rostering.add_shift(self.team, "全天", *hours, by=SYSTEM, now=self.now)
        rostering.put_on(shift, [member], [DAY], by=SYSTEM, now=self.now)
        if called:
            case = self.do("alarm", case)
            self.later(minutes=30)
        return case

    def asking(self, case: Case) -> Case:
        """The case, whose item asks one question."""
        definition = {"questions": [{"id": "fuel", "kind": "text", "label": "油品"}]}
        versions.write(owner_of(case.item_code), definition, by=SYSTEM, now=self.now)
        versions.publish(owner_of(case.item_code), by=SYSTEM, now=self.now)
        return case

    def followed(self, case: Case) -> Case:
        """The case as a resident reported it, who follows it by a code."""
        Case.objects.filter(pk=case.pk).update(channel=Channel.RESIDENT)
        make_link(case, self.now)
        case.refresh_from_db()
        return case

    def whistled(self, verb: str) -> Case:
        """A case that stands where a step of a whistle can be done."""
        case = self.do("blow", self.bring_to("handling"))
        match verb:
            case "check_in":
                return self.do("answer", case)
            case "arbitrate_call":
                return self.do("refuse_call", case)
            case "climb":
                self.later(minutes=30)
            case "call_overdue":
                case = self.do("refuse_call", case)
                self.later(minutes=31)
            case "press_call" | "stand_in":
                return self.do("climb", case, now=self.later(minutes=31))
            case "rate":
                return self.do("release", case)
        return case

    def desk_of(self, case: Case) -> Actor:
        """A dispatcher of the desk that holds the case."""
        return {
            DISTRICT: self.district_dispatcher,
            TOWN: self.dispatcher,
            OTHER_TOWN: self.other_town_dispatcher,
            XIAOLONG: self.village_dispatcher,
        }[case.holder_code]

    def photo(
        self, kind: str = "photo_after", *, by: Actor | str = "handler", now: datetime | None = None
    ) -> Attachment:
        """A staged photo."""
        actor = self.actor(by) if isinstance(by, str) else by
        return stage(jpeg(), kind=kind, by=actor, now=now or self.now)

    # --- looking

    def events(self, case: Case) -> list[CaseEvent]:
        return list(CaseEvent.objects.filter(case_id=case.pk).order_by("seq"))

    def verbs(self, case: Case) -> list[str]:
        return [event.verb for event in self.events(case)]

    def last(self, case: Case) -> CaseEvent:
        return self.events(case)[-1]

    def picture(self) -> dict[str, Any]:
        """Everything that the verbs may write: all rows, and how many events; asked at once."""
        names = (*TABLES, "Case", "Attachment")
        models = [apps.get_model("huying", name)._meta for name in names]
        rows = sql.SQL(", ").join(
            sql.SQL("(SELECT coalesce(jsonb_agg(r ORDER BY r.{}), '[]') FROM {} r)").format(
                sql.Identifier(model.pk.column), sql.Identifier(model.db_table)
            )
            for model in models
        )
        events = sql.Identifier(CaseEvent._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {}, (SELECT count(*) FROM {})").format(rows, events))
            return dict(zip((*names, "events"), cursor.fetchone(), strict=True))

    @contextmanager
    def refused(self, error: type[HuyingError], field: str | None = None) -> Iterator[Any]:
        """What happens inside is refused with this error, names this field, and changes nothing."""
        before = self.picture()
        with pytest.raises(error) as caught:
            yield caught
        assert caught.type is error or field is None
        assert caught.value.field == field
        assert self.picture() == before


def jpeg(size: tuple[int, int] = (40, 30), **save: Any) -> io.BytesIO:
    """A small picture."""
    body = io.BytesIO()
    Image.new("RGB", size, "#6a8").save(body, "JPEG", **save)
    body.seek(0)
    return body


def integration(role: Role = Role.DISPATCHER, area: str = DISTRICT, number: int = 7) -> Actor:
    """A connected system."""
    return Actor(
        kind=ActorKind.INTEGRATION,
        integration_id=number,
        role=role,
        area_code=area,
        name="12345",
    )


def key(name: str, body: str = "body", caller: str = "integration:7") -> Key:
    return Key(caller, name, sm3(body.encode()))


def told(text: str = "门口路灯不亮", **more: Any) -> Told:
    return Told(**({"channel": Channel.API, "text": text, "area": GRID_1} | more))
