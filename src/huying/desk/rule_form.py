"""The form that builds one rule. It makes the same data as the written form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Channel
from huying.cases.words import PRIORITIES
from huying.catalogue.models import Clock as ClockWords
from huying.catalogue.models import Kind
from huying.catalogue.versions import snapshot
from huying.clock.limits import Clock
from huying.desk.verb_form import dress
from huying.dispatch import grammar
from huying.dispatch.proving import World
from huying.dispatch.rules import (
    Allowed,
    Conditions,
    DayType,
    InvalidRule,
    Outcome,
    Priority,
    Rule,
    Target,
    Whose,
    faults,
)
from huying.dispatch.saying import day_words, target_words
from huying.errors import Words
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level

LISTED = frozenset({Whose.CATALOGUE, Whose.DEPARTMENT, Whose.TEAM, Whose.DESK, Whose.LEADER})
"""Whom one chooses from a list; single units are named by their codes."""


class Several(forms.MultipleChoiceField):
    """Any number of a list, each a box."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **more)


class Listed(forms.MultipleChoiceField):
    """Any number of a long list."""

    def __init__(self, size: int = 7, **more: Any) -> None:
        super().__init__(required=False, widget=forms.SelectMultiple({"size": size}), **more)


class Written(forms.CharField):
    """Values in one line, separated by 、."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=600, **more)


class RuleForm(forms.Form):
    """Conditions on the left, outcome on the right; what is left empty asks for nothing."""

    code = forms.CharField(
        label=_("Code"),
        max_length=24,
        required=False,
        help_text=_("Small letters, digits and hyphens. It names the rule for ever."),
    )
    name = forms.CharField(label=_("Name of the rule"), max_length=40, required=False)
    items = Listed(label=_("Items"), size=9)
    areas = Listed(label=_("Towns and communities"), size=9)
    grids = Written(label=_("Single grids"), help_text=_("Codes of 15 digits, separated by 、."))
    channels = Several(label=_("Channels"), choices=Channel.choices)
    kinds = Several(label=_("Kinds"), choices=Kind.choices)
    days = Several(label=_("Kinds of day"))
    hours = Written(
        label=_("Times of day"),
        help_text=_("工作时间 (working hours), 非工作时间, or 22:00-06:00; separated by 、."),
    )
    words = Written(
        label=_("Words of the report"),
        help_text=_("One of them suffices, separated by 、. Denials are understood."),
    )
    level = forms.ChoiceField(label=_("Level"), required=False)
    lead = Listed(label=_("Lead unit"))
    lead_units = Written(label=_("Lead unit, by code"))
    assist = Listed(label=_("Assisting units"))
    assist_units = Written(label=_("Assisting units, by code"))
    amount = forms.IntegerField(
        label=_("Handle within"), required=False, min_value=1, max_value=1000
    )
    clock = forms.ChoiceField(
        label=_("Clock"), required=False, choices=ClockWords.choices, initial="natural_hour"
    )
    priority = forms.TypedChoiceField(label=_("Priority"), required=False, coerce=int)
    notify = Listed(label=_("Tell"))
    notify_units = Written(label=_("Tell, by code"))

    def __init__(
        self, *args: Any, rule: Rule | None, world: World, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields
        _offer(choices["items"], _items(now))
        _offer(choices["areas"], _areas(world))
        _offer(choices["days"], [(str(each), day_words(each)) for each in DayType])
        _offer(choices["level"], [("", _("as the item says")), *Level.choices])
        _offer(choices["priority"], list(enumerate(PRIORITIES)))
        acting = _acting(world)
        for name in ("lead", "assist"):
            _offer(choices[name], acting)
        _offer(choices["notify"], [*acting, *_telling()])
        if rule is not None:
            self.initial = initial_of(rule)
        dress(self)

    def rule(self) -> Rule:
        """The rule that the form says.

        Raises:
            InvalidRule: it can be none.
        """
        given = self.cleaned_data
        amount = given.get("amount")
        made = Rule(
            code=given["code"].strip(),
            name=" ".join(given["name"].split()),
            when=Conditions(
                items=tuple(given["items"]),
                areas=(*given["areas"], *grammar.values_of(given["grids"])),
                channels=tuple(map(Channel, given["channels"])),
                kinds=tuple(map(Kind, given["kinds"])),
                days=tuple(map(DayType, given["days"])),
                hours=grammar.windows_of(given["hours"]),
                words=tuple(grammar.values_of(given["words"])),
            ),
            then=Outcome(
                level=Level(given["level"]) if given["level"] else None,
                lead=self._targets("lead"),
                assist=self._targets("assist"),
                allowed=Allowed(amount, Clock(given["clock"])) if amount else None,
                priority=Priority(given["priority"] or 0),
                notify=self._targets("notify"),
            ),
        )
        if wrong := faults(made):
            raise InvalidRule(wrong[0])
        return made

    def _targets(self, name: str) -> tuple[Target, ...]:
        listed = [target for said in self.cleaned_data[name] for target in grammar.targets_of(said)]
        units = grammar.values_of(self.cleaned_data[f"{name}_units"])
        return (*listed, *(Target(Whose.UNIT, code) for code in units))


def initial_of(rule: Rule) -> dict[str, Any]:
    """What the form shows of a rule."""
    when, then = rule.when, rule.then
    grid = CODE_LENGTH[Level.GRID]
    written = dict(grammar.conditions_said(when))
    found: dict[str, Any] = {
        "code": rule.code,
        "name": rule.name,
        "items": list(when.items),
        "areas": [code for code in when.areas if len(code) < grid],
        "grids": "、".join(code for code in when.areas if len(code) == grid),
        "channels": [str(each) for each in when.channels],
        "kinds": [str(each) for each in when.kinds],
        "days": [str(each) for each in when.days],
        "hours": written.get("时间", ""),
        "words": "、".join(when.words),
        "level": str(then.level or ""),
        "amount": then.allowed.amount if then.allowed else None,
        "clock": str(then.allowed.clock if then.allowed else Clock.NATURAL_HOUR),
        "priority": int(then.priority),
    }
    for name, targets in (("lead", then.lead), ("assist", then.assist), ("notify", then.notify)):
        found[name] = [grammar.target_said(each) for each in targets if each.whose in LISTED]
        found[f"{name}_units"] = "、".join(
            each.name for each in targets if each.whose not in LISTED
        )
    return found


def whole_of(name: str) -> str:
    """A category or town as a choice of its own, before what is in it."""
    return gettext("%(name)s (all of it)") % {"name": name}


def _offer(field: Any, choices: Any) -> None:
    field.choices = choices


def _items(now: datetime) -> list[tuple[str, Any]]:
    """Categories as a whole, then their items."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in snapshot(now).active:
        whole = (item.category_code, whole_of(f"{item.category_code} {item.category}"))
        group = groups.setdefault(item.category, [whole])
        group.append((item.code, f"{item.code} {item.name}"))
    return list(groups.items())


