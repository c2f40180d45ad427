"""The auditor's page of unusual reading: noticed, looked into, taken along; and written down."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import huying
from huying.audit.models import AccessLog
from huying.desk.reading import ACTIONS
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


def planted(account: Account, post: Post | None, at: datetime, case: Any, **more: Any) -> AccessLog:
    """A look as `audit.revealing` writes it, at whatever hour."""
    given = {
        "action": "reveal_contact", "subject_type": "case", "subject_id": str(case.pk),
        "purpose": "meet", "fields": ["phone"], "area_code": case.area_code,
        "occasion": str(case.pk), "role": "dispatcher",
    } | more  # fmt: skip
    return AccessLog.objects.create(
        at=at, account_id=account.pk, post_id=post.pk if post else None, **given
    )


def clock(hour: int, minute: int = 0, days: int = 1) -> datetime:
    """A time of day some days ago."""
    day = timezone.localdate() - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def told(client: Client) -> dict[str, int]:
    """The signs on the page, and how many lines of each."""
    page = client.get("/desk/reading/?days=7").content.decode()
    return dict(Counter(re.findall(r"/desk/reading/looks\?[^\"]*sign=(\w+)", page)))


def test_planted_cases_of_each_kind_stand_on_the_page(
    world: World, as_: Callable[..., Client]
) -> None:
    auditor, me = as_("auditor"), world.accounts["dispatcher"]
    mine = world.posts["dispatcher"]
    cases = [world.held_by_town(world.reported()) for _ in range(6)]
    assert told(auditor) == {}
    # Many at night, one by one and slowly.
    for n, case in enumerate(cases[:4]):
        planted(me, mine, clock(23, n * 15), case)
    assert told(auditor) == {"night": 1}
    # A record that lies elsewhere.
    planted(me, mine, clock(12, 0, 3), cases[0], area_code="440113102201001")
    assert told(auditor) == {"night": 1, "outside": 1}
    # One purpose for more people than anybody meets in a day.
    for n in range(20):
        other = {"subject_id": str(uuid.uuid4()), "occasion": str(uuid.uuid4())}
        planted(me, mine, clock(8 + n // 2, n % 2 * 30, 4), cases[0], **other)
    assert told(auditor)["same_reason"] == 1
    # One person, in six cases, by six accounts.
    for n, case in enumerate(cases):
        reader = Account.objects.create(username=f"reader-{n}", name=f"读者{n}")
        post = Post.objects.create(
            account=reader, role=Role.DISPATCHER, area_code=mine.area_code,
            district_code=DISTRICT, starts_on=timezone.localdate(),
        )  # fmt: skip
        planted(reader, post, clock(10, n * 5, 5), case, person=b"m" * 32)
    assert told(auditor) == {"night": 1, "outside": 1, "same_reason": 1, "by_many": 1}
    page = auditor.get("/desk/reading/?days=7").content.decode()
    for words in ("夜间查看", "反复使用同一理由", "被多人查看"):
        assert words in page


def test_the_same_words_for_several_people_stand_on_the_page(
    world: World, as_: Callable[..., Client]
) -> None:
    desk = as_("dispatcher")
    for n in range(5):
        case = world.held_by_town(
            world.reported(contact_name="欧阳询", contact_phone=f"1392618775{n}")
        )
        asked = {"purpose": "other", "words": "领导要求"}
        assert desk.post(f"/desk/cases/{case.number}/contact", asked).status_code == 200
    assert told(as_("auditor")).get("same_reason") == 1


def test_taking_a_post_away_hides_no_look(world: World, as_: Callable[..., Client]) -> None:
    case = world.held_by_town(world.reported())
    gone = Account.objects.create(username="t-gone", name="离职者")
    post = Post.objects.create(
        account=gone, role=Role.DISPATCHER, area_code=DISTRICT, district_code=DISTRICT,
        starts_on=timezone.localdate(),
    )  # fmt: skip
    for n in range(3):
        planted(gone, post, clock(23, n), case)
    post.delete()
    assert told(as_("auditor")) == {"night": 1}
    assert "离职者" in as_("auditor").get("/desk/reading/?days=7").content.decode()


def test_a_flood_of_looks_is_said_to_be_one(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.held_by_town(world.reported())
    for n in range(3):
        planted(world.accounts["dispatcher"], world.posts["dispatcher"], clock(9, n), case)
    monkeypatch.setattr("huying.desk.reading.MOST", 2)
    assert "只判断最近的" in as_("auditor").get("/desk/reading/").content.decode()


def test_every_look_that_is_written_down_is_weighed_and_has_words() -> None:
    """What a package calls a look must be among those that the page judges."""
    written = set()
    for path in Path(huying.__file__).parent.rglob("*.py"):
        written |= set(
            re.findall(
                r'action="((?:reveal|see_track|find_|export_contact)\w*)"', path.read_text("utf-8")
            )
        )
    assert written
    for action in written:
        assert action.startswith("reveal") or action in BESIDE, action
        assert action in ACTIONS, action
