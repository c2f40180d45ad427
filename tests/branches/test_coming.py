"""A whistle calls a branch: its members are told, say whether they come, and are counted there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from huying.branches import coming
from huying.branches.models import Coming
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.notices.telling import Whom
from huying.people.models import Role, Unit
from huying.response import standing
from huying.response.whistles import Call
from tests.cases.town import DAY, GRID_1, SPOTS, XIAOLONG

if TYPE_CHECKING:
    from huying.people.acting import Actor
    from tests.branches.party import Party
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]


@pytest.fixture
def members(people: Party) -> list[Actor]:
    return [people.hold(f"m{n}", Role.MEMBER, people.branch.unit) for n in range(3)]


def blown(people: Party, unit: Unit | None = None, **more: Any) -> Call:
    told = {"title": "台风转移群众", "sort": "joint", "text": "到祠堂集合", "lon": LON, "lat": LAT}
    whistle = standing.blow(
        by=people.desk,
        now=people.town.now,
        units=[(unit or people.branch.unit).pk],
        **(told | more),
    )
    return whistle.calls.get()


def test_members_say_that_they_come_and_check_in_one_by_one(
    town: Town, people: Party, members: list[Actor]
) -> None:
    call = blown(people)
    first, second, third = members
    coming.say(call.pk, True, by=first, now=town.later(minutes=1))
    coming.say(call.pk, False, by=second, now=town.later(minutes=1))
    coming.check_in(call.pk, LON + 0.001, LAT, by=first, now=town.later(minutes=5))
    coming.check_in(call.pk, LON, LAT, by=third, now=town.now)  # who is there need not say so first
    (found,) = coming.people([call], DAY).values()
    assert (found.counted.told, found.counted.come, found.counted.stay, found.counted.there) == (
        3, 2, 1, 2,
    )  # fmt: skip
    row = Coming.objects.get(account=first.account_id)
    assert row.arrived_grid == GRID_1
    assert row.arrived_m == pytest.approx(103, abs=2)
    call.refresh_from_db()
    assert call.state == "called"  # for the unit its secretary answers
    standing.do("answer", call.whistle_id, by=people.secretary, now=town.now)


def test_one_may_change_ones_mind_until_one_is_there(
    town: Town, people: Party, members: list[Actor]
) -> None:
    call = blown(people)
    for comes in (False, True, False, True):
        assert coming.say(call.pk, comes, by=members[0], now=town.later(minutes=1)).comes is comes
    there = coming.check_in(call.pk, LON, LAT, by=members[0], now=town.later(minutes=1))
    again = coming.check_in(call.pk, LON, LAT, by=members[0], now=town.later(minutes=9))
    assert again.arrived_at == there.arrived_at
    with pytest.raises(WrongState):
        coming.say(call.pk, False, by=members[0], now=town.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Coming.objects.create(
            call=call, account_id=members[0].account_id, district_code="440113", comes=True,
            said_at=town.now,
        )  # fmt: skip


@pytest.mark.parametrize(("lon", "lat"), [(None, LAT), (LON, None), (999.0, LAT), (LON, -91.0)])
def test_a_check_in_needs_a_position(
    people: Party, members: list[Actor], lon: float | None, lat: float | None
) -> None:
    call = blown(people)
    with pytest.raises((Missing, BadInput)):
        coming.check_in(call.pk, lon, lat, by=members[0], now=people.town.now)
    assert not Coming.objects.exists()


def test_only_who_is_called_answers(town: Town, people: Party, members: list[Actor]) -> None:
    other = people.found("乙", "unit")
    stranger = people.hold("stranger", Role.MEMBER, other.unit)
    call = blown(people)
    with pytest.raises(NotFound):
        coming.say(call.pk, True, by=stranger, now=town.now)
    with pytest.raises(NotAllowed):
        coming.say(call.pk, True, by=people.secretary, now=town.now)
    standing.do("release", call.whistle_id, by=people.desk, now=town.later(hours=1))
    with pytest.raises(NotFound):
        coming.say(call.pk, True, by=members[0], now=town.now)


def test_members_are_told_apart_from_the_unit(
    town: Town, people: Party, members: list[Actor]
) -> None:
    unit = people.branch.unit_id
    assert Whom(units=(unit,)).found(town.now) == {people.secretary.account_id}
    assert Whom(members=(unit,)).found(town.now) == {each.account_id for each in members}


def test_a_volunteer_team_comes_too(town: Town, people: Party) -> None:
    team = Unit.objects.create(
        code="volunteers", name="小龙村志愿队", kind="team", sort="volunteer", level="community",
        area_code=XIAOLONG, district_code="440113",
    )  # fmt: skip
    volunteer = people.hold("volunteer", Role.MEMBER, team)
    call = blown(people, team)
    coming.say(call.pk, True, by=volunteer, now=town.now)
    assert coming.counted([call], DAY)[call.pk].come == 1


def test_a_members_notice_names_no_case_and_leads_to_their_page(
    town: Town, people: Party, members: list[Actor]
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    case = town.bring_to("accepted")
    town.do("blow", case, sort="joint", units=[people.branch.unit_id], text="到场协助")
    jobs = ProcrastinateJob.objects.filter(task_name="tell").order_by("id")
    (told,) = [job.args for job in jobs if job.args["kind"] == "members_called"]
    assert told["path"] == "/desk/mine"
    assert (told["case_id"], told["case_number"]) == (None, "")
    assert told["whom"] == {"members": [people.branch.unit_id]}
