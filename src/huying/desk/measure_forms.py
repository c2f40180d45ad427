"""The forms of measures and evaluations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.desk import offers
from huying.desk.duty_forms import CHOOSE
from huying.desk.fields import List, Picks, Say
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.measures import evaluating, planning
from huying.measures.models import Concerns, Frequency, Measure


class PlanForm(forms.Form):
    """A plan of the district."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    begins_on = Day(label=pgettext_lazy("measure", "Begins on"), required=False)
    ends_on = Day(label=pgettext_lazy("measure", "Ends on"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)


class MeasureForm(forms.Form):
    """What is to be done, by whom, until when."""

    number = forms.IntegerField(
        label=pgettext_lazy("measure", "Number"), required=False, min_value=1, max_value=999
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=100)
    words = Say(label=pgettext_lazy("measure", "What is to be done"), rows=3)
    unit = List(label=pgettext_lazy("measure", "Responsible unit"), empty=CHOOSE)
    helpers = forms.MultipleChoiceField(
        label=pgettext_lazy("measure", "With"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    due_on = Day(label=pgettext_lazy("measure", "Deadline"), required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, district: str, row: Measure | None = None) -> None:
        initial = None
        if row is not None:
            names = ("number", "title", "words", "due_on", "revision")
            initial = {name: getattr(row, name) for name in names}
            initial |= {"unit": str(row.unit_id), "helpers": [str(pk) for pk in row.helpers]}
        super().__init__(data, initial=initial)
        units = [(str(unit.pk), unit.name) for unit in planning.units_for(district)]
        offer(self, "unit", units)
        offer(self, "helpers", units)
        dress(self)

    @property
    def told(self) -> planning.Told:
        given = self.cleaned_data
        return planning.Told(
            given["number"],
            given["title"],
            given["words"],
            int(given["unit"]) if given["unit"] else None,
            [int(pk) for pk in given["helpers"]],
            given["due_on"],
        )


class EvaluationForm(forms.Form):
    """An evaluation that somebody wants on the list."""

    name = forms.CharField(
        label=pgettext_lazy("evaluation", "Name"), required=False, max_length=100
    )
    holder = List(label=pgettext_lazy("evaluation", "Held by"), empty=CHOOSE)
    concerns = List(label=pgettext_lazy("evaluation", "Concerns"), empty=CHOOSE)
    towns = Picks(
        label=pgettext_lazy("evaluation", "Which towns"),
        help_text=_("None chosen means all of them."),
    )
    basis = Say(label=pgettext_lazy("duties", "Basis"), rows=2)
    frequency = List(label=pgettext_lazy("evaluation", "How often"), empty=CHOOSE)
    papers = forms.IntegerField(
        label=pgettext_lazy("evaluation", "Papers asked each time"), required=False, min_value=0
    )
    valid_from = Day(label=pgettext_lazy("duties", "From"), required=False)
    valid_until = Day(label=pgettext_lazy("duties", "Until"), required=False)

    def __init__(self, data: Any = None, *, district: str, own: bool) -> None:
        super().__init__(data)
        if own:
            del self.fields["holder"]
        else:
            units = planning.units_for(district)
            offer(self, "holder", [(str(unit.pk), unit.name) for unit in units])
        offer(self, "concerns", Concerns.choices)
        offer(self, "frequency", Frequency.choices)
        offer(self, "towns", offers.areas_of(district))
        dress(self)

    @property
    def told(self) -> evaluating.Told:
        given = dict(self.cleaned_data)
        holder = given.pop("holder", "")
        return evaluating.Told(holder=int(holder) if holder else None, **given)
