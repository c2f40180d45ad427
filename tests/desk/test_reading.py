"""The auditor's page of unusual reading: noticed, looked into, taken along; and written down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.people.looks import BESIDE
from huying.people.models import Account, Post, Role
from tests.desk.world import DISTRICT, World


@pytest.fixture(autouse=True)
def _with_auditor(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the auditor's second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    world.accounts["auditor"] = Account.objects.create(username="t-auditor", name="审计员")
    Post.objects.create(
        account=world.accounts["auditor"],
        role=Role.AUDITOR,
        area_code=DISTRICT,
        district_code=DISTRICT,
        starts_on=timezone.localdate(),
    )


def test_the_auditor_asks_about_who_looks_up_one_person_again_and_again(
    world: World, as_: Callable[..., Client]
) -> None:
    desk = as_("dispatcher")
    cases = [
        world.held_by_town(world.reported(contact_name="欧阳询", contact_phone="13926187754"))
        for _ in range(5)
    ]
    for case in cases:
        asked = {"purpose": "other", "words": "=亲戚问起"}
        assert desk.post(f"/desk/cases/{case.number}/contact", asked).status_code == 200
    auditor = as_("auditor")
    page = auditor.get("/desk/reading/").content.decode()
    assert "反复查看同一人" in page
    assert world.accounts["dispatcher"].name in page
    assert "13926187754" not in page
    (link,) = re.findall(r'href="(/desk/reading/looks\?[^"]*same_person[^"]*)"', page)
    looks = auditor.get(link.replace("&amp;", "&"))
    assert looks.content.decode().count("=亲戚问起") == 5
    assert all(case.number not in looks.content.decode() for case in cases)
    table = auditor.get(link.replace("&amp;", "&") + "&file=1")
    assert table["Content-Type"].startswith("text/csv")
    assert "'=亲戚问起" in table.content.decode()
    done = AccessLog.objects.filter(account_id=world.accounts["auditor"].pk)
    assert list(done.order_by("at").values_list("action", flat=True)) == [
        "see_unusual_reading",
        "see_looks",
        "fetch_unusual_reading",
    ]
    assert auditor.get("/desk/reading/looks?sign=many&account=1&first=x").status_code == 404


def test_an_address_of_a_finding_holds_when_new_looks_are_added(
    world: World, as_: Callable[..., Client]
) -> None:
    desk, auditor = as_("dispatcher"), as_("auditor")
    case = world.held_by_town(world.reported(contact_name="欧阳询", contact_phone="13926187754"))
    asked = {"purpose": "other", "words": "亲戚问起"}
    for _ in range(5):
        desk.post(f"/desk/cases/{case.number}/contact", asked)
    page = auditor.get("/desk/reading/").content.decode()
    links = [
        each.replace("&amp;", "&")
        for each in re.findall(r'href="(/desk/reading/looks\?[^"]+)"', page)
    ]
    assert links
    before = {link: auditor.get(link).content.decode().count("亲戚问起") for link in links}
    desk.post(f"/desk/cases/{case.number}/contact", asked)
    for link, count in before.items():
        answer = auditor.get(link)
        assert answer.status_code == 200
        assert answer.content.decode().count("亲戚问起") == count + 1
    assert auditor.get(links[0].replace("until=2", "until=9")).status_code in (200, 404)
    assert auditor.get("/desk/reading/?until=0001-01-01").status_code == 404


def test_names_in_exported_lists_and_searches_by_phone_count_as_looks(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.held_by_town(world.reported(contact_name="欧阳询", contact_phone="13926187754"))
    for _ in range(5):
        as_("dispatcher").post("/desk/find", {"q": "13926187754", "tab": "area"})
    row = AccessLog.objects.filter(action="find_by_phone").first()
    assert row is not None
    assert (row.area_code, bytes(row.person)) == (
        case.area_code, bytes(case.contacts.get().phone_index)
    )  # fmt: skip
    page = as_("auditor").get("/desk/reading/").content.decode()
    assert "反复查看同一人" in page
    assert {"export_contact", "find_for_request"} <= set(BESIDE)


def test_what_is_usual_is_not_shown(world: World, as_: Callable[..., Client]) -> None:
    case = world.held_by_town(world.reported(contact_name="欧阳询", contact_phone="13926187754"))
    as_("dispatcher").post(f"/desk/cases/{case.number}/contact", {"purpose": "meet"})
    assert "欧阳" not in as_("auditor").get("/desk/reading/?days=30").content.decode()
