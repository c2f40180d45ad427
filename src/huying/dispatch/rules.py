"""A routing rule as data: what a matter must be like, and what is to become of it. Pure.

The same rule is a frozen dataclass, a JSON object (`as_data`, `from_data`), and lines of a small
written grammar (`dispatch.grammar`); none of the three says more than the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from huying.cases.models import Channel
from huying.catalogue.models import Kind
from huying.clock.limits import Clock
from huying.errors import BadInput
from huying.places.models import Level


class DayType(StrEnum):
    """What kind of day it is on the working calendar; every day is exactly one of them."""

    WORK = "work"
    OFF = "off"
    HOLIDAY = "holiday"


class Priority(IntEnum):
    """How much a matter presses, beside its deadline; the queue marks it."""

    NORMAL = 0
    HIGH = 1
    URGENT = 2


class Whose(StrEnum):
    """The ways in which a rule names who shall act or be told."""

    CATALOGUE = "catalogue"
    """The item's own lead department."""
    DEPARTMENT = "department"
    TEAM = "team"
    UNIT = "unit"
    DESK = "desk"
    LEADER = "leader"


ACTING: Final = frozenset({Whose.CATALOGUE, Whose.DEPARTMENT, Whose.TEAM, Whose.UNIT})
"""Who can be given work; all of them and desks and leaders can be told."""

