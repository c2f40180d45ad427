"""The list of responsibilities: one writes it, another publishes it, cases are declined by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huying.assessment.counting import Asked, By, counted
from huying.assessment.indicators import indicators
from huying.assessment.tallies import Tally
from huying.cases.models import CaseEvent, CaseText
from huying.catalogue.versions import snapshot
from huying.duties import drafting, listing
from huying.duties.models import DutyList
from huying.errors import Missing, NotAllowed, StalePage, WrongState
from tests.desk.world import DISTRICT, ELSEWHERE, TOWN
from tests.duties.shown import entry_of, published

if TYPE_CHECKING:
    from tests.desk.world import World

WORDS = st.text(max_size=20)
DAYS = st.none() | st.dates()
ENTRIES = st.builds(
    listing.Entry,
    number=st.integers(1, 400),
    title=WORDS,
    department=WORDS,
    level=st.sampled_from(["grid", "community", "town", "district"]),
    items=st.lists(st.from_regex(r"\A0[1-4]\d\d\Z")).map(tuple),
    basis=WORDS,
    limits=WORDS,
    since=DAYS,
    until=DAYS,
)


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was_kept(entry: listing.Entry) -> None:
    assert listing.of_data(listing.as_data(entry)) == entry


def test_without_a_list_the_catalogue_makes_one(world: World) -> None:
    now = timezone.now()
    held = listing.holding(TOWN, now)
    assert held.row is None
    assert [each.items for each in held.entries] == [(item.code,) for item in snapshot(now).active]
    assert all(each.basis and each.limits and each.department for each in held.entries)


def test_a_list_holds_once_a_second_person_has_published_it(world: World) -> None:
    now, today = timezone.now(), timezone.localdate()
    desk, leader = world.actor("dispatcher"), world.actor("leader")
    with pytest.raises(NotAllowed):
        drafting.begin(DISTRICT, by=desk, now=now)
    row = drafting.begin(TOWN, by=desk, now=now)
    with pytest.raises(WrongState):
        drafting.begin(TOWN, by=leader, now=now)
    with pytest.raises(Missing) as lacking:
        drafting.put(row.pk, entry_of(basis=" "), by=desk, now=now)
    assert lacking.value.field == "basis"
    row = drafting.put(row.pk, entry_of(title="高空抛物监控"), by=desk, now=now, revision=1)
    with pytest.raises(StalePage):
        drafting.strike(row.pk, 1, by=leader, now=now, revision=1)
    with pytest.raises(NotAllowed, match="另一位"):
        drafting.publish(row.pk, today, by=desk, now=now)
    assert listing.holding(TOWN, now).version == 0
    tomorrow = today + timedelta(days=1)
    drafting.publish(row.pk, tomorrow, by=leader, now=now)
    assert listing.holding(TOWN, now).version == 0
    held = listing.holding(f"{TOWN}213001", now + timedelta(days=1))
    assert (held.version, held.entries[-1].title) == (1, "高空抛物监控")
    assert listing.holding(ELSEWHERE, now + timedelta(days=1)).version == 0
    with pytest.raises(WrongState):
        drafting.put(row.pk, entry_of(), by=desk, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyList.objects.filter(pk=row.pk).update(published_by=desk.account_id)


def test_what_the_list_leaves_out_is_declined_with_its_basis_and_counted(
    world: World, as_: Callable[..., Client]
) -> None:
    held = published(world)
    case = world.held_by_town(world.reported("小区车库照明坏了。"))
    page = f"/desk/cases/{case.number}"
    client = as_("dispatcher")
    assert "第 18 项" in client.get(page).content.decode()
    sent = {
        "reason_code": "outside_list",
        "reason": "属物业服务范围。",
        "expect_seq": case.last_seq,
    }
    refused = client.post(f"{page}/decline", sent)
    assert refused.status_code == 422
    assert "属物业服务范围。" in refused.content.decode()
    assert client.post(f"{page}/decline", sent | {"entry": "18"}).status_code == 302
    event = CaseEvent.objects.get(case=case, verb="decline")
    assert (event.data["list"], event.data["entry"]) == ([TOWN, held.version], 18)
    quoted = CaseText.objects.get(case=case, kind="basis").body
    assert "小区红线内由物业服务的区域不在内" in quoted
    assert "第十四条" in quoted
    other = world.held_by_town(world.reported("要求调解遗产纠纷。"))
    world.do(other, "decline", "dispatcher", reason_code="not_true", reason="查无此事。")
    today = timezone.localdate()
    found = counted(Asked(TOWN, today, today, timezone.now()), By.ITEM)["0211"]
    assert found.cases[Tally.OUTSIDE_LIST] == [case.pk]
    assert indicators()["outside_list"].figure(found.counts).over == "1/2"
    shown = as_("leader").get("/desk/duties/declined").content.decode()
    assert case.number[-4:] in shown
    assert other.number not in shown
    assert "城管执法队" in shown
    assert case.number not in as_("far_dispatcher").get("/desk/duties/declined").content.decode()


def test_a_list_is_written_and_published_on_its_pages(
    world: World, as_: Callable[..., Client]
) -> None:
    desk, leader = as_("dispatcher"), as_("leader")
    draft = desk.post("/desk/duties/versions/").headers["Location"]
    typed = {
        "number": "0", "revision": "1", "title": "高空抛物", "department": "城管执法队",
        "level": "town", "items": ["0211"], "basis": "", "limits": "物业自管监控不在内",
    }  # fmt: skip
    refused = desk.post(f"{draft}/put", typed)
    assert refused.status_code == 422
    assert "物业自管监控不在内" in refused.content.decode()
    assert (
        desk.post(f"{draft}/put", typed | {"basis": "《民法典》第一千二百五十四条"}).status_code
        == 302
    )
    assert "另一位" in desk.get(draft).content.decode()
    assert leader.post(f"{draft}/publish", {"since": "2020-01-01"}).status_code == 422
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert leader.post(f"{draft}/publish", {"since": day}).status_code == 302
    found = as_("worker").get("/desk/duties/?q=高空抛物").content.decode()
    assert "第一千二百五十四条" in found
    assert "0201" not in found
