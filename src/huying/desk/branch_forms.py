"""The forms of branches: a branch, a member, the rule of linking, and small ones of one choice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.branches import founding, joining, linked, linking
from huying.branches.models import Branch, BranchPlace, Consent, Kind, PartyMember, Why
from huying.branches.models.branches import ABOVE
from huying.desk import offers
from huying.desk.fields import List, Pick
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.people.acting import Actor, in_force
from huying.people.models import Post, Role, Unit, UnitKind
from huying.places import naming
from huying.places.models import Division, Grid
from huying.registry.addressing import BUILDINGS
from huying.registry.models import Address

CHOOSE = _("please choose")
MOST_BUILDINGS = 600


class BranchForm(forms.Form):
    """A branch: its name and kind, what is above it, its places, and what its plate says."""

    area = List(label=_("Area"))
    unit = List(
        label=_("Unit"),
        empty=_("a new one of this name"),
        help_text=_("A party branch that can be called already, and is not in the tree yet."),
    )
    name = forms.CharField(label=pgettext_lazy("branch", "Name"), required=False, max_length=60)
    kind = List(label=pgettext_lazy("branch", "Kind"), empty=CHOOSE)
    parent = List(label=_("Above it"), empty=pgettext_lazy("branch above", "none"))
    founded_on = Day(label=_("Founded on"), required=False)
    plate = forms.CharField(
        label=_("Words on the plate"),
        required=False,
        max_length=120,
        help_text=_("Beside the name: what it stands for, when its door is open."),
    )
    reach = forms.CharField(
        label=_("How residents reach it"),
        required=False,
        max_length=120,
        help_text=_("In public: a place and hours, an office's telephone; nobody's own."),
    )
    grids = forms.MultipleChoiceField(
        label=_("Grids"), required=False, widget=forms.CheckboxSelectMultiple
    )
    buildings = forms.MultipleChoiceField(
        label=_("Buildings"), required=False, widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, actor: Actor, area: str, branch: Branch | None = None
    ) -> None:
        self.branch = branch
        initial: dict[str, Any] = {"area": area}
        if branch is not None:
            places = list(branch.places.living())
            initial = {
                "name": branch.unit.name,
                "kind": branch.kind,
                "parent": str(branch.parent_id or ""),
                "founded_on": branch.founded_on,
                "plate": branch.plate,
                "reach": branch.reach,
                "grids": [place.grid_id for place in places if place.grid_id],
                "buildings": [str(place.building_id) for place in places if place.building_id],
                "version": branch.version,
            }
        super().__init__(data, initial=initial)
        self.area_code = branch.area_code if branch is not None else area
        if branch is not None:
            del self.fields["area"], self.fields["unit"]
        else:
            del self.fields["version"]
            offer(self, "area", [(area, naming.names(area))])
            self.fields["area"].widget = forms.HiddenInput()
            offer(self, "unit", _units_without(area))
            if len(self.fields["unit"].choices) == 1:  # type: ignore[attr-defined]
                del self.fields["unit"]
        offer(self, "kind", _kinds(self.area_code))
        offer(self, "parent", _above(self.area_code, branch))
        self._places()
        dress(self)

    def _places(self) -> None:
        """Grids and buildings of a community that no other branch has."""
        if len(self.area_code) != 12:
            del self.fields["grids"], self.fields["buildings"]
            return
        taken = BranchPlace.objects.living()
        if self.branch is not None:
            taken = taken.exclude(branch=self.branch)
        grids = Grid.objects.within(self.area_code).live()
        free = grids.exclude(pk__in=taken.exclude(grid=None).values("grid"))
        houses = (
            Address.objects.living()
            .filter(community_code=self.area_code, level__in=BUILDINGS)
            .exclude(pk__in=taken.exclude(building=None).values("building"))
            .order_by("full_name")[:MOST_BUILDINGS]
        )
        offer(self, "grids", list(free.values_list("code", "name")))
        offer(self, "buildings", [(str(each.pk), each.full_name) for each in houses])

    @property
    def plain(self) -> list[forms.BoundField]:
        return [each for each in self if each.name not in ("grids", "buildings")]

    @property
    def told(self) -> founding.Told:
        given = self.cleaned_data
        return founding.Told(
            name=given["name"] or self._name_of_unit(),
            kind=given["kind"],
            parent=UUID(given["parent"]) if given["parent"] else None,
            plate=given["plate"],
            reach=given["reach"],
            founded_on=given["founded_on"],
            grids=given.get("grids", []),
            buildings=[UUID(each) for each in given.get("buildings", [])],
        )

    def _name_of_unit(self) -> str:
        unit = self.its_unit
        return unit.name if unit is not None else ""

    @property
    def its_unit(self) -> Unit | None:
        pk = self.cleaned_data.get("unit")
        return Unit.objects.filter(pk=int(pk)).first() if pk else None


def _units_without(area: str) -> offers.Choices:
    units = Unit.objects.filter(kind=UnitKind.BRANCH, area_code=area, active=True, branch=None)
    return [(str(unit.pk), unit.name) for unit in units]


def _kinds(area: str) -> offers.Choices:
    if len(area) == 12:
        return list(Kind.choices)
    return [(kind.value, kind.label) for kind in (Kind.COMMITTEE, Kind.UNIT)]


def _above(area: str, branch: Branch | None) -> offers.Choices:
    prefixes = [area[:n] for n in (6, 9, 12) if n <= len(area)]
    rows = Branch.objects.living().filter(area_code__in=prefixes, kind__in=sorted(ABOVE))
    if branch is not None:
        rows = rows.exclude(pk=branch.pk)
    return [(str(each.pk), each.unit.name) for each in rows.select_related("unit")]


class MemberForm(forms.Form):
    """A member: name and phone as they are sealed, where they live, whom they registered with."""

    name = forms.CharField(label=_("Name"), required=False, max_length=40)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30)
    no_phone = forms.BooleanField(label=_("Delete the phone"), required=False)
    since = Day(label=_("Member of the branch since"), required=False)
    address = forms.CharField(
        label=pgettext_lazy("member", "Home"),
        required=False,
        max_length=120,
        help_text=_(
            "An address that the registers have, such as 东街12号502. Households nearby are "
            "linked to this member first."
        ),
    )
    reported_code = List(
        label=_("Registered with (报到)"),
        empty=_("not registered"),
        help_text=_("The community where the member lives."),
    )
    account = List(
        label=_("Account"),
        empty=pgettext_lazy("account", "none"),
        help_text=_(
            "Of those who hold a member's post in this branch: they answer whistles on the phone "
            "and see their households."
        ),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, branch: Branch, today: Any, member: PartyMember | None = None
    ) -> None:
        self.member = member
        initial: dict[str, Any] = {"since": today}
        if member is not None:
            initial = {
                "since": member.since,
                "address": member.dwelling.address.full_name if member.dwelling else "",
                "reported_code": member.reported_code,
                "account": str(member.account_id or ""),
                "version": member.version,
            }
        super().__init__(data, initial=initial)
        offer(self, "reported_code", _communities(branch.area_code))
        offer(self, "account", _accounts(branch, today, member))
        if member is None:
            del self.fields["no_phone"], self.fields["version"]
        else:
            same = _("Masked; left empty it stays as it is.")
            for name, masked in (("name", member.name_masked), ("phone", member.phone_masked)):
                self.fields[name].help_text = same
                self.fields[name].widget.attrs["placeholder"] = masked
            if not member.phone_masked:
                del self.fields["no_phone"]
        for name in ("name", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        dress(self)

    @property
    def told(self) -> joining.Told:
        given = self.cleaned_data
        name: str | None = given["name"]
        phone: str | None = given["phone"]
        if self.member is not None:
            name = name or None
            phone = "" if given.get("no_phone") else phone or None
        return joining.Told(
            name=name,
            phone=phone,
            account=int(given["account"]) if given["account"] else None,
            address=given["address"],
            reported_code=given["reported_code"],
            since=given["since"],
        )


def _communities(area: str) -> offers.Choices:
    """The communities of the town first, then those of the others."""
    rows = Division.objects.within(area[:6]).communities().values_list("code", "short_name")
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name in rows:
        groups.setdefault(code[:9], []).append((code, name))
    order = sorted(groups, key=lambda town: (town != area[:9], town))
    return [(naming.own_name(town), groups[town]) for town in order]


def _accounts(branch: Branch, today: Any, member: PartyMember | None) -> offers.Choices:
    """Who holds a member's post in the branch and is nobody else's account here."""
    posts = Post.objects.filter(in_force(today), role=Role.MEMBER, unit=branch.unit_id)
    taken = PartyMember.objects.living().exclude(account=None)
    if member is not None:
        taken = taken.exclude(pk=member.pk)
    found = posts.exclude(account__in=taken.values("account")).select_related("account")
    rows = {str(post.account_id): post.account.name for post in found}
    if member is not None and member.account is not None:
        rows.setdefault(str(member.account_id), member.account.name)
    return list(rows.items())


class RuleForm(forms.Form):
    """How households are dealt out."""

    way = Pick(
        label=_("How"),
        choices=[
            (linking.NEAREST, _("the nearest first")),
            (linking.DOORS, _("door by door")),
        ],
        help_text=_("Door by door each member gets neighbours; either way as many as any other."),
    )
    most = forms.IntegerField(
        label=_("Households of one member at most"),
        required=False,
        min_value=1,
        max_value=linked.MOST_EACH,
        help_text=_("Empty: all households are dealt out."),
    )
    anew = forms.BooleanField(
        label=_("Also those that are linked already: deal all out anew"), required=False
    )
    members = forms.MultipleChoiceField(
        label=_("Who takes part"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, branch: Branch) -> None:
        rows = [(str(each.pk), each.name_masked) for each in branch.members.living()]
        super().__init__(
            data, initial={"way": linking.NEAREST, "members": [pk for pk, _name in rows]}
        )
        offer(self, "members", rows)
        dress(self)

    def clean_members(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["members"]
        if not chosen:
            raise forms.ValidationError(_("Nobody of the branch takes part."))
        return chosen

    @property
    def rule(self) -> linked.Rule:
        given = self.cleaned_data
        return linked.Rule(
            way=given["way"] or linking.NEAREST,
            most=given["most"],
            anew=given["anew"],
            members=tuple(UUID(each) for each in given["members"]),
        )


class LeaveForm(forms.Form):
    """Why a member leaves, and who takes their households over."""

    why = Pick(label=_("Why"), choices=Why.choices)
    branch = List(
        label=_("The other branch"),
        empty=_("one outside of this community"),
        help_text=_("Where they go to another branch."),
    )
    to = List(label=_("Who takes the households over"), empty=_("all others, evenly"))

    def __init__(self, data: Any = None, *, member: PartyMember) -> None:
        super().__init__(data)
        home = member.branch
        others = home.members.living().exclude(pk=member.pk)
        branches = Branch.objects.living().filter(area_code=home.area_code).exclude(pk=home.pk)
        offer(self, "to", [(str(each.pk), each.name_masked) for each in others])
        offer(
            self,
            "branch",
            [(str(each.pk), each.unit.name) for each in branches.select_related("unit")],
        )
        dress(self)

    def inputs(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "why": given["why"],
            **{name: UUID(given[name]) if given[name] else None for name in ("to", "branch")},
        }


class SecretaryForm(forms.Form):
    """Which of the members is the secretary."""

    secretary = List(label=_("Secretary"), empty=pgettext_lazy("secretary", "nobody"))

    def __init__(self, data: Any = None, *, branch: Branch) -> None:
        super().__init__(data, initial={"secretary": str(branch.secretary_id or "")})
        rows = [(str(each.pk), each.name_masked) for each in branch.members.living()]
        offer(self, "secretary", rows)
        dress(self)

    @property
    def chosen(self) -> UUID | None:
        return UUID(self.cleaned_data["secretary"]) if self.cleaned_data["secretary"] else None


CONSENTS = Consent.choices
