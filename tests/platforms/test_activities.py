"""Activities: so many places, a waiting list that moves up, who came, why one was called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import RESIDENT
from huying.platforms import activities, codes, holding, joining
from huying.platforms.activities import moves_up
from huying.platforms.joining import Wanted
from huying.platforms.models import ActivitySignUp, PlatformActivity
from huying.registry import sealing
from tests.desk.world import COMMUNITY, ELSEWHERE, TOWN
from tests.neighbours.stories import at_once
from tests.platforms.stories import now, planned, signed

if TYPE_CHECKING:
    from tests.desk.world import World

As = Callable[..., Client]
PHONE = "13926187754"


def states() -> list[tuple[int, str]]:
    return list(ActivitySignUp.objects.values_list("number", "state"))


@given(st.integers(0, 30), st.lists(st.integers(1, 5), max_size=12))
def test_who_moves_up_fits_and_nobody_who_fits_is_left(left: int, waiting: list[int]) -> None:
    found = moves_up(left, waiting)
    assert found == sorted(set(found))
    given_ = sum(waiting[place] for place in found)
    assert given_ <= left
    others = [people for place, people in enumerate(waiting) if place not in found]
    assert all(people > left - given_ for people in others)
    # Nobody is passed over for somebody behind them who needs as much.
    for place in set(range(len(waiting))) - set(found):
        before = sum(waiting[n] for n in found if n < place)
        assert waiting[place] > left - before


def test_places_are_given_as_long_as_there_are_some_and_then_one_waits(world: World) -> None:
    what = planned(world, capacity=4)
    first, code = signed(what, 3, phone=PHONE)
    assert codes.find(code) == first
    assert PHONE.encode() not in bytes(first.phone_enc)
    signed(what, 2)
    signed(what, 1)
    assert states() == [(1, "in"), (2, "waiting"), (3, "in")]
    what.refresh_from_db()
    assert what.taken == 4
    # Three places are free again: the two who waited longest have two of them.
    signed(what, 2)
    joining.cancel(first.pk, by=RESIDENT, now=now())
    assert states() == [(1, "off"), (2, "in"), (3, "in"), (4, "waiting")]
    what.refresh_from_db()
    assert what.taken == 3
    moved = ActivitySignUp.objects.get(number=2)
    assert moved.moved_up_at is not None
    with pytest.raises(WrongState):
        joining.cancel(first.pk, by=RESIDENT, now=now())


def test_more_places_let_move_up_and_fewer_than_given_are_refused(world: World) -> None:
    desk, what = world.actor("dispatcher"), planned(world, capacity=2)
    signed(what, 2)
    signed(what, 2)
    told = activities.Told(what.title, what.spot, what.begins_at, what.ends_at, 4)
    activities.change(what.pk, told, by=desk, now=now(), version=1)
    assert states() == [(1, "in"), (2, "in")]
    fewer = activities.Told(what.title, what.spot, what.begins_at, what.ends_at, 3)
    with pytest.raises(BadInput) as refused:
        activities.change(what.pk, fewer, by=desk, now=now())
    assert refused.value.field == "capacity"
    with pytest.raises(StalePage):
        activities.change(what.pk, told, by=desk, now=now(), version=1)


def test_nobody_signs_up_late_twice_or_for_six(world: World) -> None:
    what = planned(world)
    with pytest.raises(WrongState):
        signed(what, 1, at=what.sign_up_until)
    for people in (0, 6):
        with pytest.raises(BadInput) as refused:
            signed(what, people)
        assert refused.value.field == "people"
    made, _code = signed(what, 1, phone=PHONE)
    with pytest.raises(WrongState) as twice:
        signed(what, 1, phone="139-2618-7754")
    assert twice.value.field == "phone"
    joining.cancel(made.pk, by=RESIDENT, now=now())
    signed(what, 1, phone=PHONE)
    first, code = signed(what, 2, form="f1")
    assert signed(what, 2, form="f1") == (first, code)
    with pytest.raises(KeyReused):
        signed(what, 3, form="f1")
    with pytest.raises(WrongState):
        joining.cancel(first.pk, by=RESIDENT, now=what.begins_at)


def test_the_desk_says_who_came_and_puts_it_right(world: World) -> None:
    desk, what = world.actor("dispatcher"), planned(world)
    one, _code = signed(what, 3)
    other, _code = signed(what, 2)
    later = what.begins_at + timedelta(hours=1)
    with pytest.raises(WrongState):
        activities.attend(what.pk, {one.pk: 3}, 0, by=desk, now=now())
    with pytest.raises(BadInput):
        activities.attend(what.pk, {one.pk: 4}, 0, by=desk, now=later)
    assert activities.attend(what.pk, {one.pk: 2}, 7, by=desk, now=later) == 9
    assert activities.attend(what.pk, {one.pk: 3, other.pk: 1}, 7, by=desk, now=later) == 11
    assert list(ActivitySignUp.objects.values_list("came", flat=True)) == [3, 1]
    for who, error in (("leader", NotAllowed), ("far_dispatcher", NotFound)):
        with pytest.raises(error):
            activities.attend(what.pk, {}, 0, by=world.actor(who), now=later)


def test_calling_off_needs_a_reason_and_is_read_by_the_code(world: World) -> None:
    desk, what = world.actor("dispatcher"), planned(world)
    _made, code = signed(what, 2)
    with pytest.raises(Missing):
        activities.call_off(what.pk, "", by=desk, now=now())
    activities.call_off(what.pk, "台风预警，场地关闭", by=desk, now=now())
    page = Client().get(f"/n/s/{code}").content.decode()
    assert "台风预警，场地关闭" in page
    assert "我来不了" not in page
    with pytest.raises(WrongState):
        signed(what, 1)
    with pytest.raises(WrongState):
        activities.call_off(what.pk, "再取消", by=desk, now=now())
    with pytest.raises(WrongState):
        activities.attend(what.pk, {}, 0, by=desk, now=what.ends_at)


def test_erasing_gives_the_places_to_who_waits(world: World) -> None:
    what = planned(world, capacity=2)
    made, _code = signed(what, 2, phone=PHONE)
    signed(what, 2)
    assert [each.table for each in holding.about(sealing.marks(PHONE))] == ["activity_sign_up"]
    joining.forget(made.pk, by=RESIDENT, now=now())
    assert states() == [(1, "off"), (2, "in")]
    assert holding.about(sealing.marks(PHONE)) == []
    made.refresh_from_db()
    assert (made.phone_enc, made.phone_index) == (None, None)
    assert holding.tidy(now=now() + timedelta(days=40)) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"spot": ""}, "spot"),
        ({"begins_at": None}, "begins_at"),
        ({"begins_at": now() - timedelta(days=1)}, "begins_at"),
        ({"ends_at": now()}, "ends_at"),
        ({"sign_up_until": now() + timedelta(days=30)}, "sign_up_until"),
        ({"capacity": 0}, "capacity"),
    ],
)
def test_what_is_wrong_about_a_plan_is_said_at_its_field(
    world: World, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        planned(world, **wrong)
    assert refused.value.field == field


def test_each_activity_is_kept_by_the_desks_of_its_area(world: World) -> None:
    planned(world, area_code=TOWN)
    for who, area in (
        ("leader", COMMUNITY),
        ("far_dispatcher", COMMUNITY),
        ("dispatcher", ELSEWHERE),
    ):
        with pytest.raises(NotAllowed):
            planned(world, by=who, area_code=area)
    what = PlatformActivity.objects.get()
    with pytest.raises(NotFound):
        joining.sign_up(what.pk, Wanted(1), by=world.actor("far_dispatcher"), now=now())


def test_the_database_gives_no_more_places_than_there_are(world: World) -> None:
    what = planned(world, capacity=2)
    made, _code = signed(what, 2, phone=PHONE)
    rows = PlatformActivity.objects.filter(pk=what.pk)
    with pytest.raises(IntegrityError, match="platform_activity_places"), transaction.atomic():
        rows.update(taken=3)
    with pytest.raises(IntegrityError, match="activity_sign_up_came"), transaction.atomic():
        ActivitySignUp.objects.filter(pk=made.pk).update(came=3)
    other, _code = signed(what, 1)
    with pytest.raises(IntegrityError, match="activity_sign_up_phone_once"), transaction.atomic():
        ActivitySignUp.objects.filter(pk=other.pk).update(phone_index=made.phone_index)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_places_at_once_one_waits(world: World) -> None:
    what = planned(world, capacity=3)
    at_once([lambda: signed(what, 2)] * 2)
    assert sorted(state for _n, state in states()) == ["in", "waiting"]
    what.refresh_from_db()
    assert what.taken == 2


# --- pages


def test_a_resident_signs_up_on_the_page_and_sees_the_waiting_list(
    world: World, filled: Callable[..., dict[str, Any]]
) -> None:
    what = planned(world, capacity=3)
    start = Client().get(f"/n/{COMMUNITY}/services").content.decode()
    url = f"/n/{COMMUNITY}/activities/{what.pk}"
    assert url in start
    for wrong, words in (
        ({"people": "9"}, "1 到 5"),
        ({"people": "x"}, ""),
        ({"phone": PHONE}, "请先阅读"),
        ({"phone": "不是", "consent": "on"}, "不是"),
        ({"answer": "0"}, "算式"),
    ):
        sent = filled(**({"people": "2"} | wrong))
        refused = Client().post(url, sent)
        said = refused.content.decode()
        assert refused.status_code == 422, wrong
        assert words in said
        assert sent["ticket"] in said
    made = Client().post(url, filled(people="3", phone=PHONE, consent="on"))
    page = Client().get(made.url).content.decode()
    assert "已报上" in page
    for secret in (PHONE, "7754"):
        assert secret not in page
    assert "加入候补" in Client().get(url).content.decode()
    second = Client().post(url, filled(people="2"))
    assert "候补" in Client().get(second.url).content.decode()
    assert Client().post(f"{made.url}/cancel", {"sure": "yes"}).status_code == 302
    assert "候补转正" in Client().get(second.url).content.decode()
    assert Client().post(f"{second.url}/move").status_code == 404
    assert Client().post(f"{second.url}/erase", {"sure": "yes"}).status_code == 302
    assert Client().get(f"/n/440113102003/activities/{what.pk}").status_code == 404


def test_the_desk_plans_takes_down_and_counts(world: World, as_: As) -> None:
    desk, begins = as_("dispatcher"), now() + timedelta(days=2)
    ends = begins + timedelta(hours=2)
    told = {
        "area": COMMUNITY, "title": "重阳敬老文艺汇演", "spot": "文化广场",
        "begins_at": f"{begins:%Y-%m-%dT%H:%M}", "ends_at": f"{ends:%Y-%m-%dT%H:%M}",
        "capacity": "2", "words": "自带水杯",
    }  # fmt: skip
    refused = desk.post("/desk/platforms/activities/new", told | {"ends_at": ""})
    assert refused.status_code == 422
    assert "自带水杯" in refused.content.decode()
    url = desk.post("/desk/platforms/activities/new", told).url
    page = desk.post(f"{url}/join", {"people": "2", "phone": PHONE})
    code = page.context["code"].replace(" ", "")
    assert PHONE not in page.content.decode()
    assert "139****7754" in page.content.decode()
    assert Client().get(f"/n/s/{code}").status_code == 200
    assert desk.post(f"{url}/join", {"people": "2", "phone": "没有"}).status_code == 422
    row = ActivitySignUp.objects.get()
    assert PHONE in desk.post(f"{url}/reveal", {"one": row.pk, "purpose": "visit"}).content.decode()
    assert desk.post(f"{url}/reveal", {"one": row.pk}).status_code == 422
    assert desk.post(f"{url}/attend", {f"came-{row.pk}": "2"}).status_code == 409
    stale = desk.post(f"{url}/save", told | {"version": "99", "title": "改名"})
    assert stale.status_code == 409
    assert "改名" in stale.content.decode()
    past = now() - timedelta(hours=1)
    PlatformActivity.objects.update(begins_at=past, sign_up_until=past)
    refused = desk.post(f"{url}/attend", {f"came-{row.pk}": "两个", "walk_ins": "4"})
    assert refused.status_code == 422
    assert "两个" in refused.content.decode()
    assert desk.post(f"{url}/attend", {f"came-{row.pk}": "1", "walk_ins": "4"}).status_code == 302
    assert "5" in desk.get(url).content.decode()
    assert as_("far_dispatcher").get(url).status_code == 404
    assert as_("leader").post(f"{url}/attend", {}).status_code == 403
