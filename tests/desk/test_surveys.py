"""Registers and surveys at the desk: designed, followed, looked at, corrected, taken away."""

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
from huying.forms import versions
from huying.people.models import Account, Post, Role
from huying.surveys.models import State, Survey, SurveyEntry
from tests.browser.everywhere import entered_twice, with_registers, with_survey
from tests.desk.world import COMMUNITY, DISTRICT, GRID, LAT, LON, World

As = Callable[..., Client]


@pytest.fixture
def administrator(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the administrator's second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    world.accounts["administrator"] = Account.objects.create(username="t-admin", name="管理员")
    world.posts["administrator"] = Post.objects.create(
        account=world.accounts["administrator"], role=Role.ADMINISTRATOR, area_code=DISTRICT,
        district_code=DISTRICT, starts_on=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip


def question(label: str, kind: str = "yes_no") -> dict[str, str]:
    return {"count": "1", "0.id": "q1", "0.kind": kind, "0.label": label, "0.required": "on"}


def test_an_administrator_designs_a_survey_and_sees_nothing_of_what_is_entered(
    world: World, administrator: None, as_: As
) -> None:
    client = as_("administrator")
    due = f"{timezone.localtime() + timedelta(days=5):%Y-%m-%dT%H:%M}"
    told = {"kind": "survey", "title": "老旧电梯排查", "due_at": due, "sample_percent": "20",
            "stale_days": "180", "grids": [COMMUNITY]}  # fmt: skip
    lacks = client.post("/desk/surveys/new", told | {"title": ""})
    assert (lacks.status_code, "field-bad" in lacks.text) == (422, True)
    made = client.post("/desk/surveys/new", told)
    survey = Survey.objects.get(title="老旧电梯排查")
    base = f"/desk/surveys/{survey.pk}"
    assert made.url == f"{base}/questions"
    assert client.post(f"{base}/do/open").status_code == 422  # it asks nothing yet
    asked = client.post(f"{base}/questions", question("有没有困过人？") | {"do": "done"})
    assert asked.url == f"{base}/design"
    assert "老旧电梯排查" not in as_("worker").get("/desk/surveys/").text
    assert client.post(f"{base}/do/open").status_code == 302
    survey.refresh_from_db()
    assert survey.state == State.OPEN
    assert "老旧电梯排查" in as_("worker").get("/desk/surveys/").text
    again = client.post(f"{base}/questions", question("有没有困过人？") | {"do": "publish"})
    assert again.status_code == 422  # that is asked already
    client.post(f"{base}/questions", question("一年内困过人？") | {"do": "publish"})
    form = versions.in_force(survey.owner)
    assert form is not None
    assert form.version == 2
    for page in ("", "/entries", "/look", "/entries.xlsx", "/entries/new"):
        assert client.get(f"{base}{page}").status_code == 403, page
    assert client.get(f"{base}/targets").status_code == 403
    assert client.get(f"{base}/design").status_code == 200


def test_a_draft_is_stale_once_another_has_saved_it(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("dispatcher")
    url = f"/desk/surveys/{made.draft.pk}/design"
    told = {"kind": "register", "title": "出租屋台账", "version": "1"}
    assert client.post(url, told).status_code == 302
    late = client.post(url, told | {"title": "我改的名"})
    assert late.status_code == 409
    assert "我改的名" in late.text  # nothing that was typed is lost


def test_what_is_to_be_visited_is_taken_from_the_registers_or_a_list(world: World, as_: As) -> None:
    with_registers(world)
    made, client = with_survey(world), as_("dispatcher")
    url = f"/desk/surveys/{made.draft.pk}/targets"
    client.post(url, {"source": "units:shop"})
    client.post(url, {"lines": f"小龙村祠堂，小龙村宗祠东街12号3栋\n鱼塘,{LON},{LAT}"})
    found = made.draft.targets.order_by("name")
    assert [each.area_code for each in found] == [GRID] * 3
    assert {each.enterprise_id is None for each in found} == {True, False}
    bad = client.post(url, {"lines": "好地方,{LON},{LAT}\n没有地方"})
    assert (bad.status_code, "没有地方" in bad.text) == (422, True)
    client.post(url, {"remove": str(found[0].pk)})
    assert made.draft.targets.count() == 2


def test_the_sample_is_looked_at_one_after_the_other(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("checker")
    base = f"/desk/surveys/{made.survey.pk}"
    assert made.entry.name in client.get(f"{base}/look").text
    page = client.get(f"/desk/surveys/entries/{made.entry.pk}")
    assert "张**" in page.text
    assert "张三丰" not in page.text
    step = f"/desk/surveys/entries/{made.entry.pk}/do"
    lacks = client.post(f"{step}/back", {"reason": ""})
    assert (lacks.status_code, "field-bad" in lacks.text) == (422, True)
    done = client.post(f"{step}/pass", {"version": str(made.entry.version)})
    assert done.url == f"{base}/look"  # nothing else is drawn
    assert client.post(f"{step}/pass").status_code == 409
    progress = client.get(base).text
    assert "1 / 3" in progress


def test_entries_are_searched_by_post_and_filtered(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("dispatcher")
    url = f"/desk/surveys/{made.survey.pk}/entries"
    found = client.post(url, {"q": made.entry.name[:2]})
    assert (made.entry.name in found.text, made.back.name in found.text) == (True, False)
    back = client.get(f"{url}?show=back")
    assert (made.entry.name in back.text, made.back.name in back.text) == (False, True)
    assert "张三丰" not in client.post(url, {"q": "张三丰"}).text.replace('value="张三丰"', "")


def test_masked_answers_are_shown_for_a_purpose(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("dispatcher")
    url = f"/desk/surveys/entries/{made.entry.pk}/shown"
    assert client.post(url).status_code == 422
    assert "13800138000" in client.post(url, {"purpose": "check_record"}).text
    assert AccessLog.objects.filter(action="reveal_entry").count() == 1


def test_an_entry_is_made_and_corrected_at_the_desk_once(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("dispatcher")
    shot = str(world.photo("dispatcher", "other"))
    asked = {"q.sort": "vegetable", "q.area": "9", "q.lived_in": "no", "q.name": "河边菜棚",
             "q.contact": "李四光", "q.shot": shot}  # fmt: skip
    names = {"entry": str(uuid.uuid4()), "answers": str(uuid.uuid4())}
    url = f"/desk/surveys/{made.survey.pk}/entries/new"
    lacks = client.post(url, asked | names)
    assert (lacks.status_code, "河边菜棚" in lacks.text) == (422, True)
    here = {"lon": str(LON), "lat": str(LAT), "place": "河边"}
    for _again in range(2):
        assert client.post(url, asked | names | here).status_code == 302
    entry = SurveyEntry.objects.get(pk=names["entry"])
    assert (entry.source, entry.area_code, entry.place) == ("desk", GRID, "河边")
    edit = f"/desk/surveys/entries/{entry.pk}/edit"
    form = client.get(edit).text
    assert "河边菜棚" in form
    assert "李四光" not in form
    mended = asked | {"q.area": "12", "q.contact": "", "q.shot": "", "version": "1"}
    assert client.post(edit, mended).status_code == 302
    assert client.post(edit, mended | {"q.area": "13"}).status_code == 409
    entry.refresh_from_db()
    page = client.get(f"/desk/surveys/entries/{entry.pk}").text
    assert "李**" in page
    assert "9 平方米" in page  # the history says what it was
    assert entry.photos.count() == 1


def test_the_file_holds_a_row_an_entry_and_no_name(world: World, as_: As) -> None:
    made = with_survey(world)
    answer = as_("checker").get(f"/desk/surveys/{made.survey.pk}/entries.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    titles, *rows = sheet.to_python()
    lines = [dict(zip(titles, row, strict=True)) for row in rows]
    assert {line["名称"] for line in lines} == {made.entry.name, made.back.name}
    assert {(line["占地面积"], line["姓名"], line["电话"]) for line in lines} == {
        (24, "张**", "138****8000")
    }
    assert AccessLog.objects.filter(action="export_survey").count() == 1
    # Who walks the next grid of the village has no row in it.
    other = as_("far_worker").get(f"/desk/surveys/{made.survey.pk}/entries.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(other.content)).get_sheet_by_index(0)
    assert not any(any(row) for row in sheet.to_python()[1:])


def test_the_record_of_a_building_and_of_a_unit_lists_what_was_entered_there(
    world: World, as_: As
) -> None:
    kept, made, client = with_registers(world), with_survey(world), as_("dispatcher")
    SurveyEntry.objects.filter(pk=made.entry.pk).update(address=kept.flat.address)
    SurveyEntry.objects.filter(pk=made.back.pk).update(enterprise=kept.shop)
    house = client.get(f"/desk/registers/address/{kept.house.pk}").text
    shop = client.get(f"/desk/registers/enterprise/{kept.shop.pk}").text
    for page, entry in ((house, made.entry), (shop, made.back)):
        assert f"/desk/surveys/entries/{entry.pk}" in page


def test_a_row_for_each_grid_and_who_walks_it(world: World, as_: As) -> None:
    made = with_survey(world)
    page: Any = as_("dispatcher").get(f"/desk/surveys/{made.survey.pk}?area={COMMUNITY}").text
    assert "小龙村第1网格" in page
    assert world.accounts["worker"].name in page


def test_two_entries_about_one_thing_become_one_or_are_kept_apart(world: World, as_: As) -> None:
    made, desk = with_survey(world), as_("dispatcher")
    again, url = entered_twice(world, made), f"/desk/surveys/{made.survey.pk}/doubles"
    page = desk.get(url)
    (pair, _both) = page.context["pairs"][0]
    assert {pair.one.pk, pair.other.pk} == {made.entry.pk, again.pk}
    assert "张三丰" not in page.text
    assert "13800138000" not in page.text
    assert as_("leader").get(url).status_code == 403
    assert as_("far_dispatcher").get(url).status_code == 404
    sent = {"one": made.entry.pk, "other": again.pk, "stays": again.pk}
    assert desk.post(url, {"one": made.entry.pk}).status_code == 422
    assert desk.post(url, sent | {"other": uuid.uuid4()}).status_code == 404
    assert desk.post(url, sent).status_code == 302
    made.entry.refresh_from_db()
    again.refresh_from_db()
    assert (made.entry.is_living, made.entry.merged_into_id) == (False, again.pk)
    # What was to be visited is entered by the one that stays.
    assert again.target is not None
    assert again.target.done_at is not None
    gone = desk.get(f"/desk/surveys/entries/{made.entry.pk}")
    assert f"/desk/surveys/entries/{again.pk}" in gone.text
    assert "与另一条合并" in desk.get(f"/desk/surveys/entries/{again.pk}").text
    assert desk.get(url).context["pairs"] == []
    third = entered_twice(world, made)
    assert desk.get(url).context["pairs"]
    apart = {"one": again.pk, "other": third.pk, "apart": "1"}
    assert desk.post(url, apart).status_code == 302
    assert desk.get(url).context["pairs"] == []
    assert desk.post(url, sent).status_code == 404  # one of them has ended
