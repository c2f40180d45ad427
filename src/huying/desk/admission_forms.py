"""The form of an application for a new item."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.catalogue import evidence
from huying.catalogue.evidence import Demand, Evidence, EvidenceKind
from huying.catalogue.models import Category, Clock, Kind
from huying.catalogue.validating import FIELDS
from huying.desk.duty_forms import CHOOSE, departments
from huying.desk.fields import List, Pick, Say
from huying.desk.verb_form import dress, offer
from huying.duties.admitting import Told
from huying.duties.models import Admission
from huying.places.models import Level

MAIN: Final[dict[str, Any]] = {
    "assisting_departments": [],
    "total_limit_hours": None,
    "photo_rule": "",
    "escalate_words": [],
}
"""What an application does not ask; who keeps the catalogue adds it later."""


EVIDENCE_AT: Final = "photo_before"
"""Where what is wrong with the evidence is said."""


class AdmissionForm(forms.Form):
    """What the item would be, and what comes along with it."""

    name = forms.CharField(
        label=pgettext_lazy("admission", "Name of the item"), required=False, max_length=60
    )
    category_code = List(label=_("Category"), empty=CHOOSE)
    description = Say(label=pgettext_lazy("admission", "What falls under it"), rows=2)
    lead_department = List(label=_("Department"), empty=CHOOSE)
    default_level = List(label=_("Level"), empty=CHOOSE)
    kind = Pick(label=_("Kind"), choices=Kind.choices, initial=Kind.SIMPLE)
    settle = forms.BooleanField(label=_("may be settled on the spot"), required=False)
    accept_limit_min = forms.IntegerField(
        label=_("accept within, minutes"), required=False, min_value=1, initial=60
    )
    sign_limit_min = forms.IntegerField(
        label=_("sign for within, minutes"), required=False, min_value=1, initial=120
    )
    handle_limit = forms.IntegerField(
        label=_("handle within"), required=False, min_value=1, initial=3
    )
    handle_clock = List(label=_("clock of handling"), empty=CHOOSE, initial=Clock.WORK_DAY)
    check_limit = forms.IntegerField(
        label=_("check within"), required=False, min_value=1, initial=1
    )
    check_clock = List(label=_("clock of checking"), empty=CHOOSE, initial=Clock.WORK_DAY)
    photo_before = forms.IntegerField(
        label=pgettext_lazy("admission", "Photos from before, at least"),
        required=False,
        min_value=0,
        max_value=evidence.MOST,
        initial=1,
    )
    photo_after = forms.IntegerField(
        label=pgettext_lazy("admission", "Photos from after, at least"),
        required=False,
        min_value=0,
        max_value=evidence.MOST,
        initial=1,
    )
    gps = forms.BooleanField(
        label=pgettext_lazy("admission", "the position is kept"), required=False, initial=True
    )
    form = forms.BooleanField(
        label=pgettext_lazy("admission", "a form is filled in"), required=False
    )
    example = Say(label=pgettext_lazy("admission", "An example of a report"), rows=2)
    duties = Say(label=pgettext_lazy("admission", "What grid workers would do"), rows=3)
    flow = Say(label=pgettext_lazy("admission", "How it runs, from report to end"), rows=3)
    resources = Say(
        label=pgettext_lazy("admission", "What comes along"),
        rows=3,
        help_text=_("People, money, training that the department gives to the towns."),
    )
    basis = Say(label=pgettext_lazy("duties", "Basis"), rows=2)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: Admission | None = None, at: datetime) -> None:
        initial = None
        if row is not None:
            names = ("category_code", "duties", "flow", "resources", "basis", "revision")
            initial = dict(row.proposed) | {name: getattr(row, name) for name in names}
            initial |= demanded(row.proposed.get("evidence", ""))
        super().__init__(data, initial=initial)
        offer(self, "category_code", Category.objects.values_list("code", "name"))
        offer(self, "lead_department", [(each, each) for each in departments(at)])
        offer(self, "default_level", Level.choices)
        for name in ("handle_clock", "check_clock"):
            offer(self, name, Clock.choices)
        dress(self)

    @property
    def told(self) -> Told:
        given = self.cleaned_data | {"evidence": self.evidence}
        proposed = MAIN | {name: given[name] for name in FIELDS if name in given}
        said = {
            name: given[name] for name in ("category_code", "duties", "flow", "resources", "basis")
        }
        return Told(proposed=proposed, **said)

    @property
    def evidence(self) -> str:
        """What the item wants to see, as the catalogue writes it."""
        given = ((kind, int(self.cleaned_data.get(kind.value) or 0)) for kind in EvidenceKind)
        return str(Evidence(tuple(Demand(kind, least) for kind, least in given if least)))


def demanded(rule: str) -> dict[str, int]:
    """How many of each kind of evidence an item wants to see, 0 of those that it does not name."""
    said = {each.kind: each.least for each in evidence.parse(rule).demands}
    return {kind.value: said.get(kind, 0) for kind in EvidenceKind}
