"""Who may do what: every address, method and role, inside and outside of the role's area.

One table, permissions.txt, says it all. A cell is what a caller of that role gets: inside / outside
of its area, one number where both are the same; for handlers: of the unit in charge / of another.
The case lies in 小龙村, is held by the desk of 石碁镇, and stands in a state that has the verb;
so what keeps somebody out is who they are. An address without a row fails.

The three guardians keep the system and see no case; they come with a session, as nobody connects
a system in such a role. Everyone else comes with a token of every scope.
"""

from __future__ import annotations

import contextlib
import copy
import io
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Api, drawn_grid

COLUMNS = {
    "nobody": "nobody",
    "worker": "grid_worker",
    "head": "grid_head",
    "desk": "dispatcher",
    "unit": "handler",
    "checker": "checker",
    "member": "member",
    "l.comm": "community_leader",
    "l.town": "town_leader",
    "l.dist": "district_leader",
    "admin": "administrator",
    "security": "security_administrator",
    "auditor": "auditor",
}
"""The table's headings, and the roles they stand for; l. is for leader."""
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CASELESS = ("member", "administrator", "security_administrator", "auditor")
"""No connected system has these roles: people of theirs ask with their session."""

TABLE = (Path(__file__).parent / "permissions.txt").read_text(encoding="utf-8")

TOWN, COMMUNITY, GRID = "440113120", "440113120213", "440113120213001"
OTHER_TOWN, OTHER_COMMUNITY, OTHER_GRID = "440113009", "440113120001", "440113120213999"
AREAS = {
    "grid_worker": (GRID, OTHER_GRID),
    "grid_head": (GRID, OTHER_GRID),
    "dispatcher": (TOWN, OTHER_TOWN),
    "handler": (TOWN, TOWN),
    "checker": (TOWN, OTHER_TOWN),
    "member": (COMMUNITY, COMMUNITY),
    "community_leader": (COMMUNITY, OTHER_COMMUNITY),
    "town_leader": (TOWN, OTHER_TOWN),
    "district_leader": ("440113", "440199"),
    "administrator": ("440113", "440113"),
    "security_administrator": ("440113", "440113"),
    "auditor": ("440113", "440113"),
}

