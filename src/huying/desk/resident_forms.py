"""The forms of verbs that concern the resident behind a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Attachment
from huying.desk.fields import Pick, Say
from huying.desk.verb_form import OUTSIDE, REMARK, VerbForm, offer
from huying.response.residents import CallBack, ResidentLink

YES_NO = [("yes", _("yes")), ("no", _("no"))]
HOW_SATISFIED = [
    ("yes", _("satisfied")),
    ("fairly", _("fairly satisfied")),
    ("no", _("not satisfied")),
]
THREE = ("responded", "solved", "satisfied")


class AskResident(VerbForm):
    hint = _("The question stands on the page that the resident follows the case by.")
    question = Say(label=_("Question"), help_text=OUTSIDE)


class SharePhotos(VerbForm):
    template = "desk/verbs/share_photos.html"
    hint = _("What is chosen the resident sees on their page. Nobody and no number plate on it?")
    photos = forms.MultipleChoiceField(
        label=_("Photos from after"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        after = Attachment.objects.filter(case=self.case, kind=Attachment.Kind.PHOTO_AFTER)
        offer(
            self,
            "photos",
            [(str(each.pk), f"{each.get_kind_display()} {n}") for n, each in enumerate(after, 1)],
        )
        link = ResidentLink.objects.filter(case=self.case).first()
        self.initial.setdefault("photos", link.photos if link is not None else [])

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | {"photos": [UUID(pk) for pk in given.get("photos", [])]}


class CallResidentBack(VerbForm):
    hint = _("The number stands with the case; seeing it is recorded.")
    outcome = Pick(label=_("What came of the call"), choices=CallBack.Outcome.choices)
    responded = Pick(label=_("Was the matter answered in time?"), choices=YES_NO)
    solved = Pick(label=_("Is it solved?"), choices=YES_NO)
    satisfied = Pick(label=_("Is the resident satisfied?"), choices=HOW_SATISFIED)
    text = Say(label=REMARK)

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        fairly = {"fairly_satisfied": True} if given.get("satisfied") == "fairly" else {}
        return given | {name: given[name] == "yes" for name in THREE if name in given} | fairly


class ConfirmErasure(VerbForm):
    danger = True
    hint = _(
        "Name, phone, words, answers and address of the resident are erased for good. "
        "What was done stays in the log."
    )
    photos = forms.BooleanField(
        label=_("Delete the photos that the resident sent"), required=False, initial=True
    )
    place = forms.BooleanField(
        label=_("Put the position into the middle of its grid"), required=False, initial=True
    )

    def prepare(self) -> None:
        sent = Attachment.objects.filter(case=self.case, uploader_kind="resident").count()
        if not sent:
            del self.fields["photos"]
        if self.case.lon is None or not self.case.grid_code:
            del self.fields["place"]


class GiveCode(VerbForm):
    hint = _(
        "Who reported can follow the case with it, answer, rate and open it again. "
        "Look to it that you speak to who reported; that you were shown the code is recorded."
    )


RESIDENT_FORMS: Mapping[str, type[VerbForm]] = {
    "ask_resident": AskResident,
    "give_code": GiveCode,
    "share_photos": SharePhotos,
    "call_back": CallResidentBack,
    "confirm_erasure": ConfirmErasure,
}
