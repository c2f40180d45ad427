"""The forms of a joint meeting and of what it resolves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.branches.models import MemberOrganisation
from huying.desk.fields import List, Picks, Say, When
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.joint import meetings, resolving
from huying.joint.models import JointMeeting

CHOOSE = _("please choose")
UNIT, ORGANISATION = "u:", "o:"
"""What stands before the number in the one list of who answers for a resolution."""


def by_community(area: str, kept: set[UUID]) -> list[tuple[str, str]]:
    """The member organisations of a community; of a town with the community in brackets."""
    from huying.places import naming

    rows = MemberOrganisation.objects.filter(area_code__startswith=area)
    rows = rows.filter(until=None) | rows.filter(pk__in=kept)
    if len(area) == 12:
        return [(str(each.pk), each.name) for each in rows]
    return [(str(each.pk), f"{each.name}（{naming.own_name(each.area_code)}）") for each in rows]


class MeetingForm(forms.Form):
    """When, where, who presides, what about, and who is invited."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    begins_at = When(label=_("Day and time"))
    spot = forms.CharField(label=pgettext_lazy("shared", "Where"), required=False, max_length=100)
    chair = forms.CharField(
        label=_("Presided by"),
        required=False,
        max_length=60,
        help_text=_("By office, for example the secretary of the general branch."),
    )
    agenda = Say(label=_("Agenda, a point each line"), rows=5)
    organisations = Picks(label=_("Invited organisations"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, area: str, row: JointMeeting | None = None) -> None:
        initial: dict[str, Any] = {}
        kept: set[UUID] = set()
        if row is not None:
            kept = set(row.invitations.values_list("organisation", flat=True))
            names = ("title", "begins_at", "spot", "chair", "version")
            initial = {name: getattr(row, name) for name in names}
            initial |= {
                "agenda": "\n".join(row.agenda),
                "organisations": [str(pk) for pk in kept],
            }
        known = by_community(area, kept)
        if row is None:
            initial = {"organisations": [pk for pk, _name in known] if len(area) == 12 else []}
        super().__init__(data, initial=initial)
        offer(self, "organisations", known)
        dress(self)

    @property
    def told(self) -> meetings.Told:
        given = self.cleaned_data
        return meetings.Told(
            **{name: given[name] for name in ("title", "begins_at", "spot", "chair")},
            agenda=given["agenda"].splitlines(),
            organisations=[UUID(each) for each in given["organisations"]],
        )


def answering_choices(area: str) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Who may answer for something or lead it: member organisations, and units of the place."""
    lent = resolving.organisations_for(area).order_by("name")
    units = resolving.units_for(area).order_by("-area_code", "name")
    return [
        (_("Member organisations"), [(f"{ORGANISATION}{each.pk}", each.name) for each in lent]),
        (
            pgettext_lazy("joint", "Units"),
            [(f"{UNIT}{each.pk}", each.name) for each in units],
        ),
    ]


class ResolutionForm(forms.Form):
    """What is to be done, who answers for it, and by when."""

    words = Say(label=pgettext_lazy("resolution", "What is to be done"), rows=2)
    answering = List(label=pgettext_lazy("joint", "Who answers for it"), empty=CHOOSE)
    due_on = Day(label=_("To be done by"), required=False)

    def __init__(self, data: Any = None, *, area: str) -> None:
        super().__init__(data)
        offer(self, "answering", answering_choices(area))
        dress(self)

    @property
    def told(self) -> resolving.Told:
        given = self.cleaned_data
        chosen = given["answering"]
        return resolving.Told(
            given["words"],
            given["due_on"],
            int(chosen[len(UNIT) :]) if chosen.startswith(UNIT) else None,
            UUID(chosen[len(ORGANISATION) :]) if chosen.startswith(ORGANISATION) else None,
        )
