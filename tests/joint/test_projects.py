"""Needs find resources, projects bring them together, and members can claim what is offered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.joint import needs, projects
from huying.joint.matching import COMMON, Offer, matches, shared_words
from huying.joint.models import JointNeed, JointPart, JointProject
from huying.neighbours import claiming, wishing
from huying.neighbours.models import Wish
from huying.people.models import Role
from tests.desk.world import COMMUNITY
from tests.neighbours.stories import at_once, published, suggested

if TYPE_CHECKING:
    from tests.joint.stories import Village

LETTERS = st.text(alphabet="会议室桌椅停车急救讲座，", max_size=12)


def wanted(village: Village, **more: Any) -> JointNeed:
    told = {"kind": "hall", "title": "借会议室开议事会", "words": "三十人，有投影。"} | more
    return needs.raise_one(COMMUNITY, needs.Told(**told), by=village.desk, now=village.now)


def begun(village: Village, **more: Any) -> JointProject:
    told = {
        "title": "议事厅进校园",
        "words": "每月在小学会议室开一次议事会。",
        "organisation": village.school.pk,
    } | more
    return projects.begin(COMMUNITY, projects.Told(**told), by=village.desk, now=village.now)


def test_a_need_finds_what_may_do_and_says_why(village: Village) -> None:
    hall, cars = village.hall(), village.parking()
    need = wanted(village)
    found = needs.matching(need)
    assert [each.thing for each in found] == [hall]
    assert found[0].same_kind
    assert "会议室" in found[0].shared
    assert cars not in [each.thing for each in found]


def test_from_a_need_to_a_project_to_its_result(village: Village) -> None:
    hall, need, by, now = village.hall(), wanted(village), village.desk, village.now
    project = begun(village, needs=[need.pk], resources=[hall.pk], partners=[village.school.pk])
    need.refresh_from_db()
    assert need.state == "matched"
    with pytest.raises(WrongState):
        needs.end(need.pk, True, "借到了", by=by, now=now)
    first = projects.plan(project.pk, "签借用约定", timezone.localdate(), by=by, now=now)
    with pytest.raises(BadInput):
        projects.plan(project.pk, "签借用约定", timezone.localdate(), by=by, now=now)
    projects.reach(project.pk, first.pk, True, by=by, now=now)
    projects.tell(project.pk, "第一次会开了。", by=by, now=now)
    done = projects.end(project.pk, True, "开了六次，解决了停车问题。", by=by, now=now)
    need.refresh_from_db()
    assert (done.state, need.state, need.outcome) == ("done", "met", "议事厅进校园")
    with pytest.raises(WrongState):
        projects.tell(project.pk, "晚了", by=by, now=now)


def test_what_a_dropped_or_changed_project_lets_go_is_open_again(village: Village) -> None:
    one, two, by, now = wanted(village), wanted(village, title="借桌椅"), village.desk, village.now
    project = begun(village, needs=[one.pk, two.pk])
    told = projects.Told("改名", "改了", None, village.school.pk, needs=[two.pk])
    projects.change(project.pk, told, by=by, now=now, version=1)
    one.refresh_from_db()
    assert one.state == "open"
    with pytest.raises(StalePage):
        projects.change(project.pk, told, by=by, now=now, version=1)
    projects.end(project.pk, False, "学校装修", by=by, now=now)
    two.refresh_from_db()
    assert two.state == "open"
    begun(village, title="再来", needs=[one.pk, two.pk])


def test_a_need_is_in_one_project(village: Village) -> None:
    need = wanted(village)
    begun(village, needs=[need.pk])
    with pytest.raises(BadInput) as refused:
        begun(village, title="另一个", needs=[need.pk])
    assert refused.value.field == "needs"
    twin = JointPart(
        district_code=need.district_code, project=begun(village, title="第三个"), need=need
    )
    with pytest.raises(IntegrityError, match="joint_part_need_once"), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_projects_that_take_a_need_at_once_one_has_it(village: Village) -> None:
    need = wanted(village)
    results = at_once(
        [
            lambda: begun(village, title="甲", needs=[need.pk]),
            lambda: begun(village, title="乙", needs=[need.pk]),
        ]
    )
    assert sorted(type(each).__name__ for each in results) == ["BadInput", "JointProject"]
    assert JointPart.objects.filter(need=need).count() == 1


def test_who_raises_a_need_and_who_keeps_projects(village: Village) -> None:
    world, now = village.world, village.now
    secretary = village.hold("secretary", "何书记", Role.HANDLER, "branch")
    told = needs.Told("equipment", "借音响")
    mine = needs.raise_one(COMMUNITY, told, by=secretary, now=now)
    assert mine.unit == world.units["branch"]
    for name in ("member", "far_member", "dispatcher", "leader", "handler", "worker"):
        with pytest.raises(NotAllowed):
            needs.raise_one(COMMUNITY, told, by=world.actor(name), now=now)
    assert JointNeed.objects.visible_to(village.member).exists()
    assert not JointNeed.objects.visible_to(world.actor("far_member")).exists()
    theirs = wanted(village)
    with pytest.raises(NotAllowed):
        needs.end(theirs.pk, False, "不要了", by=secretary, now=now)
    needs.end(mine.pk, False, "已买", by=secretary, now=now)
    for actor in (secretary, village.member, world.actor("dispatcher")):
        with pytest.raises(NotAllowed):
            projects.begin(
                COMMUNITY, projects.Told("甲", "乙", None, village.school.pk), by=actor, now=now
            )
    project = begun(village)
    with pytest.raises(NotFound):
        projects.tell(project.pk, "话", by=world.actor("far_member"), now=now)
    with pytest.raises(NotAllowed):
        projects.tell(project.pk, "话", by=secretary, now=now)


def test_who_leads_a_project_says_how_it_goes(village: Village) -> None:
    secretary, project, now = village.lends_itself(), begun(village), village.now
    point = projects.plan(project.pk, "开工", timezone.localdate(), by=village.desk, now=now)
    projects.tell(project.pk, "会议室腾出来了", by=secretary, now=now)
    projects.reach(project.pk, point.pk, True, by=secretary, now=now)
    projects.reach(project.pk, point.pk, False, by=secretary, now=now)
    with pytest.raises(NotAllowed):
        projects.end(project.pk, True, "好了", by=secretary, now=now)


def test_a_project_is_offered_once_and_claimed_as_any_other(village: Village) -> None:
    project, by, now = begun(village), village.desk, village.now
    last = timezone.localdate() + timedelta(days=30)
    projects.plan(project.pk, "完成", last, by=by, now=now)
    wish = projects.offer(project.pk, 3, None, by=by, now=now)
    assert (wish.state, wish.sort, wish.due_on) == ("open", "project", last)
    with pytest.raises(WrongState):
        projects.offer(project.pk, 3, None, by=by, now=now)
    # Everybody reads it once: where it can be claimed.
    assert Client().get(f"/n/{COMMUNITY}").content.decode().count("<b>议事厅进校园</b>") == 1
    claiming.claim(wish.pk, by=village.member, now=now)
    with pytest.raises(WrongState):
        projects.end(project.pk, True, "好了", by=by, now=now)
    wishing.close(wish.pk, "已由单位承担", by=by, now=now)
    projects.end(project.pk, True, "好了", by=by, now=now)
    assert JointProject.objects.get().wish == Wish.objects.get()


def test_everybody_reads_what_is_published_and_nobodys_name(village: Village) -> None:
    project, now = begun(village), village.now
    page = f"/n/{COMMUNITY}"
    assert "议事厅进校园" not in Client().get(page).content.decode()
    projects.tell(project.pk, "联系了总务处", by=village.desk, now=now)
    projects.publish(project.pk, True, by=village.desk, now=now)
    shown = Client().get(page).content.decode()
    assert "议事厅进校园" in shown
    for hidden in ("村值班员", "总务处", "小龙小学"):
        assert hidden not in shown
    projects.publish(project.pk, False, by=village.desk, now=now)
    assert "议事厅进校园" not in Client().get(page).content.decode()


def test_a_need_comes_from_a_suggestion_or_a_wish(village: Village) -> None:
    idea, _code = suggested()
    assert wanted(village, suggestion=idea.pk).suggestion == idea
    wish = published(village.world)
    assert wanted(village, wish=wish.pk).wish == wish
    with pytest.raises(BadInput):
        wanted(village, suggestion=village.school.pk)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "boat"}, "kind"),
        ({"title": ""}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"wanted_by": timezone.localdate() - timedelta(days=2)}, "wanted_by"),
    ],
)
def test_a_need_is_told_right(village: Village, more: dict[str, Any], field: str) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        wanted(village, **more)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": ""}, "title"),
        ({"words": ""}, "words"),
        ({"organisation": None}, "lead"),
        ({"unit": 1}, "lead"),
        ({"needs": ["00000000-0000-4000-8000-000000000000"]}, "needs"),
        ({"resources": ["00000000-0000-4000-8000-000000000000"]}, "resources"),
        ({"partners": ["00000000-0000-4000-8000-000000000000"]}, "partners"),
    ],
)
def test_a_project_is_told_right(village: Village, more: dict[str, Any], field: str) -> None:
    if "unit" in more:
        more = {"unit": village.world.units["lead"].pk}
    with pytest.raises((BadInput, Missing)) as refused:
        begun(village, **more)
    assert refused.value.field == field
    assert not JointProject.objects.exists()


@given(LETTERS, LETTERS)
def test_shared_words_stand_in_both(one: str, other: str) -> None:
    found = shared_words(one, other)
    for piece in found:
        assert len(piece) >= 2
        assert piece in one
        assert piece in other
        assert piece not in COMMON
    assert list(found) == sorted(found, key=len, reverse=True)


def test_nothing_in_common_is_no_match() -> None:
    offers = [Offer(1, "parking", "夜间车位"), Offer(2, "other", "会议室")]
    assert matches("hall", "想要一个地方开会", offers) == []
    assert [each.thing for each in matches("other", "用会议室", offers)] == [2]
    assert matches("other", "别的", offers) == []
