"""Requests of people at the desk: typed, found, decided by a leader, given on a counted sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huying.audit.models import AccessLog
from huying.cases.models import CaseContact
from huying.requests.models import PersonRequest
from tests.desk.world import World
from tests.registry.living import id_of

As = Callable[..., Client]
PHONE = "13926187754"
WISH = {"kind": "see", "known": "called_back", "name": "欧阳询", "phone": PHONE}


def taken(as_: As, **more: Any) -> PersonRequest:
    answer = as_("dispatcher").post("/desk/requests/new", WISH | more)
    assert answer.status_code == 302
    return PersonRequest.objects.first()  # type: ignore[return-value]


def decide(as_: As, row: PersonRequest, **more: str) -> Any:
    row.refresh_from_db()
    one = row.records.filter(outcome="").first()
    assert one is not None
    sent = {"record": str(one.pk), "version": str(row.version)} | more
    return as_("leader").post(f"/desk/requests/{row.pk}/decide", sent)


def test_from_taking_to_the_answer(world: World, as_: As) -> None:
    case = world.closed(contact_name="欧阳询", contact_phone=PHONE)
    row = taken(as_)
    desk, page = as_("dispatcher"), f"/desk/requests/{row.pk}"
    shown = desk.get(page).content.decode()
    assert case.number[-8:] in shown
    assert PHONE not in shown
    assert "欧阳询" not in shown
    assert desk.post(f"{page}/sheet").status_code == 409
    assert desk.get(f"{page}/answer").status_code == 404
    assert decide(as_, row, outcome="refused").status_code == 422
    assert decide(as_, row, outcome="given", version="0").status_code == 409
    assert decide(as_, row, outcome="given").status_code == 302
    sheet = desk.post(f"{page}/sheet")
    assert sheet.status_code == 200
    assert "no-store" in sheet["Cache-Control"]
    told = sheet.content.decode()
    assert PHONE in told
    assert "欧阳询" in told
    assert "第 1 份" in told
    assert told.count(f"{world.accounts['dispatcher'].name} ") > 10  # the watermark
    assert "第 2 份" in desk.post(f"{page}/sheet").content.decode()
    assert AccessLog.objects.filter(action="reveal_request", subject_type="case").count() == 2
    answer = desk.get(f"{page}/answer").content.decode()
    assert "已提供" in answer
    assert PHONE not in answer
    row.refresh_from_db()
    assert desk.post(f"{page}/answered", {"version": row.version}).status_code == 302
    assert row.number not in desk.get("/desk/requests/").content.decode()
    assert row.number in desk.get("/desk/requests/?tab=answered").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"phone": "12ab"}, {"known": ""}, {"name": ""}, {"id_number": "440113198001020011"}]
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(as_: As, wrong: dict[str, str]) -> None:
    answer = as_("dispatcher").post("/desk/requests/new", WISH | {"words": "都有什么"} | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('class="field-bad"') == 1
    assert "都有什么" in page
    assert not PersonRequest.objects.exists()


def test_erasing_is_offered_where_it_may_be_and_done_at_once(world: World, as_: As) -> None:
    case = world.closed(contact_name="欧阳询", contact_phone=PHONE)
    going_on = world.accepted(contact_name="欧阳询", contact_phone=PHONE)
    row = taken(as_, kind="delete")
    page = as_("leader").get(f"/desk/requests/{row.pk}").content.decode()
    assert page.count("事项仍在办理") > 1
    while one := row.records.filter(outcome="").first():
        row.refresh_from_db()
        open_ = one.subject_id == going_on.pk
        sent = {"record": str(one.pk), "version": str(row.version), "outcome": "erased"}
        answer = as_("leader").post(f"/desk/requests/{row.pk}/decide", sent)
        assert answer.status_code == (409 if open_ else 302)
        if open_:
            why = sent | {"outcome": "refused", "reason": "case_open"}
            assert as_("leader").post(f"/desk/requests/{row.pk}/decide", why).status_code == 302
    left = set(CaseContact.objects.values_list("case", flat=True))
    assert left == {going_on.pk}
    assert case.pk not in left
    row.refresh_from_db()
    assert row.state == "decided"


def test_a_name_alone_is_narrowed_on_its_page_and_nothing_typed_is_lost(
    world: World, as_: As
) -> None:
    world.closed(contact_name="欧阳询", contact_phone=PHONE)
    row = taken(as_, known="by_name", phone="")
    desk, page = as_("dispatcher"), f"/desk/requests/{row.pk}"
    shown = desk.get(page).content.decode()
    assert "是同名者中的哪一位" in shown
    assert "欧阳询" not in shown
    sent = {"version": str(row.version), "address": "东街12号", "born": "", "id_number": ""}
    answer = desk.post(f"{page}/narrow", sent)
    assert answer.status_code == 422
    assert 'value="东街12号"' in answer.content.decode()
    assert "无人符合" in answer.content.decode()
    assert desk.post(f"{page}/narrow", sent).status_code == 409
    row.refresh_from_db()
    bad = desk.post(f"{page}/narrow", sent | {"version": row.version, "address": ""})
    assert bad.status_code == 422
    row.refresh_from_db()
    paper = {"version": row.version, "id_number": id_of("19800102")}
    assert as_("leader").post(f"{page}/narrow", paper).status_code == 403
    assert desk.post(f"{page}/narrow", paper).status_code == 302
    row.refresh_from_db()
    assert row.known == "id_seen"
    ends = as_("leader").post(f"{page}/nothing", {"version": row.version})
    assert ends.status_code == 302


def test_who_cannot_be_told_apart_is_answered_so(as_: As) -> None:
    row = taken(as_, known="by_name", phone="")
    page = f"/desk/requests/{row.pk}"
    assert as_("leader").post(f"{page}/nothing", {"version": row.version}).status_code == 302
    assert "仅凭姓名无法确定" in as_("dispatcher").get(f"{page}/answer").content.decode()
