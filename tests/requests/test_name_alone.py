"""A name alone: how many bear it, who of them it is, and nothing looked at before."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.audit.models import AccessLog
from huying.branches.models import PartyMember
from huying.errors import BadInput, Missing, NotAllowed, StalePage, WrongState
from huying.registry import addressing, recording
from huying.registry.addressing import Spot
from huying.registry.models import Dwelling, Person
from huying.registry.recording import DwellingTold
from huying.requests import deciding, narrowing, taking
from huying.requests.models import PersonRequest
from huying.requests.narrowing import Told
from huying.retention.rules import BY_CODE
from tests.branches.party import Party
from tests.cases.town import GRID_2, SPOTS, XIAOLONG, Town
from tests.registry.living import Village, id_of, person, village
from tests.requests.test_requests import NUMBER, PHONE, closed, decided

NAME = {"known": "by_name", "name": "张三丰"}


def taken(town: Town, kind: str = "see", **more: Any) -> PersonRequest:
    told = taking.Told(kind, **(NAME | more))
    return taking.take(told, by=town.dispatcher, now=town.now)


def narrow(town: Town, row: PersonRequest, **told: str) -> int:
    row.refresh_from_db()
    _row, fits = narrowing.narrow(
        row.pk, Told(**told), version=row.version, by=town.dispatcher, now=town.later(minutes=1)
    )
    row.refresh_from_db()
    return fits


def another(town: Town, at: str = "东街20号201房", number: str = "", **more: Any) -> Person:
    by, now = town.village_dispatcher, town.now
    room = addressing.ensure(XIAOLONG, at, by=by, now=now, spot=Spot(*SPOTS[GRID_2]))
    flat = recording.add(DwellingTold(room, Dwelling.Use.OWNER), by=by, now=now)
    told = {"phone": "", "id_number": number or id_of("19910909", "005")} | more
    return person(town, flat, **told)


@pytest.fixture
def there(town: Town) -> Village:
    return village(town)


def test_of_a_name_alone_only_how_many_bear_it_is_told(town: Town, there: Village) -> None:
    another(town)
    Party(town).join("张三丰", "13711110000")
    closed(town)
    row = taken(town)
    assert not row.records.exists()
    assert narrowing.holders(row) == (2, 1, 0)
    assert not AccessLog.objects.filter(action__in=["find_for_request", "reveal_request"]).exists()
    with pytest.raises(WrongState):
        taking.find_again(row.pk, by=town.dispatcher, now=town.now)
    with pytest.raises(BadInput, check=lambda error: error.field == "known"):
        taken(town, phone=PHONE)
    with pytest.raises(Missing, check=lambda error: error.field == "known"):
        taken(town, known="address")


def test_an_address_that_fits_one_of_them_finds_what_is_theirs(town: Town, there: Village) -> None:
    other = another(town)
    row = taken(town)
    assert narrow(town, row, address="东街9号") == 0
    assert row.known == "by_name"
    assert not row.records.exists()
    assert narrow(town, row, address="东街12号3栋502") == 1
    assert (row.known, row.person) == ("address", there.grown)
    assert list(row.records.values_list("subject", "subject_id")) == [("person", there.grown.pk)]
    assert not row.records.filter(subject_id=other.pk).exists()
    assert row.id_number_masked == there.grown.id_number_masked
    steps = list(row.steps.values_list("verb", "data__fits"))
    assert steps == [("taken", None), ("tried", 0), ("narrowed", 1), ("found", None)]
    assert AccessLog.objects.filter(action="narrow_request").count() == 2
    assert "东街" not in str(list(row.steps.values()))
    with pytest.raises(WrongState):
        narrow(town, row, address="东街20号")


def test_two_at_one_address_are_told_apart_by_the_day_of_birth(town: Town, there: Village) -> None:
    another(town, "东街12号3栋603房")
    row = taken(town)
    assert narrow(town, row, address="东街12号3栋") == 2
    assert narrow(town, row, address="东街12号3栋", born="1980-01-03") == 0
    assert narrow(town, row, born="1991-09-09", address="东街12号3栋") == 1
    assert row.person_id != there.grown.pk
    again = taken(town)
    assert narrow(town, again, born="1980-01-02") == 1
    assert (again.known, again.person) == ("born", there.grown)


def test_a_shown_paper_says_it_outright(town: Town, there: Village) -> None:
    another(town)
    row = taken(town)
    assert narrow(town, row, id_number=NUMBER) == 1
    assert row.known == "id_seen"
    assert list(row.records.values_list("subject_id", flat=True)) == [there.grown.pk]


@pytest.mark.parametrize(
    ("told", "error", "field"),
    [
        ({}, Missing, "address"),
        ({"id_number": "440113198001020011"}, BadInput, "id_number"),
        ({"born": "1980-13-45"}, BadInput, "born"),
        ({"born": "gestern"}, BadInput, "born"),
    ],
)
def test_what_will_not_do_is_said_at_its_field(
    town: Town, told: dict[str, str], error: type[Exception], field: str
) -> None:
    row = taken(town)
    with pytest.raises(error) as refusal:
        narrow(town, row, **told)
    assert refusal.value.field == field  # type: ignore[attr-defined]


def test_who_may_and_a_page_that_is_old(town: Town, there: Village) -> None:
    row = taken(town)
    with pytest.raises(StalePage):
        narrowing.narrow(
            row.pk, Told(address="东街12号"), version=9, by=town.dispatcher, now=town.now
        )
    with pytest.raises(NotAllowed):
        narrowing.narrow(
            row.pk, Told(address="东街12号"), version=1, by=town.town_leader, now=town.now
        )


def test_only_what_is_that_persons_is_erased(town: Town, there: Village) -> None:
    other = another(town)
    row = taken(town, "delete")
    narrow(town, row, address="东街12号3栋502")
    decided(town, row, "person", "erased")
    assert Person.objects.get(pk=there.grown.pk).name_masked == "***"
    assert Person.objects.get(pk=other.pk).name_masked == "张**"


def test_a_member_whom_the_register_does_not_know_is_found_by_their_home(
    town: Town, there: Village
) -> None:
    party = Party(town)
    member = party.join("王五", "13711110000", address="东街12号3栋502")
    assert member.person is None
    row = taken(town, name="王五")
    assert narrowing.holders(row) == (0, 1, 0)
    assert narrow(town, row, address="东街12号3栋502") == 1
    assert list(row.records.values_list("subject", "subject_id")) == [("party_member", member.pk)]
    assert row.member == PartyMember.objects.get(pk=member.pk)


def test_a_leader_may_say_that_it_cannot_be_established(town: Town, there: Village) -> None:
    row = taken(town)
    deciding.decide_nothing_found(row.pk, version=row.version, by=town.town_leader, now=town.now)
    row.refresh_from_db()
    assert (row.state, row.known) == ("decided", "by_name")


def test_the_database_wants_a_number_or_a_name_and_the_rule_empties_both(
    town: Town, there: Village
) -> None:
    row = taken(town)
    narrow(town, row, address="东街12号3栋502")
    BY_CODE["request_people"].erase([row.pk], None, town.now)
    row.refresh_from_db()
    assert (row.name_index, row.person, row.id_number_index) == (None, None, None)
    other = taken(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonRequest.objects.filter(pk=other.pk).update(name_index=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonRequest.objects.filter(pk=other.pk).update(known="id_seen")
