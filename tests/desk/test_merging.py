"""Merging from the page of a case: one key, the likely one named, and either may go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from huying.cases.models import Case
from tests.desk.world import ITEM, LAT, LON, World

As = Callable[[str], Client]


def two(world: World) -> tuple[Case, Case]:
    first = world.held_by_town(world.reported())
    Case.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(hours=1))
    return first, world.held_by_town(world.reported("东街口垃圾没人清运，很臭。"))


def fields_of(form: str) -> dict[str, str]:
    import re

    found = dict(re.findall(r'type="radio" name="(\w+)" value="([^"]*)"[^>]* checked', form))
    reason = re.search(r'<textarea[^>]*name="reason"[^>]*>\s*([^<]*)</textarea>', form)
    assert reason is not None
    return found | {"reason": reason.group(1)}


def test_the_form_proposes_the_likely_one_and_its_reason(world: World, as_: As) -> None:
    first, second = two(world)
    desk = as_("dispatcher")
    page = desk.get(f"/desk/cases/{second.number}").content.decode()
    assert "同一事项，" in page
    assert "相距 0 米，" in page
    form = desk.get(f"/desk/cases/{second.number}/merge").content.decode()
    assert "autofocus" in form  # Enter merges
    given = fields_of(form)
    assert given["likely_one"] == first.number
    assert "同一事项" in given["reason"]
    sent = given | {"main": "other", "expect_seq": str(second.last_seq)}
    assert desk.post(f"/desk/cases/{second.number}/merge", sent).status_code == 302
    second.refresh_from_db()
    assert (second.state, second.merged_into) == ("merged", first)


def test_the_case_on_the_page_may_be_the_one_that_goes_on(world: World, as_: As) -> None:
    first, second = two(world)
    sent = {
        "likely_one": first.number,
        "main": "this",
        "reason": "信息更全。",
        "expect_seq": second.last_seq,
    }
    answer = as_("dispatcher").post(f"/desk/cases/{second.number}/merge", sent)
    assert answer.status_code == 302
    first.refresh_from_db()
    assert (first.state, first.merged_into) == ("merged", second)
    page = as_("dispatcher").get(f"/desk/cases/{first.number}").content.decode()
    assert second.number[17:] in page


def test_a_matter_that_comes_again_is_said_with_its_case_before(world: World, as_: As) -> None:
    before = world.closed()
    again = world.held_by_town(world.reported())
    page = as_("dispatcher").get(f"/desk/cases/{again.number}").content.decode()
    assert "重复发生" in page
    assert before.number[17:] in page


def test_who_reports_reads_what_is_known_already_and_why(world: World, as_: As) -> None:
    known = world.held_by_town(world.reported())
    asked = {"text": "街口有垃圾没人收", "item": ITEM, "lon": LON, "lat": LAT}
    hints = as_("dispatcher").get("/desk/cases/new/hints", asked).content.decode()
    assert known.number[17:] in hints
    assert "同一事项" in hints
    far = as_("far_dispatcher").get("/desk/cases/new/hints", asked).content.decode()
    assert known.number[17:] not in far
