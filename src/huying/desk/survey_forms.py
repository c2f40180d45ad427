"""Forms of registers and surveys: what one says of itself, its targets, and an entry's place."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from huying.clock.calendar import CIVIL_TZ
from huying.desk.fields import List, Pick, Say, When
from huying.desk.task_forms import groups
from huying.desk.verb_form import dress, offer
from huying.people.acting import Actor
from huying.registry.models import Enterprise
from huying.surveys.designing import LONGEST_TITLE, Told
from huying.surveys.models import Kind, Survey

DAYS = 14
"""How far the proposed deadline lies ahead: the end of that day's work."""


class SurveyForm(forms.Form):
    """What a register or survey says of itself; the areas are ticked beside it."""

    kind = Pick(label=_("What it is"), choices=Kind.choices)
    title = forms.CharField(label=_("Title"), required=False, max_length=LONGEST_TITLE)
    why = Say(label=_("What it is for, and what to look at"), rows=3)
    due_at = When(
        label=_("To be done by"), help_text=_("For a survey; a register has no deadline.")
    )
    sample_percent = forms.IntegerField(
        label=_("Share looked at by somebody else, in percent"), required=False
    )
    stale_days = forms.IntegerField(label=_("Looked at again after so many days"), required=False)
    like = List(label=_("Begin with the questions of"), empty=_("none"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, actor: Actor, now: datetime, survey: Survey | None = None
    ) -> None:
        day = timezone.localdate(now) + timedelta(days=DAYS)
        initial: dict[str, Any] = {
            "kind": Kind.SURVEY, "due_at": datetime.combine(day, time(18), CIVIL_TZ),
            "sample_percent": 10, "stale_days": 365,
        }  # fmt: skip
        chosen: frozenset[str] = frozenset()
        if survey is not None:
            names = ("kind", "title", "why", "sample_percent", "stale_days", "version")
            initial |= {name: getattr(survey, name) for name in names}
            initial["due_at"] = survey.due_at or initial["due_at"]
            codes = survey.areas.values_list("code", flat=True)
            chosen = frozenset(codes) - {survey.area_code}
        super().__init__(data, initial=initial)
        if isinstance(data, QueryDict):
            chosen = frozenset(data.getlist("grids"))
        self.chosen = chosen
        area = survey.area_code if survey is not None else office_of(actor)
        self.groups = tuple(groups(area, chosen))
        if survey is not None:
            del self.fields["like"]
        else:
            seen = Survey.objects.visible_to(actor).order_by("kind", "title")
            offer(self, "like", [(str(each.pk), each.title) for each in seen[:200]])
        dress(self)

    @property
    def told(self) -> Told:
        given = self.cleaned_data
        sample, stale = given["sample_percent"], given["stale_days"]
        return Told(
            kind=given["kind"],
            title=given["title"],
            why=given["why"],
            due_at=given["due_at"],
            sample_percent=10 if sample is None else sample,
            stale_days=365 if stale is None else stale,
            areas=sorted(self.chosen),
        )


def office_of(actor: Actor) -> str:
    """The area for which a post designs."""
    return actor.area_code[:6] if actor.is_guardian else actor.area_code


class TargetsForm(forms.Form):
    """What is to be visited: all of a kind in the base registers, or a pasted list."""

    source = List(label=_("Take from the base registers"), empty=_("nothing"))
    lines = Say(
        label=_("Or a list, one a line"),
        rows=5,
        help_text=_(
            "A name and an address, or a name, a longitude and a latitude, with commas between."
        ),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        units = [(f"units:{code}", f"　{word}") for code, word in Enterprise.Kind.choices]
        offer(
            self,
            "source",
            [
                ("buildings", now_("all buildings")),
                ("dwellings", now_("all dwellings")),
                ("rented", now_("rented dwellings")),
                ("units", pgettext("targets", "all units")),
                *units,
            ],
        )
        dress(self)


class PlaceForm(forms.Form):
    """Where an entry without a target is, or is after all."""

    place = forms.CharField(
        label=_("Place in words"), required=False, max_length=120,
        help_text=_("As people call it: 东街12号, or behind the fish pond."),
    )  # fmt: skip
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        dress(self)


class LookForm(forms.Form):
    """Why an entry is sent back."""

    reason = Say(label=_("What is not right"), rows=2)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)
