"""The elder canteen: a day's menu, orders that never exceed the meals, handed over, printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from huying.audit.models import AccessLog
from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import RESIDENT
from huying.platforms import canteen, codes, holding
from huying.platforms.models import CanteenDay, MealOrder
from huying.registry import sealing
from tests.desk.world import COMMUNITY
from tests.neighbours.stories import at_once
from tests.platforms.stories import ahead, at, cooked, kitchen, now, ordered

if TYPE_CHECKING:
    from tests.desk.world import World

As = Callable[..., Client]
PHONE, NAME, HOME = "13926187754", "欧阳秀英", "宗祠东街12号3栋502"


def test_an_elder_orders_without_an_account_and_comes_back_by_the_code(world: World) -> None:
    day = cooked(world, kitchen(world))
    made, code = ordered(day, 2, way="deliver", name=NAME, phone=PHONE, where=HOME)
    assert codes.find(code) == made
    assert (made.number, made.name_masked, made.phone_masked) == (1, "欧***", "139****7754")
    for sealed, said in ((made.name_enc, NAME), (made.where_enc, HOME), (made.phone_enc, PHONE)):
        assert said.encode() not in bytes(sealed)
    day.refresh_from_db()
    assert day.taken == 2
    canteen.cancel(made.pk, by=RESIDENT, now=now())
    day.refresh_from_db()
    assert day.taken == 0
    with pytest.raises(WrongState):
        canteen.cancel(made.pk, by=RESIDENT, now=now())


def test_no_more_is_ordered_than_is_cooked_and_not_after_the_hour(world: World) -> None:
    day = cooked(world, kitchen(world), meals=3)
    made, _code = ordered(day, 2, form="f1")
    assert ordered(day, 2, form="f1")[0] == made
    with pytest.raises(KeyReused):
        ordered(day, 1, form="f1")
    with pytest.raises(WrongState) as few:
        ordered(day, 2)
    assert few.value.field == "meals"
    for wrong, field in (
        ({"meals": 0}, "meals"), ({"meals": 5}, "meals"), ({"way": "fly"}, "way"),
        ({"way": "deliver", "phone": PHONE}, "where"), ({"way": "deliver", "where": HOME}, "phone"),
        ({"phone": "x"}, "phone"), ({"name": "长" * 21}, "name"),
    ):  # fmt: skip
        with pytest.raises((BadInput, Missing)) as refused:
            ordered(day, **({"meals": 1} | wrong))
        assert refused.value.field == field
    late = day.order_until
    with pytest.raises(WrongState):
        ordered(day, 1, at=late)
    with pytest.raises(WrongState):
        canteen.cancel(made.pk, by=RESIDENT, now=late)
    desk = world.actor("dispatcher")
    canteen.order(day.pk, canteen.Wanted(1), by=desk, now=late)
    canteen.cancel(made.pk, by=desk, now=late)
    day.refresh_from_db()
    assert day.taken == 1


def test_meals_are_handed_over_or_delivered_and_counted(world: World) -> None:
    where, desk = kitchen(world), world.actor("dispatcher")
    day = cooked(world, where)
    ways = {
        way: ordered(day, n, way=way, phone=PHONE if way == "deliver" else "", where=HOME)[0]
        for n, way in ((1, "eat_in"), (2, "pick_up"), (3, "deliver"))
    }
    gone, _code = ordered(day, 4)
    canteen.cancel(gone.pk, by=RESIDENT, now=now())
    with pytest.raises(WrongState):
        canteen.hand_over([ways["eat_in"].pk], True, by=desk, now=now())
    noon = at(day.day, "12:00")
    both = [ways["eat_in"].pk, ways["deliver"].pk, gone.pk]
    assert canteen.hand_over(both, True, by=desk, now=noon) == 2
    canteen.hand_over([ways["pick_up"].pk], False, by=desk, now=noon)
    states = {each.way: each.state for each in MealOrder.objects.exclude(pk=gone.pk)}
    assert states == {"eat_in": "collected", "deliver": "delivered", "pick_up": "missed"}
    (count,) = [
        each for each in canteen.week(where, canteen.monday_of(day.day)) if each.day == day.day
    ]
    assert (count.eat_in, count.pick_up, count.deliver, count.ordered) == (1, 2, 3, 6)
    assert (count.handed, count.missed) == (4, 2)
    for who, error in (("leader", NotAllowed), ("far_dispatcher", NotFound)):
        with pytest.raises(error):
            canteen.hand_over(both, True, by=world.actor(who), now=noon)


def test_a_day_is_changed_and_called_off_with_a_reason(world: World) -> None:
    where, desk = kitchen(world), world.actor("dispatcher")
    day = cooked(world, where, meals=3)
    _made, code = ordered(day, 3)
    with pytest.raises(BadInput):
        cooked(world, where, meals=2)
    with pytest.raises(StalePage):
        canteen.put_day(where.pk, day.day, canteen.Told("换菜", 9), by=desk, now=now(), version=99)
    changed = cooked(world, where, menu="清蒸鲩鱼", meals=9)
    assert (changed.pk, changed.taken, changed.menu) == (day.pk, 3, "清蒸鲩鱼")
    with pytest.raises(Missing):
        canteen.call_off(day.pk, " ", by=desk, now=now())
    canteen.call_off(day.pk, "厨房检修", by=desk, now=now())
    assert "厨房检修" in Client().get(f"/n/s/{code}").content.decode()
    with pytest.raises(WrongState):
        ordered(day, 1)
    with pytest.raises(WrongState):
        cooked(world, where)
    for wrong in (ahead(-1), ahead(60)):
        with pytest.raises(BadInput):
            cooked(world, where, day=wrong)


def test_whom_it_is_for_is_shown_for_a_purpose_and_goes_by_itself(world: World) -> None:
    day = cooked(world, kitchen(world))
    made, _code = ordered(day, 1, way="deliver", name=NAME, phone=PHONE, where=HOME)
    desk, fields = world.actor("dispatcher"), ["name", "phone", "where"]
    seen = holding.reveal(made, fields, purpose="visit", by=desk, now=now())
    assert seen == {"name": NAME, "phone": PHONE, "where": HOME}
    assert AccessLog.objects.get(action="reveal_booking").subject_type == "meal_order"
    assert [each.id for each in holding.about(sealing.marks(PHONE))] == [made.pk]
    assert holding.tidy(now=now() + timedelta(days=40)) == 1
    made.refresh_from_db()
    bare = (made.name_enc, made.where_enc, made.phone_enc, made.name_masked, made.phone_masked)
    assert bare == (None, None, None, "", "")
    with pytest.raises(NotFound):
        holding.reveal(made, fields, purpose="visit", by=desk, now=now())


def test_erasing_frees_the_meals(world: World) -> None:
    day = cooked(world, kitchen(world))
    made, _code = ordered(day, 2, name=NAME)
    canteen.forget(made.pk, by=RESIDENT, now=now())
    day.refresh_from_db()
    made.refresh_from_db()
    assert (day.taken, made.state, made.name_masked) == (0, "cancelled", "")


def test_the_database_lets_no_more_be_ordered_than_is_cooked(world: World) -> None:
    day = cooked(world, kitchen(world), meals=2)
    made, _code = ordered(day, 1)
    with pytest.raises(IntegrityError, match="canteen_day_meals"), transaction.atomic():
        CanteenDay.objects.filter(pk=day.pk).update(taken=3)
    with pytest.raises(IntegrityError, match="handed_over_as_ordered"), transaction.atomic():
        MealOrder.objects.filter(pk=made.pk).update(state="delivered")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_meal_at_once_one_has_it(world: World) -> None:
    day = cooked(world, kitchen(world), meals=1)
    results = at_once([lambda: ordered(day, 1)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["WrongState", "tuple"]
    assert MealOrder.objects.count() == 1


# --- pages


def test_a_resident_orders_on_the_page(world: World, filled: Callable[..., dict[str, Any]]) -> None:
    day = cooked(world, kitchen(world))
    start = Client().get(f"/n/{COMMUNITY}/services").content.decode()
    url = f"/n/{COMMUNITY}/meals/{day.pk}"
    assert url in start
    assert day.menu in start
    for wrong, words in (
        ({"way": "deliver", "phone": PHONE, "consent": "on"}, "请填写送到哪里"),
        ({"name": NAME}, "请先阅读"),
        ({"meals": "9"}, "1 到 4"),
        ({"meals": "x"}, ""),
        ({"way": ""}, ""),
        ({"answer": "0"}, "算式"),
    ):
        sent = filled(**({"meals": "1", "way": "eat_in"} | wrong))
        refused = Client().post(url, sent)
        said = refused.content.decode()
        assert refused.status_code == 422, wrong
        assert words in said
        for name in ("name", "phone", "where"):
            assert sent.get(name, "") in said
    told = {"meals": "1", "way": "deliver", "where": HOME, "phone": PHONE, "name": NAME}
    made = Client().post(url, filled(**told, consent="on"))
    page = Client().get(made.url).content.decode()
    for secret in (HOME, PHONE, NAME, "欧*", "7754"):
        assert secret not in page
    assert Client().post(f"{made.url}/cancel", {"sure": "yes"}).status_code == 302
    assert "已取消" in Client().get(made.url).content.decode()
    assert Client().get(f"/n/440113102003/meals/{day.pk}").status_code == 404


def test_the_desk_plans_the_week_orders_for_elders_hands_over_and_prints(
    world: World, as_: As
) -> None:
    where, desk = kitchen(world), as_("dispatcher")
    put = f"/desk/platforms/canteen/{where.pk}/put"
    told = {"day": str(ahead(0)), "menu": "白切鸡、炒菜心", "meals": "40", "until": "09:30"}
    refused = desk.post(put, told | {"meals": "0"})
    assert refused.status_code == 422
    assert "白切鸡、炒菜心" in refused.content.decode()
    assert desk.post(put, told).status_code == 302
    day = CanteenDay.objects.get()
    # Whoever plans the day anew has not seen its menu, and does not overwrite it.
    again = desk.post(put, told | {"menu": "换了的菜"})
    assert again.status_code == 409
    assert "换了的菜" in again.content.decode()
    changed = told | {"menu": "白切鸡、炒菜心", "meals": "50", "version": day.version}
    assert desk.post(put, changed).status_code == 302
    url = f"/desk/platforms/canteen/days/{day.pk}"
    order = {"meals": "1", "way": "deliver", "name": NAME, "phone": PHONE}
    refused = desk.post(f"{url}/order", order)
    assert refused.status_code == 422
    assert NAME in refused.content.decode()
    page = desk.post(f"{url}/order", order | {"where": HOME})
    assert Client().get(f"/n/s/{page.context['code'].replace(' ', '')}").status_code == 200
    seen = desk.get(url).content.decode()
    for secret in (NAME, PHONE, HOME):
        assert secret not in seen
    row = MealOrder.objects.get()
    assert desk.post(f"{url}/reveal", {"one": row.pk}).status_code == 422
    shown = desk.post(f"{url}/reveal", {"one": row.pk, "purpose": "visit"}).content.decode()
    for clear in (NAME, PHONE, HOME):
        assert clear in shown
    assert desk.post(f"{url}/handed", {"one": row.pk}).status_code == 302
    assert MealOrder.objects.get().state == "delivered"
    sheet = desk.get(f"/desk/platforms/canteen/print?point={where.pk}&week={ahead(0)}")
    text = sheet.content.decode()
    assert "白切鸡、炒菜心" in text
    assert "欧***" in text
    for secret in (NAME, PHONE, HOME, "7754"):
        assert secret not in text
    assert desk.post(f"{url}/call-off", {"reason": ""}).status_code == 422
    assert as_("far_dispatcher").get(url).status_code == 404
    assert as_("far_dispatcher").get(f"/desk/platforms/canteen?point={where.pk}").status_code == 404
    assert as_("leader").post(put, told).status_code == 403
