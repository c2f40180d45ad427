"""The inbox: what one sees of what one was told, reading it, and what an open page learns."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.desk import changes
from huying.dispatch.ordering import DISPATCHED
from huying.notices.kinds import kind
from huying.notices.models import Notice
from huying.notices.telling import Whom, tell
from tests.desk.world import World

SignedIn = Callable[..., Client]
FIRE = kind("tests_inbox_fire", "燃气泄漏", "{unit}请立即处置", alarm=True)


def told(world: World, name: str, case: Any = None, what: Any = DISPATCHED, **more: Any) -> Notice:
    tell(
        what,
        Whom(accounts=(world.accounts[name].pk,)),
        key=uuid.uuid4().hex,
        district_code="440113",
        now=timezone.now(),
        case_id=case.pk if case else None,
        case_number=case.number if case else "",
        data={"desk": "石碁镇", "item": "占道经营", "unit": "石碁镇城管执法队"},
        **more,
    )
    changes.forget()
    return Notice.objects.filter(account=world.accounts[name]).latest("id")


def test_what_one_was_told_leads_to_its_case_and_is_read_by_opening_it(
    world: World, as_: SignedIn
) -> None:
    case = world.dispatched()
    notice = told(world, "handler", case)
    desk = as_("handler")
    page = desk.get("/desk/inbox").content.decode()
    assert "石碁镇向本单位派遣了案件：占道经营" in page
    assert "1 条未读" in page
    answer = desk.get(f"/desk/inbox/{notice.pk}")
    assert answer.url == f"/desk/cases/{case.number}"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "全部已读" in desk.get("/desk/inbox").content.decode()
    # It is nobody else's.
    assert as_("dispatcher").get(f"/desk/inbox/{notice.pk}").status_code == 404


def test_of_a_case_out_of_sight_only_the_kind_is_told(world: World, as_: SignedIn) -> None:
    case = world.dispatched()
    notice = told(world, "far_handler", case)
    told(world, "far_handler", case, FIRE)
    desk = as_("far_handler")
    page = desk.get("/desk/inbox").content.decode()
    assert "新派遣案件" in page
    assert "占道经营" not in page
    assert case.number not in page
    assert desk.get(f"/desk/inbox/{notice.pk}").url == "/desk/inbox"
    alarm = desk.get("/desk/inbox/news?known=").json()["alarms"][0]
    assert (alarm["title"], alarm["body"]) == ("燃气泄漏", "")


def test_the_unread_come_first_and_all_on_the_page_are_read_at_once(
    world: World, as_: SignedIn
) -> None:
    desk = as_("handler")
    case = world.dispatched()
    older = told(world, "handler", case, FIRE)
    newer = told(world, "handler", case)
    desk.get(f"/desk/inbox/{newer.pk}")
    rows = desk.get("/desk/inbox").context["lines"]
    assert [each.notice.pk for each in rows] == [older.pk, newer.pk]
    # What came after the page was made stays unread.
    later = told(world, "handler", case)
    desk.post("/desk/inbox/read", {"upto": str(newer.pk)})
    left = Notice.objects.filter(account=world.accounts["handler"], read_at=None)
    assert [each.pk for each in left] == [later.pk]
    desk.post("/desk/inbox/read", {"group": "emergency"})
    assert left.all().count() == 1
    desk.post("/desk/inbox/read", {"group": "tasks"})
    assert left.all().count() == 0
    assert desk.post("/desk/inbox/read", {"notice": "x"}).status_code == 400


def test_another_post_of_ones_own_is_offered(world: World, as_: SignedIn) -> None:
    from huying.people.models import Post, Role

    case = world.dispatched()
    second = Post.objects.create(
        account=world.accounts["far_handler"],
        role=Role.DISPATCHER,
        area_code=case.holder_code,
        district_code="440113",
        unit=world.units["town"],
        starts_on=timezone.localdate(),
    )
    notice = told(world, "far_handler", case)
    desk = as_("far_handler")
    page = desk.get("/desk/inbox").content.decode()
    assert "占道经营" in page
    assert f'value="{second.pk}">' in page
    sent = {"post": second.pk, "next": f"/desk/inbox/{notice.pk}"}
    answer = desk.post("/me/post", sent, follow=True)
    assert answer.redirect_chain[-1][0] == f"/desk/cases/{case.number}"


def test_an_open_page_learns_of_it_from_memory(world: World, as_: SignedIn) -> None:
    desk = as_("handler")
    known = desk.get("/desk/?tab=unit&rows=1").headers["X-Told"]
    assert known == ""
    assert desk.get("/desk/inbox/news?known=").status_code == 204
    told(world, "dispatcher", None)
    assert desk.get("/desk/inbox/news?known=").status_code == 204  # others' are not mine
    alarm = told(world, "handler", world.dispatched(), FIRE)
    known = desk.get("/desk/?tab=unit&rows=1").headers["X-Told"]
    assert known
    body = desk.get("/desk/inbox/news?known=").json()
    assert (body["told"], body["unread"], body["fresh"]) == (known, 1, [str(alarm.pk)])
    assert body["alarms"][0]["body"] == "石碁镇城管执法队请立即处置"
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(f"/desk/inbox/news?known={known}").status_code == 204
    assert not [each for each in asked.captured_queries if "read_at" in each["sql"]]


@pytest.mark.parametrize("path", ["/desk/map/?tab=area", "/me"])
def test_every_page_has_the_bell_and_a_guardian_has_none(
    world: World, as_: SignedIn, path: str
) -> None:
    told(world, "dispatcher")
    page = as_("dispatcher").get(path).content.decode()
    assert 'aria-label="通知，1 条未读"' in page
