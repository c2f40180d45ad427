"""Rules, rulings and findings in words, for pages and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from huying.cases.models import Channel
from huying.cases.words import PRIORITIES
from huying.catalogue.models import Kind
from huying.catalogue.versions import snapshot
from huying.clock.explaining import limit_words
from huying.clock.limits import Limit
from huying.dispatch.grammar import target_said
from huying.dispatch.proving import Example, Fault, Finding
from huying.dispatch.rules import (
    Conditions,
    DayType,
    Outcome,
    Rule,
    Span,
    Target,
    Whose,
    Window,
    Working,
)
from huying.dispatch.ruling import Condition, Passed
from huying.places import naming
from huying.places.models import Level

_DAYS = {
    DayType.WORK: gettext_noop("work day"),
    DayType.OFF: gettext_noop("rest day"),
    DayType.HOLIDAY: gettext_noop("holiday"),
}
_WORKING = {
    Working.HOURS: gettext_noop("working hours"),
    Working.REST: gettext_noop("outside working hours"),
}
_CONDITIONS = {
    Condition.ITEMS: gettext_noop("Item"),
    Condition.AREAS: gettext_noop("Place"),
    Condition.CHANNELS: gettext_noop("Channel"),
    Condition.KINDS: gettext_noop("Kind"),
    Condition.DAYS: gettext_noop("Kind of day"),
    Condition.HOURS: gettext_noop("Time of day"),
    Condition.WORDS: gettext_noop("Words of the report"),
}
_WHOSE = {
    Whose.DEPARTMENT: gettext_noop("department %(name)s"),
    Whose.TEAM: gettext_noop("team %(name)s"),
    Whose.UNIT: gettext_noop("unit %(name)s"),
    Whose.DESK: gettext_noop("command centre: %(name)s"),
    Whose.LEADER: gettext_noop("leaders: %(name)s"),
}

Lines = list[tuple[str, str]]
"""Names with what is said under them."""


def condition_words(condition: Condition) -> str:
    return _(_CONDITIONS[condition])


def item_words(code: str, now: datetime) -> str:
    """An item or category by its code and name."""
    catalogue = snapshot(now)
    if (item := catalogue.get(code)) is not None:
        return f"{code} {item.name}"
    category = next((each.category for each in catalogue if each.category_code == code), "")
    return f"{code} {category}".rstrip()


def day_words(day: DayType) -> str:
    return _(_DAYS[day])


def minute_words(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def window_words(window: Window) -> str:
    if isinstance(window, Span):
        return f"{minute_words(window.start)}–{minute_words(window.end)}"
    return _(_WORKING[window])


def target_words(target: Target) -> str:
    if target.whose is Whose.CATALOGUE:
        return _("the item's lead department")
    name = target.name
    if target.whose in (Whose.DESK, Whose.LEADER):
        name = str(Level(name).label)
    return _(_WHOSE[target.whose]) % {"name": name}


def wanted(condition: Condition, when: Conditions, now: datetime) -> list[str]:
    """What a condition asks for, each value in words."""
    match condition:
        case Condition.ITEMS:
            return [item_words(code, now) for code in when.items]
        case Condition.AREAS:
            return [naming.names(code) for code in when.areas]
        case Condition.CHANNELS:
            return [str(each.label) for each in when.channels]
        case Condition.KINDS:
            return [str(each.label) for each in when.kinds]
        case Condition.DAYS:
            return [day_words(each) for each in when.days]
        case Condition.HOURS:
            return [window_words(each) for each in when.hours]
        case Condition.WORDS:
            return [_("“%(word)s”") % {"word": word} for word in when.words]


def conditions_words(rule: Rule, now: datetime) -> Lines:
    """What a rule asks for, condition by condition."""
    found = ((each, wanted(each, rule.when, now)) for each in Condition)
    return [(condition_words(each), _("; ").join(values)) for each, values in found if values]


def outcome_words(then: Outcome) -> Lines:
    """What is to become of a matter by a rule."""
    lines: Lines = []
    if then.level is not None:
        lines.append((_("Level"), str(then.level.label)))
    for name, targets in (
        (_("Lead unit"), then.lead),
        (_("Assisting units"), then.assist),
    ):
        if targets:
            lines.append((name, _("; ").join(map(target_words, targets))))
    if then.allowed is not None:
        limit = Limit(then.allowed.amount, then.allowed.clock)
        lines.append((_("Handle within"), limit_words(limit)))
    if then.priority:
        lines.append((_("Priority"), str(PRIORITIES[then.priority])))
    if then.notify:
        lines.append((_("Tell"), _("; ").join(map(target_words, then.notify))))
    return lines


def told_words(passed: Passed) -> str:
    """What the matter says to the condition that failed."""
    told = passed.told
    match passed.failed:
        case Condition.AREAS:
            return naming.names(told)
        case Condition.CHANNELS:
            return str(Channel(told).label)
        case Condition.KINDS:
            return str(Kind(told).label)
        case Condition.DAYS:
            return day_words(DayType(told))
        case _:
            return told


def passed_words(passed: Passed, now: datetime) -> str:
    """Why a rule did not decide, in one sentence."""
    if passed.failed is None:
        narrower = passed.narrower
        return _("It is met, too, but %(rule)s is more specific.") % {"rule": narrower}
    asks = _("; ").join(wanted(passed.failed, passed.rule.when, now))
    if passed.failed is Condition.WORDS:
        return _("The report does not tell of %(words)s.") % {"words": asks}
    told = told_words(passed)
    if passed.failed is Condition.ITEMS:
        told = item_words(told, now)
    return _("%(condition)s: the rule asks for %(asks)s, this is %(told)s.") % {
        "condition": condition_words(passed.failed),
        "asks": asks,
        "told": told,
    }


def example_words(example: Example, now: datetime) -> str:
    """A matter that shows a finding."""
    said = [
        item_words(example.item, now),
        str(Kind(example.kind).label),
        naming.names(example.area),
        str(Channel(example.channel).label),
        f"{day_words(example.day)} {minute_words(example.minute)}",
    ]
    if example.words:
        words = _(", ").join(_("“%(word)s”") % {"word": word} for word in example.words)
        said.append(_("the report tells of %(words)s") % {"words": words})
    return _("; ").join(said)


def finding_words(finding: Finding, rules: Sequence[Rule], now: datetime) -> str:
    """A finding in one sentence."""
    named = {rule.code: str(rule) for rule in rules}
    codes = [named.get(code, code) for code in finding.rules]
    match finding.fault:
        case Fault.UNKNOWN:
            return _("Rule %(rule)s names “%(what)s”, which is not there.") % {
                "rule": codes[0],
                "what": finding.what,
            }
        case Fault.CONTRADICTORY:
            return _("Rule %(rule)s contradicts itself: no matter can meet it.") % {
                "rule": codes[0]
            }
        case Fault.SHADOWED:
            return _("Rule %(rule)s can never decide: %(others)s always does before it.") % {
                "rule": codes[0],
                "others": _("; ").join(codes[1:]),
            }
        case Fault.TIE:
            return _(
                "Rules %(one)s and %(other)s meet the same matter and want different things, and "
                "neither is more specific. For example: %(example)s."
            ) % {
                "one": codes[0],
                "other": codes[1],
                "example": example_words(finding.example, now) if finding.example else "",
            }
        case Fault.NO_UNIT:
            return _without_unit(finding, codes, now)


def _without_unit(finding: Finding, codes: Iterable[str], now: datetime) -> str:
    by = next(iter(codes), "")
    said = {
        "item": item_words(finding.item, now),
        "town": naming.names(finding.town),
        "rule": by,
        "n": finding.communities,
    }
    if by:
        words = ngettext(
            "%(item)s has no unit in %(town)s (%(n)d community): "
            "nobody whom rule %(rule)s names works there or above.",
            "%(item)s has no unit in %(town)s (%(n)d communities): "
            "nobody whom rule %(rule)s names works there or above.",
            finding.communities,
        )
    else:
        words = ngettext(
            "%(item)s has no unit in %(town)s (%(n)d community): "
            "no rule decides, and the catalogue's lead department has no unit there or above.",
            "%(item)s has no unit in %(town)s (%(n)d communities): "
            "no rule decides, and the catalogue's lead department has no unit there or above.",
            finding.communities,
        )
    return words % said


def without_unit_words(found: Iterable[Finding], rules: Sequence[Rule], now: datetime) -> list[str]:
    """Findings about lacking units, one sentence for each item with all its towns."""
    named = {rule.code: str(rule) for rule in rules}
    towns: dict[tuple[str, str], list[str]] = {}
    for each in found:
        by = named.get(each.rules[0], each.rules[0]) if each.rules else ""
        town = _("%(town)s (%(n)d)") % {
            "town": naming.own_name(each.town),
            "n": each.communities,
        }
        towns.setdefault((each.item, by), []).append(town)
    said = []
    for (item, by), some in towns.items():
        if by:
            words = _("%(item)s: nobody whom rule %(rule)s names works in %(towns)s.")
        else:
            words = _("%(item)s: the catalogue's lead department has no unit in %(towns)s.")
        values = {"item": item_words(item, now), "rule": by, "towns": _(", ").join(some)}
        said.append(words % values)
    return said


def fault_words(fault: Fault) -> str:
    """The name of a kind of finding."""
    return {
        Fault.UNKNOWN: _("unknown name"),
        Fault.CONTRADICTORY: _("contradicts itself"),
        Fault.SHADOWED: _("can never decide"),
        Fault.TIE: _("tie"),
        Fault.NO_UNIT: _("no unit"),
    }[fault]


def targets_as_written(targets: Iterable[Target]) -> str:
    """Targets as the grammar writes them."""
    return "、".join(map(target_said, targets))
