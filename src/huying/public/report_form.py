"""What a resident is asked: what and where, and, only if they like, how to reach them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.versions import snapshot
from huying.errors import BadInput
from huying.intake.reporting import default_district
from huying.places.locating import locate
from huying.places.outlines import places

LONGEST = 5000


def items_at(area_code: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a resident may choose at a place, by category: one on trial in its towns alone."""
    offered = snapshot(timezone.now()).active_at(area_code)
    return [
        (category, [(each.code, each.name) for each in rows])
        for category, rows in groupby(offered, key=lambda each: each.category)
    ]


def area_of(lon: str, lat: str, area: str) -> str:
    """In which place a pin or a chosen place is; "" where neither says."""
    try:
        found = locate(float(lon), float(lat))
    except (BadInput, ValueError):
        return area
    return found.grid_code or next(iter(found.candidates), "")


class ReportForm(forms.Form):
    """The form of the public page; what is right and wrong the door says."""

    text = forms.CharField(max_length=LONGEST, required=False)
    item = forms.ChoiceField(required=False)
    address = forms.CharField(max_length=200, required=False)
    area = forms.ChoiceField(required=False)
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    contact_name = forms.CharField(max_length=40, required=False)
    contact_phone = forms.CharField(max_length=24, required=False)
    consent = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [self.data.get(name, "") for name in ("lon", "lat", "area")]
        self.items = items_at(area_of(*named))
        self.areas = places(default_district())
        # One on trial elsewhere is refused by the door, which says why.
        in_use = snapshot(timezone.now()).active_in(default_district())
        self.choose("item", [(each.code, each.name) for each in in_use])
        self.choose("area", self.areas)

    def choose(self, name: str, groups: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", ""), *groups]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not (given.get("text") or "").strip():
            self.add_error("text", _("Please say it in words."))
        placed = given.get("lon") is not None and given.get("lat") is not None
        if not (placed or given.get("address") or given.get("area")):
            self.add_error("address", _("Please say where: by an address, a place, or the map."))
        if not given.get("consent"):
            self.add_error("consent", _("Please read the privacy notice and agree first."))
        return given
