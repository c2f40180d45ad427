"""The forms of assisting units' parts and of sub-cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cases.states import PartState
from huying.catalogue.models import Clock
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.fields import List, Pick, Say, items_by_category
from huying.desk.verb_form import (
    REASON,
    REMARK,
    EvidenceForm,
    ListedReasonForm,
    VerbForm,
    numbered,
    offer,
    reason_of,
)
from huying.dispatch.assisting import open_parts


class AddAssist(VerbForm):
    hint = _("Each unit gets a part of its own; the case cannot be closed over an open one.")
    units = forms.MultipleChoiceField(
        label=_("Assisting units"), required=False, widget=forms.CheckboxSelectMultiple
    )
    amount = forms.IntegerField(
        label=_("Limit of the part"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("Left empty, they have the lead unit's deadline; never a later one."),
    )
    clock = Pick(label=_("Counted in"), choices=Clock.choices, initial=Clock.WORK_HOUR)
    requirement = Say(label=_("Requirement"), rows=2)
    template = "desk/verbs/add_assist.html"

    def prepare(self) -> None:
        busy = {self.case.lead_unit_id, *map(int, self.case.parts)}
        units = [unit for unit in self.roster.units_for(self.case) if unit.pk not in busy]
        offer(self, "units", [(str(unit.pk), unit.name) for unit in units])

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if "units" in given:
            given["units"] = [int(pk) for pk in given["units"]]
        if "amount" not in given:
            given.pop("clock", None)
        return given


class AssistDone(EvidenceForm):
    """What the item asks for is the lead unit's to show; a part shows what it did."""

    hint = _("Say what your unit did, and show it: a photo, a document or your position.")

    def prepare(self) -> None:
        self.demands: list[dict[str, Any]] = []
        self.asks = {"gps"}


class AssistReturn(ListedReasonForm):
    danger = True
    reason_code = reason_of("assist_return")
    hint = _("The case stays with the lead unit; only your unit's part ends.")


class OfOnePart(VerbForm):
    """Which unit's part is meant. With one, nothing need be chosen."""

    done_only = True
    unit = Pick(label=_("Assisting unit"))

    def prepare(self) -> None:
        orders = [
            order
            for order in open_parts(self.case)
            if not self.done_only or self.case.parts.get(str(order.unit_id)) == PartState.DONE
        ]
        offer(self, "unit", [(str(order.unit_id), order.unit.name) for order in orders])
        if len(orders) == 1:
            self.initial.setdefault("unit", str(orders[0].unit_id))

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "unit")


class SignOff(OfOnePart):
    hint = _("The part is done as it should be, and holds the case no more.")
    text = Say(label=REMARK)


class SendPartBack(OfOnePart):
    danger = True
    hint = _("The assisting unit goes on; its deadline stays.")
    reason = Say(label=REASON)


class ReleasePart(OfOnePart):
    danger = True
    done_only = False
    hint = _("The part ends here and holds the case no more.")
    reason = Say(label=REASON)


class Split(VerbForm):
    hint = _(
        "A sub-case has its own item, unit, deadline and timeline. This case cannot be closed "
        "while it is open."
    )
    item = List(label=_("Item"), empty=_("choose an item"))
    text = Say(label=_("What this sub-case is about"))
    unit = List(label=_("Dispatch at once to"), empty=_("the desk dispatches it later"))
    emergency = forms.BooleanField(label=_("This is an emergency"), required=False)

    def prepare(self) -> None:
        offer(self, "item", items_by_category(snapshot(self.now), self.case.area_code))
        units = self.roster.units_for(self.case)
        offer(
            self,
            "unit",
            offers.grouped([(unit.area_code, str(unit.pk), unit.name) for unit in units]),
        )

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "unit")


PART_FORMS: Mapping[str, type[VerbForm]] = {
    "add_assist": AddAssist,
    "assist_sign": VerbForm,
    "assist_arrive": VerbForm,
    "assist_done": AssistDone,
    "assist_return": AssistReturn,
    "sign_off": SignOff,
    "send_part_back": SendPartBack,
    "release_part": ReleasePart,
    "split": Split,
}
