"""The closed loop as stories: who did what, and what everybody saw of it."""

from __future__ import annotations

from typing import Any

import pytest

from huying.audit.verifying import verify
from huying.cases.describing import describe
from huying.cases.models import Case, Channel
from huying.dispatch.suggesting import suggest
from huying.errors import NotAllowed
from huying.supervision.climbing import wake
from tests.cases.town import GRID_1, SPOTS, TOWN, XIAOLONG, Town, at


@pytest.fixture
def town(db: None) -> Any:
    return Town()


def test_a_resident_calls_and_gets_an_answer(town: Town) -> None:
    """居民来电, 立案, 派遣, 处置, 返工, 核查, 结案, and the resident is not content yet."""
    case = town.report(
        "小龙村宗祠东街路口井盖缺失，晚上很危险",
        channel=Channel.HOTLINE,
        by=town.dispatcher,
        item="0212",
        contact_name="何女士",
        contact_phone="13800138000",
        now=at("2019-07-11 21:10"),
    )
    # 井盖缺失 is a word that raises an alarm: the town's desk has a quarter of an hour.
    assert case.emergency_words == "井盖缺失"
    assert (case.holder_code, case.accept_due) == (TOWN, at("2019-07-11 21:25"))

    case = town.do("accept", case, emergency=True, now=at("2019-07-11 21:14"))
    case = town.do("dispatch", case, unit=town.fire.pk, now=at("2019-07-11 21:15"))
    case = town.do("return", case, by="fireman", now=at("2019-07-11 21:18"),
                   suggested_unit=town.safety.pk)  # fmt: skip
    proposed = suggest(case, at("2019-07-11 21:19")).best
    assert proposed is not None
    assert proposed.unit == town.safety
    case = town.do("dispatch", case, unit=proposed.unit.pk, suggested=True,
                   now=at("2019-07-11 21:19"))  # fmt: skip
    case = town.do("sign_for", case, now=at("2019-07-11 21:22"))
    case = town.do("arrive", case, now=at("2019-07-11 21:40"))
    photos = [town.photo("photo_before").pk, town.photo("photo_after").pk]
    case = town.do("handle", case, photos=photos, result="已装临时井盖", now=at("2019-07-11 22:20"))

    case = town.do("check_fail", case, reason="井盖松动，踩上去会翻", now=at("2019-07-11 22:40"))
    assert case.handle_due == at("2019-07-12 01:39")  # four hours, and the twenty of the check
    # The photo of the loose cover shows nothing of the new work.
    case = town.do("handle", case, photos=[town.photo("photo_after").pk], result="已固定",
                   now=at("2019-07-11 23:30"))  # fmt: skip
    case = town.do("check_pass", case, text="牢固", now=at("2019-07-11 23:45"))
    case = town.do("close", case, now=at("2019-07-11 23:50"))

    case = town.do("reopen", case, by="resident", reason="今早又翻了", now=at("2019-07-13 08:00"))
    assert (case.state, case.reworks, case.returns, case.reopened) == ("accepted", 1, 1, 1)
    story = describe(case)
    assert [event["verb"] for event in story["events"]] == [
        "report", "accept", "dispatch", "return", "dispatch", "sign_for", "arrive", "handle",
        "check_fail", "handle", "check_pass", "close", "reopen",
    ]  # fmt: skip
    assert story["contacts"] == [{"name": "何**", "phone": "138****8000"}]
    assert verify(number=case.number).ok


def test_a_grid_worker_settles_what_is_small(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """小事不出网格: found on patrol, settled on the spot, seen by nobody of elsewhere."""
    monkeypatch.setattr("huying.response.handling.drawn", lambda *_: False)
    lon, lat = SPOTS[GRID_1]
    before = town.photo("photo_before", by="worker")
    case = town.report(
        "三巷有住户未分类投放垃圾", channel=Channel.PATROL, by=town.worker, item="0304",
        lon=lon, lat=lat, accuracy_m=8, photos=[before.pk],
    )  # fmt: skip
    assert (case.level, case.holder_code) == ("grid", XIAOLONG)
    case = town.do("settle", case, result="已当场劝导并协助分类", form="")
    assert (case.state, case.self_handled) == ("closed", True)
    for name in ("next_worker", "far_worker", "other_town_dispatcher"):
        assert not Case.objects.visible_to(town.actor(name)).filter(pk=case.pk).exists()
    assert verify(number=case.number).ok


def test_what_waits_for_a_permit_waits_without_a_clock(town: Town) -> None:
    """挂账: nobody touches it until the day comes; then the clock runs, and runs out, by itself."""
    case = town.bring_to("accepted", item="0303")  # 16 hours of handling
    case = town.do("dispatch", case, now=at("2019-07-11 11:00"))
    case = town.do("sign_for", case, now=at("2019-07-11 11:30"))
    case = town.do("suspend", case, now=at("2019-07-11 12:00"), until=at("2019-07-15 09:00"))
    assert Case.objects.overdue(at("2019-07-14 00:00")).count() == 0
    assert list(Case.objects.held_by(TOWN).by_time_left())[-1] == case

    assert wake(now=at("2019-07-15 09:01")) == 1
    case.refresh_from_db()
    assert case.handle_due == at("2019-07-16 00:00")  # fifteen of the sixteen hours were left
    assert wake(now=at("2019-07-16 00:01")) == 1
    assert town.verbs(case)[-4:] == ["resume", "remind", "overdue", "tell_leader"]
    assert list(Case.objects.overdue(at("2019-07-16 00:01"))) == [case]


def test_nobody_is_judge_in_the_own_matter(town: Town) -> None:
    """采办分离: the one who did it, the colleague, the unit that helped, and the next town."""
    case = town.do("dispatch", town.bring_to("accepted"), assist=[town.fire.pk])
    case = town.do("handle", town.do("sign_for", case))
    for name in (
        "handler_as_checker", "colleague_as_checker", "fireman_as_checker", "other_town_checker",
        "dispatcher", "handler",
    ):  # fmt: skip
        with town.refused(NotAllowed):
            town.do("check_pass", case, by=name)
    assert town.do("check_pass", case, by="worker").state == "checked"


def test_complex_matters_climb_until_somebody_owns_them(town: Town) -> None:
    """大事不出村, 难事不出镇: twice given back, and the level above decides."""
    case = town.report("两村交界的排水沟无人管", item="0107")
    case = town.do("accept", case, by="village_dispatcher")
    for _ in range(2):
        case = town.do("dispatch", case, by="village_dispatcher", unit=town.committee.pk)
        case = town.do("return", case, by="committee_handler")
    assert case.holder_code == TOWN
    assert not Case.objects.visible_to(town.committee_handler).filter(pk=case.pk).exists()
    case = town.do("arbitrate", case, by="dispatcher", unit=town.safety.pk)
    assert Case.objects.visible_to(town.handler).filter(pk=case.pk).exists()
