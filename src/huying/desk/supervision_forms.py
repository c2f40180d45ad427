"""The forms of supervision: formal supervision, instructions, joint meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cases.models import CaseText
from huying.desk.fields import List, Say, When
from huying.desk.verb_form import REASON, ReasonForm, VerbForm, numbered, offer
from huying.people.models import Unit, UnitKind
from huying.supervision.concerned import leaders_over
from huying.supervision.models import Instruction


class Supervise(VerbForm):
    hint = _(
        "The case gets a number, a responsible leader and a new deadline, and cannot be closed"
        " until the supervision is lifted."
    )
    leader = List(label=_("Responsible leader"), empty=_("the nearest leader over the case"))
    until = When(
        label=_("New deadline"), help_text=_("Left empty: the present step's limit once more.")
    )
    reason = Say(label=REASON)

    def prepare(self) -> None:
        posts = leaders_over(self.case, self.now)
        offer(
            self,
            "leader",
            [(str(each.account_id), f"{each.account.name}（{each}）") for each in posts],
        )

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "leader")


class LiftSupervision(ReasonForm):
    hint = _("What the supervision asked for is done, or it is needed no more. The case may close.")


class Instruct(VerbForm):
    hint = _("The desk that holds the case is told and must answer.")
    text = Say(label=_("What is to be done"))
    until = When(label=_("To be answered by"))


class AnswerInstruction(VerbForm):
    hint = _("Whoever gave the instruction is told.")
    instruction = List(label=_("Which instruction"), empty=_("the oldest one that waits"))
    text = Say(label=_("What came of it"))

    def prepare(self) -> None:
        waiting = list(Instruction.objects.filter(case=self.case, answered_at=None))
        seqs = [each.seq for each in waiting]
        words = dict(
            CaseText.objects.filter(case=self.case, seq__in=seqs).values_list("seq", "body")
        )
        offer(
            self, "instruction", [(str(each.pk), words.get(each.seq, "—")[:60]) for each in waiting]
        )
        if len(waiting) < 2:
            del self.fields["instruction"]

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if "instruction" in given:
            given["instruction"] = UUID(given["instruction"])
        return given


class Meet(VerbForm):
    template = "desk/verbs/meet.html"
    hint = _("Who met and what was decided stands on the case. Dispatching stays the desk's step.")
    members = forms.MultipleChoiceField(
        label=_("Units that met"), required=False, widget=forms.CheckboxSelectMultiple
    )
    decision = Say(label=_("What was decided"))
    unit = List(label=_("Lead unit"), empty=_("choose a unit"))
    until = When(label=_("To be done by"))

    def prepare(self) -> None:
        code = self.case.area_code
        prefixes = [code[:length] for length in (6, 9, 12) if length <= len(code)]
        units = Unit.objects.filter(
            active=True,
            kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM],
            area_code__in=prefixes,
        ).order_by("-area_code", "kind", "code")
        choices = [(str(unit.pk), unit.name) for unit in units]
        offer(self, "members", choices)
        offer(self, "unit", choices)
        if self.case.lead_unit_id is not None:
            self.initial.setdefault("members", [str(self.case.lead_unit_id)])
            self.initial.setdefault("unit", str(self.case.lead_unit_id))

    def inputs(self) -> dict[str, Any]:
        given = numbered(super().inputs(), "unit")
        if "members" in given:
            given["members"] = [int(pk) for pk in given["members"]]
        return given


SUPERVISION_FORMS: Mapping[str, type[VerbForm]] = {
    "supervise": Supervise,
    "lift_supervision": LiftSupervision,
    "instruct": Instruct,
    "answer_instruction": AnswerInstruction,
    "meet": Meet,
}
