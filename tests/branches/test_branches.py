"""A village's branches: founded, put on the grid, joined, linked with households, and left."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction

from huying.audit.models import AccessLog
from huying.branches import covering, founding, joining, linked
from huying.branches.founding import Told
from huying.branches.linked import Rule
from huying.branches.models import Branch, BranchChange, BranchPlace, HouseholdLink, PartyMember
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import actor_for
from huying.people.models import Post, Role, Unit
from huying.registry import sealing
from tests.cases.town import DAY, GRID_1, GRID_2, GRID_3, LINGBIAN, TOWN, XIAOLONG

if TYPE_CHECKING:
    from tests.branches.party import Party
    from tests.cases.town import Town


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_the_desk_founds_a_branch_that_can_be_called(town: Town, people: Party) -> None:
    general = people.found("小龙村党总支", "general")
    below = people.found("第二网格党支部", "grid", parent=general.pk, grids=[GRID_2])
    assert below.unit.kind == "branch"
    assert below.unit.area_code == XIAOLONG
    assert list(general.children.all()) == [below]
    assert [place.grid_id for place in below.places.living()] == [GRID_2]
    whole = covering.in_all(XIAOLONG)
    assert (whole.branches, whole.grids, whole.covered, whole.ratio) == (3, 2, 2, 100)


def test_a_unit_that_is_there_becomes_a_branch_once(town: Town, people: Party) -> None:
    unit = Unit.objects.create(
        code="old-branch", name="老支部", kind="branch", level="community",
        area_code=XIAOLONG, district_code="440113",
    )  # fmt: skip
    told = Told("老支部", "unit")
    made = founding.found(XIAOLONG, told, by=people.desk, now=town.now, unit=unit)
    assert made.unit == unit
    with pytest.raises(BadInput):
        founding.found(XIAOLONG, told, by=people.desk, now=town.now, unit=unit)
    with pytest.raises(BadInput):
        founding.found(XIAOLONG, told, by=people.desk, now=town.now, unit=town.units["committee"])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (Told("", "grid"), "name"),
        (Told("甲", "club"), "kind"),
        (Told("甲", "grid", grids=[GRID_1]), "grids"),
        (Told("甲", "grid", grids=[GRID_3]), "grids"),
        (Told("甲" * 61, "grid"), "name"),
    ],
)
def test_what_is_not_right_is_said_at_its_field(people: Party, told: Told, field: str) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        founding.found(XIAOLONG, told, by=people.desk, now=people.town.now)
    assert refused.value.field == field
    assert Unit.objects.filter(name="甲").count() == 0


def test_a_branch_is_never_below_itself(people: Party) -> None:
    top = people.found("甲", "general")
    below = people.found("乙", "general", parent=top.pk)
    told = Told("甲", "general", below.pk)
    with pytest.raises(BadInput):
        founding.change(top.pk, told, by=people.desk, now=people.town.now)


def test_a_grid_is_one_branchs_at_a_time(people: Party) -> None:
    other = people.found("乙", "grid")
    with pytest.raises(IntegrityError), transaction.atomic():
        BranchPlace.objects.create(
            branch=other, district_code="440113", grid_id=GRID_1, since=people.town.now.date()
        )
    told = Told("小龙村第一网格党支部", "grid", grids=[GRID_2])
    founding.change(people.branch.pk, told, by=people.desk, now=people.town.now)
    founding.change(
        other.pk, Told("乙", "grid", grids=[GRID_1]), by=people.desk, now=people.town.now
    )
    assert BranchPlace.objects.filter(grid=GRID_1).count() == 2  # what was stays to be looked up


def test_whoever_changed_it_meanwhile_is_not_written_over(people: Party) -> None:
    told = Told("新名", "grid", grids=[GRID_1])
    founding.change(people.branch.pk, told, by=people.desk, now=people.town.now, version=1)
    with pytest.raises(StalePage):
        founding.change(people.branch.pk, told, by=people.desk, now=people.town.now, version=1)


def test_a_branch_ends_only_when_it_is_empty(people: Party) -> None:
    member = people.join("何一心")
    with pytest.raises(WrongState):
        founding.end(people.branch.pk, by=people.desk, now=people.town.now)
    joining.leave(member.pk, "moved_away", by=people.desk, now=people.town.now)
    ended = founding.end(people.branch.pk, by=people.desk, now=people.town.now)
    assert ended.ended_on is not None
    assert not again(ended.unit).active
    assert covering.in_all(XIAOLONG).covered == 0
    with pytest.raises(NotFound):
        founding.end(people.branch.pk, by=people.desk, now=people.town.now)


def test_who_sees_what_of_a_branch(town: Town, people: Party) -> None:
    member = people.join("何一心", "13900000001")
    own = people.hold("own", Role.MEMBER, people.branch.unit)
    branches = lambda who: Branch.objects.visible_to(who).count()  # noqa: E731
    members = lambda who: PartyMember.objects.visible_to(who).count()  # noqa: E731
    seen = {
        "desk": (people.desk, 1, 1), "leader": (town.community_leader, 1, 1),
        "secretary": (people.secretary, 1, 1), "member": (own, 1, 0),
        "town": (town.dispatcher, 1, 0), "district": (town.district_leader, 1, 0),
        "worker": (town.worker, 0, 0), "handler": (town.handler, 0, 0),
        "auditor": (town.auditor, 0, 0), "other town": (town.other_town_dispatcher, 0, 0),
        "checker": (town.checker, 0, 0),
    }  # fmt: skip
    assert {name: (branches(who), members(who)) for name, (who, *_n) in seen.items()} == {
        name: tuple(wanted) for name, (_who, *wanted) in seen.items()
    }
    told = joining.Told("何一心", account=own.account_id)
    joining.correct(member.pk, told, by=people.secretary, now=town.now)
    assert members(own) == 1


def test_only_the_desks_found_and_only_the_branch_takes_in(town: Town, people: Party) -> None:
    told = Told("丙", "general")
    for who in (people.secretary, town.community_leader, town.worker, town.other_town_dispatcher):
        with pytest.raises((NotAllowed, NotFound)):
            founding.found(XIAOLONG, told, by=who, now=town.now)
    founding.found(XIAOLONG, told, by=town.dispatcher, now=town.now)  # the town sets up
    name = joining.Told("何一心")
    for who in (town.dispatcher, town.community_leader):
        with pytest.raises(NotAllowed):
            joining.take_in(people.branch.pk, name, by=who, now=town.now)
    joining.take_in(people.branch.pk, name, by=people.secretary, now=town.now)


def test_a_member_is_in_one_branch_and_kept_shut(town: Town, people: Party) -> None:
    member = people.join("何一心", "139 0000 0001")
    assert member.name_masked == "何**"
    assert sealing.opened(member, "phone") == "13900000001"
    other = people.found("乙", "unit")
    told = joining.Told("何一心", "13900000001")
    with pytest.raises(BadInput) as refused:
        joining.take_in(other.pk, told, by=people.desk, now=town.now)
    assert refused.value.field == "name"
    twin = again(member)
    twin.pk, twin.branch = other.pk, other
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_member::text FROM party_member")
        assert "何一心" not in (row := cursor.fetchone()[0])
        assert "13900000001" not in row


def test_name_and_phone_are_shown_for_a_purpose_and_written_down(town: Town, people: Party) -> None:
    member = people.join("何一心", "13900000001")
    with pytest.raises(Missing):
        joining.reveal(member, by=people.secretary, purpose="", now=town.now)
    with pytest.raises(NotFound):
        joining.reveal(member, by=town.dispatcher, purpose="visit", now=town.now)
    shown = joining.reveal(member, by=people.secretary, purpose="visit", now=town.now)
    assert shown == {"name": "何一心", "phone": "13900000001"}
    look = AccessLog.objects.get(action="reveal_member")
    assert (look.subject_id, look.account_id) == (str(member.pk), people.secretary.account_id)


def test_a_member_registers_where_they_live(town: Town, people: Party) -> None:
    member = people.join("何一心", reported_code=LINGBIAN)
    assert member.reported_on is not None
    assert covering.in_all(LINGBIAN).reported == 1
    told = joining.Told(None, reported_code="440113999999")
    with pytest.raises(BadInput):
        joining.correct(member.pk, told, by=people.desk, now=town.now)
    done = BranchChange.objects.filter(branch=people.branch).values_list("done", flat=True)
    assert "reported" in done


def homes(people: Party, number: int) -> list[Any]:
    return [people.home(f"东街{n + 1}号", east=n / 10000) for n in range(number)]


def test_the_secretary_deals_households_out(town: Town, people: Party) -> None:
    found = homes(people, 7)
    west = people.join("何一心", address="东街1号")
    east = people.join("何二心", address="东街7号")
    proposal = linked.propose(people.branch, Rule())
    assert HouseholdLink.objects.count() == 0
    made = linked.apply(people.branch.pk, Rule(), proposal.seal, by=people.secretary, now=town.now)
    assert made == 7
    sizes = sorted([west.links.count(), east.links.count()])
    assert sizes == [3, 4]
    assert west.links.filter(household=found[0]).exists()
    assert east.links.filter(household=found[6]).exists()
    assert west.links.get(household=found[0]).metres == 0
    assert covering.in_all(XIAOLONG).linked == 7


def test_what_was_not_looked_at_is_not_applied(town: Town, people: Party) -> None:
    homes(people, 2)
    people.join("何一心")
    seal = linked.propose(people.branch, Rule()).seal
    people.home("西街1号")
    with pytest.raises(StalePage):
        linked.apply(people.branch.pk, Rule(), seal, by=people.desk, now=town.now)
    assert HouseholdLink.objects.count() == 0


def test_a_new_household_goes_to_who_has_fewest(town: Town, people: Party) -> None:
    homes(people, 3)
    people.join("何一心", address="东街1号")
    deal(people)
    late = people.join("何二心")
    people.home("东街9号")
    deal(people)
    assert late.links.count() == 1
    deal(people, anew=True)
    assert HouseholdLink.objects.living().filter(member=late).count() == 2
    assert HouseholdLink.objects.living().count() == 4


def deal(people: Party, **rule: Any) -> None:
    seal = linked.propose(people.branch, Rule(**rule)).seal
    linked.apply(
        people.branch.pk, Rule(**rule), seal, by=people.secretary, now=people.town.later(hours=1)
    )


def test_who_refused_is_left_in_peace(town: Town, people: Party) -> None:
    homes(people, 2)
    people.join("何一心")
    deal(people)
    one, two = HouseholdLink.objects.living()
    linked.agree(one.pk, "visit", by=people.secretary, now=town.now)
    with pytest.raises(Missing):
        linked.agree(two.pk, "", by=people.secretary, now=town.now)
    linked.refuse(two.pk, by=people.secretary, now=town.now + timedelta(minutes=1))
    assert again(one).consent_by == people.secretary.account_id
    assert linked.propose(people.branch, Rule()).pairs == []
    assert linked.propose(people.branch, Rule(anew=True)).pairs == []


def test_a_household_has_one_member_at_a_time(town: Town, people: Party) -> None:
    (home,) = homes(people, 1)
    member = people.join("何一心")
    deal(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseholdLink.objects.create(
            district_code="440113", household=home, member=member, linked_at=town.now
        )


def test_who_leaves_hands_everything_over(town: Town, people: Party) -> None:
    homes(people, 6)
    first = people.join("何一心", "13900000001", address="东街1号")
    people.join("何二心", address="东街3号")
    people.join("何三心", address="东街6号")
    deal(people)
    theirs = set(first.links.values_list("household", flat=True))
    for link in first.links.all():
        linked.agree(link.pk, "paper", by=people.secretary, now=town.now + timedelta(hours=1))
    other = people.found("乙", "unit")
    now = town.later(days=1)
    joining.leave(first.pk, "transferred", by=people.desk, now=now, branch=other.pk)
    living = HouseholdLink.objects.living().filter(household__in=theirs)
    assert set(living.values_list("household", flat=True)) == theirs
    assert all(link.consent_how == "paper" and link.before is not None for link in living)
    loads = [each.links.living().count() for each in people.branch.members.living()]
    assert loads == [3, 3]
    there = other.members.get()
    assert (there.came_from, sealing.opened(there, "phone")) == (first, "13900000001")


def test_nothing_is_lost_when_nobody_is_left(town: Town, people: Party) -> None:
    homes(people, 1)
    member = people.join("何一心")
    deal(people)
    with pytest.raises(WrongState):
        joining.leave(member.pk, "died", by=people.desk, now=town.now)
    assert again(member).is_living
    (link,) = HouseholdLink.objects.living()
    second = people.join("何二心")
    linked.hand_over(link.pk, second.pk, by=people.secretary, now=town.now + timedelta(hours=2))
    joining.leave(member.pk, "died", by=people.desk, now=town.now + timedelta(hours=3))


def test_a_member_sees_the_own_households_and_no_other(town: Town, people: Party) -> None:
    homes(people, 2)
    account = people.hold("own", Role.MEMBER, people.branch.unit)
    mine = people.join("何一心", address="东街1号", account=account.account_id)
    other = people.join("何二心", address="东街2号")
    deal(people)
    assert {link.member for link in HouseholdLink.objects.visible_to(account)} == {mine}
    (link,) = HouseholdLink.objects.visible_to(account)
    with pytest.raises(NotAllowed):  # not agreed yet
        linked.reveal(link, by=account, purpose="visit", now=town.now)
    linked.agree(link.pk, "visit", by=account, now=town.now + timedelta(hours=1))
    shown = linked.reveal(link, by=account, purpose="visit", now=town.now)
    assert shown["phone"] == "13800138000"
    assert AccessLog.objects.get(action="reveal_linked").occasion == str(link.pk)
    with pytest.raises(NotAllowed):
        linked.reveal(link, by=people.secretary, purpose="visit", now=town.now)
    theirs = other.links.get()
    for step in (lambda: linked.agree(theirs.pk, "visit", by=account, now=town.now),
                 lambda: linked.reveal(theirs, by=account, purpose="visit", now=town.now),
                 lambda: linked.end(theirs.pk, by=account, now=town.now)):  # fmt: skip
        with pytest.raises(NotFound):
            step()
    with pytest.raises(NotAllowed):
        linked.end(link.pk, by=account, now=town.now)


def test_a_household_in_a_buildings_branch_is_not_the_grids(town: Town, people: Party) -> None:
    home = people.home("东街1号")
    people.home("东街2号")
    house = home.dwelling.address.building
    assert house is not None
    building = people.found("一号楼党支部", "building", buildings=[house.pk])
    assert list(linked.households_of(building)) == [home]
    assert linked.households_of(people.branch).count() == 1
    assert linked.households_of(people.found("物业党支部", "unit")).count() == 0


def test_where_the_nets_do_not_meet(town: Town, people: Party) -> None:
    people.found("空支部", "grid")
    people.found("空楼支部", "building")
    found = covering.gaps(people.desk, XIAOLONG, 100)
    assert [grid.code for grid in found.grids] == [GRID_2]
    assert [str(each) for each in found.without_grid] == ["空支部"]
    assert [str(each) for each in found.without_building] == ["空楼支部"]
    assert {each.area_code for each in covering.figures(TOWN, 12)} == {XIAOLONG, LINGBIAN}


def test_the_history_can_only_be_added_to(people: Party) -> None:
    change = people.branch.changes.first()
    assert change is not None
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        change.delete()


def test_grid_heads_lead_where_the_district_says_so(
    town: Town, people: Party, settings: Any
) -> None:
    head = people.hold("grid-head", Role.HANDLER, people.branch.unit)
    post = Post.objects.create(
        account_id=head.account_id, role=Role.GRID_HEAD, area_code=GRID_1,
        district_code="440113", starts_on=DAY,
    )  # fmt: skip
    leads = actor_for(post, DAY)
    assert not Branch.objects.visible_to(leads).exists()
    usual = settings.HUYING
    settings.HUYING = usual.model_copy(update={"grid_head_is_secretary": True})
    assert Branch.objects.visible_to(leads).get() == people.branch
    assert founding.may_keep(leads, people.branch)
    member = people.join("何一心")
    with pytest.raises(NotAllowed):
        founding.appoint(people.branch.pk, member.pk, by=people.desk, now=town.now)
    settings.HUYING = usual
    founding.appoint(people.branch.pk, member.pk, by=people.desk, now=town.now)
    assert again(people.branch).secretary == member


def test_two_at_once_give_a_household_one_member(transactional_db: None) -> None:
    from tests.branches.party import Party
    from tests.cases.town import Town

    people = Party(Town())
    homes(people, 4)
    people.join("何一心")
    seal = linked.propose(people.branch, Rule()).seal
    said: list[str] = []

    def press() -> None:
        try:
            linked.apply(people.branch.pk, Rule(), seal, by=people.desk, now=people.town.now)
            said.append("linked")
        except StalePage:
            said.append("stale")
        finally:
            connection.close()

    pressing = [threading.Thread(target=press) for _each in range(2)]
    for each in pressing:
        each.start()
    for each in pressing:
        each.join()
    assert sorted(said) == ["linked", "stale"]
    assert HouseholdLink.objects.living().count() == 4