NOTHING: dict[str, Any] = {}
VERBS: dict[str, tuple[str, dict[str, Any]]] = {
    "ask_verify": ("reported", NOTHING),
    "verify": ("reported", {"true": True, "text": "属实"}),
    "accept": ("reported", {"item": "0204"}),
    "decline": ("reported", {"reason_code": "unclear", "reason": "无法核实"}),
    "dispatch": ("accepted", {"unit": "UNIT"}),
    "arbitrate": ("accepted", {"unit": "UNIT", "reason": "按权责清单"}),
    "take_over": ("reported", {"reason": "影响面大"}),
    "sign_for": ("dispatched", NOTHING),
    "arrive": ("handling", NOTHING),
    "return": (
        "dispatched",
        {"reason_code": "not_ours", "suggested_unit": "OTHER UNIT", "reason": "非我职责"},
    ),
    "handle": (
        "handling",
        {
            "result": "已清运",
            "photos": ["BEFORE", "AFTER"],
            "lon": 113.45,
            "lat": 22.95,
            "form": "无",
        },
    ),
    "add_assist": ("handling", {"units": ["OTHER UNIT"]}),
    "assist_sign": ("handling", NOTHING),
    "assist_arrive": ("handling", NOTHING),
    "assist_done": ("handling", {"result": "已配合", "form": "已登记"}),
    "assist_return": ("handling", {"reason_code": "not_ours", "reason": "非我职责"}),
    "sign_off": ("handling", {"unit": "OTHER UNIT"}),
    "send_part_back": ("handling", {"unit": "OTHER UNIT", "reason": "未办完"}),
    "release_part": ("handling", {"unit": "OTHER UNIT", "reason": "不再需要"}),
    "split": ("handling", {"item": "0204", "text": "另一处隐患"}),
    "revoke_ask": ("handling", {"ask": "ASK"}),
    "record": ("handling", {"kind": "inspection", "found": "通道被占"}),
    "settle": (
        "reported",
        {
            "item": "0304",
            "result": "已劝导",
            "photos": ["BEFORE", "AFTER"],
            "lon": 113.45,
            "lat": 22.95,
            "form": "无",
        },
    ),
    "ask_check": ("handled", NOTHING),
    "check_pass": ("handled", NOTHING),
    "check_fail": ("handled", {"reason": "仍有积水"}),
    "close": ("checked", NOTHING),
    "suspend": ("handling", {"until": "IN A WEEK", "reason": "等待材料"}),
    "resume": ("handling", NOTHING),
    "request_extension": ("handling", {"amount": 2, "clock": "work_day", "reason": "材料未到"}),
    "grant_extension": ("handling", NOTHING),
    "refuse_extension": ("handling", {"reason": "时间充足"}),
    "escalate": ("reported", {"reason": "超出能力", "tried": "已协调"}),
    "send_down": ("reported", {"to": COMMUNITY, "reason": "社区可办"}),
    "change_item": ("accepted", {"item": "0203", "reason": "事项有误"}),
    "pin": ("reported", {"area": COMMUNITY}),
    "merge": ("reported", {"into": "OTHER CASE", "reason": "同一事件"}),
    "withdraw": ("reported", {"reason": "重复上报"}),
    "comment": ("reported", {"text": "已联系"}),
    "attach": ("reported", {"photos": ["BEFORE"]}),
    "alarm": ("accepted", {"team": "TEAM"}),
    "alarm_answer": ("dispatched", NOTHING),
    "undo": ("accepted", NOTHING),
    "supervise": ("reported", {"reason": "多次反映"}),
    "lift_supervision": ("reported", {"reason": "已办妥"}),
    "instruct": ("reported", {"text": "今天办结"}),
    "answer_instruction": ("reported", {"text": "已办结"}),
    "meet": (
        "reported",
        {
            "members": ["UNIT", "OTHER UNIT"],
            "unit": "UNIT",
            "decision": "牵头办理",
            "until": "IN A WEEK",
        },
    ),
    "blow": ("handling", {"sort": "emergency", "units": ["OTHER UNIT"], "text": "到场"}),
    "answer": ("handling", NOTHING),
    "check_in": ("handling", {"lon": 113.45, "lat": 22.95}),
    "refuse_call": ("handling", {"reason_code": "other", "reason": "无力到场"}),
    "arbitrate_call": ("handling", {"upheld": True, "reason": "属实"}),
    "press_call": ("handling", NOTHING),
    "stand_in": ("handling", {"text": "由镇落实"}),
    "release": ("handling", NOTHING),
    "rate": ("handling", {"attendance": 5, "cooperation": 5, "outcome": 5}),
    "reopen": ("closed", {"reason": "问题复现"}),
    "ask_resident": ("handling", {"question": "在哪一栋？"}),
    "ask_questions": ("handling", NOTHING),
    "answer_questions": ("handling", {"answers": {"what": "纸箱"}}),
    "share_photos": ("handled", {"photos": []}),
    "call_back": ("closed", {"outcome": "not_reached"}),
    "confirm_erasure": ("closed", NOTHING),
}


PARTS = {
    "assist_sign": ("asked", 1, 0),
    "assist_arrive": ("working", 1, 0),
    "assist_done": ("working", 1, 0),
    "assist_return": ("asked", 1, 0),
    "sign_off": ("done", 0, 1),
    "send_part_back": ("done", 0, 1),
    "release_part": ("asked", 0, 1),
}
"""How far a part is, and whose units lead and assist, for what is done with a part."""


CALLS = {
    "answer": ("called", TOWN, 0),
    "check_in": ("answered", TOWN, 0),
    "refuse_call": ("called", TOWN, 0),
    "arbitrate_call": ("refused", COMMUNITY, 0),
    "press_call": ("called", COMMUNITY, 1),
    "stand_in": ("called", COMMUNITY, 1),
    "release": ("called", TOWN, 0),
    "rate": ("released", TOWN, 0),
}
"""How the called unit stands, by the step: its state, who called, how often it climbed."""


