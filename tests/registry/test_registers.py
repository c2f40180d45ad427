"""A village's people are registered, corrected and moved; what changes is kept, and kept shut."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.places import locating, voiding
from huying.places.freshness import raise_versions
from huying.places.models import Grid
from huying.registry import addressing, deriving, history, recording, sealing
from huying.registry.addressing import Spot
from huying.registry.classes import CLASSES, COLUMNS, sealed_fields
from huying.registry.models import (
    Address,
    AddressAlias,
    Dwelling,
    Household,
    Level,
    Person,
    RegisterChange,
)
from huying.registry.recording import DwellingTold, EnterpriseTold, FacilityTold, PersonTold
from tests.cases.town import GRID_1, GRID_2, GRID_3, LINGBIAN, SPOTS, XIAOLONG
from tests.registry.living import code_of, id_of, person, village

if TYPE_CHECKING:
    from tests.cases.town import Town


def test_an_address_grows_from_its_text_and_lies_in_the_grid_of_its_building(town: Town) -> None:
    there = village(town)
    room = there.flat.address
    levels = []
    node: Address | None = room
    while node is not None:
        levels.append((node.level, node.name))
        node = node.parent
    assert levels[::-1] == [
        (Level.STREET, "东街"),
        (Level.PLATE, "12号"),
        (Level.BUILDING, "3栋"),
        (Level.ROOM, "502房"),
    ]
    assert room.full_name == "东街12号3栋502房"
    assert room.building == there.house
    # The street has no position: it is the community's, and the room lies where its building does.
    assert addressing.find(XIAOLONG, "东街").area_code == XIAOLONG  # type: ignore[union-attr]
    assert {room.area_code, there.flat.area_code, there.grown.area_code} == {GRID_1}
    assert Household.objects.get().area_code == GRID_1
    again = addressing.ensure(
        XIAOLONG, "东街 十二号 3栋 502房", by=town.village_dispatcher, now=town.now
    )
    assert again == room


def test_where_and_what_cannot_be_is_refused(town: Town) -> None:
    there, by, now = village(town), town.village_dispatcher, town.now
    with pytest.raises(BadInput, check=lambda error: error.field == "lon"):
        addressing.ensure(XIAOLONG, "东街30号", by=by, now=now, spot=Spot(*SPOTS[GRID_3]))
    with pytest.raises(Missing):
        addressing.ensure(XIAOLONG, "12号", by=by, now=now)
    with pytest.raises(BadInput, check=lambda error: error.field == "level"):
        addressing.add(XIAOLONG, there.house, Level.PLATE, "3", by=by, now=now)
    with pytest.raises(BadInput, check=lambda error: error.field == "address"):
        recording.add(DwellingTold(there.flat.address), by=by, now=now)
    with pytest.raises(BadInput, check=lambda error: error.field == "id_number"):
        person(town, there.flat, id_number=id_of("19800102")[:-1] + "?")
    with pytest.raises(BadInput, check=lambda error: error.field == "id_number"):
        person(town, there.flat, "张三")  # the same number
    same_code = EnterpriseTold("另一家", "shop", there.house, code_of())
    with pytest.raises(BadInput, check=lambda error: error.field == "credit_code"):
        recording.add(same_code, by=by, now=now)
    with pytest.raises(Missing):
        recording.add(FacilityTold("灯", "lamp"), by=by, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=there.grown.pk).update(district_code="440112")


def test_only_those_at_home_there_write_and_see(town: Town) -> None:
    there = village(town)
    seen = {
        who: Person.objects.visible_to(getattr(town, who)).count()
        for who in ("worker", "next_worker", "village_dispatcher", "dispatcher", "town_leader",
                    "other_town_dispatcher", "handler", "checker", "auditor", "administrator")
    }  # fmt: skip
    assert seen == {
        "worker": 2, "next_worker": 0, "village_dispatcher": 2, "dispatcher": 2, "town_leader": 2,
        "other_town_dispatcher": 0, "handler": 0, "checker": 0, "auditor": 0, "administrator": 0,
    }  # fmt: skip
    assert recording.check(there.grown, by=town.worker, now=town.now).checked_by
    for who in ("next_worker", "other_town_dispatcher", "handler"):
        with pytest.raises(NotFound):
            recording.check(there.grown, by=getattr(town, who), now=town.now)
    with pytest.raises(NotAllowed):
        recording.check(there.grown, by=town.town_leader, now=town.now)
    told = PersonTold("王五", dwelling=there.flat)
    with pytest.raises(NotAllowed):  # a worker adds in the own grid, not in the next one
        recording.add(told, by=town.next_worker, now=town.now)


def test_of_a_person_nothing_lies_open_but_what_the_number_says(town: Town) -> None:
    there = village(town)
    grown = Person.objects.get(pk=there.grown.pk)
    assert (grown.name_masked, grown.phone_masked) == ("张**", "138****8000")
    assert grown.id_number_masked.startswith("440*")
    assert (grown.birth_year, grown.sex, grown.initials) == (1980, "male", "zsf")
    assert not grown.is_minor(town.now.date())
    assert there.child.is_minor(town.now.date())
    assert sealing.opened(grown, "phone") == "13800138000"
    with connection.cursor() as cursor:
        for table in ("register_person", "register_enterprise", "register_change_words"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            kept = "\n".join(row for (row,) in cursor.fetchall())
            for value in ("张三丰", "13800138000", id_of("19800102"), "李四光", "13900139000"):
                assert value not in kept
                assert value.encode().hex() not in kept


def test_a_correction_is_kept_with_what_was_before_and_sealed_if_it_tells_of_somebody(
    town: Town,
) -> None:
    there, by = village(town), town.village_dispatcher
    told = PersonTold(phone="13711112222", dwelling=there.flat, household=1, relation="tenant")
    changed = recording.correct(there.grown.pk, told, by=by, now=town.now, version=1)
    assert (changed.version, changed.birth_year, changed.sex) == (2, 1980, "male")
    lines = {line.change.field: line for line in history.of(changed, town.now.date())}
    assert (lines["relation"].old, lines["relation"].new) == ("户主", "租客")
    assert (lines["phone"].old, lines["phone"].new) == ("138****8000", "137****2222")
    assert history.former(changed, "phone") == ["13800138000"]
    row = RegisterChange.objects.get(field="phone")
    assert (row.old, row.new, row.by_account) == ("", "", by.account_id)
    with pytest.raises(StalePage):
        recording.correct(there.grown.pk, told, by=by, now=town.now, version=1)
    # Nothing was other: that is a check, not a change.
    recording.correct(
        there.grown.pk,
        PersonTold(dwelling=there.flat, household=1, relation="tenant"),
        by=by,
        now=town.now,
    )
    assert history.of(changed, town.now.date())[0].change.kind == "checked"
    # What was said of a person can be erased; that something was changed stays.
    lines["phone"].change.words.delete()
    assert any(line.erased for line in history.of(changed, town.now.date()))
    assert history.former(changed, "phone") == []
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("UPDATE register_change SET old = ''")


def test_what_holds_no_longer_ends_from_the_inside_out(town: Town) -> None:
    there, by = village(town), town.village_dispatcher
    with pytest.raises(WrongState):
        recording.end(there.flat, by=by, now=town.now)
    for each in (there.grown, there.child, there.flat, there.flat.address):
        recording.end(each, by=by, now=town.now)
    assert not Person.objects.living().exists()
    assert Person.objects.on(town.now.date()).count() == 0
    with pytest.raises(NotFound):
        recording.check(there.grown, by=by, now=town.now)
    # The same id number may be registered anew once the old record has ended.
    told = PersonTold("张三丰", id_of("19800102"), community=XIAOLONG)
    assert recording.add(told, by=by, now=town.now).area_code == XIAOLONG


def test_a_new_plate_leaves_the_old_one_to_be_found_by(town: Town) -> None:
    there, by = village(town), town.village_dispatcher
    plate = there.house.parent
    assert plate is not None
    addressing.correct(plate.pk, by=by, now=town.now, name="14", building_code="XL-0014")
    room = Address.objects.get(pk=there.flat.address_id)
    assert room.full_name == "东街14号3栋502房"
    alias = AddressAlias.objects.get()
    assert (alias.name, alias.kind, alias.address_id) == ("东街12号", "old_plate", plate.pk)
    with pytest.raises(BadInput, check=lambda error: error.field == "building_code"):
        addressing.correct(there.other_house.pk, by=by, now=town.now, building_code="xl-0014")


def test_a_building_pinned_elsewhere_takes_all_in_it_along(town: Town) -> None:
    there = village(town)
    addressing.correct(
        there.house.pk, by=town.village_dispatcher, now=town.now, spot=Spot(*SPOTS[GRID_2])
    )
    for each in (there.flat.address, there.flat, there.grown, there.child, there.shop):
        each.refresh_from_db()
        assert each.area_code == GRID_2
    there.hydrant.refresh_from_db()
    assert there.hydrant.area_code == GRID_1  # it has a position of its own
    with pytest.raises(NotFound):
        recording.check(there.grown, by=town.worker, now=town.now)


def test_grids_that_are_redrawn_or_voided_are_followed(town: Town) -> None:
    there = village(town)
    deriving.follow(now=town.now)
    assert deriving.follow(now=town.now) == 0
    first, second = (Grid.objects.get(code=code) for code in (GRID_1, GRID_2))
    first.outline, second.outline = second.outline, first.outline
    first.save()
    second.save()
    raise_versions(["440113"])
    assert deriving.follow(now=town.now) >= 8
    for each in (there.flat, there.grown, there.shop, there.hydrant):
        each.refresh_from_db()
        assert each.area_code == GRID_2
    there.other_house.refresh_from_db()
    assert there.other_house.area_code == GRID_1
    voiding.void(GRID_2, reason="并入", now=town.now)
    deriving.follow(now=town.now)
    there.grown.refresh_from_db()
    there.hydrant.refresh_from_db()
    assert there.grown.area_code == there.hydrant.area_code == XIAOLONG


def test_an_address_stays_with_its_community_when_the_next_one_s_grid_is_drawn_over_it(
    town: Town,
) -> None:
    there = village(town)
    deriving.follow(now=town.now)
    first, third = (Grid.objects.get(code=code) for code in (GRID_1, GRID_3))
    assert not GRID_3.startswith(XIAOLONG)
    first.outline, third.outline = third.outline, first.outline
    first.save()
    third.save()
    raise_versions(["440113"])
    deriving.follow(now=town.now)
    for each in (there.house, there.flat.address, there.flat, there.grown, there.shop):
        each.refresh_from_db()
        assert each.area_code == XIAOLONG, each
    # What stands there by itself is the other community's now, which sees it; nobody else does.
    there.hydrant.refresh_from_db()
    assert there.hydrant.area_code == GRID_3
    assert not Person.objects.visible_to(town.other_town_dispatcher).exists()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lon=st.floats(113.39, 113.43), lat=st.floats(22.89, 22.91))
def test_a_grid_is_always_the_one_that_holds_the_position(
    town: Town, lon: float, lat: float
) -> None:
    grids = locating.index()
    (area,) = deriving.areas_of(grids, [(lon, lat, XIAOLONG)])
    located = locating.locate(lon, lat).grid_code
    assert area == (located or XIAOLONG)


def test_every_field_has_a_class_and_every_sensitive_one_its_columns() -> None:
    for model, fields in CLASSES.items():
        columns = {field.name for field in model._meta.concrete_fields}
        named = set()
        for name in fields:
            kept = {name} & columns or {f"{name}{end}" for end in COLUMNS} & columns
            assert kept, f"{model.__name__}.{name} is in no column"
            named |= kept
        assert columns == named, f"{model.__name__}: {columns ^ named}"
    for each in sealed_fields():
        assert each.enc in {field.name for field in each.model._meta.concrete_fields}


def test_a_record_is_stale_once_nobody_checked_it_for_long(town: Town, monkeypatch: Any) -> None:
    there = village(town)
    monkeypatch.setattr(
        "huying.registry.models.records.stale_days", lambda: {"dwelling": 1, "person": 30}
    )
    tomorrow = town.now + timedelta(days=1)
    assert there.flat.is_stale(tomorrow)
    assert not there.grown.is_stale(tomorrow)
    recording.check(there.flat, by=town.worker, now=tomorrow)
    assert not Dwelling.objects.get(pk=there.flat.pk).is_stale(tomorrow)


def test_who_adds_to_a_building_of_the_next_grid_does_not_pull_it_over(town: Town) -> None:
    by, now = town.village_dispatcher, town.now
    addressing.ensure(XIAOLONG, "西街5号", by=by, now=now, spot=Spot(*SPOTS[GRID_1]))
    # A building that lies where its plate does, without a pin of its own.
    addressing.ensure(XIAOLONG, "西街5号2栋", by=by, now=now)
    text, over_there = "西街5号2栋301", Spot(*SPOTS[GRID_2])
    with pytest.raises(NotAllowed):
        addressing.ensure(XIAOLONG, text, by=town.next_worker, now=now, spot=over_there)
    room = addressing.ensure(XIAOLONG, text, by=by, now=now, spot=over_there)
    assert room.area_code == GRID_2
    # What is in no grid yet is put into the own one.
    addressing.ensure(XIAOLONG, "西街7号", by=by, now=now)
    assert (
        addressing.ensure(
            XIAOLONG, "西街7号", by=town.next_worker, now=now, spot=over_there
        ).area_code
        == GRID_2
    )


def test_a_move_to_an_address_of_the_same_name_elsewhere_is_a_move(town: Town) -> None:
    by, now = town.dispatcher, town.now
    here, elsewhere = (
        addressing.ensure(community, "东街3号", by=by, now=now, spot=Spot(*SPOTS[grid]))
        for community, grid in ((XIAOLONG, GRID_1), (LINGBIAN, GRID_3))
    )
    shop = recording.add(EnterpriseTold("东街茶庄", "shop", here), by=by, now=now)
    told = EnterpriseTold("东街茶庄", "shop", elsewhere)
    recording.correct(shop.pk, told, by=by, now=now)
    shop.refresh_from_db()
    assert (shop.address, shop.area_code) == (elsewhere, GRID_3)