DAY_MINUTES: Final = 1440
MOST_RULES: Final = 500
LONGEST_WORD: Final = 20
LONGEST_NAME: Final = 40

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_ITEM: Final = re.compile(r"\d{2}(\d{2})?")
_AREA: Final = re.compile(r"\d{6}(\d{3}){0,3}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one minute of the day to another, the end left out; 22:00–06:00 goes over midnight."""

    start: int
    end: int


class Working(StrEnum):
    """The calendar's own working time, and all the rest."""

    HOURS = "working"
    REST = "rest"


Window = Span | Working


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Somebody: a department by its catalogue name, a team by its duty, a unit by its code, a desk
    or the leaders of a level."""

    whose: Whose
    name: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a matter must be like. An empty condition asks for nothing; of several values one
    suffices; all conditions must hold.

    Attributes:
        items: codes of items (4 digits) or whole categories (2 digits).
        areas: codes of divisions or grids; what lies in one of them is meant.
        words: the report tells of one of them and does not deny it.
        hours: when the report came in.
    """

    items: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    kinds: tuple[Kind, ...] = ()
    days: tuple[DayType, ...] = ()
    hours: tuple[Window, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long handling may take by a rule, instead of by the catalogue."""

    amount: int
    clock: Clock


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to become of the matter; what is left out stays with the catalogue.

    Attributes:
        lead: who may lead; of several the one whose level fits, then the one with less to do.
    """

    level: Level | None = None
    lead: tuple[Target, ...] = ()
    assist: tuple[Target, ...] = ()
    allowed: Allowed | None = None
    priority: Priority = Priority.NORMAL
    notify: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``code`` names it in events and in the log, for ever."""

    code: str
    name: str
    when: Conditions = field(default_factory=Conditions)
    then: Outcome = field(default_factory=Outcome)

    def __str__(self) -> str:
        return f"{self.code} {self.name}".rstrip()


class InvalidRule(BadInput):
    """A rule that cannot be; says which, where and why.

    Attributes:
        line: the line of the text at fault, where it was a text.
    """

    code = "invalid_rule"
    line: int | None

    def __init__(self, words: str, *, line: int | None = None) -> None:
        self.line = line
        said = (
            words
            if line is None
            else _("Line %(line)d: %(words)s")
            % {
                "line": line,
                "words": words,
            }
        )
        super().__init__(said, field="rules", **({} if line is None else {"line": line}))


def faults(rule: Rule) -> list[str]:
    """What is wrong with a rule in itself, whatever the catalogue and the units are."""
    when, then = rule.when, rule.then
    found = []
    if not _CODE.fullmatch(rule.code):
        found.append(_("A rule's code has small letters, digits and hyphens, at most 24."))
    if not _is_name(rule.name):
        found.append(_("A rule needs a name of at most %(n)d characters.") % {"n": LONGEST_NAME})
    found += [
        _("“%(code)s” is no code of an item or category.") % {"code": code}
        for code in when.items
        if not _ITEM.fullmatch(code)
    ]
    found += [
        _("“%(code)s” is no code of a division or grid.") % {"code": code}
        for code in when.areas
        if not _AREA.fullmatch(code)
    ]
    found += [
        _("“%(word)s” cannot be a word to look for.") % {"word": word}
        for word in when.words
        if not is_word(word)
    ]
    found += [
        _("A time of day lies between 00:00 and 24:00, and ends when it does not begin.")
        for span in when.hours
        if isinstance(span, Span) and not _is_span(span)
    ]
    for name, targets in (("lead", then.lead), ("assist", then.assist), ("notify", then.notify)):
        found += [
            _("“%(name)s” cannot be named here.") % {"name": target.name or target.whose}
            for target in targets
            if not _is_target(target, telling=name == "notify")
        ]
    if then.allowed is not None and not 0 < then.allowed.amount <= 1000:
        found.append(_("A limit is between 1 and 1000."))
    if set(then.lead) & set(then.assist):
        found.append(_("A unit cannot lead and assist at once."))
    if then == Outcome():
        found.append(_("A rule must say what is to become of the matter."))
    for values in (*_lists(when), then.lead, then.assist, then.notify):
        if len(set(values)) != len(values):
            found.append(_("Something is named twice."))
            break
    return found


def is_word(word: str) -> bool:
    """Whether a text can be searched for this word."""
    return (
        0 < len(word) <= LONGEST_WORD
        and word.isprintable()
        and not any(each.isspace() or each in "、，,：:" for each in word)
    )


def _is_name(name: str) -> bool:
    tidy = " ".join(name.split())
    return 0 < len(name) <= LONGEST_NAME and name == tidy and name.isprintable()


def _is_span(span: Span) -> bool:
    return 0 <= span.start < DAY_MINUTES and 0 < span.end <= DAY_MINUTES and span.start != span.end


def _is_target(target: Target, *, telling: bool) -> bool:
    if target.whose is Whose.CATALOGUE:
        return not target.name
    if target.whose in (Whose.DESK, Whose.LEADER):
        return telling and target.name in (Level.COMMUNITY, Level.TOWN, Level.DISTRICT)
    name = target.name
    return (
        0 < len(name) <= 40
        and name.isprintable()
        and not any(each.isspace() or each in "、，," for each in name)
    )


def _lists(when: Conditions) -> Iterable[tuple[Any, ...]]:
    return (
        when.items, when.areas, when.channels, when.kinds, when.days, when.hours, when.words
    )  # fmt: skip


def proved(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, if each is well made and no two have one code.

    Raises:
        InvalidRule: the first fault.
    """
    found = tuple(rules)
    codes: set[str] = set()
    if len(found) > MOST_RULES:
        raise InvalidRule(_("A rulebook has at most %(n)d rules.") % {"n": MOST_RULES})
    for rule in found:
        if wrong := faults(rule):
            raise InvalidRule(f"{rule.code}: {wrong[0]}")
        if rule.code in codes:
            raise InvalidRule(_("Two rules are called %(code)s.") % {"code": rule.code})
        codes.add(rule.code)
    return found


# --- as JSON


def as_data(rule: Rule) -> dict[str, Any]:
    """The rule as JSON holds it; what is empty is left out."""
    when, then = rule.when, rule.then
    conditions = {
        "items": list(when.items),
        "areas": list(when.areas),
        "channels": [str(each) for each in when.channels],
        "kinds": [str(each) for each in when.kinds],
        "days": [str(each) for each in when.days],
        "hours": [
            str(each) if isinstance(each, Working) else [each.start, each.end]
            for each in when.hours
        ],
        "words": list(when.words),
    }
    outcome = {
        "level": str(then.level) if then.level is not None else None,
        "lead": _targets(then.lead),
        "assist": _targets(then.assist),
        "allowed": [then.allowed.amount, str(then.allowed.clock)] if then.allowed else None,
        "priority": int(then.priority),
        "notify": _targets(then.notify),
    }
    return {
        "code": rule.code,
        "name": rule.name,
        "when": {name: value for name, value in conditions.items() if value},
        "then": {name: value for name, value in outcome.items() if value},
    }


def _targets(targets: Iterable[Target]) -> list[list[str]]:
    return [[str(each.whose), each.name] for each in targets]


def from_data(data: Mapping[str, Any]) -> Rule:
    """A rule from its JSON.

    Raises:
        InvalidRule: it is none.
    """
    try:
        when, then = data.get("when", {}), data.get("then", {})
        allowed = then.get("allowed")
        level = then.get("level")
        return Rule(
            code=str(data["code"]),
            name=str(data["name"]),
            when=Conditions(
                items=tuple(map(str, when.get("items", ()))),
                areas=tuple(map(str, when.get("areas", ()))),
                channels=tuple(map(Channel, when.get("channels", ()))),
                kinds=tuple(map(Kind, when.get("kinds", ()))),
                days=tuple(map(DayType, when.get("days", ()))),
                hours=tuple(
                    Working(each) if isinstance(each, str) else Span(*map(int, each))
                    for each in when.get("hours", ())
                ),
                words=tuple(map(str, when.get("words", ()))),
            ),
            then=Outcome(
                level=Level(level) if level else None,
                lead=_from_targets(then.get("lead", ())),
                assist=_from_targets(then.get("assist", ())),
                allowed=Allowed(int(allowed[0]), Clock(allowed[1])) if allowed else None,
                priority=Priority(then.get("priority", 0)),
                notify=_from_targets(then.get("notify", ())),
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InvalidRule(_("This is no rule.")) from error


def _from_targets(found: Iterable[Any]) -> tuple[Target, ...]:
    return tuple(Target(Whose(whose), str(name)) for whose, name in found)
