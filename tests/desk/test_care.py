"""The care list at the desk and on a member's phone: put on, handed over, visited, shown."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huying.audit.models import AccessLog
from huying.care.models import CareCase, CareKind, CarePerson, CareVisit
from huying.cases.models import Case, CaseText
from tests.browser.everywhere import administrator, with_care, with_registers
from tests.desk.world import World
from tests.security.hunting import everything

As = Callable[..., Client]
GIVEN = {
    "kinds": ["alone", "disabled"], "level": "2", "consent": "spoken", "look_at": ["food"],
    "health": "糖尿病", "contact": "李大明", "phone": "13911112222",
}  # fmt: skip


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_somebody_is_found_by_name_and_put_on_the_list(world: World, as_: As) -> None:
    grown, client = with_registers(world).grown, as_("dispatcher")
    page = client.post("/desk/care/find", {"q": "张三丰 502"})
    assert f"/desk/care/new/{grown.pk}" in text(page)
    wrong = client.post(f"/desk/care/new/{grown.pk}", GIVEN | {"consent": "", "every_days": "500"})
    assert wrong.status_code == 422
    assert "应在 1 到 180 天之间" in text(wrong)
    assert "李大明" in text(wrong)  # nothing that was typed is lost
    unsaid = client.post(f"/desk/care/new/{grown.pk}", GIVEN | {"consent": ""})
    assert "没有同意" in text(unsaid)
    made = client.post(f"/desk/care/new/{grown.pk}", GIVEN)
    care = CarePerson.objects.get()
    assert made["Location"] == f"/desk/care/{care.pk}"
    page = text(client.get(made["Location"]))
    for shown in ("张**", "独居老人、残疾人", "每 7 天", "新入名单", "陈小妹", "139****2222"):
        assert shown in page
    for secret in ("张三丰", "糖尿病", "李大明", "13911112222"):
        assert secret not in page
    again = client.get(f"/desk/care/new/{grown.pk}")
    assert again["Location"] == f"/desk/care/{care.pk}"
    assert f"/desk/care/{care.pk}" in text(client.post("/desk/care/find", {"q": "zsf"}))
    assert f"/desk/care/{care.pk}" in text(client.get(f"/desk/registers/person/{grown.pk}"))


def test_a_kind_that_is_switched_off_stays_with_who_has_it(world: World, as_: As) -> None:
    care, client = with_care(world).care, as_("dispatcher")
    CareKind.objects.filter(code="disabled").update(active=False)
    grown = with_registers_apart(world)
    assert "残疾人" not in text(client.get(f"/desk/care/new/{grown.pk}"))
    sent = GIVEN | {"version": CarePerson.objects.get(pk=care.pk).version}
    assert client.post(f"/desk/care/{care.pk}/save", sent).status_code == 302


def with_registers_apart(world: World) -> Any:
    from huying.registry import recording
    from huying.registry.recording import PersonTold
    from tests.desk.world import COMMUNITY

    told = PersonTold("赵一", community=COMMUNITY, birth_year=1940)
    return recording.add(told, by=world.actor("dispatcher"), now=timezone.now())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["欧***", "陈**", "何*"]),
        ("?show=late", ["欧***"]),
        ("?show=due", ["陈**"]),
        ("?show=twice", ["欧***"]),
        ("?show=soon", []),
        ("?show=ended", []),
        ("?show=gone", []),
        ("?level=3", ["何*"]),
        ("?kind=child", ["陈**"]),
        ("?show=junk&level=x&kind=y&page=zz", ["欧***", "陈**", "何*"]),
    ],
)
def test_the_list_is_narrowed(world: World, as_: As, query: str, names: list[str]) -> None:
    with_care(world)
    page = text(as_("dispatcher").get(f"/desk/care/{query}"))
    found = [name for name in ("欧***", "陈**", "何*") if f">{name}</a>" in page]
    assert found == names


def test_what_somebody_else_changed_is_not_written_over(world: World, as_: As) -> None:
    care, client = with_care(world).care, as_("dispatcher")
    version = CarePerson.objects.get(pk=care.pk).version
    hand = {"worker": world.accounts["far_worker"].pk, "member": "", "version": version}
    assert client.post(f"/desk/care/{care.pk}/hand", hand).status_code == 302
    stale = client.post(f"/desk/care/{care.pk}/save", GIVEN | {"version": version})
    assert stale.status_code == 409
    row = CarePerson.objects.get(pk=care.pk)
    assert (row.worker_id, row.member_id) == (world.accounts["far_worker"].pk, None)
    assert as_("far_worker").get(f"/desk/care/{care.pk}").status_code == 200
    ended = {"reason": "moved", "version": row.version}
    assert client.post(f"/desk/care/{care.pk}/end", ended).status_code == 302
    page = text(client.get(f"/desk/care/{care.pk}"))
    assert "已搬走" in page
    assert "移交" in page
    assert "邻格网格员" in page
    assert "登记走访" not in page.replace("<b>登记走访</b>", "")
    gone = client.post(f"/desk/care/{care.pk}/end", ended)
    assert gone.status_code == 409


def test_the_desk_is_shown_all_and_a_member_name_and_phone(world: World, as_: As) -> None:
    care = with_care(world).care
    sent = {"purpose": "visit"}
    desk = text(as_("dispatcher").post(f"/desk/care/{care.pk}/shown", sent))
    for shown in ("欧阳秀英", "高血压", "欧阳建国", "降压药快吃完了"):
        assert shown in desk
    member = text(as_("member").post(f"/desk/care/{care.pk}/shown", sent))
    assert "欧阳秀英" in member
    assert "13822223333" in member
    for kept in ("高血压", "欧阳建国", "降压药快吃完了"):
        assert kept not in member
    looks = AccessLog.objects.filter(action="reveal_care")
    assert {look.account_id for look in looks} == {
        world.accounts[name].pk for name in ("dispatcher", "member")
    }
    assert as_("member").post(f"/desk/care/{care.pk}/shown", {}).status_code == 422


def test_a_member_sees_whom_they_visit_and_no_more(world: World, as_: As) -> None:
    cared, client = with_care(world), as_("member")
    page = text(client.get("/desk/care/mine"))
    assert "欧***" in page
    assert "陈**" in page
    for hidden in ("何*", "独居老人", "残疾人", "困境儿童", "欧阳"):
        assert hidden not in page
    visit = text(client.get(f"/desk/care/{cared.care.pk}/visit"))
    assert "tel:120" in visit
    assert "用气用电" in visit
    assert "独居" not in visit
    assert client.get(f"/desk/care/{cared.care.pk}").status_code == 403
    sent = {"visit": str(uuid.uuid4()), "outcome": "well", "way": "phone", "words": "接电话了"}
    for _again in range(2):
        assert client.post(f"/desk/care/{cared.care.pk}/visit", sent).status_code == 302
    assert CareVisit.objects.get(pk=sent["visit"]).account == world.accounts["member"]
    assert "接电话了" not in text(client.get("/desk/care/mine"))


def test_a_members_emergency_becomes_a_case_that_the_desk_sees(world: World, as_: As) -> None:
    cared, client = with_care(world), as_("member")
    path, before = f"/desk/care/{cared.care.pk}/visit", Case.objects.count()
    sent = {
        "visit": str(uuid.uuid4()),
        "outcome": "alarm",
        "way": "door",
        "words": "欧阳秀英没反应",
    }
    lacking = client.post(path, sent)
    assert lacking.status_code == 422
    assert "哪种紧急情况" in text(lacking)
    assert "欧阳秀英没反应" in text(lacking)
    assert client.post(path, sent | {"sort": "no_answer"}).status_code == 302
    assert Case.objects.count() == before + 1
    link = CareCase.objects.get(visit=sent["visit"])
    said = CaseText.objects.get(case=link.case).body
    assert "无人应答" in said
    assert "欧阳" not in said
    assert link.case.number in text(as_("dispatcher").get(f"/desk/care/{cared.care.pk}"))


def test_an_ended_or_strange_visit_is_not_there(world: World, as_: As) -> None:
    care = with_care(world).care
    CarePerson.objects.filter(pk=care.pk).update(
        ended_on=timezone.localdate(), end_reason="moved", climb_on=None
    )
    for who in ("member", "dispatcher"):
        assert as_(who).get(f"/desk/care/{care.pk}/visit").status_code == 404
    assert as_("dispatcher").get(f"/desk/care/{care.pk}/shown").status_code == 403


def test_the_week_and_the_figures_name_who_visits_and_how_many(world: World, as_: As) -> None:
    with_care(world)
    client = as_("dispatcher")
    for week in ("", "?week=1", "?week=9", "?week=x"):
        page = client.get(f"/desk/care/plan{week}")
        assert page.status_code == 200
    ahead = text(client.get("/desk/care/plan?week=1"))
    assert "陈小妹" in ahead
    assert "何党员" in ahead
    page = text(client.get("/desk/care/figures?days=30"))
    assert "小龙村" in page
    answer = client.get("/desk/care/figures.xlsx?days=30")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][1:6] == ["440113120213", 3.0, 5.0, 1.0, 3.0]
    assert "欧" not in str(rows)
    entry = AccessLog.objects.filter(action="export_care").get()
    assert entry.at > timezone.now() - timedelta(minutes=5)


def test_nothing_sealed_of_them_lies_in_any_table_in_clear(world: World, as_: As) -> None:
    care = with_care(world).care
    as_("dispatcher").post(f"/desk/care/{care.pk}/shown", {"purpose": "visit"})
    as_("dispatcher").post("/desk/care/find", {"q": "欧阳秀英"})
    secrets = ("欧阳秀英", "欧阳建国", "13911112222", "13822223333", "高血压", "降压药", "晒太阳")
    rows = everything()
    found = {(table, each) for table, said in rows for each in secrets if each in said}
    assert not found
    # What is looked for would be found: the masked names are there.
    assert any("欧***" in said for _table, said in rows)


def test_an_administrator_changes_how_often_and_why(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    care = with_care(world).care
    CareVisit.objects.filter(care=care, outcome="not_met").delete()
    administrator(world)
    client, today = as_("administrator"), timezone.localdate()
    sent = {"name": "一级（红）", "colour": "red", "days": "20"}
    answer = client.post("/admin/huying/carelevel/1/change/", sent)
    assert answer.status_code == 302
    row = CarePerson.objects.get(pk=care.pk)
    # Something was needed nine days ago, and nobody looked again.
    assert (row.due_on, row.why) == (today - timedelta(days=6), "follow_up")
    visit = {"visit": str(uuid.uuid4()), "outcome": "well", "way": "door"}
    assert as_("dispatcher").post(f"/desk/care/{care.pk}/visit", visit).status_code == 302
    assert CarePerson.objects.get(pk=care.pk).due_on == today + timedelta(days=20)
    client.post("/admin/huying/carelevel/1/change/", sent | {"days": "5"})
    assert CarePerson.objects.get(pk=care.pk).due_on == today + timedelta(days=5)
    wrong = client.post("/admin/huying/carelevel/1/change/", sent | {"days": "0"})
    assert wrong.status_code == 200
    kind = {"code": "veteran", "name": "优抚对象", "position": "20", "active": "on"}
    assert client.post("/admin/huying/carekind/add/", kind).status_code == 302
    grown = with_registers_apart(world)
    assert "优抚对象" in text(as_("dispatcher").get(f"/desk/care/new/{grown.pk}"))


def test_visits_that_are_due_stand_on_a_members_page_and_on_the_workbench(
    world: World, as_: As
) -> None:
    member, worker, desk = as_("member"), as_("worker"), as_("dispatcher")
    assert "待走访" not in text(member.get("/desk/mine"))
    cared = with_care(world)
    page = text(member.get("/desk/mine"))
    assert "欧***" in page
    assert f"/desk/care/{cared.care.pk}/visit" in page
    assert 'href="/desk/care/mine"' in page
    for hidden in ("何*", "独居老人", "残疾人", "欧阳", "13822223333"):
        assert hidden not in page
    # Whoever walks the grid, and its desk, have a line with how many and how many late.
    today = timezone.localdate()
    rows = CarePerson.objects.due(today)
    for client, there in ((worker, "/desk/care/mine"), (desk, "/desk/care/")):
        bench = text(client.get("/desk/today/"))
        assert f"待走访 {rows.count()} 人" in bench
        assert f"逾期 {rows.filter(due_on__lt=today).count()} 人" in bench
        assert f'href="{there}"' in bench
    for who in ("leader", "handler", "checker", "far_worker"):
        assert "待走访" not in text(as_(who).get("/desk/today/"))
    yesterday = today - timedelta(days=1)
    assert "待走访" not in text(worker.get(f"/desk/today/?day={yesterday}"))
    CarePerson.objects.update(due_on=today + timedelta(days=3))
    assert "今天没有要走访的；以后还有 2 人。" in text(member.get("/desk/mine"))
    assert "待走访" not in text(desk.get("/desk/today/"))