def _areas(world: World) -> list[tuple[str, Any]]:
    """Towns as a whole, then their communities."""
    town, community = CODE_LENGTH[Level.TOWN], CODE_LENGTH[Level.COMMUNITY]
    groups: dict[str, list[tuple[str, str]]] = {}
    whole = [code for code in world.places if len(code) == CODE_LENGTH[Level.DISTRICT]]
    district = [(code, naming.own_name(code)) for code in whole]
    for code in sorted(world.places):
        if len(code) == town:
            groups[code] = [(code, whole_of(naming.own_name(code)))]
        elif len(code) == community and code[:town] in groups:
            groups[code[:town]].append((code, naming.own_name(code)))
    return [*district, *((naming.own_name(code), rows) for code, rows in groups.items())]


def _acting(world: World) -> list[tuple[Words, Any]]:
    departments = {unit.department for unit in world.units if unit.department}
    departments |= {item.lead_department for item in world.items}
    duties = {unit.duty for unit in world.units if unit.is_team and unit.duty}
    own = Target(Whose.CATALOGUE)
    return [
        (grammar.target_said(own), target_words(own)),
        (_("Departments"), _written(Whose.DEPARTMENT, departments)),
        (_("Teams"), _written(Whose.TEAM, duties)),
    ]


def _written(whose: Whose, names: set[str]) -> list[tuple[str, str]]:
    return [(grammar.target_said(Target(whose, name)), name) for name in sorted(names)]


def _telling() -> list[tuple[Words, Any]]:
    levels = (Level.COMMUNITY, Level.TOWN, Level.DISTRICT)
    return [
        (
            words,
            [
                (grammar.target_said(target), target_words(target))
                for target in (Target(whose, str(level)) for level in levels)
            ],
        )
        for words, whose in (
            (_("Leaders of the place"), Whose.LEADER),
            (_("Command centres of the place"), Whose.DESK),
        )
    ]
