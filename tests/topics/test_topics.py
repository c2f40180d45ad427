"""Cases become topics as they come in; a desk puts apart, joins, handles and answers them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying import limiting
from huying.cases.models import Case, Channel
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.intake.reporting import Told, take
from huying.intake.residents import take_from_resident
from huying.notices.models import Notice
from huying.topics import building, handling
from huying.topics.building import build
from huying.topics.models import Topic, TopicMember, TopicTold
from tests.desk.conftest import as_ as as_
from tests.desk.conftest import world as world
from tests.desk.world import LAT, LON, World
from tests.topics.test_gathering import ELSEWHERE, MIXER, PARKING

ITEM = "0211"


def resident(world: World, text: str, phone: str = "", **more: Any) -> tuple[Case, str]:
    told = {"text": text, "item": ITEM, "lon": LON, "lat": LAT, "contact_phone": phone} | more
    case, code = take_from_resident(
        Told(channel=Channel.RESIDENT, **told), form=f"form-{Case.objects.count()}",
        now=timezone.now(),
    )  # fmt: skip
    return world.held_by_town(case), f"/f/{code}"


@pytest.fixture
def mixer(world: World) -> list[tuple[Case, str]]:
    """Four people write of one mixer, and others of other things."""
    limiting.forget()
    found = [resident(world, text, f"1392618775{n}") for n, text in enumerate(MIXER)]
    for n, text in enumerate(ELSEWHERE):
        resident(world, text, lon=LON + 0.004, lat=LAT + 0.002 * (n % 2))
    return found


def the_topic() -> Topic:
    return Topic.objects.get(state=Topic.State.OPEN, reports__gt=0)


def test_reports_become_a_topic_once_and_new_ones_join(
    world: World, mixer: list[tuple[Case, str]]
) -> None:
    now = timezone.now()
    assert build(now=now) == 1
    topic = the_topic()
    assert (topic.reports, topic.people, topic.week) == (4, 4, 4)
    assert topic.title.startswith("丽景新城")
    assert topic.area_code.startswith("440113120213")
    assert Notice.objects.filter(kind="topic_found").exists()
    assert build(now=now) == 0
    resident(world, "丽景新城的搅拌站噪音还是很大", "13926187750")  # the first one again
    later = timezone.now() + timedelta(minutes=1)
    assert build(now=later) == 0
    topic.refresh_from_db()
    assert (topic.reports, topic.people) == (5, 4)


def test_what_was_put_apart_or_dismissed_does_not_come_back(
    world: World, mixer: list[tuple[Case, str]]
) -> None:
    now, desk = timezone.now(), world.actor("dispatcher")
    build(now=now)
    topic, out = the_topic(), mixer[0][0]
    with pytest.raises(NotAllowed):
        handling.put_apart(topic.pk, out.pk, by=world.actor("leader"), now=now)
    with pytest.raises(NotFound):
        handling.put_apart(topic.pk, out.pk, by=world.actor("far_dispatcher"), now=now)
    handling.put_apart(topic.pk, out.pk, by=desk, now=now)
    resident(world, "丽景新城的搅拌站噪音还是很大", "13800000001")
    build(now=timezone.now() + timedelta(minutes=1))
    inside = TopicMember.objects.filter(topic=topic, removed_at=None)
    assert inside.count() == 4
    assert not inside.filter(case=out).exists()
    with pytest.raises(Missing):
        handling.dismiss(topic.pk, "", by=desk, now=now)
    handling.dismiss(topic.pk, "theme", by=desk, now=now)
    resident(world, "搅拌站在丽景新城旁边，噪音粉尘", "13800000002")
    assert build(now=timezone.now() + timedelta(minutes=2)) == 0
    assert not Topic.objects.filter(state=Topic.State.OPEN).exists()
    with pytest.raises(WrongState):
        handling.dismiss(topic.pk, "theme", by=desk, now=now)


def test_what_a_desk_dismisses_while_topics_cool_stays_dismissed(
    world: World, mixer: list[tuple[Case, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, text in enumerate(PARKING):
        resident(world, text, f"1380000001{n}")
    now = timezone.now()
    assert build(now=now) == 2
    described, dismissed = building.describe, []

    def and_then(topic: Topic, now: datetime) -> None:
        described(topic, now)
        if not dismissed:
            dismissed.append(Topic.objects.exclude(pk=topic.pk).get().pk)
            handling.dismiss(dismissed[0], "theme", by=world.actor("dispatcher"), now=now)

    monkeypatch.setattr(building, "describe", and_then)
    building.cool(now + timedelta(days=8))  # Both were of the week, and are not any more.
    assert Topic.objects.get(pk=dismissed[0]).state == Topic.State.DISMISSED


def test_what_a_desk_changes_while_reports_are_compared_stands_and_the_rest_comes_next_time(
    world: World, mixer: list[tuple[Case, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, compare = timezone.now(), building.gather
    build(now=now)
    topic, out = the_topic(), mixer[0][0]
    resident(world, "丽景新城的搅拌站噪音还是很大", "13800000001")

    def beside_a_desk(*given: Any, **more: Any) -> Any:
        found = compare(*given, **more)
        handling.put_apart(topic.pk, out.pk, by=world.actor("dispatcher"), now=now)
        return found

    later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(building, "gather", beside_a_desk)
    build(now=later)
    inside = TopicMember.objects.filter(topic=topic, removed_at=None)
    assert inside.count() == 3
    monkeypatch.setattr(building, "gather", compare)
    build(now=later)
    assert inside.count() == 4
    assert not inside.filter(case=out).exists()


def test_two_topics_are_joined(world: World, mixer: list[tuple[Case, str]]) -> None:
    for n, text in enumerate(PARKING):
        resident(world, text, f"1380000001{n}")
    now, desk = timezone.now(), world.actor("dispatcher")
    assert build(now=now) == 2
    one, other = Topic.objects.order_by("reports")
    with pytest.raises(BadInput):
        handling.join(one.pk, one.pk, by=desk, now=now)
    kept = handling.join(one.pk, other.pk, by=desk, now=now)
    one.refresh_from_db()
    assert (kept.reports, one.state, one.joined_into_id) == (7, "joined", other.pk)
    assert build(now=now + timedelta(minutes=1)) == 0


def test_one_case_handles_them_all_and_later_ones_too(
    world: World, mixer: list[tuple[Case, str]]
) -> None:
    now, desk = timezone.now(), world.actor("dispatcher")
    build(now=now)
    topic = the_topic()
    main = world.do(mixer[1][0], "accept", "dispatcher", item=ITEM)
    Case.objects.filter(pk=mixer[3][0].pk).update(holder_code="440113120213")
    cases = handling.members_of(topic)
    assert handling.best_main(cases) == main
    found = handling.handle_as_one(topic.pk, main.pk, by=desk, now=now, reason="同一问题")
    assert {case.pk for case in found.done} == {mixer[0][0].pk, mixer[2][0].pk}
    assert [case.pk for case, _why in found.refused] == [mixer[3][0].pk]
    mixer[0][0].refresh_from_db()
    assert (mixer[0][0].state, mixer[0][0].merged_into_id) == ("merged", main.pk)
    late, _link = resident(world, "丽景新城的搅拌站噪音还是很大", "13800000003")
    build(now=timezone.now() + timedelta(minutes=1))
    assert Notice.objects.filter(kind="topic_grew").exists()
    again = handling.handle_as_one(topic.pk, main.pk, by=desk, now=now, reason="同一问题")
    assert [case.pk for case in again.done] == [late.pk]
    with pytest.raises(BadInput):
        handling.handle_as_one(topic.pk, late.pk, by=desk, now=now, reason="同一问题")


def test_one_answer_reaches_each_person_once(world: World, mixer: list[tuple[Case, str]]) -> None:
    desk, now = world.actor("dispatcher"), timezone.now()
    resident(world, "丽景新城的搅拌站噪音还是很大", "13926187750")  # one of the four again
    called = take(
        Told(channel=Channel.HOTLINE, text="丽景新城搅拌站噪音太大", item=ITEM, lon=LON, lat=LAT,
             contact_phone="13900000009"), by=desk, now=now,
    )  # fmt: skip
    silent = take(
        Told(channel=Channel.WALK_IN, text="丽景新城旁的搅拌站粉尘大噪音大", item=ITEM, lon=LON,
             lat=LAT), by=desk, now=now,
    )  # fmt: skip
    build(now=timezone.now())
    topic = the_topic()
    assert {called.pk, silent.pk} <= {case.pk for case in handling.members_of(topic)}
    reporters = handling.reporters_of(handling.members_of(topic))
    before = handling.reach(reporters)
    assert (before.links, before.phones, before.inboxes, before.nobody) == (4, 1, 0, 1)
    with pytest.raises(Missing):
        handling.answer_all(topic.pk, " ", by=desk, now=now)
    answer, reached = handling.answer_all(topic.pk, "搅拌站已责令停工。", by=desk, now=now)
    assert reached == before
    assert answer.told.count() == 5
    pages = [Client().get(link).content.decode() for _case, link in mixer[1:]]
    assert all("搅拌站已责令停工。" in page for page in pages)
    assert handling.reach(reporters, answer).reached == ()
    waits = answer.told.get(told_at=None)
    handling.called(topic.pk, waits.pk, by=desk, now=now)
    with pytest.raises(NotFound):
        handling.called(topic.pk, waits.pk, by=desk, now=now)
    resident(world, "丽景新城的搅拌站又开工了，噪音很大", "13800000004")
    build(now=timezone.now() + timedelta(minutes=1))
    assert handling.answer_newcomers(topic.pk, by=desk, now=now).links == 1
    assert TopicTold.objects.filter(answer=answer).count() == 6


def test_the_desk_works_a_topic_over_its_pages(
    world: World, mixer: list[tuple[Case, str]], as_: Callable[[str], Client]
) -> None:
    desk, leader = as_("dispatcher"), as_("leader")
    assert "目前没有多人反映的问题" in desk.get("/desk/topics/").content.decode()
    build(now=timezone.now())
    topic = the_topic()
    page = f"/desk/topics/{topic.pk}"
    listed = desk.get("/desk/topics/").content.decode()
    assert "丽景新城" in listed
    assert "4 人反映 4 件" in listed
    shown = desk.get(page).content.decode()
    for words in (
        "为什么归在一起",
        "搅拌站",
        "data-points",
        "每人只告知一次：查询页面 4 人",
        "拆出",
    ):
        assert words in shown
    assert "拆出" not in leader.get(page).content.decode()
    assert leader.post(f"{page}/answer", {"text": "好"}).status_code == 403
    assert desk.post(f"{page}/answer", {"text": ""}).status_code == 422
    assert desk.post(f"{page}/apart", {"case": "x"}).status_code == 404
    sent = {"main": str(mixer[0][0].pk), "reason": "同一问题"}
    assert desk.post(f"{page}/handle", sent).status_code == 302
    assert desk.post(f"{page}/answer", {"text": "已责令停工。"}).status_code == 302
    with CaptureQueriesContext(connection) as asked:
        shown = desk.get(page).content.decode()
    members = [row for row in asked if 'ORDER BY "case"."received_at" DESC' in row["sql"]]
    assert len(members) == 1
    assert "主案" in shown
    assert "已责令停工。" in shown
    assert desk.post(f"{page}/dismiss", {"reason": "settled"}).status_code == 302
    assert "已办结并答复" in desk.get("/desk/topics/?tab=dismissed").content.decode()
