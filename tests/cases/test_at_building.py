"""A case knows the building it is at, and what is there; a building knows its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases.at_building import building_of, cases_at, there
from huying.registry import addressing
from tests.cases.town import GRID_1, SPOTS
from tests.registry.living import village

if TYPE_CHECKING:
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]


def test_a_case_is_at_the_building_its_address_names_else_at_the_nearest(town: Town) -> None:
    made = village(town)
    near = town.report(lon=LON + 0.0002, lat=LAT)
    far = town.report(lon=LON + 0.002, lat=LAT)
    named = town.report(lon=LON + 0.002, lat=LAT, address="石碁镇小龙村东街12号3栋楼下")
    assert building_of(near) == (made.house, False)
    assert building_of(far) is None
    assert building_of(named) == (made.house, True)
    exact = town.report(lon=LON + 0.002, lat=LAT, address="小龙村东街十二号3栋1单元")
    assert building_of(exact) == (made.house, True)
    assert cases_at(made.house, town.village_dispatcher) == [exact, named, near]
    assert cases_at(made.house, town.other_town_dispatcher) == []


def test_who_is_sent_sees_units_and_risks_and_nobody_who_lives_there(town: Town) -> None:
    made = village(town)
    case = town.report(lon=LON, lat=LAT)
    known = there(case, town.handler)
    assert known is not None
    assert (known.building, known.open) == (made.house, False)
    assert (known.dwellings, known.households, known.people) == (1, 1, 2)
    assert [(unit.name, len(risks)) for unit, risks in known.units] == [("小龙五金店", 2)]
    assert [each.name for each, _metres in known.nearby] == ["东街口消火栓"]
    assert known.risks == [("室内电动车充电", 1)]
    assert known.metres is not None
    assert known.metres < 1
    desk = there(case, town.village_dispatcher)
    assert desk is not None
    assert desk.open


def test_the_cases_of_a_building_are_found_at_once_also_by_its_old_plate(town: Town) -> None:
    made, by = village(town), town.village_dispatcher
    addressing.correct(made.other_house.pk, by=by, now=town.now, name="22")
    made.other_house.refresh_from_db()
    cases = [
        town.report(lon=None, lat=None, address=f"小龙村东街{number}号门口")
        for number in (20, 22, 20, 12)
    ]
    with CaptureQueriesContext(connection) as few:
        assert set(cases_at(made.other_house, by)) == set(cases[:3])
    for _n in range(3):
        town.report(lon=None, lat=None, address="东街20号")
    with CaptureQueriesContext(connection) as more:
        assert len(cases_at(made.other_house, by)) == 6
    # Whether the names of places are still the same is asked again after some seconds.
    few_asked, more_asked = (
        [each["sql"] for each in asked if '"register_' in each["sql"] or '"case"' in each["sql"]]
        for asked in (few, more)
    )
    assert len(few_asked) == 4
    assert len(more_asked) == len(few_asked)
