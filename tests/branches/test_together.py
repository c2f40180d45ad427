"""A community's 大党委, its teams, platforms and projects, and the cadres who come to its grids."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from huying.audit.models import AccessLog
from huying.branches import cadres, together
from huying.branches.models import CadreAssignment, CadreVisit, MemberOrganisation, Undertaking
from huying.branches.together import OrganisationTold, UndertakingTold
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage
from huying.registry import sealing
from tests.cases.town import DAY, GRID_1, GRID_3, XIAOLONG

if TYPE_CHECKING:
    from tests.branches.party import Party
    from tests.cases.town import Town

SHARES = ["操场（周末）", " 会议室 ", "会议室"]
SCHOOL = OrganisationTold("小龙小学", "school", SHARES, None, "李校长", "13900000009")


def test_an_organisation_shares_what_it_has_and_its_contact_is_sealed(people: Party) -> None:
    by, now = people.desk, people.town.now
    made = together.add(XIAOLONG, SCHOOL, by=by, now=now)
    assert made.shares == ["操场（周末）", "会议室"]
    assert (made.contact_masked, made.phone_masked) == ("李**", "139****0009")
    told = OrganisationTold("小龙小学", "school", ["操场"])
    changed = together.correct(MemberOrganisation, made.pk, told, by=by, now=now, version=1)
    assert changed.shares == ["操场"]
    assert sealing.opened(changed, "phone") == "13900000009"
    with pytest.raises(StalePage):
        together.correct(MemberOrganisation, made.pk, told, by=by, now=now, version=1)
    with pytest.raises(BadInput) as refused:
        together.add(XIAOLONG, SCHOOL, by=by, now=now)
    assert refused.value.field == "name"
    shown = together.reveal(made, by=by, purpose="visit", now=now)
    assert shown == {"contact": "李校长", "phone": "13900000009"}
    assert AccessLog.objects.filter(action="reveal_organisation").count() == 1


def test_three_teams_three_platforms_three_projects(people: Party) -> None:
    by, now = people.desk, people.town.now
    school = together.add(XIAOLONG, SCHOOL, by=by, now=now)
    for kind in Undertaking.Kind.values:
        for n in range(3):
            told = UndertakingTold(
                kind, f"{kind}{n}", "说明", branch=people.branch.pk, organisation=school.pk
            )
            together.add(XIAOLONG, told, by=by, now=now)
    assert Undertaking.objects.visible_to(people.desk).count() == 9
    project = Undertaking.objects.filter(kind="project").first()
    assert project is not None
    over = together.end(Undertaking, project.pk, by=by, now=now)
    assert over.until is not None
    with pytest.raises(NotFound):
        together.end(Undertaking, project.pk, by=by, now=now)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (OrganisationTold("", "school"), "name"),
        (OrganisationTold("甲", "club"), "kind"),
        (OrganisationTold("甲", "school", ["很长" * 40]), "shares"),
        (OrganisationTold("甲", "school", phone="abc"), "phone"),
        (UndertakingTold("club", "甲"), "kind"),
        (UndertakingTold("team", "甲", "长" * 1001), "about"),
    ],
)
def test_what_is_not_right_is_said_at_its_field(people: Party, told: Any, field: str) -> None:
    with pytest.raises((BadInput, Missing)) as refused:
        together.add(XIAOLONG, told, by=people.desk, now=people.town.now)
    assert refused.value.field == field


def test_only_the_communitys_desk_writes_and_only_offices_look(town: Town, people: Party) -> None:
    made = together.add(XIAOLONG, SCHOOL, by=people.desk, now=town.now)
    seen = MemberOrganisation.objects.visible_to
    assert seen(town.dispatcher).count() == seen(town.community_leader).count() == 1
    for who in (people.secretary, town.worker, town.handler, town.auditor):
        assert not seen(who).exists()
    for who in (town.dispatcher, town.community_leader, people.secretary):
        with pytest.raises(NotAllowed):
            together.add(XIAOLONG, SCHOOL, by=who, now=town.now)
    with pytest.raises(NotAllowed):
        together.reveal(made, by=town.dispatcher, purpose="visit", now=town.now)


def assigned(town: Town, **more: Any) -> CadreAssignment:
    told = {"grid": GRID_1, "account": town.handler.account_id, "times": 2} | more
    return cadres.assign(**told, by=town.dispatcher, now=town.now)


def test_a_cadre_goes_to_the_grid_and_writes_it_down(town: Town) -> None:
    found = assigned(town)
    assert CadreAssignment.objects.visible_to(town.handler).get() == found
    visit = cadres.log(
        found.pk, by=town.handler, now=town.now, day=DAY, households=4, heard="停车难",
        settled="已协调",
    )  # fmt: skip
    assert cadres.this_month([found], DAY) == {found.pk: 1}
    with pytest.raises(BadInput):
        cadres.log(found.pk, by=town.handler, now=town.now, day=DAY, heard="又一次")
    with pytest.raises(IntegrityError), transaction.atomic():
        CadreVisit.objects.create(
            assignment=found, day=visit.day, district_code="440113", written_at=town.now
        )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"day": None}, "day"),
        ({"day": DAY + timedelta(days=1)}, "day"),
        ({"day": DAY - timedelta(days=1)}, "day"),
        ({"heard": "  "}, "heard"),
        ({"heard": "长" * 2001}, "heard"),
        ({"households": 501}, "households"),
    ],
)
def test_a_visit_is_of_a_day_and_says_something(
    town: Town, more: dict[str, Any], field: str
) -> None:
    found = assigned(town)
    told = {"day": DAY, "heard": "停车难"} | more
    with pytest.raises((BadInput, Missing)) as refused:
        cadres.log(found.pk, by=town.handler, now=town.now, **told)
    assert refused.value.field == field


def test_who_may_assign_and_whom(town: Town, people: Party) -> None:
    with pytest.raises(NotAllowed):
        cadres.assign(GRID_1, town.handler.account_id or 0, 2, by=town.town_leader, now=town.now)
    with pytest.raises(NotAllowed):
        cadres.assign(GRID_3, town.handler.account_id or 0, 2, by=people.desk, now=town.now)
    for account, field in (
        (town.auditor.account_id, "account"),
        (town.worker.account_id, "account"),
    ):
        with pytest.raises(BadInput) as refused:
            assigned(town, account=account)
        assert refused.value.field == field
    found = assigned(town)
    with pytest.raises(BadInput):
        assigned(town)
    with pytest.raises(NotAllowed):
        cadres.relieve(found.pk, by=town.handler, now=town.now)
    cadres.relieve(found.pk, by=people.desk, now=town.now)
    with pytest.raises(NotFound):
        cadres.log(found.pk, by=town.handler, now=town.now, day=DAY, heard="停车难")
    assert assigned(town).pk != found.pk


def test_nobody_else_sees_a_cadres_log(town: Town) -> None:
    found = assigned(town)
    for who in (town.fireman, town.worker, town.auditor, town.other_town_dispatcher):
        assert not CadreAssignment.objects.visible_to(who).exists()
    with pytest.raises(NotAllowed):
        cadres.log(found.pk, by=town.dispatcher, now=town.now, day=DAY, heard="代写")
