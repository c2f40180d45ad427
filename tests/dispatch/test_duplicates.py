"""Which reports may be one matter, which come again, and who hears of the end of a merged one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.models import Case, Channel
from huying.dispatch.duplicates import (
    Door,
    Likely,
    Limits,
    Told,
    choose,
    door,
    likely_of,
    likeness,
    look,
    matter_words,
    reason_words,
    repeats_of,
)
from huying.dispatch.models import DuplicateLimits, LikelyDuplicate
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from tests.cases.town import DISTRICT, FACTORY, GRID_1, GRID_3, NOW, OPINION, SPOTS, Town

LON, LAT = SPOTS[GRID_1]
LAMP = "和兴路18号门口路灯三天不亮了"

# --- pure


def test_words_are_compared_by_their_pairs() -> None:
    assert likeness("路灯不亮", "路灯不亮") == 1.0
    assert likeness("路灯不亮", "路灯 不亮！") == 1.0
    assert likeness("路灯不亮", "井盖缺失") == 0.0
    assert likeness("", "路灯") == likeness("灯", "灯") == 0.0


def test_addresses_and_courtesies_are_no_part_of_the_matter() -> None:
    assert matter_words("您好，和兴路18号门口路灯不亮，请派人处理") == "，路灯不亮，"
    assert "垃圾" in matter_words("我要投诉：垃圾没有人清运，希望尽快解决。")


def test_the_same_number_in_another_road_is_another_door() -> None:
    assert door("和兴路18号路灯坏", "和兴路18号门口灯不亮") is Door.SAME
    assert door("和兴路18号路灯坏", "和兴路46号灯不亮") is Door.OTHER
    assert door("18号路灯坏", "和兴路18号灯不亮") is Door.ALIKE
    assert door("路灯坏", "和兴路18号灯不亮") is Door.UNKNOWN


def told(number: int = 0, text: str = LAMP, **more: Any) -> Told:
    facts = {"lon": LON, "lat": LAT, "area_code": GRID_1, "item": "", "text": text, "at": NOW}
    return Told(**(facts | {"case_id": uuid.UUID(int=number)} | more))


def north(metres: float) -> float:
    return LAT + metres / 111_320


def found(one: Told, *others: Told, limits: Limits | None = None) -> list[int]:
    return [each.case_id.int for each in choose(one, others, limits or Limits())]


def test_one_item_close_by_within_a_day_whatever_the_words() -> None:
    lamp = told(item="0212")
    other = "灯杆歪了快倒"
    assert found(lamp, told(1, other, item="0212", lat=north(49))) == [1]
    assert found(lamp, told(1, other, item="0212", lat=north(51))) == []
    assert found(lamp, told(1, other, item="0211", lat=north(10))) == []
    assert found(lamp, told(1, item="0212", at=NOW - timedelta(hours=25))) == []
    assert found(lamp, told(1, item="0212", at=NOW - timedelta(hours=24))) == [1]
    near = Limits(within_m=20, within=timedelta(hours=2))
    assert found(lamp, told(1, other, item="0212", lat=north(30)), limits=near) == []


def test_words_alike_in_one_place_and_two_items_need_more_of_them() -> None:
    paraphrase = "和兴路口路灯坏了三天了"
    assert found(told(), told(1, paraphrase)) == [1]
    assert found(told(item="0212"), told(1, paraphrase, item="0104")) == []
    assert found(told(item="0212"), told(1, LAMP, item="0104")) == [1]


def test_further_off_only_the_same_door_speaks_for_it() -> None:
    there = {"lat": north(90), "item": "0212"}
    assert found(told(item="0212"), told(1, "和兴路18号灯坏了", **there)) == [1]
    assert found(told(item="0212"), told(1, "和兴路46号路灯三天不亮了", **there)) == []
    assert found(told(item="0212"), told(1, "路灯三天不亮了", **there)) == []
    assert found(told(item="0212"), told(1, LAMP, item="0212", lat=north(400))) == []


def test_without_a_pin_the_words_must_be_very_alike() -> None:
    unplaced = {"lon": None, "lat": None}
    assert found(told(), told(1, LAMP, **unplaced)) == [1]
    assert found(told(), told(1, "巷口路灯坏了", **unplaced)) == []


def test_the_likeliest_comes_first_and_says_why() -> None:
    one = told(item="0212")
    same = told(1, "灯杆歪了", item="0212", lat=north(23), at=NOW - timedelta(hours=1))
    alike = told(2, LAMP, lat=north(5), at=NOW + timedelta(minutes=5))
    best, second = choose(one, [alike, same], Limits())
    assert (best.case_id.int, second.case_id.int) == (1, 2)
    with override("zh-hans"):
        assert reason_words(best) == "同一事项，相距 23 米，1 小时前"
        assert reason_words(second) == "文字相近（100%），相距 5 米，5 分钟后"
        vague = Likely(uuid.UUID(int=1), None, 0.5, False, timedelta())
        assert "地点" in reason_words(vague)


# --- looked up


def lamp_at(town: Town, metres: float = 0, text: str = LAMP, **more: Any) -> Case:
    return town.report(text, area="", lon=LON, lat=north(metres), **more)


def test_open_cases_around_are_found_from_both_sides(town: Town) -> None:
    first = lamp_at(town)
    elsewhere = town.report(LAMP, area=GRID_3)
    by_phone = town.report(LAMP, area=GRID_1[:12])
    second = lamp_at(town, 20, "和兴路18号路灯不亮，三天了")
    assert {case for case, _why in likely_of(second)} == {first, by_phone}
    assert second in {case for case, _why in likely_of(first)}
    assert elsewhere not in {case for case, _why in likely_of(by_phone)}
    assert likely_of(second, by=town.far_worker) == []


def test_a_district_may_set_its_own_limits(town: Town) -> None:
    first = lamp_at(town, item=OPINION)
    second = lamp_at(town, 40, "灯杆歪了快倒", item=OPINION)
    assert [case for case, _why in likely_of(second)] == [first]
    DuplicateLimits.objects.create(district_code=DISTRICT, within_m=30)
    assert likely_of(second) == []


def closed_before(town: Town) -> Case:
    case = lamp_at(town, item=OPINION)
    return town.bring_to("closed", town.do("escalate", case, by="village_dispatcher"))


def test_what_was_closed_here_not_long_ago_comes_again(town: Town) -> None:
    before = closed_before(town)
    assert before.ended_at is not None
    again = lamp_at(town, 20, item=OPINION, now=before.ended_at + timedelta(days=29))
    assert [each.case for each in repeats_of(again)] == [before]
    late = lamp_at(town, 20, item=OPINION, now=before.ended_at + timedelta(days=31))
    assert [each.case for each in repeats_of(late)] == []
    assert repeats_of(lamp_at(town, 80, item=OPINION)) == []
    assert repeats_of(lamp_at(town, 20, item=FACTORY)) == []


def test_the_job_after_a_report_keeps_what_it_found(town: Town) -> None:
    before = closed_before(town)
    first, second = lamp_at(town, item=OPINION), lamp_at(town, 10, item=OPINION)
    for _twice in range(2):  # the job may come twice
        look(second.pk, town.now)
    rows = LikelyDuplicate.objects.filter(case=second)
    assert {(row.other, row.repeat, row.same_item) for row in rows} == {
        (first, False, True),
        (before, True, True),
    }
    assert look(uuid.UUID(int=1), town.now) == 0
    assert town.verbs(second) == ["report"]  # it is a hint, not an event


# --- followers of a merge


def test_who_reported_a_merged_case_hears_of_the_end_of_the_main_one(town: Town) -> None:
    main = town.bring_to("handled")
    first = town.town_case(by=town.worker, channel=Channel.PATROL, **patrol(town))
    town.do("merge", first, into=main.pk)
    main = town.do("close", town.do("check_pass", main))
    for job in ProcrastinateJob.objects.filter(task_name="tell"):
        tell_later(**job.args)
    (told_so,) = Notice.objects.filter(kind="followed_closed")
    assert told_so.account == town.accounts["worker"]
    assert told_so.case_id == first.pk
    assert main.number[-8:] in told_so.body


def patrol(town: Town) -> dict[str, Any]:
    photo = town.photo("photo_before", by="worker")
    return {"area": "", "lon": LON, "lat": LAT, "photos": (photo.pk,)}


# --- precision and recall


def test_the_generated_reports_are_the_same_for_the_same_seed() -> None:
    from datetime import UTC, datetime

    from huying.benchmarks.duplicates import generate

    start = datetime(2024, 3, 1, tzinfo=UTC)
    spots = [(113.4, 22.9, GRID_1), (113.5, 22.95, GRID_3)]
    made = generate(20, spots, start)
    assert made == generate(20, spots, start)
    assert made == sorted(made, key=lambda each: each.at)
    many = {each.matter for each in made}
    assert len(many) == 80  # each with its three near misses
    assert len(made) > len(many)
