"""Forms of the patrol's pages: a plan, its places, and why one looks at a track."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.answers import owner_of
from huying.catalogue.snapshots import CatalogueSnapshot
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
    form = List(
        label=_("Checklist"),
        empty=_("each place's points, good or not good"),
        help_text=_("Or the questions of an item, answered at each place on the phone."),
    )

    def __init__(self, data: Any = None, *, now: datetime, plan: PatrolPlan | None = None) -> None:
        initial = {"rhythm": Rhythm.WORKDAY, "times": 1, "starts_on": timezone.localdate(now)}
        if plan is not None:
            initial = {
                **{name: getattr(plan, name) for name in ("title", "rhythm", "times")},
                **{name: getattr(plan, name) for name in ("starts_on", "ends_on")},
                "item": plan.item_code,
                "form": plan.form_id or "",
            }
        super().__init__(data, initial=initial)
        catalogue = snapshot(now)
        offer(self, "item", items_by_category(catalogue))
        offer(self, "form", _checklists(catalogue, plan))
        dress(self)

    @property
    def told(self) -> planning.Told:
        given = self.cleaned_data
        return planning.Told(
            **{name: given[name] for name in ("item", "title", "rhythm", "times")},
            **{name: given[name] for name in ("starts_on", "ends_on")},
            form=int(given["form"]) if given["form"] else None,
        )


def _checklists(catalogue: CatalogueSnapshot, plan: PatrolPlan | None) -> list[tuple[str, str]]:
    """What may be chosen; an older version stays while the plan has it."""
    rows = [(each.id, each.owner, each.version) for each in planning.checklists()]
    if plan is not None and plan.form is not None and plan.form_id not in {pk for pk, *_ in rows}:
        rows.append((plan.form.pk, plan.form.owner, plan.form.version or 0))
    words = now_("Questions of %(item)s, version %(n)s")
    return [(str(pk), words % {"item": _named(catalogue, owner), "n": n}) for pk, owner, n in rows]


def _named(catalogue: CatalogueSnapshot, owner: str) -> str:
    code = owner.removeprefix(owner_of(""))
    item = catalogue.get(code)
    return f"{code} {item.name}" if item is not None else code


class PlaceForm(forms.Form):
    """One place by its pin; or several as the lines of a table."""

    name = forms.CharField(label=_("Name of the place"), required=False, max_length=60)
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    radius_m = forms.IntegerField(
        label=_("Radius in metres"), required=False, min_value=10, max_value=500
    )
    points = Say(label=_("What to look at, a line each"), rows=4)
    items = forms.MultipleChoiceField(
        label=_("What may be found there"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a tick the plan's item. A report from there begins with the first."),
    )
    rows = Say(label=_("Or several: a line each with name, longitude, latitude"), rows=4)

    def __init__(
        self, data: Any = None, *, now: datetime, place: PatrolPlace | None = None
    ) -> None:
        initial: dict[str, Any] = {"radius_m": 50}
        if place is not None:
            initial = {
                name: getattr(place, name) for name in ("name", "lon", "lat", "radius_m")
            } | {"points": "\n".join(place.points), "items": place.item_codes}
        super().__init__(data, initial=initial)
        known = snapshot(now).active
        offer(self, "items", [(item.code, f"{item.code} {item.name}") for item in known])
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
        items = given["items"]
        if given.get("rows"):
            return [
                planning.Spot(each.name, each.lon, each.lat, radius, points, items)
                for each in planning.rows_of(given["rows"])
            ]
        return [planning.Spot(given["name"], given["lon"], given["lat"], radius, points, items)]


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
