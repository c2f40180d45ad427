"""The forms of a community's 大党委 and 四个三, of cadres and of their visits."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.branches import cadres, together
from huying.branches.models import Branch, MemberOrganisation, Undertaking
from huying.desk.fields import List, Say
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.places import naming
from huying.places.models import Grid

CHOOSE = _("please choose")
NONE = pgettext_lazy("leader of an undertaking", "none")


def _branches(area: str) -> list[tuple[str, str]]:
    rows = Branch.objects.living().filter(area_code=area).select_related("unit")
    return [(str(each.pk), each.unit.name) for each in rows]


class OrganisationForm(forms.Form):
    """An organisation of the 大党委."""

    name = forms.CharField(label=pgettext_lazy("branch", "Name"), required=False, max_length=60)
    kind = List(label=pgettext_lazy("branch", "Kind"), empty=CHOOSE)
    shares = Say(
        label=_("What it shares"),
        rows=4,
        help_text=_("A line each: a hall, parking at night, equipment, what its people can do."),
    )
    branch = List(label=_("Its own branch"), empty=NONE)
    contact = forms.CharField(label=_("Contact"), required=False, max_length=40)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30)
    since = Day(label=_("Belongs since"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, area: str, today: date, row: MemberOrganisation | None = None
    ) -> None:
        self.row = row
        initial: dict[str, Any] = {"since": today}
        if row is not None:
            initial = {
                **{name: getattr(row, name) for name in ("name", "kind", "since", "version")},
                "shares": "\n".join(row.shares),
                "branch": str(row.branch_id or ""),
            }
        super().__init__(data, initial=initial)
        offer(self, "kind", MemberOrganisation.Kind.choices)
        offer(self, "branch", _branches(area))
        for name in ("contact", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
            if row is not None:
                self.fields[name].help_text = _("Masked; left empty it stays as it is.")
                self.fields[name].widget.attrs["placeholder"] = getattr(row, f"{name}_masked")
        dress(self)

    @property
    def told(self) -> together.OrganisationTold:
        given = self.cleaned_data
        keep = None if self.row is not None else ""
        return together.OrganisationTold(
            name=given["name"],
            kind=given["kind"],
            shares=given["shares"].splitlines(),
            branch=UUID(given["branch"]) if given["branch"] else None,
            contact=given["contact"] or keep,
            phone=given["phone"] or keep,
            since=given["since"],
        )


class UndertakingForm(forms.Form):
    """A team, a platform or a project."""

    kind = List(label=pgettext_lazy("branch", "Kind"), empty=CHOOSE)
    name = forms.CharField(label=pgettext_lazy("branch", "Name"), required=False, max_length=60)
    about = Say(label=_("What it does"), rows=3)
    branch = List(label=_("Led by the branch"), empty=NONE)
    organisation = List(label=_("Led by the organisation"), empty=NONE)
    outcome = Say(label=_("What came of it"), rows=2)
    since = Day(label=_("Since"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, area: str, today: date, row: Undertaking | None = None
    ) -> None:
        initial: dict[str, Any] = {"since": today}
        if row is not None:
            names = ("kind", "name", "about", "outcome", "since", "version")
            initial = {name: getattr(row, name) for name in names}
            initial |= {
                name: str(getattr(row, f"{name}_id") or "") for name in ("branch", "organisation")
            }
        super().__init__(data, initial=initial)
        here = MemberOrganisation.objects.living().filter(area_code=area)
        offer(self, "kind", Undertaking.Kind.choices)
        offer(self, "branch", _branches(area))
        offer(self, "organisation", [(str(each.pk), each.name) for each in here])
        dress(self)

    @property
    def told(self) -> together.UndertakingTold:
        given = self.cleaned_data
        return together.UndertakingTold(
            kind=given["kind"],
            name=given["name"],
            about=given["about"],
            branch=UUID(given["branch"]) if given["branch"] else None,
            organisation=UUID(given["organisation"]) if given["organisation"] else None,
            outcome=given["outcome"],
            since=given["since"],
        )


class CadreForm(forms.Form):
    """Which cadre keeps in touch with which grid."""

    grid = List(label=pgettext_lazy("branch", "Grid"), empty=CHOOSE)
    account = List(label=_("Cadre"), empty=CHOOSE)
    times = forms.IntegerField(label=_("Visits a month"), min_value=1, max_value=31)

    def __init__(self, data: Any = None, *, area: str, today: date) -> None:
        super().__init__(data, initial={"times": 2})
        grids = Grid.objects.within(area).live().values_list("code", "name")
        offer(self, "grid", list(grids))
        posts = cadres.candidates(area.ljust(15, "0"), today)
        rows: dict[str, str] = {}
        for post in posts:
            where = post.unit.name if post.unit is not None else naming.own_name(post.area_code)
            rows.setdefault(
                str(post.account_id), f"{post.account.name}（{where} · {post.get_role_display()}）"
            )
        offer(self, "account", list(rows.items()))
        dress(self)

    def clean_account(self) -> int:
        chosen: str = self.cleaned_data["account"]
        return int(chosen) if chosen else 0


class CadreVisitForm(forms.Form):
    """A visit, as the cadre writes it down."""

    day = Day(label=_("Day"), required=False)
    households = forms.IntegerField(
        label=_("Households visited"), required=False, min_value=0, max_value=500
    )
    heard = Say(
        label=_("What you heard"),
        rows=4,
        help_text=_("Without names and phones of residents; a matter to handle is reported."),
    )
    settled = Say(label=_("What was settled"), rows=2)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"day": today, "households": 0})
        dress(self)

    def inputs(self) -> dict[str, Any]:
        return self.cleaned_data | {"households": self.cleaned_data["households"] or 0}
