"""The pages of branches: forms lose nothing, a rule is looked at first, members answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huying.branches.models import Branch, Coming, HouseholdLink, PartyMember
from huying.people.models import Account, Post, Role
from huying.response import standing
from tests.browser.everywhere import with_branches
from tests.desk.world import COMMUNITY, GRID, LAT, LON, World

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


def test_the_grid_head_leads_the_grids_branch_where_the_district_says_so(
    world: World, party: Any, as_: As, settings: Any
) -> None:
    today = timezone.localdate()
    for name, area in (("head", GRID), ("next_head", f"{COMMUNITY}099")):
        account = Account.objects.create(
            username=f"t-{name}", name=f"{name}网格长", tour_seen_at=timezone.now()
        )
        world.accounts[name] = account
        world.posts[name] = Post.objects.create(
            account=account, role=Role.GRID_HEAD, area_code=area, district_code="440113",
            starts_on=today - timedelta(days=3),
        )  # fmt: skip
    url = f"/desk/branches/{party.branch.pk}"
    head = as_("head")
    assert head.get("/desk/branches/").status_code == 403
    assert head.get(url).status_code in (403, 404)
    assert "/desk/branches/" not in body(head.get("/desk/"))
    settings.HUYING = settings.HUYING.model_copy(update={"grid_head_is_secretary": True})
    # The own grid's branch and no other; its members, its households; the menu leads there.
    assert f'href="{reverse("branches")}"' in body(head.get("/desk/"))
    page = body(head.get(url))
    assert "head网格长" in page
    assert "何**" in page
    sent = {"name": "何三心", "phone": "13900000077"}
    assert head.post(f"{url}/members/new", sent).status_code == 302
    assert PartyMember.objects.living().filter(branch=party.branch).count() == 3
    assert head.get(f"{url}/linking").status_code == 200
    general = Branch.objects.get(kind="general")
    assert head.get(f"/desk/branches/{general.pk}").status_code == 404
    assert as_("next_head").get(url).status_code in (403, 404)
    # The desk appoints nobody then, and reads who leads.
    desk = as_("village_dispatcher")
    shown = body(desk.get(url))
    assert "head网格长" in shown
    assert reverse("branch_step", args=[party.branch.pk, "secretary"]) not in shown
    member = party.branch.members.living().first()
    appointing = reverse("branch_step", args=[party.branch.pk, "secretary"])
    assert desk.post(appointing, {"secretary": str(member.pk)}).status_code == 403
