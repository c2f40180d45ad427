"""Nothing new reaches the grid without application, review, approval and trial."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from huying import limiting
from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.validating import InvalidItem, OnTrial, RetiredItem
from huying.catalogue.versions import current, snapshot
from huying.desk.admissions import trial_of
from huying.duties import admitting
from huying.duties.models import Admission, DutyStep
from huying.duties.overlapping import overlapping
from huying.errors import Missing, NotAllowed, WrongState
from huying.notices.models import Notice
from tests.desk.world import COMMUNITY, ELSEWHERE, LAT, LON, TOWN
from tests.duties.shown import applied_for, leader_of_district, told_of

if TYPE_CHECKING:
    from tests.desk.world import World


def begun(world: World) -> Admission:
    """An application on trial in one town."""
    now = timezone.now()
    head = leader_of_district(world)
    row = applied_for(world)
    admitting.pass_on(row.pk, "材料齐全。", by=world.actor("district_dispatcher"), now=now)
    until = timezone.localdate() + timedelta(days=30)
    return admitting.approve(row.pk, [TOWN], until, "先试一个镇。", by=head, now=now)


def test_an_item_is_reviewed_tried_and_then_in_use_everywhere(world: World) -> None:
    now, office = timezone.now(), world.actor("district_dispatcher")
    unit = world.actor("handler")
    with pytest.raises(NotAllowed):
        admitting.apply(told_of(), by=office, now=now)
    with pytest.raises(InvalidItem):
        admitting.apply(told_of(name="", handle_limit=0), by=unit, now=now)
    row = applied_for(world)
    assert Notice.objects.filter(kind="admission_applied", account=office.account_id).exists()
    with pytest.raises(Missing):
        admitting.give_back(row.pk, " ", by=office, now=now)
    admitting.give_back(row.pk, "请写明培训安排。", by=office, now=now)
    with pytest.raises(WrongState):
        admitting.pass_on(row.pk, "行", by=office, now=now)
    admitting.complete(row.pk, told_of(), by=unit, now=now)
    row = admitting.pass_on(row.pk, "材料齐全。", by=office, now=now)
    assert row.decide_due is not None
    assert row.decide_due > timezone.localdate() + timedelta(days=9)
    head, today = leader_of_district(world), timezone.localdate()
    row = admitting.approve(
        row.pk, [TOWN], today + timedelta(days=30), "先试一个镇。", by=head, now=now
    )
    assert (row.state, row.item_code) == ("trial", "0214")
    # It is in use in its town, and nowhere else.
    later = timezone.now()
    assert "0214" not in {item.code for item in snapshot(later).active}
    assert "0214" in {item.code for item in snapshot(later).active_in(f"{TOWN}213001")}
    case = world.held_by_town(world.reported("村口充电棚灭火器过期。", item="0214"))
    world.do(case, "accept", "dispatcher", item="0214")
    with pytest.raises(OnTrial):
        world.reported("外镇的充电棚。", item="0214", lon=None, lat=None, area=ELSEWHERE)
    figures = trial_of(row, timezone.now())
    assert figures["whole"][0] == 1
    with pytest.raises(WrongState):
        admitting.admit(row.pk, today, "效果好。", by=head, now=now)
    after = now + timedelta(days=32)
    assert admitting.see_to(now=after) == 1
    assert Notice.objects.filter(kind="admission_late", account=head.account_id).count() == 1
    since = timezone.localdate(after) + timedelta(days=7)
    row = admitting.admit(row.pk, since, "全区推开。", by=head, now=after)
    with pytest.raises(OnTrial):
        world.reported("外镇的充电棚。", item="0214", lon=None, lat=None, area=ELSEWHERE)
    assert admitting.see_to(now=after + timedelta(days=8)) == 1
    world.reported("外镇的充电棚。", item="0214", lon=None, lat=None, area=ELSEWHERE)
    verbs = [step.verb for step in DutyStep.objects.filter(subject_id=row.pk).order_by("at", "id")]
    assert {"apply", "give_back", "complete", "pass_on", "approve", "admit", "in_use"} <= set(verbs)


def test_an_item_on_trial_is_offered_in_its_towns_and_nowhere_else(
    world: World, as_: Callable[..., Client]
) -> None:
    limiting.forget()
    row = begun(world)
    resident, choice = Client(), f'<option value="{row.item_code}"'
    assert choice not in resident.get("/report").content.decode(), "the place is not known yet"
    for place, offered in (
        ({"area": TOWN}, True),
        ({"area": COMMUNITY}, True),
        ({"lon": LON, "lat": LAT}, True),
        ({"area": ELSEWHERE}, False),
        ({"lon": "x", "lat": LAT, "area": ""}, False),
    ):
        page = resident.post("/report/items", place | {"item": "0211"}).content.decode()
        assert (choice in page) is offered, place
        assert '<option value="0211" selected' in page, "what was chosen stays"
    refused = resident.post("/report", {"text": "充电棚", "item": row.item_code, "area": TOWN})
    assert choice + " selected" in refused.content.decode()

    offer = f'<option value="{row.item_code} '
    for name, here in (("dispatcher", True), ("far_dispatcher", False)):
        client = as_(name)
        assert (offer in client.get("/desk/calls/new").content.decode()) is here
    office = as_("district_dispatcher")
    assert re.search(rf"{offer}[^>]* disabled", office.get("/desk/calls/new").content.decode())


def test_what_words_refer_to_is_named_and_opened_by_who_may(
    world: World, as_: Callable[..., Client]
) -> None:
    case, row = world.held_by_town(world.reported("村口充电棚灭火器过期。")), applied_for(world)
    office, page = as_("district_dispatcher"), f"/desk/duties/admissions/{row.pk}"
    said = {"words": f"见{case.number}和{'9' * 25}。", "revision": row.revision}
    office.post(f"{page}/give-back", said)
    shown = office.get(page).content.decode()
    assert f'<a href="/desk/cases/{case.number}">{case.number} ' in shown
    assert f"{'9' * 25}。" in shown
    assert "现场定位" in shown or "定位" in shown
    assert "photo_before" not in shown


def test_a_trial_that_ends_takes_the_item_away_and_three_persons_decide(world: World) -> None:
    row = begun(world)
    head, now = world.actor("district_leader"), timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.filter(pk=row.pk).update(decided_by=row.made_by)
    row = admitting.end(row.pk, "上报太少，不必单列。", by=head, now=now)
    assert row.state == "ended"
    with pytest.raises(RetiredItem):
        current(row.item_code, timezone.now())


def test_likely_overlaps_are_named(world: World) -> None:
    items = snapshot(timezone.now()).active
    found = overlapping("电动车飞线充电", "电动车违规充电、堵塞消防通道", "消防", items)
    assert found[0].item.code == "0201"
    assert "充电" in found[0].shared
    assert overlapping("zz", "", "", items) == []
    assert all(isinstance(each.item, ItemSnapshot) for each in found)


def test_evidence_is_asked_for_in_words_and_kept_as_the_catalogue_has_it(
    world: World, as_: Callable[..., Client]
) -> None:
    told = told_of()
    rest = {name: value for name, value in told.proposed.items() if value not in (None, False, [])}
    said = {name: getattr(told, name) for name in ("duties", "flow", "resources", "basis")}
    typed = rest | said | {"category_code": told.category_code, "photo_before": "", "gps": "on"}
    unit = as_("handler")
    bad = unit.post("/desk/duties/admissions/new", typed | {"photo_after": "1000"})
    assert bad.status_code == 422
    sent = unit.post("/desk/duties/admissions/new", typed | {"photo_after": "2"})
    assert sent.status_code == 302, sent.content.decode()
    row = Admission.objects.get()
    assert row.proposed["evidence"] == "gps;photo_after>=2"
    shown = unit.get(f"/desk/duties/admissions/{row.pk}").content.decode()
    assert "处置后照片" in shown
    assert "photo_after" not in shown


def test_an_application_goes_its_way_on_the_pages(world: World, as_: Callable[..., Client]) -> None:
    unit, office = as_("handler"), as_("district_dispatcher")
    assert "充电" not in unit.get("/desk/duties/admissions/").content.decode()
    typed = {"name": "充电场所巡查", "category_code": "02", "duties": "每周看一次。"}
    refused = unit.post("/desk/duties/admissions/new", typed)
    assert refused.status_code == 422
    assert "每周看一次。" in refused.content.decode()
    row = applied_for(world)
    page = f"/desk/duties/admissions/{row.pk}"
    assert "0201" in office.get(page).content.decode()
    bad = office.post(f"{page}/give-back", {"words": "", "revision": row.revision})
    assert bad.status_code == 422
    assert office.post(f"{page}/pass-on", {"words": "材料齐全。"}).status_code == 302
    leader_of_district(world)
    head = as_("district_leader")
    sent = {"towns": [TOWN], "day": "2020-01-01", "words": "先试一个镇。"}
    refused = head.post(f"{page}/approve", sent)
    assert refused.status_code == 422
    assert "先试一个镇。" in refused.content.decode()
    until = f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}"
    assert head.post(f"{page}/approve", sent | {"day": until}).status_code == 302
    assert as_("dispatcher").get(page).status_code == 200
    assert as_("far_dispatcher").get(page).status_code == 404
