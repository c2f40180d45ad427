"""Forms of the care list: a form asks and reads; right and wrong the list says."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.care import listing, visiting
from huying.care.due import Outcome, Way
from huying.care.models import CareKind, CareLevel, CarePerson, Consent, EndReason, LookAt, Need
from huying.desk.fields import List, Pick, Picks, Say
from huying.desk.register_forms import LEAVE
from huying.desk.verb_form import dress, offer
from huying.intake.visit_alarms import Sort
from huying.people.models import Account


class CareForm(forms.Form):
    """How somebody is visited. What is sealed is not shown: left empty it stays."""

    kinds = Picks(label=pgettext_lazy("care", "Why"))
    level = Pick(label=pgettext_lazy("care", "Level"))
    every_days = forms.IntegerField(
        label=_("Other interval in days"),
        required=False,
        help_text=_("Left empty: the days of the level."),
    )
    consent = Pick(label=_("Agreed to be visited"), choices=Consent.choices)
    look_at = Picks(label=_("What to look at"), choices=LookAt.choices)
    health = Say(label=_("Health, for who visits"), rows=2)
    contact = forms.CharField(label=_("emergency contact"), required=False, max_length=40)
    phone = forms.CharField(label=_("phone of the contact"), required=False, max_length=30)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, care: CarePerson | None = None) -> None:
        self.care = care
        initial: dict[str, Any] = {"look_at": [LookAt.SPIRITS, LookAt.FOOD]}
        if care is not None:
            names = ("kinds", "every_days", "consent", "look_at", "version")
            initial = {name: getattr(care, name) for name in names} | {"level": care.level_id}
        super().__init__(data, initial=initial)
        before = set(care.kinds) if care is not None else set()
        kinds = [each for each in CareKind.objects.all() if each.active or each.code in before]
        offer(self, "kinds", [(each.code, each.name) for each in kinds])
        levels = CareLevel.objects.all()
        days = _("%(level)s: every %(days)s days")
        said = [(str(each.pk), days % {"level": each.name, "days": each.days}) for each in levels]
        offer(self, "level", said)
        if care is not None:
            for name in ("health", "contact", "phone"):
                self.fields[name].help_text = LEAVE
        dress(self)

    @property
    def told(self) -> listing.Told:
        given = self.cleaned_data
        sealed = {
            name: given[name] if given[name] or self.care is None else None
            for name in ("health", "contact", "phone")
        }
        return listing.Told(
            given["kinds"],
            int(given["level"] or 0),
            given["consent"],
            given["every_days"],
            given["look_at"],
            **sealed,
        )


class HandForm(forms.Form):
    """Who visits: the grid's own worker or another; and the member who takes part."""

    worker = List(label=_("Grid worker"), empty=_("the grid's own worker"))
    member = List(label=_("Member or volunteer"), empty=_("nobody"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, care: CarePerson, now: datetime) -> None:
        initial = {
            "worker": care.worker_id or "",
            "member": care.member_id or "",
            "version": care.version,
        }
        super().__init__(data, initial=initial)
        offer(self, "worker", _named(listing.walkers(care, now), care.worker))
        offer(self, "member", _named(listing.members(care, now), care.member))
        dress(self)

    @property
    def told(self) -> dict[str, int | None]:
        given = self.cleaned_data
        return {name: int(given[name]) if given[name] else None for name in ("worker", "member")}


def _named(found: dict[int, Account], now: Account | None) -> list[tuple[str, str]]:
    """Whoever may be chosen; who visits now stays to be chosen, also without a post here."""
    if now is not None:
        found.setdefault(now.pk, now)
    return [(str(pk), account.name) for pk, account in found.items()]


class EndForm(forms.Form):
    """Why somebody is no longer visited."""

    reason = Pick(label=_("Reason"), choices=EndReason.choices)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, care: CarePerson) -> None:
        super().__init__(data, initial={"version": care.version})
        dress(self)


class VisitForm(forms.Form):
    """One visit. Its name is made with the page, so that it is written down once."""

    outcome = Pick(label=_("What it came to"), choices=Outcome.choices)
    way = Pick(label=_("How you met"), choices=Way.choices)
    needs = Picks(label=_("What does the person need?"), choices=Need.choices)
    sort = Pick(label=pgettext_lazy("care", "Which emergency"), choices=Sort.choices)
    words = Say(label=_("Anything else"), rows=3)
    visit = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"visit": uuid.uuid4(), "way": Way.DOOR})
        dress(self)

    def told(self, care: CarePerson) -> visiting.Told:
        given = self.cleaned_data
        return visiting.Told(
            care.pk,
            given["visit"],
            given["way"],
            given["outcome"],
            words=given["words"],
            needs=given["needs"],
        )