class Scene:
    """The case, the units and everything else that a row needs."""

    def __init__(self) -> None:
        from django.utils import timezone

        from huying.cases.models import Channel
        from huying.intake.reporting import Told, take
        from huying.people.acting import SYSTEM
        from huying.people.models import Unit

        self.now = timezone.now()
        self.units = [
            Unit.objects.create(
                code=f"t-{n}",
                name=f"部门{n}",
                kind="department",
                level="town",
                area_code=TOWN,
                district_code="440113",
            )
            for n in range(2)
        ]
        for code, level in ((TOWN, "town"), (COMMUNITY, "community")):
            Unit.objects.create(
                code=f"desk-{code}",
                name="指挥中心",
                kind="desk",
                level=level,
                area_code=code,
                district_code="440113",
            )
        self.case, self.other = (
            take(Told(Channel.API, "占道经营", area=COMMUNITY), by=SYSTEM, now=self.now)
            for _each in range(2)
        )

    def put(self, verb: str | None) -> dict[str, Any]:
        """Puts the case into a state that has the verb; gives what its inputs stand for."""
        from huying.cases.answers import owner_of
        from huying.cases.models import Case, CaseParty, Extension, Suspension
        from huying.catalogue.versions import current
        from huying.dispatch.models import Order
        from huying.forms import versions
        from huying.people.acting import SYSTEM
        from huying.response.models import OutsideAsk
        from huying.response.residents import ResidentLink
        from huying.supervision.models import Instruction, Supervision

        state = VERBS[verb][0] if verb is not None else "handling"
        item = current("0304" if verb == "settle" else "0211", self.now)
        facts: dict[str, Any] = {
            "state": state,
            "holder_code": COMMUNITY if verb == "take_over" else TOWN,
            "area_code": GRID,
            "grid_code": GRID,
            "item_code": item.item_id,
            "item_version": item,
            "accepted_at": self.now,
            "verify_asked": verb == "verify",
            "awaits_arbitration": verb == "arbitrate",
            "emergency": verb in ("alarm", "alarm_answer"),
            "supervised": verb == "lift_supervision",
            "instruction_open": verb == "answer_instruction",
            "extension_asked": verb in ("grant_extension", "refuse_extension"),
            "erasure_asked": verb == "confirm_erasure",
        }
        if verb in ("ask_questions", "answer_questions"):
            facts["channel"] = "resident"
            asks = {"questions": [{"id": "what", "kind": "text", "label": "什么"}]}
            versions.write(owner_of(item.item_id), asks, by=SYSTEM, now=self.now)
            versions.publish(owner_of(item.item_id), by=SYSTEM, now=self.now)
        if verb in ("ask_resident", "share_photos"):
            facts["channel"] = "resident"
            ResidentLink.objects.create(
                case=self.case,
                district_code="440113",
                code_hash=uuid.uuid4().bytes * 2,
                made_at=self.now,
            )
        if state not in ("reported", "accepted"):
            facts |= {"lead_unit": self.units[0], "dispatched_at": self.now}
            Order.objects.create(
                case=self.case,
                district_code="440113",
                unit=self.units[0],
                part="lead",
                dispatched_at=self.now,
            )
            CaseParty.objects.create(
                case=self.case, district_code="440113", part="lead", unit=self.units[0], since_seq=1
            )
        if (how := PARTS.get(verb or "")) is not None:
            lead, helper = how[1:]
            facts |= {"lead_unit": self.units[lead], "parts": {self.units[helper].pk: how[0]}}
            Order.objects.filter(case=self.case).update(unit=self.units[lead])
            Order.objects.create(
                case=self.case,
                district_code="440113",
                unit=self.units[helper],
                part="assist",
                dispatched_at=self.now,
                handled_at=self.now if how[0] == "done" else None,
            )
        if facts["extension_asked"]:
            Extension.objects.create(
                case=self.case,
                district_code="440113",
                asked_at=self.now,
                asked_by=None,
                amount=2,
                clock="work_day",
            )
        if verb == "lift_supervision":
            Supervision.objects.create(
                case=self.case,
                district_code="440113",
                office=TOWN,
                year=2026,
                serial=1,
                cause="by_hand",
                step="reported",
                reworks=0,
                opened_at=self.now,
                due_at=self.now + timedelta(days=1),
                seq=1,
            )
        if verb == "answer_instruction":
            Instruction.objects.create(
                case=self.case, district_code="440113", given_at=self.now, seq=1
            )
        if verb in CALLS:
            facts["calls"] = self.whistled(*CALLS[verb])
        if verb == "resume":
            facts["suspended_until"] = self.now + timedelta(days=3)
            Suspension.objects.create(
                case=self.case,
                district_code="440113",
                starts_at=self.now,
                planned_until=facts["suspended_until"],
            )
        Case.objects.filter(pk__in=[self.case.pk, self.other.pk]).update(
            **facts | ({"state": "reported"} if verb == "merge" else {})
        )
        ask = OutsideAsk.objects.create(
            case=self.case,
            district_code="440113",
            seq=1,
            token_hash=uuid.uuid4().bytes * 2,
            asked_at=self.now,
            expires_at=self.now + timedelta(days=1),
        )
        return {
            "ASK": str(ask.pk),
            "UNIT": self.units[0].pk,
            "OTHER UNIT": self.units[1].pk,
            "OTHER CASE": str(self.other.pk),
            "TEAM": self.called(verb),
            "IN A WEEK": (self.now + timedelta(days=7)).isoformat(),
        }

    def inputs(self, verb: str | None, given: dict[str, Any], actor: Any) -> dict[str, Any]:
        """What the caller sends for the verb: photos that it has staged itself, if any."""
        if verb == "undo":
            self.accept_as(actor)
        inputs = VERBS[verb][1] if verb is not None else NOTHING
        if "photos" in inputs:
            staged = {"BEFORE": "photo_before", "AFTER": "photo_after"}
            given = given | {name: self.staged(kind, actor) for name, kind in staged.items()}
        return {name: _filled(value, given) for name, value in inputs.items()}

    def staged(self, kind: str, actor: Any) -> str:
        from huying.cases.models import Attachment

        photo = Attachment.objects.create(
            district_code="440113",
            kind=kind,
            width=1,
            height=1,
            size=1,
            digest=b"0" * 32,
            uploaded_at=self.now,
            uploader_kind="integration",
            uploader_id=actor.integration_id if actor is not None else None,
        )
        return str(photo.pk)

    def called(self, verb: str | None) -> int | None:
        """A team on duty to call; or the unit in charge, called already."""
        from huying.people.acting import SYSTEM
        from huying.people.models import Account, Post, Unit
        from huying.response import rostering
        from huying.response.models import Alarm

        if verb == "alarm_answer":
            Alarm.objects.create(
                case=self.case,
                district_code="440113",
                team=self.units[0],
                given_at=self.now,
                answer_by=self.now + timedelta(minutes=5),
            )
        if verb != "alarm":
            return None
        team = Unit.objects.create(
            code="t-team", name="队", kind="team", sort="joint", level="town",
            area_code=TOWN, district_code="440113",
        )  # fmt: skip
        account = Account.objects.create(username="t-team", name="队员")
        day = self.now.date() - timedelta(days=1)
        Post.objects.create(
            account=account, role="handler", area_code=TOWN, district_code="440113",
            unit=team, starts_on=day,
        )  # fmt: skip
        member = rostering.take_in(team, account, by=SYSTEM)
        hours = datetime.min.time()
        shift = rostering.add_shift(team, "全天", hours, hours, by=SYSTEM, now=self.now)
        days = [day + timedelta(days=n) for n in range(3)]
        rostering.put_on(shift, [member], days, by=SYSTEM, now=self.now)
        return team.pk

    def whistled(self, state: str, caller: str, climbs: int) -> Any:
        """The first unit is called; what the case's row remembers of it."""
        from huying.response.called import snapshot
        from huying.response.whistles import OPEN_CALLS, Call, Whistle

        whistle = Whistle.objects.create(
            case=self.case,
            district_code="440113",
            sort="joint",
            caller_code=caller,
            area_code=GRID,
            blown_at=self.now,
        )
        call = Call.objects.create(
            whistle=whistle,
            district_code="440113",
            unit=self.units[0],
            state=state,
            asked_at=self.now,
            answer_by=self.now,
            level_code=TOWN,
            climbs=climbs,
            arbiter_code=TOWN,
            decide_by=self.now if state == "refused" else None,
            ended_at=None if state in OPEN_CALLS else self.now,
        )
        return snapshot([call])

    def accept_as(self, actor: Any) -> None:
        """The step to undo, where the caller is the desk that could do it."""
        from huying.cases.accepting import accept
        from huying.cases.models import Case
        from huying.errors import NotAllowed

        Case.objects.filter(pk=self.case.pk).update(state="reported")
        if actor is not None:
            with contextlib.suppress(NotAllowed):
                accept(self.case.pk, by=actor, now=self.now)
        Case.objects.filter(pk=self.case.pk).update(state="accepted")


