"""The pages of branches: forms lose nothing, a rule is looked at first, members answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huying.branches.models import Branch, Coming, HouseholdLink, PartyMember
from huying.response import standing
from tests.browser.everywhere import with_branches
from tests.desk.world import COMMUNITY, LAT, LON, World

As = Callable[..., Client]


@pytest.fixture
def party(world: World) -> Any:
    return with_branches(world)


def body(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_what_was_typed_stays_when_it_is_refused(world: World, party: Any, as_: As) -> None:
    desk = as_("village_dispatcher")
    answer = desk.post(
        f"/desk/branches/new?area={COMMUNITY}",
        {"area": COMMUNITY, "name": "第二网格党支部", "kind": "", "plate": "党员先上"},
    )
    assert answer.status_code == 422
    assert "第二网格党支部" in body(answer)
    assert "党员先上" in body(answer)
    answer = desk.post(
        f"/desk/branches/{party.branch.pk}/members/new",
        {"name": "何三心", "address": "没有的街1号"},
    )
    assert answer.status_code == 422
    assert "何三心" in body(answer)
    assert "本社区台账里这个地址没有房屋。" in body(answer)
    assert PartyMember.objects.filter(branch=party.branch).count() == 2


def test_a_page_that_is_out_of_date_is_not_written_over(party: Any, as_: As) -> None:
    sent = {"name": "新名", "kind": "grid", "version": "0"}
    answer = as_("village_dispatcher").post(f"/desk/branches/{party.branch.pk}/edit", sent)
    assert answer.status_code == 409
    assert "新名" in body(answer)


def test_the_rule_is_looked_at_before_it_is_applied(party: Any, as_: As) -> None:
    secretary = as_("secretary")
    address = f"/desk/branches/{party.branch.pk}/linking"
    members = [str(pk) for pk in party.branch.members.values_list("pk", flat=True)]
    HouseholdLink.objects.filter(consent_at=None).delete()
    rule = {"way": "doors", "members": members}
    looked = secretary.post(address, rule)
    assert looked.status_code == 200
    assert HouseholdLink.objects.living().count() == 1
    seal = looked.context["proposal"].seal
    assert secretary.post(address, rule | {"seal": "of-another-look"}).status_code == 409
    assert secretary.post(address, rule | {"seal": seal}).status_code == 302
    assert HouseholdLink.objects.living().count() == 3


def test_a_name_is_searched_for_by_post_and_only_where_one_may_see(party: Any, as_: As) -> None:
    found = as_("village_dispatcher").post("/desk/branches/", {"q": "陈二心"})
    assert "陈**" in body(found)
    assert "陈**" not in body(as_("dispatcher").post("/desk/branches/", {"q": "陈二心"}))


def test_a_member_signs_in_to_the_own_page_and_answers(world: World, party: Any, as_: As) -> None:
    member = as_("member")
    assert member.get("/").url == "/desk/mine"  # type: ignore[attr-defined]
    page = body(member.get("/desk/mine"))
    assert "台风转移群众" in page
    assert "村心大街1号101房" in page
    assert "13800138000" not in page
    here = {"lon": str(LON), "lat": str(LAT)}
    member.post(f"/desk/mine/calls/{party.call.pk}/check_in", here)
    row = Coming.objects.get()
    assert row.arrived_m == 0
    whistle = body(as_("village_dispatcher").get(f"/desk/whistles/{party.whistle.pk}"))
    assert "1 人响应，1 人到场" in whistle
    standing.do("release", party.whistle.pk, by=world.actor("village_dispatcher"), now=row.said_at)
    assert "台风转移群众" not in body(member.get("/desk/mine"))


def test_the_plates_code_leads_to_facts_and_nobodys_name(party: Any, client: Client) -> None:
    page = body(client.get(f"/b/{party.branch.code.lower()}"))
    assert party.branch.unit.name in page
    assert "村委会一楼服务大厅" in page
    assert "何" not in page.replace("如何", "")
    assert "陈" not in page
    assert client.get("/b/NOSUCH22").status_code == 404
    assert client.get("/b/番禺").status_code == 404


def test_a_household_agrees_at_its_door(party: Any, as_: As) -> None:
    branch = Branch.objects.get(pk=party.branch.pk)
    other = HouseholdLink.objects.living().exclude(pk=party.link.pk).first()
    assert other is not None
    HouseholdLink.objects.filter(pk=other.pk).update(member=party.member)
    member = as_("member")
    member.post(f"/desk/links/{other.pk}/agree", {"how": "paper"})
    other.refresh_from_db()
    assert other.consent_how == "paper"
    shown = member.post(f"/desk/links/{other.pk}/shown", {"purpose": "visit"})
    assert "13800138000" in body(shown)
    member.post(f"/desk/links/{other.pk}/refuse")
    assert member.get(f"/desk/links/{other.pk}/shown").status_code == 404
    assert branch.changes.filter(done="refused").exists()
