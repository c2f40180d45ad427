"""The demo's base registers: a few streets of one village with all who live there. All made up.

Names end in a numeral, id numbers have a place's part that no place has, phones begin with 1990000.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from huying.people.acting import Actor
from huying.people.demo import SHOWN_VILLAGE, SINCE
from huying.people.models import Account
from huying.people.names import generated_name
from huying.registry import addressing, recording, sealing
from huying.registry.addressing import Spot
from huying.registry.models import (
    Address,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Level,
    Person,
    RegisterChange,
    Source,
)
from huying.registry.numbers import code_check, id_check
from huying.registry.recording import EnterpriseTold, FacilityTold
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
NOWHERE: Final = "449999"
"""The place's part of the made-up id numbers: no place has it."""
PHONES: Final = "1990000"
STREETS: Final = ("宗祠东街", "祠堂西街", "村心大街", "兴业大道")
HOUSES: Final = 9
"""Buildings in each street."""
FLATS: Final = ("101", "102", "201", "202", "301", "302")
SHOPS: Final = (
    ("小龙五金店", "shop", ("three_in_one", "gas")),
    ("祠堂东街便利店", "shop", ("gas",)),
    ("顺发木器加工场", "factory", ("dust", "barred")),
    ("小龙化工贸易仓库", "store", ("chemicals",)),
    ("阿婆濑粉店", "food", ("gas",)),
    ("龙腾电动车行", "shop", ("charging",)),
    ("小龙幼儿园", "school", ("crowded",)),
    ("村口大排档", "food", ("gas", "crowded")),
    ("兴业公寓", "lodging", ("charging", "barred")),
    ("康乐卫生站", "care", ()),
    ("小龙电器维修部", "shop", ("three_in_one",)),
    ("兴业物流仓库", "store", ()),
)
FACILITIES: Final = (
    ("东街口消火栓", "hydrant"), ("村心广场", "hall"), ("河涌水闸", "pump"),
    ("兴业大道路灯 12 号杆", "lamp"), ("村口充电棚", "charger"), ("垃圾收集点", "waste"),
)  # fmt: skip


def load_registers(now: datetime) -> int:
    """Registers the village, unless somebody is registered; how many people."""
    if Person.objects.exists() or Address.objects.exists():
        return 0
    cast = Cast(SINCE, dice(SEED, "registers"))
    grids = cast.grids(SHOWN_VILLAGE)[:3]
    if not grids:
        return 0  # a district of one's own
    by = cast.dispatcher(SHOWN_VILLAGE, dice(SEED, "registers"))
    then = now - timedelta(days=40)
    with transaction.atomic():
        houses = _houses(cast, grids, by, then)
        _shops(houses, by, then, now)
        _facilities(cast, grids, by, then)
        return _people(houses, by, then, now)


def unload_registers() -> None:
    """Takes away what the demo's people registered, but for what others put something to."""
    demo = list(Account.objects.filter(demo=True).values_list("pk", flat=True))

    def made(model: Any, **empty: Any) -> Any:
        return model.objects.using("owner").filter(made_by__in=demo, **empty)

    for model in (Person, Enterprise, Facility):
        model.objects.using("owner").filter(merged_into__made_by__in=demo).update(merged_into=None)
        made(model).delete()
    made(Household, people=None).delete()
    made(Dwelling, people=None, households=None).delete()
    for level in reversed(Level.values):
        nodes = made(
            Address, level=level, children=None, dwellings=None, enterprises=None, facilities=None
        )
        gone = list(nodes.values_list("pk", flat=True))
        # A building is its own, and could not go because of that.
        mine = Address.objects.using("owner").filter(pk__in=gone)
        mine.update(building=None)
        mine.delete()
    RegisterChange.objects.using("owner").filter(by_account__in=demo).delete()


def _houses(cast: Cast, grids: list[str], by: Actor, now: datetime) -> list[Address]:
    chance, found = dice(SEED, "houses"), []
    for number, street in enumerate(STREETS):
        grid = grids[number % len(grids)]
        for house in range(1, HOUSES + 1):
            spot = Spot(*cast.spot(grid, chance))
            text = f"{street}{house * 2 - 1}号"
            found.append(addressing.ensure(SHOWN_VILLAGE, text, by=by, now=now, spot=spot))
    first = found[0]
    addressing.call(first, "宗祠东街旧9号", "old_plate", until=date(2018, 6, 30))
    return found


