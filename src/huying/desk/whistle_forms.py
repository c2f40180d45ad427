"""The forms of whistles, for a case and for a standing problem alike."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.desk import offers
from huying.desk.fields import List, Pick, Say
from huying.desk.verb_form import REMARK, VerbForm, dress, numbered, offer, reason_of
from huying.people.acting import Actor
from huying.people.models import Unit, UnitKind
from huying.places import naming
from huying.response.called import fitting, may_be_called
from huying.response.whistles import Call, Sort, Whistle
from huying.response.whistling import MARKS

YES_NO = [("yes", _("yes")), ("no", _("no"))]


def units_to_call(caller_code: str) -> offers.Choices:
    """Every unit that a desk may call: of its own area by kind, then those below and above."""
    prefixes = [caller_code[:n] for n in (6, 9, 12) if n < len(caller_code)]
    units = [
        unit
        for unit in Unit.objects.filter(active=True)
        .filter(Q(area_code__startswith=caller_code) | Q(area_code__in=prefixes))
        .exclude(kind=UnitKind.DESK)
        if may_be_called(caller_code, unit)
    ]
    order = list(UnitKind)

    def group(unit: Unit) -> tuple[int, int, str]:
        away = len(unit.area_code) - len(caller_code)
        near = {0: 0, -3: 1, -6: 2}.get(away, 3)
        return near, order.index(UnitKind(unit.kind)), "" if away == 0 else unit.area_code

    made: offers.Choices = []
    for (near, kind, area), found in groupby(sorted(units, key=group), key=group):
        label = str(order[kind].label)
        words = label if not area else f"{naming.own_name(area)} · {label}"
        made.append((words, [(str(unit.pk), unit.name) for unit in found]))
        del near
    return made


class CallUnits(forms.Form):
    """Whom to call and what for."""

    sort = Pick(label=_("What the whistle is for"), choices=Sort.choices)
    units = forms.MultipleChoiceField(
        label=_("Whom to call"), required=False, widget=forms.CheckboxSelectMultiple
    )
    text = Say(label=_("What is needed"))

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The units under their headings; a heading with a chosen unit is open."""
        chosen = {str(each) for each in self["units"].value() or []}
        field = cast(forms.MultipleChoiceField, self.fields["units"])
        return [
            {
                "words": words,
                "open": n < 2 or bool(chosen & {value for value, _name in units}),
                "units": [(value, name, value in chosen) for value, name in units],
            }
            for n, (words, units) in enumerate(cast(Any, field.choices))
        ]


class Blow(CallUnits, VerbForm):
    template = "desk/verbs/blow.html"
    hint = _("Each unit must answer by its limit; unanswered, the whistle climbs.")

    def prepare(self) -> None:
        offer(self, "units", units_to_call(self.case.holder_code))

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | {"units": [int(pk) for pk in given.get("units", [])]}


class StandingProblem(CallUnits):
    """A whistle on a problem that is no case."""

    title = forms.CharField(label=_("The problem"), required=False, max_length=60)
    address = forms.CharField(label=_("Address"), required=False, max_length=200)
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    field_order = ["title", "sort", "units", "text", "address"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        offer(self, "units", units_to_call(actor.area_code))
        dress(self)

    @property
    def centre(self) -> offers.Centre:
        return offers.centre_of(self.actor.area_code)

    def inputs(self) -> dict[str, Any]:
        given = {k: v for k, v in self.cleaned_data.items() if v not in (None, "", [])}
        return given | {"units": [int(pk) for pk in given.get("units", [])]}


class OfACall(VerbForm):
    """Which of the called units is meant. With one, nothing need be chosen."""

    verb = ""
    everyone = False
    call = List(label=_("Called unit"))

    def prepare(self) -> None:
        about: Any = self.case
        here = Call.objects.select_related("unit")
        here = here.filter(
            **({"whistle": about} if isinstance(about, Whistle) else {"whistle__case": about})
        )
        found = list(here.filter(**fitting(self.verb, self.actor)))
        field = cast(List, self.fields["call"])
        field.empty = _("all of them") if self.everyone else _("choose a unit")
        field.offer([(str(each.pk), each.unit.name) for each in found])
        if len(found) == 1:
            self.initial.setdefault("call", str(found[0].pk))
            field.widget = forms.HiddenInput()

    def clean_call(self) -> UUID | None:
        value: str = self.cleaned_data["call"]
        return UUID(value) if value else None


class Answer(OfACall):
    verb = "answer"
    hint = _("Your unit takes the whistle and comes; on the spot it checks in.")
    text = Say(label=REMARK, rows=2)


class CheckIn(OfACall):
    verb = "check_in"
    template = "desk/verbs/check_in.html"
    hint = _("Of the position only the grid and the distance to the spot are kept.")
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)


