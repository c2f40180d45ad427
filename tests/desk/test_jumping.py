"""The jump dialog's answers: what leads where, for whom, and what is left of what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from huying.audit.models import AccessLog
from huying.desk import jumping, menu
from tests.desk.test_searching import PHONE
from tests.desk.test_views import RED, keep
from tests.desk.world import World

HANDLERS = ("neighbours_mine", "joint_resolutions")
"""Who has the desks' pages of these is not offered the handlers'."""

As = Callable[..., Client]


def asked(client: Client, words: str = "", case: str = "") -> str:
    answer = client.post("/desk/jump", {"q": words, "case": case})
    assert answer.status_code == 200
    return answer.content.decode()


def leads_to(page: str) -> list[str]:
    """Where the answers lead, in their order."""
    return [unescape(href) for href in re.findall(r'role="option"[^>]* href="([^"]*)"', page)]


def test_without_words_everything_but_cases_is_there(world: World, as_: As) -> None:
    world.reported()
    client = as_("dispatcher")
    keep(client, RED, "超期")
    assert leads_to(asked(client)) == [
        f"/desk/?{RED}",
        "/desk/?tab=mine",
        "/desk/?tab=held",
        "/desk/?tab=area",
        "/desk/map/",
        "/desk/today/",
        "/desk/cases/new",
        *[page.href for _t, pages in menu.GROUPS for page in pages if page.name not in HANDLERS],
        "/desk/inbox",
        "/me/notices",
        "/me",
    ]
    assert f"/desk/?{RED}" not in leads_to(asked(as_("checker"))), "views are one's own"


@pytest.mark.parametrize("words", ["工作台", "gzt", "workbench"])
def test_a_page_is_found_by_name_initials_and_in_english(world: World, as_: As, words: str) -> None:
    assert leads_to(asked(as_("dispatcher"), words)) == ["/desk/today/"]


def test_on_a_case_its_steps_come_first(world: World, as_: As) -> None:
    case = world.accepted()
    client = as_("dispatcher")
    all_of_them = leads_to(asked(client, case=case.number))
    assert all_of_them[0] == f"/desk/cases/{case.number}/dispatch"
    assert f"/desk/cases/{case.number}/close" not in all_of_them, "not allowed now"
    for words in ("派遣", "pq", "dispatch"):
        assert leads_to(asked(client, words, case.number))[0] == all_of_them[0]
    for person in ("far_dispatcher", "leader"):
        found = leads_to(asked(as_(person), "派遣", case.number))
        assert not [href for href in found if href.endswith("/dispatch")]
    assert leads_to(asked(client, case="٣"))[0] == "/desk/?tab=mine"


@pytest.mark.parametrize("by", ["number", "digits", "words", "place", "address", "initials"])
def test_a_case_is_found_by_what_one_remembers(world: World, as_: As, by: str) -> None:
    case = world.reported("煤气味很重", address="兴业大道12号")
    words = {
        "number": case.number,
        "digits": case.number[-4:],
        "words": "煤气",
        "place": "小龙村",
        "address": "兴业大道",
        "initials": "xydd",
    }[by]
    page = asked(as_("dispatcher"), words)
    assert f"/desk/cases/{case.number}" in leads_to(page)
    assert "匹配" in page
    assert f"/desk/cases/{case.number}" not in leads_to(asked(as_("far_dispatcher"), words))


def test_ended_cases_come_after_open_ones(world: World, as_: As) -> None:
    ended = world.closed(text="煤气味已查明")
    running = world.reported("煤气味很重")
    found = leads_to(asked(as_("dispatcher"), "煤气"))
    assert found == [f"/desk/cases/{running.number}", f"/desk/cases/{ended.number}"]


def test_eight_are_shown_and_the_queue_has_all(world: World, as_: As) -> None:
    for _n in range(jumping.MOST + 1):
        world.reported("煤气味很重")
    page = asked(as_("dispatcher"), "煤气")
    found = leads_to(page)
    assert len([href for href in found if href.startswith("/desk/cases/")]) == jumping.MOST
    assert 'data-find="area"' in page
    assert 'data-find="unit"' not in page


def test_nothing_found_says_what_can_be_typed(world: World, as_: As) -> None:
    page = asked(as_("dispatcher"), "没有这样的话")
    assert leads_to(page) == []
    assert "没有找到" in page
    assert "末四位" in page


def test_a_phone_is_looked_for_by_right_and_recorded(
    world: World, as_: As, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    case = world.reported(contact_name="何女士", contact_phone=PHONE)
    client = as_("dispatcher")
    assert leads_to(asked(client, PHONE[:8])) == []
    assert not AccessLog.objects.filter(action="find_by_phone").exists()
    page = asked(client, "138 2605 1234")
    assert leads_to(page) == [f"/desk/cases/{case.number}"]
    assert "报告人电话" in page
    assert PHONE not in page
    assert PHONE not in str(dict(client.session))
    (row,) = AccessLog.objects.filter(action="find_by_phone")
    assert (row.subject_id, row.account_id) == (str(case.pk), world.accounts["dispatcher"].pk)
    assert leads_to(asked(as_("far_dispatcher"), PHONE)) == []
    assert "您的岗位不能按电话查找" in asked(as_("leader"), PHONE)
    assert AccessLog.objects.filter(action="find_by_phone").count() == 1
    assert PHONE not in caplog.text


@pytest.mark.parametrize("words", ["\0", "<script>", "%%%", "灯", "a" * 500, "1" * 25, "＋８６"])
def test_odd_words_break_nothing(world: World, as_: As, words: str) -> None:
    world.reported()
    assert "<script>" not in asked(as_("dispatcher"), words, case="<script>")


def test_what_is_typed_comes_by_post_only(world: World, as_: As) -> None:
    assert as_("dispatcher").get("/desk/jump?q=x").status_code == 405
    assert as_("dispatcher", enforce_csrf_checks=True).post("/desk/jump").status_code == 403
