"""The forms of questions to outside parties and of handling records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Attachment
from huying.desk.fields import List, Pick, Say
from huying.desk.verb_form import OUTSIDE, VerbForm, offer
from huying.response.asking import MOST_DAYS, USUAL_DAYS
from huying.response.models import HandlingRecord, OutsideAsk, RecordKind, SeizedGoods

LINES = 4
"""Lines of goods that the form has; a longer list goes on in another record."""


class AskOutside(VerbForm):
    template = "desk/verbs/ask_outside.html"
    hint = _(
        "The link is shown once. Whoever has it sees your words and what you choose here, answers "
        "once, and needs no account. The unit stays responsible."
    )
    to = forms.CharField(label=_("Whom you ask"), required=False, max_length=100)
    question = Say(label=_("Question"), help_text=OUTSIDE)
    days = forms.IntegerField(
        label=_("Valid for how many days"), required=False, min_value=1, max_value=MOST_DAYS
    )
    show_item = forms.BooleanField(label=_("Show the item"), required=False)
    show_place = forms.BooleanField(label=_("Show the place"), required=False)
    photos = forms.MultipleChoiceField(
        label=_("Photos to show"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        self.initial.setdefault("days", USUAL_DAYS)
        shown = Attachment.objects.filter(case=self.case).exclude(kind=Attachment.Kind.DOCUMENT)
        offer(self, "photos", [(str(each.pk), each.get_kind_display()) for each in shown])

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if "photos" in given:
            given["photos"] = [UUID(pk) for pk in given["photos"]]
        return given


class RevokeAsk(VerbForm):
    danger = True
    hint = _("The link ends at once.")
    ask = Pick(label=_("Question"))

    def prepare(self) -> None:
        open_ones = OutsideAsk.objects.filter(case=self.case, answered_at=None, revoked_at=None)
        asks = [(str(each.pk), f"{each.asked_at:%Y-%m-%d}") for each in open_ones]
        offer(self, "ask", asks)
        if len(asks) == 1:
            self.initial.setdefault("ask", asks[0][0])

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | ({"ask": UUID(given["ask"])} if "ask" in given else {})


class MakeRecord(VerbForm):
    template = "desk/verbs/record.html"
    hint = _("A record is not changed later; another one corrects it. Its number is given here.")
    kind = Pick(label=_("Kind of record"), choices=RecordKind.choices)
    corrects = List(label=_("Corrects"), empty=_("no earlier record"))
    found = Say(label=_("What the inspection found"), rows=4)
    demanded = Say(label=_("What is demanded"), rows=2)
    correct_by = forms.DateField(
        label=_("To be put right by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    custody = Say(label=_("Where it is kept"), rows=1)
    party_name = forms.CharField(label=_("Party's name"), required=False, max_length=40)
    party_phone = forms.CharField(label=_("Party's phone"), required=False, max_length=40)

    def prepare(self) -> None:
        mine = HandlingRecord.objects.filter(
            case=self.case, unit=self.actor.unit_id, corrected_by=None
        )
        offer(self, "corrects", [(str(each.pk), each.number) for each in mine])

    @property
    def measures(self) -> Any:
        return SeizedGoods.Measure.choices

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """The lines of goods, as sent so far."""
        columns = [self._sent(name) for name in ("goods", "amounts", "measures")]
        return [
            tuple(column[at] if at < len(column) else "" for column in columns)  # type: ignore[misc]
            for at in range(LINES)
        ]

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if "corrects" in given:
            given["corrects"] = UUID(given["corrects"])
        kind = given.get("kind", "")
        if kind != RecordKind.CORRECTION:
            given.pop("demanded", None)
            given.pop("correct_by", None)
        if kind != RecordKind.SEIZURE:
            given.pop("custody", None)
            return given
        lines = [line for line in self.lines if line[0].strip() or line[1].strip()]
        if lines:
            names = ("goods", "amounts", "measures")
            given |= {
                name: list(column)
                for name, column in zip(names, zip(*lines, strict=True), strict=True)
            }
        return given


PAPER_FORMS: Mapping[str, type[VerbForm]] = {
    "ask_outside": AskOutside,
    "revoke_ask": RevokeAsk,
    "record": MakeRecord,
}