class RefuseCall(OfACall):
    verb = "refuse_call"
    danger = True
    hint = _("The level above decides whether the reason holds; once a call.")
    reason_code = reason_of("refuse_call")
    reason = Say(label=_("Reason in words"))


class PressCall(OfACall):
    verb = "press_call"
    hint = _("The unit is told again, and has a new limit from now.")
    text = Say(label=REMARK, rows=2)


class StandIn(OfACall):
    verb = "stand_in"
    hint = _("The unit's call ends as missed; you see to it, or call another unit.")
    unit = List(label=_("Call this unit instead"), empty=_("none, we see to it ourselves"))
    text = Say(label=_("What is done instead"))

    def prepare(self) -> None:
        super().prepare()
        offer(self, "unit", units_to_call(self.actor.area_code))

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "unit")


class ArbitrateCall(OfACall):
    verb = "arbitrate_call"
    upheld = Pick(
        label=_("Decision"),
        choices=[("yes", _("the refusal holds")), ("no", _("the unit must answer"))],
    )
    reason = Say(label=_("Reason in words"))

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | ({"upheld": given["upheld"] == "yes"} if "upheld" in given else {})


class Release(OfACall):
    verb = "release"
    everyone = True
    hint = _("Released units need stay no longer, and can be rated.")
    text = Say(label=REMARK, rows=2)


def _mark(label: Any) -> Pick:
    return Pick(label=label, choices=[(str(n), str(n)) for n in MARKS])


class Rate(OfACall):
    verb = "rate"
    hint = _("From 1, not at all, to 5, fully.")
    attendance = _mark(_("Attendance"))
    cooperation = _mark(_("Cooperation"))
    outcome = _mark(_("Outcome"))
    text = Say(label=REMARK, rows=2)

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        marks = ("attendance", "cooperation", "outcome")
        return given | {name: int(given[name]) for name in marks if name in given}


WHISTLE_FORMS: Mapping[str, type[VerbForm]] = {
    "blow": Blow,
    "answer": Answer,
    "check_in": CheckIn,
    "refuse_call": RefuseCall,
    "press_call": PressCall,
    "stand_in": StandIn,
    "arbitrate_call": ArbitrateCall,
    "release": Release,
    "rate": Rate,
}


class VetoForm(forms.Form):
    """A step of a veto: words, and what is decided."""

    text = Say(label=_("Reason in words"))

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step == "propose_veto":
            self.fields["evidence"] = Say(
                label=_("What it rests on"),
                rows=2,
                help_text=_("Case numbers, notices and other references, one a line."),
            )
        if step == "decide_veto":
            self.fields["approve"] = Pick(
                label=_("Decision"), choices=[("yes", _("approve")), ("no", _("do not approve"))]
            )
        if step == "settle_appeal":
            self.fields["lift"] = Pick(
                label=_("Decision"),
                choices=[("yes", _("lift the veto")), ("no", _("the veto stands"))],
            )
        self.order_fields(["approve", "lift", "evidence", "text"])
        dress(self)

    def inputs(self) -> dict[str, Any]:
        given: dict[str, Any] = {"text": self.cleaned_data["text"]}
        for name in ("approve", "lift"):
            if self.cleaned_data.get(name):
                given[name] = self.cleaned_data[name] == "yes"
        if "evidence" in self.fields:
            given["evidence"] = self.cleaned_data["evidence"].splitlines()
        return given
