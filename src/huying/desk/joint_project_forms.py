"""The forms of needs, projects and their milestones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.desk.fields import List, Picks, Say
from huying.desk.joint_meeting_forms import ORGANISATION, UNIT, answering_choices
from huying.desk.neighbours import uuid_of
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.joint import needs, projects, resolving
from huying.joint.models import JointNeed, JointProject, SharedResource
from huying.joint.models.projects import NeedState
from huying.joint.models.resources import Kind
from huying.neighbours.models.wishes import MOST_CLAIMS

CHOOSE = _("please choose")


class NeedForm(forms.Form):
    """What is wanted, and by when."""

    kind = List(label=pgettext_lazy("shared", "Kind"), empty=CHOOSE)
    title = forms.CharField(label=_("What is wanted"), required=False, max_length=60)
    words = Say(label=_("More of it"), rows=3, help_text=_("No names or phones of people."))
    wanted_by = Day(label=_("Wanted by"), required=False)
    suggestion = forms.CharField(required=False, widget=forms.HiddenInput)
    wish = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        row: JointNeed | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        if row is not None:
            names = ("kind", "title", "words", "wanted_by", "version")
            initial = {name: getattr(row, name) for name in names}
        super().__init__(data, initial=initial)
        offer(self, "kind", Kind.choices)
        dress(self)

    @property
    def told(self) -> needs.Told:
        given = self.cleaned_data
        return needs.Told(
            **{name: given[name] for name in ("kind", "title", "words", "wanted_by")},
            suggestion=uuid_of(given["suggestion"]),
            wish=uuid_of(given["wish"]),
        )


class ProjectForm(forms.Form):
    """What it is, who leads it, and what it brings together."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    words = Say(
        label=_("What it is about"),
        rows=4,
        help_text=_("Everybody reads this once it is published: no names or phones of people."),
    )
    lead = List(label=_("Led by"), empty=CHOOSE)
    needs = Picks(label=_("Needs that it meets"))
    resources = Picks(label=_("Resources that it uses"))
    partners = Picks(label=_("Organisations that help"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        area: str,
        row: JointProject | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        initial = dict(initial or {})
        kept: set[UUID] = set()
        if row is not None:
            initial = {name: getattr(row, name) for name in ("title", "words", "version")}
            initial["lead"] = (
                f"{UNIT}{row.unit_id}" if row.unit_id else f"{ORGANISATION}{row.organisation_id}"
            )
            parts = list(row.parts.all())
            kept = {each.need_id for each in parts if each.need_id}
            initial |= {
                "needs": [str(pk) for pk in kept],
                "resources": [str(each.resource_id) for each in parts if each.resource_id],
                "partners": [str(each.organisation_id) for each in parts if each.organisation_id],
            }
        super().__init__(data, initial=initial)
        open_ = JointNeed.objects.filter(area_code=area, state=NeedState.OPEN)
        wanted = open_ | JointNeed.objects.filter(pk__in=kept)
        lent = SharedResource.objects.living().filter(area_code=area).select_related("organisation")
        offer(self, "lead", answering_choices(area))
        for name, known in (
            ("needs", [(str(each.pk), each.title) for each in wanted]),
            (
                "resources",
                [(str(each.pk), f"{each.organisation.name} · {each.name}") for each in lent],
            ),
            (
                "partners",
                [(str(each.pk), each.name) for each in resolving.organisations_for(area)],
            ),
        ):
            offer(self, name, known)
            if not known:
                del self.fields[name]
        dress(self)

    @property
    def told(self) -> projects.Told:
        given = self.cleaned_data
        chosen = given["lead"]
        return projects.Told(
            given["title"],
            given["words"],
            int(chosen[len(UNIT) :]) if chosen.startswith(UNIT) else None,
            UUID(chosen[len(ORGANISATION) :]) if chosen.startswith(ORGANISATION) else None,
            **{
                name: [UUID(each) for each in given.get(name, [])]
                for name in ("needs", "resources", "partners")
            },
        )


class MilestoneForm(forms.Form):
    """What is to be reached by a day."""

    title = forms.CharField(label=_("Milestone"), required=False, max_length=60)
    due_on = Day(label=_("To be reached by"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="milestone")
        dress(self)


class OfferForm(forms.Form):
    """For how many it is to be claimed, and until when."""

    capacity = forms.IntegerField(
        label=_("How many may claim it"), min_value=1, max_value=MOST_CLAIMS, initial=5
    )
    claim_by = Day(label=_("Can be claimed until"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="offer")
        dress(self)
