"""Two addresses that are one become one by a person's decision, with all that is at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from huying.care import listing
from huying.care.models import CarePerson, Consent
from huying.errors import BadInput, NotAllowed, NotFound
from huying.registry import addressing, doubles, history, recording
from huying.registry.addressing import Spot
from huying.registry.models import Address, Dwelling, Enterprise, Household, Person, Register
from huying.registry.recording import DwellingTold, EnterpriseTold, PersonTold
from huying.registry.searching import search
from tests.cases.town import GRID_1, LINGBIAN, SPOTS, XIAOLONG
from tests.registry.living import code_of, village

if TYPE_CHECKING:
    from tests.cases.town import Town
    from tests.registry.living import Village


def proposed(town: Town) -> list[tuple[set[str], str]]:
    pairs = doubles.proposed(town.village_dispatcher)
    return [
        ({each.full_name for each in pair.both}, str(pair.why))
        for pair in pairs
        if pair.register == Register.ADDRESS
    ]


def written_otherwise(town: Town, there: Village) -> Dwelling:
    """The flat once more: 502 beside 502房, with two who live there."""
    room = addressing.ensure(XIAOLONG, "东街12号3栋502", by=town.village_dispatcher, now=town.now)
    assert room != there.flat.address
    by, now = town.village_dispatcher, town.now
    flat: Dwelling = recording.add(
        DwellingTold(room, Dwelling.Use.OWNER, 2, ["gas"]), by=by, now=now
    )
    for name, household in (("王五", 1), ("赵六", 2)):
        told = PersonTold(name, dwelling=flat, household=household, birth_year=1950)
        recording.add(told, by=by, now=now)
    return flat


def test_a_room_written_in_two_ways_is_one_with_one_dwelling_and_everybody_in_it(
    town: Town,
) -> None:
    there, by = village(town), town.village_dispatcher
    assert proposed(town) == []
    flat = written_otherwise(town, there)
    assert proposed(town) == [({"东街12号3栋502房", "东街12号3栋502"}, "同一位置、同一号码")]
    kept, gone = there.flat.address, flat.address
    for who in ("next_worker", "other_town_dispatcher", "handler"):
        with pytest.raises(NotFound):
            doubles.merge("address", kept.pk, gone.pk, by=getattr(town, who), now=town.now)
    with pytest.raises(NotAllowed):
        doubles.merge("address", kept.pk, gone.pk, by=town.town_leader, now=town.now)
    doubles.merge("address", kept.pk, gone.pk, by=by, now=town.now)
    for each in (flat, gone):
        each.refresh_from_db()
        assert not each.is_living
    assert (flat.merged_into_id, gone.merged_into_id) == (there.flat.pk, kept.pk)
    one = Dwelling.objects.living().get()
    assert (one.use, one.rooms, one.risks) == (Dwelling.Use.RENTED, 3, ["charging", "gas"])
    assert Person.objects.living().filter(dwelling=one).count() == 4
    # Households keep apart: who keeps house together is for people to say.
    assert sorted(Household.objects.living().values_list("number", flat=True)) == [1, 2, 3]
    assert {each.household.number for each in Person.objects.living()} == {1, 2, 3}
    assert "merged" in {line.change.kind for line in history.of(one, town.now.date())}
    assert proposed(town) == []


def test_a_building_known_under_two_streets_takes_over_rooms_units_code_and_names(
    town: Town,
) -> None:
    there, by, now = village(town), town.village_dispatcher, town.now
    lon, lat = SPOTS[GRID_1]
    twice = addressing.ensure(
        XIAOLONG, "东大街12号3栋601", by=by, now=now, spot=Spot(lon + 0.0001, lat)
    )
    also = addressing.ensure(XIAOLONG, "东大街12号3栋502室", by=by, now=now)
    flat = recording.add(DwellingTold(also), by=by, now=now)
    house = twice.building
    assert house is not None
    addressing.correct(house.pk, by=by, now=now, building_code="XL-0003")
    addressing.add_alias(house.pk, "红砖楼", "alias", by=by, now=now)
    shop = recording.add(EnterpriseTold("东大街茶庄", "shop", house), by=by, now=now)
    assert proposed(town) == [({"东街12号3栋", "东大街12号3栋"}, "同一位置、同一号码")]
    doubles.merge("address", there.house.pk, house.pk, by=by, now=now)
    kept = Address.objects.get(pk=there.house.pk)
    twice.refresh_from_db()
    assert (twice.full_name, twice.parent_id, twice.building_id) == (
        "东街12号3栋601", kept.pk, kept.pk,
    )  # fmt: skip
    flat.refresh_from_db()
    assert flat.merged_into_id == there.flat.pk  # 502室 is 502房
    assert kept.building_code == "XL-0003"
    assert (kept.lon, kept.lat) == (lon, lat)
    assert Enterprise.objects.get(pk=shop.pk).address == kept
    for typed in ("红砖楼", "东大街12号3栋"):
        assert kept in search(typed, by=by, now=now).addresses
    assert addressing.find(XIAOLONG, "东大街12号3栋") is None
    assert {each.building_id for each in Address.objects.living().filter(level=9)} == {kept.pk}


def test_an_old_plate_registered_anew_is_proposed_and_two_that_are_two_are_kept_apart(
    town: Town,
) -> None:
    there, by, now = village(town), town.village_dispatcher, town.now
    addressing.correct(there.other_house.pk, by=by, now=now, name="22")
    again = addressing.ensure(XIAOLONG, "东街20号", by=by, now=now)
    assert proposed(town) == [({"东街22号", "东街20号"}, "一个是另一个的别名或旧门牌")]
    doubles.keep_apart("address", there.other_house.pk, again.pk, by=by, now=now)
    assert proposed(town) == []


def test_what_cannot_be_one_is_refused_and_nothing_is_written(town: Town) -> None:
    there, by, now = village(town), town.village_dispatcher, town.now
    elsewhere = addressing.ensure(LINGBIAN, "东街20号", by=town.dispatcher, now=now)
    street = addressing.find(XIAOLONG, "东街")
    assert street is not None
    for other in (elsewhere, street):
        with pytest.raises(BadInput):
            doubles.merge("address", there.other_house.pk, other.pk, by=town.dispatcher, now=now)
    third = addressing.ensure(XIAOLONG, "东街24号", by=by, now=now)
    for pk, code in ((there.other_house.pk, "A1"), (third.pk, "A2")):
        addressing.correct(pk, by=by, now=now, building_code=code)
    with pytest.raises(BadInput):
        doubles.merge("address", there.other_house.pk, third.pk, by=by, now=now)
    # A worker makes one of two in the own grid alone.
    worker = town.worker
    with pytest.raises(NotFound):
        doubles.merge("address", there.house.pk, there.other_house.pk, by=worker, now=now)
    assert not Address.objects.exclude(valid_until=None).exists()
    shop = EnterpriseTold("另一家", "shop", there.house, code_of("91440113MA5ABCDE2"))
    assert recording.add(shop, by=by, now=now).is_living


def test_who_is_on_the_care_list_stays_on_it_when_two_records_of_them_become_one(
    town: Town,
) -> None:
    there, by, now = village(town), town.village_dispatcher, town.now
    bare = PersonTold("张三丰", phone="13800138000", community=XIAOLONG)
    again = recording.add(bare, by=by, now=now)
    told = listing.Told(["alone"], 1, Consent.SIGNED)
    care = listing.put_on(again.pk, told, by=by, now=now)
    doubles.merge("person", there.grown.pk, again.pk, by=by, now=now)
    assert CarePerson.objects.get(pk=care.pk).person == there.grown
