"""Rules as text and as data, which one decides, and what is proved before they are published."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.cases.models import Channel
from huying.catalogue.models import Kind
from huying.clock.calendar import Day, DayKind, WorkingCalendar
from huying.clock.limits import Clock
from huying.dispatch import grammar
from huying.dispatch.proving import Fault, Finding, ItemFacts, UnitFacts, World, prove
from huying.dispatch.rules import (
    Allowed,
    Conditions,
    DayType,
    InvalidRule,
    Outcome,
    Priority,
    Rule,
    Span,
    Target,
    Whose,
    Working,
    as_data,
    faults,
    from_data,
)
from huying.dispatch.ruling import Book, Condition, Facts, Ruling, decide
from huying.places.models import Level
from tests.cases.town import DAY, at

NIGHT = """
规则 gas-night 夜间燃气警情
当 事项 02
当 地点 440113120
当 渠道 热线、居民
当 日期 休息日、节假日
当 时间 非工作时间、12:00-13:30
当 文字 煤气味、汽油味
则 层级 镇街
则 牵头 队伍 企业商铺类、清单部门
则 协办 部门 消防
则 时限 2 小时
则 优先 特急
则 通知 领导 镇街、指挥中心 区、单位 440113120-yjglb
"""

CALENDAR = WorkingCalendar(days={DAY.replace(day=12): Day(DayKind.HOLIDAY, "店庆")})
"""11 July 2019 is a Thursday; here the Friday after it is a holiday, then comes a weekend."""


def facts(**more: Any) -> Facts:
    return Facts(
        **(
            {
                "item_code": "0203",
                "area_code": "440113120213001",
                "channel": "hotline",
                "kind": "emergency",
                "at": at("2019-07-13 22:00"),
                "text": "楼道里煤气味很重",
            }
            | more
        )
    )


def ruling(text: str, /, **more: Any) -> Ruling:
    return decide(Book(grammar.read(text), CALENDAR.hours), facts(**more), CALENDAR)


def decider(text: str, /, **more: Any) -> str:
    rule = ruling(text, **more).rule
    return rule.code if rule is not None else ""


# --- text and data

codes = st.from_regex(r"[a-z0-9][a-z0-9-]{0,23}", fullmatch=True)
words = st.text("煤气味汽油臭声abc", min_size=1, max_size=6)


def some(values: Any, most: int = 3) -> Any:
    return st.lists(values, max_size=most, unique=True).map(tuple)


places = st.sampled_from(["440113", "440113120", "440113120213", "440113120213001"])
spans = st.builds(Span, st.integers(0, 1439), st.integers(1, 1440)).filter(
    lambda each: each.start != each.end
)
acting = st.one_of(
    st.just(Target(Whose.CATALOGUE)),
    st.builds(
        Target,
        st.sampled_from([Whose.DEPARTMENT, Whose.TEAM, Whose.UNIT]),
        st.sampled_from(["水务(河长办)", "消防", "440113120-yjglb"]),
    ),
)
telling = st.one_of(
    acting,
    st.builds(
        Target,
        st.sampled_from([Whose.DESK, Whose.LEADER]),
        st.sampled_from(["community", "town", "district"]),
    ),
)
rules = st.builds(
    Rule,
    code=codes,
    name=st.text("夜间燃气 A1", min_size=1, max_size=12).map(lambda s: " ".join(s.split()) or "名"),
    when=st.builds(
        Conditions,
        items=some(st.from_regex(r"0[1-4](0[1-9])?", fullmatch=True)),
        areas=some(places),
        channels=some(st.sampled_from(Channel)),
        kinds=some(st.sampled_from(Kind)),
        days=some(st.sampled_from(DayType)),
        hours=some(st.one_of(st.sampled_from(Working), spans)),
        words=some(words),
    ),
    then=st.builds(
        Outcome,
        level=st.sampled_from([None, *Level]),
        lead=some(acting, 2),
        assist=some(acting, 2),
        allowed=st.one_of(
            st.none(), st.builds(Allowed, st.integers(1, 1000), st.sampled_from(Clock))
        ),
        priority=st.sampled_from(Priority),
        notify=some(telling),
    ),
).filter(lambda rule: not faults(rule))


@given(st.lists(rules, max_size=4, unique_by=lambda rule: rule.code))
def test_text_and_data_say_the_same(some_rules: list[Rule]) -> None:
    text = grammar.text_of(some_rules)
    assert grammar.read(text) == tuple(some_rules)
    assert grammar.text_of(grammar.read(text)) == text
    assert [from_data(as_data(rule)) for rule in some_rules] == some_rules


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (1, "当 事项 0203"),
        (2, "规则 a 甲\n当 天气 下雨\n则 优先 加急"),
        (2, "规则 a 甲\n当 渠道 飞鸽传书\n则 优先 加急"),
        (3, "规则 a 甲\n当 事项 0203\n当 事项 0204\n则 优先 加急"),
        (2, "规则 a 甲\n当 时间 8点\n则 优先 加急"),
        (2, "规则 a 甲\n则 时限 很快"),
        (1, "规则 a 甲\n当 事项 0203"),
        (1, "规则 大写 甲\n则 优先 加急"),
        (2, "规则 a 甲\n则 牵头 领导"),
        (1, "规则 a 甲\n则 牵头 领导 镇街"),
        (None, "规则 a 甲\n则 优先 加急\n规则 a 乙\n则 优先 加急"),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(line: int | None, text: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        grammar.read(text)
    assert caught.value.line == line


def test_data_that_is_no_rule_is_refused() -> None:
    for data in ({}, {"code": "a", "name": "甲", "then": {"priority": 9}}, {"code": "a"}):
        with pytest.raises(InvalidRule):
            from_data(data)


# --- which one decides


@pytest.mark.parametrize(
    ("failed", "more"),
    [
        (None, {}),
        (None, {"at": at("2019-07-12 12:00")}),
        (Condition.ITEMS, {"item_code": "0303"}),
        (Condition.AREAS, {"area_code": "440113"}),
        (Condition.CHANNELS, {"channel": "patrol"}),
        (Condition.DAYS, {"at": at("2019-07-11 22:00")}),
        (Condition.WORDS, {"text": "没有煤气味，只是路灯坏了"}),
        (Condition.WORDS, {"text": ""}),
    ],
)
def test_the_first_condition_that_fails_is_named(
    failed: Condition | None, more: dict[str, Any]
) -> None:
    found = ruling(NIGHT, **more)
    if failed is None:
        assert found.rule is not None
        assert found.others == ()
    else:
        assert found.rule is None
        assert [each.failed for each in found.others] == [failed]


def test_working_time_is_that_of_the_working_calendar() -> None:
    text = "规则 a 甲\n当 时间 工作时间\n则 优先 加急"
    assert decider(text, at=at("2019-07-11 10:00")) == "a"
    for outside in ("2019-07-11 12:30", "2019-07-11 17:30", "2019-07-12 10:00", "2019-07-13 10:00"):
        assert decider(text, at=at(outside)) == ""
        assert decider(text.replace("工作时间", "非工作时间"), at=at(outside)) == "a"
    night = "规则 a 甲\n当 时间 22:00-06:00\n则 优先 加急"
    assert [
        decider(night, at=at(f"2019-07-11 {hour}")) for hour in ("21:59", "22:00", "05:59", "06:00")
    ] == ["", "a", "a", ""]


def test_the_more_specific_rule_decides_whatever_the_order() -> None:
    general, item, place = (
        f"规则 {code} 规则\n{when}则 优先 加急\n"
        for code, when in (
            ("all", ""),
            ("item", "当 事项 02\n"),
            ("place", "当 事项 0203\n当 地点 440113120\n"),
        )
    )
    for text in (general + item + place, place + item + general):
        assert decider(text) == "place"
        assert decider(text, area_code="440113102") == "item"
        assert decider(text, item_code="0101") == "all"
    others = {each.rule.code: each for each in ruling(general + item + place).others}
    assert {code: getattr(each.narrower, "code", "") for code, each in others.items()} == {
        "all": "place",
        "item": "place",
    }


# --- before publishing

TOWNS = ("440113120", "440113102")
PLACES = ("440113", *TOWNS, *(f"{town}2{n}3" for town in TOWNS for n in (0, 1)))
GRID = "440113120203001"


def world(*units: UnitFacts) -> World:
    return World(
        items=(
            ItemFacts("0203", "emergency", "应急管理办"),
            ItemFacts("0204", "complex", "应急管理办"),
            ItemFacts("0303", "simple", "便民服务中心"),
        ),
        places=(*PLACES, GRID),
        units=units or OFFICES,
        hours=((time(8, 30), time(12)), (time(14), time(17, 30))),
    )


def office(department: str, area: str = "440113") -> UnitFacts:
    return UnitFacts(f"{area}-{department}", area, department, "", is_team=False)


def team(duty: str, area: str) -> UnitFacts:
    return UnitFacts(f"{area}-{duty}", area, "", duty, is_team=True)


OFFICES = (office("应急管理办"), office("便民服务中心"), office("消防"), team("企业类", "440113"))


def findings(text: str, *units: UnitFacts) -> list[Finding]:
    return prove(grammar.read(text), world(*units))


def faults_of(text: str, *units: UnitFacts) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(each.fault), each.rules) for each in findings(text, *units)]


A = "规则 a 甲\n{}\n则 牵头 部门 消防\n"
B = "规则 b 乙\n{}\n则 牵头 队伍 企业类\n"


def test_rules_that_leave_nothing_open_have_no_findings() -> None:
    assert findings("") == []
    assert findings(A.format("当 事项 0203") + B.format("当 事项 0203\n当 文字 煤气味")) == []


def test_a_tie_is_found_with_a_matter_that_shows_it() -> None:
    text = A.format("当 事项 0204") + B.format("当 地点 440113120\n当 文字 烟、火")
    (found,) = findings(text)
    assert (found.fault, found.rules) == (Fault.TIE, ("a", "b"))
    shown = found.example
    assert shown is not None
    assert (shown.item, shown.area[:9], shown.words) == ("0204", "440113120", ("烟",))
    # It is a tie indeed: each of the two would decide the example alone.
    given = {"item_code": shown.item, "area_code": shown.area, "text": "烟", "kind": shown.kind}
    both = grammar.read(text)
    assert all(decide(Book((rule,)), facts(**given), CALENDAR).rule for rule in both)
    # A third rule for what they share settles it, and wanting the same is no tie.
    settled = "规则 c 丙\n当 事项 0204\n当 地点 440113120\n当 文字 烟、火\n则 优先 加急\n"
    assert findings(text + settled) == []
    assert findings(text.replace("则 牵头 队伍 企业类", "则 牵头 部门 消防")) == []


@pytest.mark.parametrize(
    ("one", "other", "tied"),
    [
        ("当 时间 工作时间", "当 日期 休息日、节假日", False),
        ("当 时间 工作时间", "当 时间 10:00-11:00\n当 渠道 热线", True),
        ("当 时间 非工作时间", "当 日期 休息日\n当 渠道 热线", False),
        ("当 性质 简单", "当 事项 0203", False),
        ("当 性质 紧急", "当 事项 0204", True),
        ("当 文字 煤气味", "当 文字 汽油味", True),
        ("当 地点 440113120", "当 地点 440113102", False),
        ("当 地点 440113120203001", "当 地点 440113120", False),
    ],
)
def test_what_is_a_tie_and_what_is_none(one: str, other: str, tied: bool) -> None:
    found = faults_of(A.format(one) + B.format(other))
    assert (("tie", ("a", "b")) in found) is tied


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A.format("当 时间 工作时间\n当 日期 休息日"), ("contradictory", ("a",))),
        (A.format("当 事项 0203\n当 性质 简单"), ("contradictory", ("a",))),
        (A.format("当 事项 0499"), ("unknown", ("a",))),
        (A.format("当 地点 440113120203009"), ("unknown", ("a",))),
        (A.format("当 事项 0203").replace("消防", "消防队"), ("unknown", ("a",))),
        # Two halves that leave nothing of the whole.
        (
            A.format("当 事项 0203")
            + B.format("当 事项 0203\n当 时间 08:00-20:00")
            + "规则 c 丙\n当 事项 0203\n当 时间 20:00-08:00\n则 优先 加急",
            ("shadowed", ("a", "b", "c")),
        ),
        (
            A.format("当 文字 烟、火") + A.format("当 文字 火、烟").replace(" a ", " b "),
            ("shadowed", ("b", "a")),
        ),
    ],
)
def test_rules_that_can_never_decide(text: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert expected in faults_of(text)


def test_every_item_has_a_unit_in_every_town() -> None:
    some_units = [office("应急管理办"), *(office("便民服务中心", town) for town in TOWNS)]
    assert findings("", *some_units) == []
    (found,) = findings("", *some_units[:-1])
    assert (found.fault, found.rules, found.item, found.town, found.communities) == (
        Fault.NO_UNIT,
        (),
        "0303",
        "440113102",
        2,
    )
    # Half a town is not a town.
    half = [*some_units[:-1], office("便民服务中心", "440113102203")]
    assert [(each.town, each.communities) for each in findings("", *half)] == [("440113102", 1)]
    # A rule that names a team is held to its own word, in the places where it decides.
    by_team = B.format("当 事项 0303\n当 文字 烟")
    found_by_rule = findings(by_team, *some_units, team("企业类", "440113120"))
    assert [(each.rules, each.town) for each in found_by_rule] == [(("b",), "440113102")]
    there = by_team.replace("当 文字", "当 地点 440113120\n当 文字")
    assert findings(there, *some_units, team("企业类", "440113120")) == []
