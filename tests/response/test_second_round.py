"""What counts a second time, what makes a page old, and what only the desk may call harmless."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from huying.errors import BadInput, Missing, NotAllowed, StalePage
from huying.places import locating
from huying.places.voiding import void
from huying.supervision.climbing import wake
from tests.cases.town import FACTORY, GRID_1, GRID_2, PEOPLE, SPOTS, Town


def test_rework_needs_a_new_photo_of_the_result(town: Town) -> None:
    before = town.photo("photo_before", by="second_dispatcher")
    case = town.bring_to("handling", town.report(item=FACTORY, photos=[before.pk]))
    case = town.do("handle", case, photos=[town.photo("photo_after").pk])
    case = town.do("check_fail", case)
    with town.refused(Missing, "evidence") as caught:
        town.do("handle", case)
    assert caught.value.extra["missing"] == ["photo_after"]  # the one from before still counts
    case = town.do("handle", case, photos=[town.photo("photo_after").pk])
    assert case.state == "handled"


def test_a_deadline_that_passes_by_itself_makes_no_page_old(town: Town) -> None:
    case = town.town_case()
    seen = case.last_seq
    assert case.due_at is not None
    assert wake(now=case.due_at + timedelta(minutes=1)) == 1
    town.now = case.due_at + timedelta(minutes=2)
    case = town.do("accept", case, expect_seq=seen)
    assert case.state == "accepted"


def test_a_person_who_acted_makes_a_page_old_whatever_passed_by_itself(town: Town) -> None:
    case = town.town_case()
    seen = case.last_seq
    assert case.due_at is not None
    wake(now=case.due_at + timedelta(minutes=1))
    town.now = case.due_at + timedelta(minutes=2)
    case = town.do("comment", case)
    with town.refused(StalePage):
        town.do("accept", case, expect_seq=seen)


def test_what_may_be_an_emergency_is_not_settled_before_the_desk_has_looked(town: Town) -> None:
    case = town.report(item=PEOPLE, text="新来的租客冒用身份登记")
    assert case.emergency_words
    with town.refused(NotAllowed):
        town.do("settle", case)
    case = town.do("accept", case, by=town.desk_of(case), item=PEOPLE, emergency=False)
    assert town.do("settle", case).self_handled


def test_a_phone_whose_clock_is_a_little_ahead_is_believed(town: Town) -> None:
    case = town.report(occurred_at=town.now + timedelta(minutes=4))
    assert case.occurred_at is not None
    with town.refused(BadInput, "occurred_at"):
        town.report(occurred_at=town.now + timedelta(minutes=10))


def test_a_voided_grid_is_no_place_for_a_new_report(town: Town) -> None:
    assert town.report(lon=None, lat=None, area=GRID_2).area_code == GRID_2
    void(GRID_2, reason="并入相邻网格", now=timezone.now())
    locating.refresh()
    with town.refused(BadInput, "area"):
        town.report(lon=None, lat=None, area=GRID_2)


@pytest.mark.parametrize("grid", [GRID_1])
def test_a_live_grid_still_is(town: Town, grid: str) -> None:
    lon, lat = SPOTS[grid]
    assert town.report(lon=lon, lat=lat).area_code == grid
