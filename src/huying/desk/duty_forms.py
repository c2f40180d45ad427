"""The forms of the list of responsibilities, and of declining by it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.cases.reasons import DeclineReason
from huying.catalogue.versions import snapshot
from huying.desk.fields import List, Say, items_by_category
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import REASON, VerbForm, dress, offer, reason_of
from huying.duties.listing import Entry, holding
from huying.people.models import Unit
from huying.places.models import Level

CHOOSE = _("please choose")


def departments(at: datetime) -> list[str]:
    """The departments that the catalogue names and those that units have, each once."""
    named = [each.lead_department for each in snapshot(at).active]
    assisting = [name for each in snapshot(at).active for name in each.assisting_departments]
    units = Unit.objects.filter(active=True).exclude(department="")
    known = units.order_by("department").values_list("department", flat=True).distinct()
    return list(dict.fromkeys([*named, *assisting, *known]))


class EntryForm(forms.Form):
    """One responsibility."""

    title = forms.CharField(
        label=pgettext_lazy("duties", "Responsibility"), required=False, max_length=100
    )
    department = List(label=_("Department"), empty=CHOOSE)
    level = List(label=_("Level"), empty=CHOOSE)
    items = forms.MultipleChoiceField(
        label=pgettext_lazy("duties", "Carried out by"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    basis = Say(label=pgettext_lazy("duties", "Basis"), rows=3)
    limits = Say(label=pgettext_lazy("duties", "Not included"), rows=2)
    since = Day(label=pgettext_lazy("duties", "From"), required=False)
    until = Day(label=pgettext_lazy("duties", "Until"), required=False)

    def __init__(self, data: Any = None, *, entry: Entry | None = None, at: datetime) -> None:
        names = ("title", "department", "level", "items", "basis", "limits", "since", "until")
        super().__init__(
            data,
            initial={name: getattr(entry, name) for name in names} if entry is not None else None,
        )
        offer(self, "department", [(each, each) for each in departments(at)])
        offer(self, "level", Level.choices)
        offer(self, "items", items_by_category(snapshot(at)))
        dress(self)

    def told(self, number: int) -> Entry:
        given = self.cleaned_data
        return Entry(number=number, **{**given, "items": tuple(given["items"])})


class Decline(VerbForm):
    danger = True
    hint = _("The case ends here. Whoever reported it is told the reason.")
    template = "desk/verbs/decline.html"
    reason_code = reason_of("decline")
    reason = Say(label=REASON)
    entry = List(
        label=_("Entry of the list whose limits leave it out"),
        empty=_("nothing on the list is near"),
    )
    basis = Say(
        label=pgettext_lazy("duties", "Basis"),
        rows=2,
        help_text=_("Needed where no entry is chosen: which law or rule says whose it is."),
    )

    def prepare(self) -> None:
        self.held = holding(self.case.area_code or self.case.district_code, self.now)
        self.on_list = self.held.of_item(self.case.item_code, timezone.localdate(self.now))
        offer(
            self,
            "entry",
            [(str(each.number), f"{each.number} {each.title}") for each in self.held.entries],
        )

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if given.get("reason_code") != DeclineReason.OUTSIDE_LIST:
            given.pop("entry", None)
            given.pop("basis", None)
        if "entry" in given:
            given["entry"] = int(given["entry"])
        return given
