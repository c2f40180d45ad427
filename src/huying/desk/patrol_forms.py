"""Forms of the patrol's pages: a plan, its places, and why one looks at a track."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.versions import snapshot
from huying.desk.fields import List, Say, items_by_category
from huying.desk.verb_form import dress, offer
from huying.patrol import planning, tracking
from huying.patrol.due import Rhythm
from huying.patrol.models import PatrolPlace, PatrolPlan


class Day(forms.DateField):
    """A civil day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class PlanForm(forms.Form):
    """What is looked at, and how often."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    item = List(label=_("Item"), empty=_("choose an item"))
    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)
    times = forms.IntegerField(
        label=_("Times"), min_value=1, max_value=7, help_text=_("In a week or a month; else once.")
    )
    starts_on = Day(label=_("First day"))
    ends_on = Day(label=_("Last day"), required=False)

    def __init__(self, data: Any = None, *, now: datetime, plan: PatrolPlan | None = None) -> None:
        initial = {"rhythm": Rhythm.WORKDAY, "times": 1, "starts_on": timezone.localdate(now)}
        if plan is not None:
            initial = {
                **{name: getattr(plan, name) for name in ("title", "rhythm", "times")},
                **{name: getattr(plan, name) for name in ("starts_on", "ends_on")},
                "item": plan.item_code,
            }
        super().__init__(data, initial=initial)
        offer(self, "item", items_by_category(snapshot(now)))
        dress(self)

    @property
    def told(self) -> planning.Told:
        given = self.cleaned_data
        return planning.Told(
            **{name: given[name] for name in ("item", "title", "rhythm", "times")},
            **{name: given[name] for name in ("starts_on", "ends_on")},
        )


class PlaceForm(forms.Form):
    """One place by its pin; or several as the lines of a table."""

    name = forms.CharField(label=_("Name of the place"), required=False, max_length=60)
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    radius_m = forms.IntegerField(
        label=_("Radius in metres"), required=False, min_value=10, max_value=500
    )
    points = Say(label=_("What to look at, a line each"), rows=4)
    rows = Say(label=_("Or several: a line each with name, longitude, latitude"), rows=4)

    def __init__(self, data: Any = None, *, place: PatrolPlace | None = None) -> None:
        initial: dict[str, Any] = {"radius_m": 50}
        if place is not None:
            initial = {
                name: getattr(place, name) for name in ("name", "lon", "lat", "radius_m")
            } | {"points": "\n".join(place.points)}
        super().__init__(data, initial=initial)
        if place is not None:
            del self.fields["rows"]
        dress(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("rows"):
            return given
        for name in ("lon", "lat"):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, _("Please set the pin."))
                break
        return given

    @property
    def spots(self) -> list[planning.Spot]:
        """What was told. Raises as `planning.rows_of`."""
        given = self.cleaned_data
        points, radius = given["points"].splitlines(), given["radius_m"] or 50
        if given.get("rows"):
            return [
                planning.Spot(each.name, each.lon, each.lat, radius, points)
                for each in planning.rows_of(given["rows"])
            ]
        return [planning.Spot(given["name"], given["lon"], given["lat"], radius, points)]


class LookForm(forms.Form):
    """Whose track, of which day, and why."""

    account = List(label=_("Grid worker"), empty=_("please choose"))
    day = Day(label=_("Day"))
    purpose = List(label=_("Why you look at it"), empty=_("please choose"))
    words = Say(label=_("Reason in words"), rows=2)

    def __init__(self, data: Any = None, *, workers: list[tuple[int, str]], now: datetime) -> None:
        super().__init__(data, initial={"day": timezone.localdate(now)})
        offer(self, "account", workers)
        offer(self, "purpose", list(tracking.PURPOSES.items()))
        dress(self)
