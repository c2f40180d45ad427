"""The written form of routing rules: lines that people write and read. Pure.

    规则 gas-night 夜间燃气警情
    当 事项 0203
    当 地点 440113120、440113102
    当 文字 煤气味、汽油味
    当 时间 非工作时间
    则 牵头 队伍 企业商铺类
    则 协办 部门 消防、部门 公安派出所
    则 时限 2 小时
    则 优先 特急

A rule begins with 规则, its code and its name. Each 当 is a condition, each 则 a part of what is to
become of the matter; values are separated by 、 and order is free. An empty line changes nothing.
A text becomes data and data becomes this text again, word for word in one order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from huying.cases.models import Channel
from huying.catalogue.models import Kind
from huying.clock.limits import Clock
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
    Window,
    Working,
    faults,
    proved,
)
from huying.places.models import Level

T = TypeVar("T")

RULE, WHEN, THEN = "规则", "当", "则"

CHANNELS: Final[Mapping[str, Channel]] = {
    "网格巡查": Channel.PATROL,
    "指挥中心": Channel.DESK,
    "热线": Channel.HOTLINE,
    "来访": Channel.WALK_IN,
    "居民留言": Channel.MESSAGE,
    "居民": Channel.RESIDENT,
    "接入系统": Channel.API,
}
KINDS: Final[Mapping[str, Kind]] = {
    "简单": Kind.SIMPLE,
    "复杂": Kind.COMPLEX,
    "紧急": Kind.EMERGENCY,
}
DAYS: Final[Mapping[str, DayType]] = {
    "工作日": DayType.WORK,
    "休息日": DayType.OFF,
    "节假日": DayType.HOLIDAY,
}
HOURS: Final[Mapping[str, Working]] = {"工作时间": Working.HOURS, "非工作时间": Working.REST}
LEVELS: Final[Mapping[str, Level]] = {
    "网格": Level.GRID,
    "村社区": Level.COMMUNITY,
    "镇街": Level.TOWN,
    "区": Level.DISTRICT,
}
CLOCKS: Final[Mapping[str, Clock]] = {
    "小时": Clock.NATURAL_HOUR,
    "天": Clock.NATURAL_DAY,
    "工作小时": Clock.WORK_HOUR,
    "工作日": Clock.WORK_DAY,
}
PRIORITIES: Final[Mapping[str, Priority]] = {
    "普通": Priority.NORMAL,
    "加急": Priority.HIGH,
    "特急": Priority.URGENT,
}
WHOSE: Final[Mapping[str, Whose]] = {
    "部门": Whose.DEPARTMENT,
    "队伍": Whose.TEAM,
    "单位": Whose.UNIT,
    "指挥中心": Whose.DESK,
    "领导": Whose.LEADER,
}
CATALOGUE: Final = "清单部门"
"""The item's own lead department, whichever it is."""

CONDITIONS: Final = {
    "事项": "items",
    "地点": "areas",
    "渠道": "channels",
    "性质": "kinds",
    "日期": "days",
    "时间": "hours",
    "文字": "words",
}
OUTCOMES: Final = {
    "层级": "level",
    "牵头": "lead",
    "协办": "assist",
    "时限": "allowed",
    "优先": "priority",
    "通知": "notify",
}

_SEPARATOR: Final = re.compile(r"\s*[、，,]\s*")
_TIME: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-－–~至]\s*(\d{1,2})[:：](\d{2})")
_LIMIT: Final = re.compile(r"(\d+)\s*(\S+)")


# --- writing


def text_of(rules: Iterable[Rule]) -> str:
    """The rules in the one order in which they are written."""
    return "\n".join(rule_text(rule) for rule in rules)


def rule_text(rule: Rule) -> str:
    """One rule's lines."""
    lines = [f"{RULE} {rule.code} {rule.name}"]
    lines += [f"{WHEN} {name} {said}" for name, said in conditions_said(rule.when)]
    lines += [f"{THEN} {name} {said}" for name, said in outcome_said(rule.then)]
    return "\n".join(lines) + "\n"


def conditions_said(when: Conditions) -> list[tuple[str, str]]:
    """Each condition that asks for something, as it is written."""
    said: dict[str, Iterable[str]] = {
        "事项": when.items,
        "地点": when.areas,
        "渠道": [_key(CHANNELS, each) for each in when.channels],
        "性质": [_key(KINDS, each) for each in when.kinds],
        "日期": [_key(DAYS, each) for each in when.days],
        "时间": [_window(each) for each in when.hours],
        "文字": when.words,
    }
    return [(name, "、".join(values)) for name, values in said.items() if values]


def outcome_said(then: Outcome) -> list[tuple[str, str]]:
    """Each part of the outcome, as it is written."""
    said: dict[str, str] = {
        "层级": _key(LEVELS, then.level) if then.level is not None else "",
        "牵头": targets_said(then.lead),
        "协办": targets_said(then.assist),
        "时限": (
            f"{then.allowed.amount} {_key(CLOCKS, then.allowed.clock)}" if then.allowed else ""
        ),
        "优先": _key(PRIORITIES, then.priority) if then.priority else "",
        "通知": targets_said(then.notify),
    }
    return [(name, value) for name, value in said.items() if value]


def targets_said(targets: Iterable[Target]) -> str:
    return "、".join(map(target_said, targets))


