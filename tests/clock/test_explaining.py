"""Deadlines in words, Chinese and English."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from clock_moments import CALENDAR, shanghai
from django.utils import translation

import huying.clock
from huying.clock.deadlines import due
from huying.clock.explaining import (
    countdown_words,
    explain,
    explain_stages,
    lasting_words,
    limit_words,
    over_words,
    warnings,
)
from huying.clock.lights import Light, countdown
from huying.clock.limits import Clock, Limit, Pause
from huying.clock.stages import CaseTimes, Stage, StageLimits, deadlines

PACKAGE = Path(huying.clock.__file__).parent
PART = PACKAGE.parent / "locale" / "parts" / "clock.po"

NATIONAL_DAY = due(
    shanghai("2019-09-27 17:00"),
    Limit(5, Clock.WORK_DAY),
    CALENDAR,
    [Pause(shanghai("2019-10-09 08:30"), shanghai("2019-10-09 10:00"))],
    [Limit(4, Clock.WORK_HOUR)],
)


def translations() -> dict[str, str]:
    text = PART.read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid "(.*)"\nmsgstr "(.*)"$', text, flags=re.MULTILINE)
    return dict(pairs)


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words from this area's own translations, whether or not they are compiled yet."""
    words = translations()
    monkeypatch.setattr("huying.clock.explaining._", lambda text: words[text])


@pytest.fixture
def english() -> object:
    with translation.override("en"):
        yield


def test_every_message_is_translated_with_the_same_fields() -> None:
    asked = set()
    for module in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "gettext_noop")
                and isinstance(node.args[0], ast.Constant)
            ):
                asked.add(node.args[0].value)
    words = translations()
    assert asked == set(words)
    fields = re.compile(r"%\((\w+)\)")
    for english, chinese in words.items():
        assert chinese
        assert set(fields.findall(english)) == set(fields.findall(chinese))


def test_why_in_english(english: None) -> None:
    assert explain(NATIONAL_DAY) == [
        "Counted from 2019-09-27 (Fri) 17:00.",
        "The limit is 5 work days, at 7 hours of working time a day 35 hours together.",
        "Extended by 4 work hours.",
        "Only working time counts: 08:30–12:00, 14:00–17:30.",
        "Not counted: 1 weekend day.",
        "Not counted: 国庆节, 7 days (2019-10-01 (Tue) to 2019-10-07 (Mon)).",
        "Counted as a make-up work day for 国庆节: 2019-09-29 (Sun).",
        "Paused from 2019-10-09 (Wed) 08:30 to 2019-10-09 (Wed) 10:00; "
        "the deadline moved by 1 hour 30 minutes.",
        "So it is due at 2019-10-11 (Fri) 15:30.",
    ]


@pytest.mark.usefixtures("chinese")
def test_why_in_chinese() -> None:
    assert explain(NATIONAL_DAY) == [
        "自2019年9月27日（周五）17:00起计时。",
        "时限为 5 个工作日，每个工作日按 7 小时计，共 35 小时工作时间。",
        "经批准延期 4 个工作小时。",
        "仅计工作时间：08:30–12:00、14:00–17:30。",
        "扣除周末 1 天。",
        "扣除国庆节 7 天：2019年10月1日（周二）至2019年10月7日（周一）。",
        "国庆节调休上班计入：2019年9月29日（周日）。",
        "2019年10月9日（周三）08:30至2019年10月9日（周三）10:00暂停计时，时限顺延 1 小时 30 分钟。",
        "因此应于2019年10月11日（周五）15:30前完成。",
    ]


@pytest.mark.usefixtures("chinese")
def test_a_case_is_explained_stage_by_stage() -> None:
    limits = StageLimits.from_catalogue(accept_limit_min=30, total_limit_hours=24)
    case = deadlines(limits, CaseTimes(received_at=shanghai("2019-07-11 10:00")), CALENDAR)
    accept, total = explain_stages(case, now=shanghai("2019-07-11 10:25"))
    assert (accept.stage, accept.title, accept.light) == (Stage.ACCEPT, "立案时限", Light.YELLOW)
    assert (total.stage, total.light) == (Stage.TOTAL, Light.GREEN)
    assert "立案时限：时限为 30 分钟，昼夜连续计时，节假日不扣除。" in explain(case)


