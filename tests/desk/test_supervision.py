"""督办: the page of what is late and watched, and what a case's own page and sheet say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from huying.supervision.models import Supervision
from tests.desk.world import World

As = Callable[..., Client]


def numbers(client: Client, query: str) -> list[str]:
    answer = client.get(f"/desk/supervision/?{query}")
    assert answer.status_code == 200
    return [line.row.case.number for line in answer.context["lines"]]


def test_each_tab_has_its_cases_the_least_time_left_first(world: World, as_: As) -> None:
    now, desk = timezone.now(), as_("dispatcher")
    soon, late, later, fresh = (world.handling() for _ in range(4))
    world.do(soon, "instruct", "leader", text="今天办结")
    for case, yellow, due in ((soon, -1, 1), (late, -9, -2), (later, -9, -1)):
        Case.objects.filter(pk=case.pk).update(
            yellow_at=now + timedelta(hours=yellow), due_at=now + timedelta(hours=due)
        )
    watched = world.do(fresh, "supervise", "leader", reason="多次反映")
    assert numbers(desk, "tab=soon") == [soon.number]
    assert numbers(desk, "tab=overdue") == [late.number, later.number]
    assert numbers(desk, "tab=supervised") == [watched.number]
    assert numbers(desk, "tab=instructions") == [soon.number]
    assert numbers(as_("far_dispatcher"), "tab=overdue") == []


def test_by_level_and_unit(world: World, as_: As) -> None:
    past = timezone.now() - timedelta(hours=1)
    with_unit, with_desk = world.handling(), world.accepted()
    Case.objects.update(due_at=past)
    desk = as_("leader")
    [(_level, groups)] = desk.get("/desk/supervision/").context["levels"]
    assert {(each.name, each.count) for each in groups} == {(world.units["lead"].name, 1), ("", 1)}
    by_name = {each.name: each.query for each in groups}
    assert numbers(desk, by_name[world.units["lead"].name]) == [with_unit.number]
    assert numbers(desk, by_name[""]) == [with_desk.number]
    assert numbers(desk, "tab=overdue&holder=x&unit=99999999999999999999&after=x") != []


def test_a_supervised_case_says_so_and_prints_its_notice(world: World, as_: As) -> None:
    case = world.handling(contact_name="欧阳询", contact_phone="13926187753")
    url = f"/desk/cases/{case.number}/sheets/supervision"
    assert "案件挂牌督办后，才有督办单。" in as_("dispatcher").get(url).content.decode()
    leader = as_("leader")
    sent = {"reason": "群众多次反映，限期办结。", "expect_seq": case.last_seq}
    answer = leader.post(f"/desk/cases/{case.number}/supervise", sent)
    assert answer.status_code == 302, answer.content.decode()
    made = Supervision.objects.get(case=case)
    page = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert "石碁镇督〔" in page
    assert world.accounts["leader"].name in page
    assert url in page
    paper = as_("handler").get(url).content.decode()
    for words in ("挂牌督办单", "石碁镇督〔", "群众多次反映，限期办结。", "处置中"):
        assert words in paper
    assert "13926187753" not in paper
    refused = as_("dispatcher").post(
        f"/desk/cases/{case.number}/lift_supervision", {"reason": "已办妥"}
    )
    assert refused.status_code == 403
    assert made.is_open


def test_the_case_page_shows_the_ladder_of_the_present_step(world: World, as_: As) -> None:
    page = as_("dispatcher").get(f"/desk/cases/{world.handling().number}").content.decode()
    for words in ("时限用去 75%：催办", "时限用去 200%：挂牌督办"):
        assert words in page