def _filled(value: Any, given: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [given.get(each, each) for each in value]
    return given.get(value, value) if isinstance(value, str) else value


def _photo_of(case: Any) -> str:
    from PIL import Image

    from huying.cases.attaching import stage, take_up
    from huying.people.acting import SYSTEM

    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    file.seek(0)
    photo = stage(file, kind="other", by=SYSTEM, now=case.received_at)
    take_up(case, [photo.pk], by=SYSTEM, seq=1)
    return str(photo.pk)


def _verb_of(path: str) -> str | None:
    return path.rpartition("/verbs/")[2] if "/verbs/" in path else None


def _request(
    scene: Scene, method: str, path: str, given: dict[str, Any], api: Any, actor: Any
) -> int:
    """Sends the row's request with something sensible in it; gives the status."""
    inputs = scene.inputs(_verb_of(path), given, actor)
    address = path.replace("{number}", scene.case.number).replace("{code}", "0203")
    if "{attachment_id}" in address:
        address = address.replace("{attachment_id}", _photo_of(scene.case))
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    if path == "/attachments":
        from PIL import Image

        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "PNG")
        file.seek(0)
        file.name = "a.png"
        body: Any = {"kind": "other", "file": file}
        status: int = api.client.post(
            "/api/v1/attachments", body, headers=api.headers | headers
        ).status_code
        return status
    if path == "/attachments/pieces":
        address = f"{path}?offset=0" if method == "POST" else path
        url, how = f"/api/v1{address}", {"headers": api.headers | headers}
        call = api.client.post if method == "POST" else api.client.get
        status = call(url, **how).status_code
        return status
    if method == "GET":
        query = {"area": TOWN} if path == "/places/grids" else {}
        status = api.get(address, **query).status_code
        return status
    bodies: dict[str, Any] = {
        "/places/locate": {"lon": 113.45, "lat": 22.95},
        "/cases": {"text": "占道经营", "area": GRID},
        "/cases/batch": {"reports": [{"key": "a", "text": "占道经营", "area": GRID}]},
    }
    status = api.post(address, bodies.get(path, inputs)).status_code
    return status


