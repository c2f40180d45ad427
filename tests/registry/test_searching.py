"""What a person remembers leads to the record; whose number it is, is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from huying.audit.models import AccessLog
from huying.audit.revealing import Purpose
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.registry import addressing, doubles, history, recording, sealing
from huying.registry.models import Person, Risk
from huying.registry.recording import DwellingTold, EnterpriseTold, PersonTold
from huying.registry.revealing import reveal
from huying.registry.searching import search
from tests.cases.town import XIAOLONG
from tests.registry.living import Village, code_of, id_of, person, village

if TYPE_CHECKING:
    from huying.people.acting import Actor
    from tests.cases.town import Town


def found(town: Town, typed: str, by: Actor | None = None) -> set[str]:
    looked = search(typed, by=by or town.village_dispatcher, now=town.now)
    records = (*looked.addresses, *looked.people, *looked.enterprises, *looked.facilities)
    return {str(each) for each in records}


def test_pieces_initials_whole_names_and_numbers_find(town: Town) -> None:
    there = village(town)
    addressing.correct(there.other_house.pk, by=town.dispatcher, now=town.now, name="22")
    shop, house = "小龙五金店", "东街12号3栋"
    for typed, wanted in {
        "街12": {"东街12号", house},
        "东街 3栋": {house},
        "小龙村东街12号3栋": {house},
        "东街12号3栋502": {f"{house}502房"},
        "东街十二号 3栋 502室": {f"{house}502房"},
        "dj12h3d": {house},
        "东街20号": {"东街22号"},  # by its old plate
        "张三丰": {"张**"},
        "zsf": {"张**"},
        "张三丰 东街": {"张**"},
        "张三丰 西街": set(),
        "小龙村 张三丰": {"张**"},
        "小龙村东街 张三丰": {"张**"},
        "张三": set(),  # a name is found whole
        "138 0013 8000": {"张**"},
        "+86 13800138000": {"张**"},
        "13900139000": {shop},
        id_of("19800102"): {"张**"},
        id_of("19800102").lower(): {"张**"},
        code_of(): {shop},
        "五金": {shop},
        "xlwj": {shop},
        "消火栓": {"东街口消火栓"},
        "没有这样的地方": set(),
    }.items():
        assert found(town, typed) == wanted, typed
    named = EnterpriseTold("番禺（三楼）A.B超市", "shop", there.house)
    recording.add(named, by=town.village_dispatcher, now=town.now)
    assert found(town, "番禺（三楼）A.B超市") == found(town, "a.b超市") == {named.name}
    with pytest.raises(BadInput):
        found(town, "东")


def test_one_finds_in_the_own_area_only_and_numbers_leave_a_trace(town: Town) -> None:
    village(town)
    assert found(town, "东街", town.worker)  # the worker of its grid
    for who in (town.next_worker, town.other_town_dispatcher):
        assert found(town, "五金", who) == found(town, "张三丰", who) == set()
        assert found(town, "13800138000", who) == set()
    for who in (town.handler, town.checker, town.auditor):
        with pytest.raises(NotAllowed):
            found(town, "东街", who)
    with pytest.raises(NotAllowed):  # leaders see, and look nobody up by number
        found(town, "13800138000", town.town_leader)
    assert not AccessLog.objects.exists()
    found(town, "13800138000")
    (entry,) = AccessLog.objects.all()
    assert (entry.action, entry.subject_type, entry.fields) == (
        "find_by_phone",
        "person",
        ["phone"],
    )
    assert entry.account_id == town.village_dispatcher.account_id


def test_what_is_sealed_is_shown_for_a_purpose_to_who_keeps_the_record(town: Town) -> None:
    there = village(town)
    with pytest.raises(Missing):
        reveal(there.grown, by=town.worker, purpose="", now=town.now)
    with pytest.raises(NotAllowed):
        reveal(there.grown, by=town.town_leader, purpose=Purpose.VISIT, now=town.now)
    for who in (town.handler, town.next_worker):
        with pytest.raises(NotFound):
            reveal(there.grown, by=who, purpose=Purpose.VISIT, now=town.now)
    assert not AccessLog.objects.exists()
    told = reveal(there.grown, by=town.worker, purpose=Purpose.VISIT, now=town.now)
    assert told == {
        "name": ["张三丰"], "id_number": [id_of("19800102")], "phone": ["13800138000"],
    }  # fmt: skip
    entry = AccessLog.objects.get()
    assert (entry.action, entry.subject_id) == ("reveal_record", str(there.grown.pk))
    assert entry.fields == ["id_number", "name", "phone"]


def double(town: Town, there: Village) -> Person:
    """The same person once more, without a number."""
    return person(town, there.flat, id_number="", birth_year=1980, sex="male")


def test_doubles_are_proposed_and_merged_by_a_person_alone(town: Town) -> None:
    there, by = village(town), town.village_dispatcher
    assert doubles.proposed(by) == []
    again = double(town, there)
    (pair,) = doubles.proposed(by)
    assert {pair.one, pair.other} == {there.grown, again}
    assert doubles.proposed(town.other_town_dispatcher) == doubles.proposed(town.town_leader) == []
    kept = doubles.merge("person", again.pk, there.grown.pk, by=by, now=town.now)
    assert sealing.opened(kept, "id_number") == id_of("19800102")
    gone = Person.objects.get(pk=there.grown.pk)
    assert (gone.merged_into_id, gone.is_living) == (again.pk, False)
    assert "merged" in {line.change.kind for line in history.of(kept, town.now.date())}
    assert doubles.proposed(by) == []
    assert found(town, id_of("19800102")) == {"张**"}


def test_two_that_are_two_are_not_proposed_again(town: Town) -> None:
    there, by = village(town), town.village_dispatcher
    again = double(town, there)
    doubles.keep_apart("person", again.pk, there.grown.pk, by=by, now=town.now)
    assert doubles.proposed(by) == []
    other = recording.add(
        PersonTold("张三丰", id_of("19800103", "005"), "13800138000", community=XIAOLONG),
        by=by,
        now=town.now,
    )
    with pytest.raises(BadInput):  # each has a number of its own
        doubles.merge("person", other.pk, there.grown.pk, by=by, now=town.now)
    shop = EnterpriseTold("小龙五金店", "shop", there.house, risks=[Risk.DUST])
    recording.add(shop, by=by, now=town.now)
    assert "enterprise" in {pair.register for pair in doubles.proposed(by)}


def test_who_is_taken_over_comes_with_the_home_and_what_the_number_says(town: Town) -> None:
    there, by = village(town), town.village_dispatcher
    bare = PersonTold(
        "张三丰", phone="13800138000", birth_year=1981, sex="female", community=XIAOLONG,
        relation="tenant",
    )  # fmt: skip
    kept = recording.add(bare, by=by, now=town.now)
    kept = doubles.merge("person", kept.pk, there.grown.pk, by=by, now=town.now)
    kept.refresh_from_db()
    assert (kept.dwelling, kept.household, kept.relation) == (
        there.flat,
        there.grown.household,
        "head",
    )
    assert (kept.area_code, kept.birth_year, kept.sex) == (there.flat.area_code, 1980, "male")
    # Whoever has a home keeps it, and no household of another one.
    other = addressing.ensure(XIAOLONG, "东街20号101", by=by, now=town.now)
    flat = recording.add(DwellingTold(other), by=by, now=town.now)
    housed = person(town, flat, id_number="", household=None, birth_year=1980, sex="male")
    housed = doubles.merge("person", housed.pk, kept.pk, by=by, now=town.now)
    assert (housed.dwelling, housed.household, housed.relation) == (flat, None, "")
