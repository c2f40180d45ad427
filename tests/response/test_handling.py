"""处置 and 现场办结: evidence, and the matters that a grid worker settles on the spot."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils.translation import override

from huying.audit.crypto import drawn
from huying.audit.verifying import verify
from huying.cases.models import Attachment, Case, CaseText
from huying.dispatch.models import Order
from huying.errors import BadInput, Missing, NotAllowed
from tests.cases.town import (
    FACTORY,
    GRID_1,
    OPINION,
    PEOPLE,
    PETROL,
    SPOTS,
    Town,
)

LON, LAT = SPOTS[GRID_1]
NO_EVIDENCE: dict[str, Any] = {"lon": None, "lat": None, "form": "", "photos": ()}


# --- evidence


def test_what_is_missing_is_named_in_words_and_codes(town: Town) -> None:
    case = town.bring_to("handling", town.report(item=FACTORY))
    with town.refused(Missing, "evidence") as caught:
        town.do("handle", case, **NO_EVIDENCE)
    assert set(caught.value.extra["missing"]) == {"photo_before", "photo_after", "gps"}
    with override("zh-hans"):
        chinese = str(caught.value)
    with override("en"):
        english = str(caught.value)
    assert "照片" in chinese
    assert chinese != english
    assert english.isascii()


def test_photos_gps_and_form_count_wherever_they_came_from(town: Town) -> None:
    """The photo from before came with the report; the one from after comes with the handling."""
    before = town.photo("photo_before", by="second_dispatcher")
    case = town.bring_to("handling", town.report(item=FACTORY, photos=[before.pk]))
    with town.refused(Missing, "evidence") as caught:
        town.do("handle", case, form="")
    assert caught.value.extra["missing"] == ["photo_after"]
    after = town.photo("photo_after")
    case = town.do("handle", case, photos=[after.pk])
    assert case.state == "handled"
    assert set(Attachment.objects.filter(case=case).values_list("pk", flat=True)) == {
        before.pk,
        after.pk,
    }
    data = town.last(case).data
    assert data["photos"] == [str(after.pk)]
    assert data["position"] == GRID_1
    assert str(LON) not in str(data)  # where a worker stood is kept by the grid only


def test_a_form_is_kept_as_words_beside_the_event(town: Town) -> None:
    case = town.bring_to("handling")
    with town.refused(Missing, "evidence") as caught:
        town.do("handle", case, form="  ")
    assert caught.value.extra["missing"] == ["form"]
    case = town.do("handle", case, form="走访 20 户")
    assert CaseText.objects.get(case=case, kind="form").body == "走访 20 户"


def test_a_refused_handling_leaves_the_photos_to_be_used(town: Town) -> None:
    case, after = town.bring_to("handling", town.report(item=FACTORY)), town.photo()
    with town.refused(Missing, "evidence"):
        town.do("handle", case, photos=[after.pk])
    after.refresh_from_db()
    assert after.case_id is None


def test_anothers_photo_is_no_evidence(town: Town) -> None:
    case = town.bring_to("handling", town.report(item=FACTORY))
    anothers = town.photo(by="fireman")
    with town.refused(BadInput, "photos"):
        town.do("handle", case, photos=[anothers.pk])


def test_a_position_outside_is_told_as_such(town: Town) -> None:
    case = town.do("arrive", town.bring_to("handling"), lon=116.4, lat=39.9)
    assert town.last(case).data["position"] == "outside"


def test_a_report_needs_no_evidence(town: Town) -> None:
    assert town.report(item=FACTORY).state == "reported"


# --- 现场办结 settle


@pytest.fixture
def _nobody_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.response.handling.drawn", lambda *_: False)


@pytest.fixture
def _everybody_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.response.handling.drawn", lambda *_: True)


@pytest.mark.usefixtures("_nobody_drawn")
def test_a_minor_matter_is_settled_on_the_spot_and_marked(town: Town) -> None:
    case = town.do("settle", town.report(item=PEOPLE))
    assert (case.state, case.self_handled, case.check_asked) == ("closed", True, False)
    assert (case.handler_id, case.lead_unit, case.handled_by_unit) == (
        town.worker.account_id,
        None,
        None,
    )
    assert case.item_version is not None
    assert (case.accepted_at, case.handled_at, case.ended_at) == (town.now, town.now, town.now)
    assert (case.due_at, case.wake_at) == (None, None)
    assert town.last(case).data["drawn"] is False
    assert verify(number=case.number).ok


@pytest.mark.usefixtures("_nobody_drawn")
def test_only_an_item_that_may_be_settled(town: Town) -> None:
    case = town.report(item=OPINION)
    with town.refused(NotAllowed):
        town.do("settle", case)
    # Before the desk has decided, the worker on the spot may say what it really is.
    assert town.do("settle", case, item=PEOPLE).item_code == PEOPLE


@pytest.mark.usefixtures("_nobody_drawn")
def test_what_the_desk_accepted_as_more_is_not_settled_as_less(town: Town) -> None:
    case = town.bring_to("accepted")
    for item in ("", OPINION, PEOPLE):
        with town.refused(NotAllowed):
            town.do("settle", case, item=item)
    minor = town.bring_to("accepted", item=PEOPLE)
    assert town.do("settle", minor).state == "closed"


def test_an_emergency_is_not_settled(town: Town) -> None:
    case = town.do("accept", town.report(item=PEOPLE), by="village_dispatcher", emergency=True)
    with town.refused(NotAllowed):
        town.do("settle", case)
    petrol = town.report(item=PETROL)
    with town.refused(NotAllowed):
        town.do("settle", petrol)


def test_only_the_grids_own_worker_settles(town: Town) -> None:
    case = town.report(item=PEOPLE)
    for name in ("next_worker", "head", "dispatcher", "handler", "checker"):
        with town.refused(NotAllowed):
            town.do("settle", case, by=name)


def test_settling_needs_an_item_and_its_evidence(town: Town) -> None:
    nameless = town.report("门牌掉了")
    with town.refused(Missing, "item"):
        town.do("settle", nameless)
    case = town.report(item=PEOPLE)
    with town.refused(Missing, "evidence") as caught:
        town.do("settle", case, **NO_EVIDENCE)
    assert set(caught.value.extra["missing"]) == {"gps", "form"}


@pytest.mark.usefixtures("_everybody_drawn")
def test_one_that_is_drawn_is_checked_by_another(town: Town) -> None:
    case = town.do("settle", town.report(item=PEOPLE))
    assert (case.state, case.self_handled, case.check_asked) == ("handled", True, True)
    assert case.due_at == case.check_due is not None
    for name in ("worker", "next_worker"):  # oneself; and who has another grid
        with town.refused(NotAllowed):
            town.do("check_pass", case, by=name)
    assert town.do("check_pass", case, by="head").state == "checked"


@pytest.mark.usefixtures("_everybody_drawn")
def test_one_that_fails_its_check_goes_to_the_desk(town: Town) -> None:
    case = town.do("settle", town.report(item=PEOPLE))
    case = town.do("check_fail", case)
    assert (case.state, case.reworks, case.self_handled, case.lead_unit) == (
        "accepted",
        1,
        False,
        None,
    )
    assert case.due_at is not None
    case = town.do("dispatch", case, by="village_dispatcher", unit=town.committee.pk)
    case = town.do("handle", town.do("sign_for", case, by="committee_handler"),
                   by="committee_handler")  # fmt: skip
    with town.refused(NotAllowed):
        town.do("check_pass", case, by="worker")  # had a hand in it
    assert town.do("check_pass", case).state == "checked"


@pytest.mark.usefixtures("_nobody_drawn")
def test_what_was_settled_after_a_reopening_is_the_workers_and_no_units(town: Town) -> None:
    case = town.bring_to("closed", item=PEOPLE)
    case = town.do("settle", town.do("reopen", case))
    assert (case.handled_by_unit, case.handler_id) == (None, town.worker.account_id)
    assert not Order.objects.filter(case=case, ended_at=None).exists()


def test_ten_in_a_hundred_are_drawn_and_always_the_same(db: None) -> None:
    ids = [uuid.UUID(int=(n << 64) | n * 2654435761) for n in range(5000)]
    first = [drawn(each, 10) for each in ids]
    assert first == [drawn(each, 10) for each in ids]
    assert 400 < sum(first) < 600  # 500, and more than four standard deviations either way
    assert not any(drawn(each, 0) for each in ids[:200])
    assert all(drawn(each, 100) for each in ids[:200])
    assert all(drawn(each, 50) for each, taken in zip(ids, first, strict=True) if taken)


def test_the_draw_hangs_on_the_case_and_not_on_the_try(town: Town) -> None:
    found = set()
    for _ in range(12):
        case = town.do("settle", town.report(item=PEOPLE))
        expected = drawn(case.pk, 10)
        assert (case.state == "handled") is expected
        found.add(case.state)
    assert found <= {"handled", "closed"}
    assert Case.objects.filter(self_handled=True).count() == 12