def target_said(target: Target) -> str:
    if target.whose is Whose.CATALOGUE:
        return CATALOGUE
    name = target.name
    if target.whose in (Whose.DESK, Whose.LEADER):
        name = _key(LEVELS, Level(name))
    return f"{_key(WHOSE, target.whose)} {name}"


def _window(window: Window) -> str:
    if isinstance(window, Working):
        return _key(HOURS, window)
    return f"{_clock(window.start)}-{_clock(window.end)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _key(table: Mapping[str, T], value: T) -> str:
    return next(name for name, each in table.items() if each == value)


# --- reading


def read(text: str) -> tuple[Rule, ...]:
    """The rules that a text says.

    Raises:
        InvalidRule: the first line that cannot be understood, or the first rule that cannot be.
    """
    rules: list[Rule] = []
    begun = 0

    def finish() -> None:
        if rules and (wrong := faults(rules[-1])):
            raise InvalidRule(f"{rules[-1].code}: {wrong[0]}", line=begun)

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().replace("\u3000", " ")
        if not line:
            continue
        head, _space, rest = line.partition(" ")
        rest = rest.strip()
        if head == RULE:
            finish()
            code, _space, name = rest.partition(" ")
            rules.append(Rule(code, name.strip()))
            begun = number
            continue
        if not rules:
            raise InvalidRule(
                _("A rule begins with “%(rule)s”, its code and its name.") % {"rule": RULE},
                line=number,
            )
        name, _space, said = rest.partition(" ")
        try:
            rules[-1] = _with(rules[-1], head, name, said.strip())
        except InvalidRule as error:
            raise InvalidRule(str(error), line=number) from None
    finish()
    return proved(rules)


def _with(rule: Rule, head: str, name: str, said: str) -> Rule:
    """The rule with one more line read."""
    part: Any
    empty: Any
    if head == WHEN and name in CONDITIONS:
        attribute, part = CONDITIONS[name], rule.when
        value = _CONDITION[attribute](values_of(said))
        empty = Conditions()
    elif head == THEN and name in OUTCOMES:
        attribute, part = OUTCOMES[name], rule.then
        value = _OUTCOME[attribute](said)
        empty = Outcome()
    else:
        raise InvalidRule(
            _("A line begins with “%(when)s” and a condition, or “%(then)s” and an outcome.")
            % {"when": WHEN, "then": THEN}
        )
    if not said:
        raise InvalidRule(_("Nothing is said after “%(name)s”.") % {"name": name})
    if getattr(part, attribute) != getattr(empty, attribute):
        raise InvalidRule(_("“%(name)s” is said twice.") % {"name": name})
    changed: Any = replace(part, **{attribute: value})
    return replace(rule, when=changed) if head == WHEN else replace(rule, then=changed)


def values_of(said: str) -> list[str]:
    """The values of a line, one by one."""
    return [value for value in _SEPARATOR.split(said.strip()) if value]


def targets_of(said: str) -> tuple[Target, ...]:
    """Who is named.

    Raises:
        InvalidRule: somebody is named in a way that is not known.
    """
    return tuple(map(_target, values_of(said)))


def windows_of(said: str) -> tuple[Window, ...]:
    """The times of day that are named.

    Raises:
        InvalidRule: one of them is none.
    """
    return tuple(map(_read_window, values_of(said)))


def _target(said: str) -> Target:
    if said == CATALOGUE:
        return Target(Whose.CATALOGUE)
    kind, _space, name = said.partition(" ")
    whose, name = _from(WHOSE, kind), name.strip()
    if whose in (Whose.DESK, Whose.LEADER):
        name = str(_from(LEVELS, name))
    return Target(whose, name)


def _read_window(said: str) -> Window:
    if said in HOURS:
        return HOURS[said]
    found = _TIME.fullmatch(said)
    if found is None:
        raise InvalidRule(_("“%(said)s” is not understood.") % {"said": said})
    a, b, c, d = map(int, found.groups())
    if b > 59 or d > 59:
        raise InvalidRule(_("“%(said)s” is not understood.") % {"said": said})
    return Span(a * 60 + b, c * 60 + d)


def _limit(said: str) -> Allowed:
    found = _LIMIT.fullmatch(said)
    if found is None:
        raise InvalidRule(_("“%(said)s” is not understood.") % {"said": said})
    return Allowed(int(found[1]), _from(CLOCKS, found[2]))


def _from(table: Mapping[str, T], word: str) -> T:
    if word not in table:
        raise InvalidRule(
            _("“%(word)s” is none of: %(known)s.") % {"word": word, "known": "、".join(table)}
        )
    return table[word]


def _each(table: Mapping[str, T]) -> Callable[[list[str]], tuple[T, ...]]:
    return lambda values: tuple(_from(table, value) for value in values)


_CONDITION: Final[Mapping[str, Callable[[list[str]], tuple[Any, ...]]]] = {
    "items": tuple,
    "areas": tuple,
    "channels": _each(CHANNELS),
    "kinds": _each(KINDS),
    "days": _each(DAYS),
    "hours": lambda values: tuple(map(_read_window, values)),
    "words": tuple,
}
_OUTCOME: Final[Mapping[str, Callable[[str], Any]]] = {
    "level": lambda said: _from(LEVELS, said),
    "lead": targets_of,
    "assist": targets_of,
    "allowed": _limit,
    "priority": lambda said: _from(PRIORITIES, said),
    "notify": targets_of,
}
