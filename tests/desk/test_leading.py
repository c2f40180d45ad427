"""The leader's page: what is red, what comes back, and which unit has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from huying.assessment.following import follow
from huying.cases.models import Case
from huying.desk.leading import spans
from tests.desk.world import World

As = Callable[..., Client]


def test_a_span_is_set_beside_as_many_days_of_the_one_before() -> None:
    monday, april = date(2026, 11, 30), date(2026, 4, 1)
    assert spans("week", monday) == (
        date(2026, 11, 23),
        date(2026, 11, 29),
        date(2026, 11, 16),
        date(2026, 11, 22),
    )
    tuesday = date(2026, 11, 24)
    assert spans("week", tuesday) == (
        date(2026, 11, 23),
        date(2026, 11, 23),
        date(2026, 11, 16),
        date(2026, 11, 16),
    )
    assert spans("month", monday)[2:] == (date(2026, 10, 1), date(2026, 10, 29))
    assert spans("month", april) == (
        date(2026, 3, 1),
        date(2026, 3, 31),
        date(2026, 2, 1),
        date(2026, 2, 28),
    )


def test_what_is_red_what_comes_back_and_who_has_it(world: World, as_: As) -> None:
    now = timezone.now()
    with_unit, with_desk = world.dispatched(), world.accepted()
    Case.objects.filter(pk=with_unit.pk).update(due_at=now - timedelta(hours=30))
    Case.objects.filter(pk=with_desk.pk).update(due_at=now - timedelta(hours=2))
    urgent = world.held_by_town(world.reported("闻到很浓的煤气味，怀疑泄漏", item="0203"))
    again = world.do(world.closed(), "reopen", "dispatcher", reason="又堆满了。")
    follow()
    page = as_("leader").get("/desk/leader/")
    shown = page.context
    assert [each.case.number for each in shown["urgent"]] == [urgent.number]
    assert [row.case.number for row in shown["late"]] == [with_unit.number, with_desk.number]
    units = shown["units"]
    assert [(each.name, each.count) for each in units] == [
        ("石碁镇城管执法队", 1),
        ("石碁镇指挥中心", 1),
    ]
    # The same item was reported at one spot by three: dispatched, accepted, and closed before.
    assert [(each.count, each.still) for each in shown["back"]] == [(3, 3)]
    assert [line["case"].number for line in shown["reopened"]["lines"]] == [again.number]
    html = page.content.decode()
    for case in (with_unit, with_desk, urgent, again):
        assert f"/desk/cases/{case.number}" in html
    for each in units:
        narrowed = as_("leader").get(f"/desk/supervision/?{each.query}")
        assert narrowed.status_code == 200
    listed = {case.number for case in shown["back"][0].cases}
    assert listed == {with_unit.number, with_desk.number, again.number}
    # The figures are of whole days: what came today is not among them yet.
    assert shown["last"] == timezone.localdate(now) - timedelta(days=1)
    assert {row.now for row in shown["figures"][:2]} == {"0"}


def test_another_towns_desk_sees_nothing_of_it(world: World, as_: As) -> None:
    Case.objects.filter(pk=world.dispatched().pk).update(due_at=timezone.now() - timedelta(1))
    far = as_("far_dispatcher").get("/desk/leader/?span=month")
    assert not far.context["units"]
    assert "目前没有红的" in far.content.decode()
