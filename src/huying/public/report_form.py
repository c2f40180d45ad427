"""What a resident is asked: what and where, and, only if they like, how to reach them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.versions import snapshot
from huying.errors import BadInput
from huying.intake.reporting import default_district
from huying.places import naming
from huying.places.locating import locate

LONGEST = 5000

Items = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Items by code, with their names, under the names of their categories."""


def _in_use() -> Sequence[ItemSnapshot]:
    return snapshot(timezone.now()).active_in(default_district())


def items_at(area_code: str) -> Items:
    """What a resident may choose at a place, by category: one on trial in its towns alone."""
    offered = snapshot(timezone.now()).active_at(area_code)
    return tuple(
        (category, tuple((each.code, each.name) for each in rows))
        for category, rows in groupby(offered, key=lambda each: each.category)
    )


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
        self.areas = naming.towns(default_district())
        # One on trial elsewhere is refused by the door, which says why.
        self.choose("item", lambda: [(each.code, each.name) for each in _in_use()])
        self.choose("area", lambda: self.areas)

    def choose(self, name: str, groups: Callable[[], Iterable[Any]]) -> None:
        """What a field takes, worked out when something was sent."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = lambda: [("", ""), *groups()]

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


def blank(item: str) -> ReportForm:
    """The form as everybody finds it, with one of the items chosen, or none.

    The same one for all as long as it offers the same. Nothing that anybody sends gets into it.
    """
    items = items_at("")
    known = any(item == code for _category, rows in items for code, _name in rows)
    return _blank(items, naming.towns(default_district()), item if known else "")


@lru_cache(maxsize=100)
def _blank(items: Items, areas: naming.Towns, item: str) -> ReportForm:
    form = ReportForm(initial={"item": item})
    form.items, form.areas = items, areas
    return form