@pytest.mark.usefixtures("chinese")
def test_an_open_pause_in_words() -> None:
    held = due(
        shanghai("2019-07-11 10:00"),
        Limit(4, Clock.NATURAL_HOUR),
        CALENDAR,
        [Pause(shanghai("2019-07-11 11:00"))],
    )
    assert explain(held)[-2:] == [
        "自2019年7月11日（周四）11:00起暂停计时，恢复时间未定。",
        "目前暂停计时，恢复后再确定截止时间，剩余 3 小时。",
    ]
    now = shanghai("2019-07-12 11:00")
    words = countdown_words(countdown(held, now), CALENDAR, now)
    assert words == "剩余 3 小时，暂停计时，恢复时间未定"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2019-07-12 17:10", "剩余 6 小时 50 分钟"),
        ("2019-07-12 20:00", "剩余 6 小时 30 分钟，暂停至 7月15日 8:30"),
        ("2019-07-15 07:00", "剩余 6 小时 30 分钟，暂停至 8:30"),
        ("2019-07-15 12:30", "剩余 3 小时，暂停至 14:00"),
        ("2019-07-15 17:20", "超时 20 分钟"),
    ],
)
def test_countdowns_in_words(now: str, words: str) -> None:
    moment = shanghai(now)
    found = due(shanghai("2019-07-12 17:00"), Limit(1, Clock.WORK_DAY), CALENDAR)
    assert countdown_words(countdown(found, moment), CALENDAR, moment) == words


@pytest.mark.usefixtures("chinese")
def test_how_long_it_is_over_in_few_words() -> None:
    found = due(shanghai("2019-07-12 17:00"), Limit(1, Clock.WORK_DAY), CALENDAR)
    night, later = (
        countdown(found, shanghai(at)) for at in ("2019-07-16 07:00", "2019-07-17 17:25")
    )
    assert over_words(night) == "超时 30 分钟"
    assert over_words(later) == "超时 14 小时"


@pytest.mark.usefixtures("chinese")
def test_a_finished_countdown_in_words() -> None:
    found = due(shanghai("2019-07-11 10:00"), Limit(4, Clock.NATURAL_HOUR), CALENDAR)
    now = shanghai("2019-08-01 10:00")
    early = countdown(found, now, done_at=shanghai("2019-07-11 12:30"))
    assert countdown_words(early, CALENDAR, now) == "提前 1 小时 30 分钟完成"
    late = countdown(found, now, done_at=shanghai("2019-07-11 15:00"))
    assert countdown_words(late, CALENDAR, now) == "超时 1 小时完成"


@pytest.mark.usefixtures("chinese")
def test_an_unknown_year_is_warned_of_once() -> None:
    start = shanghai("2026-12-30 09:30")
    dues = [due(start, Limit(amount, Clock.WORK_DAY), CALENDAR) for amount in (3, 5)]
    warning = "2027年节假日安排尚未录入，暂按周一至周五为工作日计算。"
    assert warnings(dues) == [warning]
    assert warning in explain(dues[0])


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(1, Clock.WORK_DAY), "1 work day"),
        (Limit.in_minutes(15), "15 minutes"),
        (Limit.in_minutes(120), "2 hours"),
        (Limit.in_minutes(90), "90 minutes"),
    ],
)
def test_limits_in_words(english: None, limit: Limit, words: str) -> None:
    assert limit_words(limit) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 分钟"), (61, "1 小时 1 分钟"), (1440, "1 天"), (49 * 60 + 59, "2 天 1 小时")],
)
def test_how_long_something_took_in_its_two_largest_units(
    chinese: None, minutes: int, words: str
) -> None:
    assert lasting_words(timedelta(minutes=minutes)) == words