def _shops(houses: list[Address], by: Actor, then: datetime, now: datetime) -> None:
    chance = dice(SEED, "shops")
    for number, (name, kind, risks) in enumerate(SHOPS):
        first = f"92449999MA{number:07}"
        told = EnterpriseTold(
            name, kind, houses[number * 3 % len(houses)], first + code_check(first), risks,
            generated_name(5000 + number), f"{PHONES}{9000 + number}",
        )  # fmt: skip
        shop = recording.add(told, by=by, now=then - timedelta(days=chance.randrange(120)))
        if number % 3 == 0:
            recording.check(shop, by=by, now=now - timedelta(days=1))


def _facilities(cast: Cast, grids: list[str], by: Actor, now: datetime) -> None:
    chance = dice(SEED, "facilities")
    for number, (name, kind) in enumerate(FACILITIES):
        lon, lat = cast.spot(grids[number % len(grids)], chance)
        recording.add(FacilityTold(name, kind, None, lon, lat), by=by, now=now)


def _people(houses: list[Address], by: Actor, then: datetime, now: datetime) -> int:
    """Some six hundred, written in bulk: one at a time they would take the demo's start a while."""
    chance = dice(SEED, "people")
    rooms, dwellings, households = [], [], []
    people: list[Person] = []
    for house in houses:
        for flat in FLATS[: chance.choice((2, 4, 6))]:
            room = _room(house, flat, by, then)
            dwelling = Dwelling(**_usual(room, by, then), address=room, use=_use(chance))
            rooms.append(room)
            dwellings.append(dwelling)
            if dwelling.use == Dwelling.Use.EMPTY:
                continue
            household = Household(**_usual(room, by, then), dwelling=dwelling, number=1)
            households.append(household)
            people += _family(household, dwelling, chance, len(people), by, then)
    written: tuple[list[Any], ...] = (rooms, dwellings, households, people)
    for rows in written:
        type(rows[0]).objects.bulk_create(rows, batch_size=1000)
    RegisterChange.objects.bulk_create(
        RegisterChange(
            register=each.REGISTER, record_id=each.pk, district_code=each.district_code,
            at=then, by_account=by.account_id, kind=RegisterChange.Kind.MADE,
        )
        for each in (*dwellings, *people)
    )  # fmt: skip
    return len(people)


def _usual(room: Address, by: Actor, then: datetime) -> dict[str, Any]:
    return {
        "district_code": room.district_code, "area_code": room.area_code,
        "valid_from": timezone.localdate(then), "source": Source.VISIT, "made_at": then,
        "made_by": by.account_id, "checked_at": then, "checked_by": by.account_id,
    }  # fmt: skip


def _room(house: Address, flat: str, by: Actor, then: datetime) -> Address:
    return Address(
        **_usual(house, by, then), community_code=house.community_code, parent=house,
        level=Level.ROOM, name=f"{flat}房", full_name=f"{house.full_name}{flat}房", words="",
        building_id=house.pk,
    )  # fmt: skip


def _use(chance: random.Random) -> str:
    return chance.choice(("owner", "owner", "rented", "rented", "shared", "empty"))


def _family(
    household: Household,
    dwelling: Dwelling,
    chance: random.Random,
    number: int,
    by: Actor,
    then: datetime,
) -> Iterator[Person]:
    rented = dwelling.use != Dwelling.Use.OWNER
    for at, relation in enumerate(("head", "spouse", "child", "parent")[: chance.randrange(1, 5)]):
        person = Person(
            **_usual(dwelling.address, by, then),
            dwelling=dwelling,
            household=household,
            relation=relation,
            stay=Person.Stay.MOVED_IN if rented else Person.Stay.REGISTERED,
        )
        older = {"child": -30, "parent": 27}.get(relation, 0)
        born = date(1984 - older, 1 + chance.randrange(12), 1 + chance.randrange(28))
        serial = (number + at) % 500 * 2 + (relation != "spouse")
        first = f"{NOWHERE}{born:%Y%m%d}{serial:03}"
        sealing.put(person, "name", generated_name(6000 + number + at))
        sealing.put(person, "id_number", first + id_check(first))
        if relation != "child":
            sealing.put(person, "phone", f"{PHONES}{number + at:04}")
        person.birth_year = born.year
        person.sex = "male" if serial % 2 else "female"
        yield person