Callers = Callable[[str, int], tuple[Any, Any]]


@pytest.fixture(scope="module")
def made(kept: None) -> tuple[Scene, Callers]:
    """The scene and its callers, made once: each row puts the case where it must be, in its own
    part of the transaction."""
    assert drawn_grid() == GRID
    scene = Scene()
    callers = _callers(scene)
    for role, area in ((role, side) for role in AREAS for side in (0, 1)):
        callers(role, area)
    return scene, callers


@pytest.fixture
def scene(made: tuple[Scene, Callers], db: None) -> Scene:
    from django.utils import timezone

    scene = copy.deepcopy(made[0])
    scene.now = timezone.now()  # what happens in a row happens now: a step is undone soon or never
    return scene


@pytest.fixture
def as_role(made: tuple[Scene, Callers], monkeypatch: pytest.MonkeyPatch) -> Callers:
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda request, account: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda account: True)
    return made[1]


def _callers(scene: Scene) -> Callers:
    """A caller of a role, inside (0) or outside (1) of its area, and who it acts as."""
    from django.test import Client
    from django.utils import timezone

    from huying.api import tokens
    from huying.api.models import Integration
    from huying.people.models import Account, Post

    client, anyone = Client(), Api(Client(), None)
    scopes = [str(scope) for scope in tokens.Scope]
    known: dict[tuple[str, int], tuple[Any, Any]] = {}

    def make(role: str, side: int) -> tuple[Any, Any]:
        if role == "nobody":
            return anyone, None
        area = AREAS[role][side]
        if role in CASELESS:
            account = Account.objects.create(username=f"{role} {side}", name=role)
            Post.objects.create(
                account=account,
                role=role,
                area_code=area,
                district_code="440113",
                unit=scene.units[0] if role == "member" else None,
                starts_on=timezone.localdate(),
            )
            signed_in = Client()
            signed_in.force_login(
                account, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
            return Api(signed_in, None), None
        unit = scene.units[side] if role == "handler" else None
        system = Integration.objects.create(
            name=f"{role} {side}", role=role, area_code=area, unit=unit, created_at=scene.now
        )
        token, secret = tokens.issue(system, scopes=scopes, days=1, now=scene.now)
        return Api(client, secret), tokens.actor_of(token)

    def cached(role: str, side: int) -> tuple[Any, Any]:
        if (role, side) not in known:
            known[role, side] = make(role, side)
        return known[role, side]

    return cached


def _outcome(
    scene: Scene, method: str, path: str, given: dict[str, Any], who: tuple[Any, Any]
) -> int:
    """The status, with everything that the request wrote undone."""
    from django.db import transaction

    with transaction.atomic():
        status = _request(scene, method, path, given, *who)
        transaction.set_rollback(True)
    return status


def _rows() -> dict[str, dict[str, tuple[int, int]]]:
    heading, *lines = TABLE.splitlines()
    columns = heading.split()
    rows: dict[str, dict[str, tuple[int, int]]] = {}
    for line in lines:
        method, path, *cells = line.split()
        assert len(cells) == len(columns), path
        inside_outside = (tuple(map(int, cell.split("/"))) for cell in cells)
        rows[f"{method} {path}"] = {
            COLUMNS[column]: (both[0], both[-1])
            for column, both in zip(columns, inside_outside, strict=True)
        }
    return rows


ROWS = _rows()


@pytest.mark.parametrize("row", ROWS)
def test_everyone_gets_what_the_table_says(row: str, scene: Scene, as_role: Any) -> None:
    method, path = row.split()
    found = {}
    given = scene.put(_verb_of(path))
    for role in ROWS[row]:
        inside = outside = _outcome(scene, method, path, given, as_role(role, 0))
        if role != "nobody" and role not in CASELESS:
            outside = _outcome(scene, method, path, given, as_role(role, 1))
        found[role] = (inside, outside)
    assert found == ROWS[row]


def _routes() -> Iterator[str]:
    """Every address under /api/v1 that a pattern serves, with each method it takes."""
    from huying.api.app import api
    from huying.api.urls import patterns

    methods: dict[str, set[str]] = {}
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            template = f"{bound.prefix}{path}"
            taken = {method for each in view.operations for method in each.methods}
            methods.setdefault(template, set()).update(taken)
    for pattern in patterns:
        template = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        for method in methods.get(template, {"GET"}):
            yield f"{method} {template}"


def test_every_address_has_its_row() -> None:
    assert set(_routes()) == set(ROWS)


def test_every_role_has_its_column() -> None:
    from huying.people.models import Role

    assert set(COLUMNS.values()) == {"nobody"} | {str(role) for role in Role}


def test_every_verb_is_tried_in_a_state_that_has_it() -> None:
    from huying.cases import flow

    for verb, (state, _inputs) in VERBS.items():
        assert state in flow.ROWS[verb].sources


def test_beside_the_interface_there_is_only_its_description(client: Any, db: None) -> None:
    from huying.api.urls import urlpatterns

    assert [str(each.pattern) for each in urlpatterns] == ["docs", "v1/", "^(?P<path>.*)$"]
    assert client.get("/api/docs").status_code == 200
