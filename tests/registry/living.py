"""A village's register for the tests: a street with two buildings, a family, a shop, a hydrant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huying.registry import addressing, recording
from huying.registry.addressing import Spot
from huying.registry.models import Address, Dwelling, Enterprise, Facility, Person
from huying.registry.numbers import code_check, id_check
from huying.registry.recording import DwellingTold, EnterpriseTold, FacilityTold, PersonTold
from tests.cases.town import GRID_1, GRID_2, SPOTS, XIAOLONG

if TYPE_CHECKING:
    from tests.cases.town import Town


def id_of(born: str, serial: str = "001") -> str:
    first = f"440113{born}{serial}"
    return first + id_check(first)


def code_of(first: str = "92440113MA5ABCDE1") -> str:
    return first + code_check(first)


@dataclass
class Village:
    """What was registered."""

    house: Address
    other_house: Address
    flat: Dwelling
    grown: Person
    child: Person
    shop: Enterprise
    hydrant: Facility


def person(town: Town, flat: Dwelling | None, name: str = "张三丰", **more: Any) -> Person:
    told = {"phone": "13800138000", "id_number": id_of("19800102"), "household": 1} | more
    made: Person = recording.add(
        PersonTold(name, dwelling=flat, **told), by=town.village_dispatcher, now=town.now
    )
    return made


def village(town: Town) -> Village:
    by, now = town.village_dispatcher, town.now
    at, beside = Spot(*SPOTS[GRID_1]), Spot(*SPOTS[GRID_2])
    flat_at = addressing.ensure(XIAOLONG, "东街12号3栋502房", by=by, now=now, spot=at)
    other = addressing.ensure(XIAOLONG, "东街20号", by=by, now=now, spot=beside)
    assert flat_at.building is not None
    told = DwellingTold(flat_at, Dwelling.Use.RENTED, 3, ["charging"])
    flat = recording.add(told, by=by, now=now)
    shop = EnterpriseTold(
        "小龙五金店", "shop", flat_at.building, code_of(), ["three_in_one", "gas"],
        "李四光", "13900139000",
    )  # fmt: skip
    lon, lat = SPOTS[GRID_1]
    hydrant = FacilityTold("东街口消火栓", "hydrant", None, lon + 0.0001, lat)
    return Village(
        house=flat_at.building,
        other_house=other,
        flat=flat,
        grown=person(town, flat, relation="head"),
        child=person(
            town, flat, "张小明", id_number=id_of("20150607", "003"), phone="", relation="child"
        ),
        shop=recording.add(shop, by=by, now=now),
        hydrant=recording.add(hydrant, by=by, now=now),
    )
