"""Forms of the registers: a form asks and reads; right and wrong the registers say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.desk.fields import List, Pick, Picks
from huying.desk.verb_form import dress
from huying.errors import Missing
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places.models import Division
from huying.registry import addressing, recording
from huying.registry.addressing import Spot
from huying.registry.models import (
    Address,
    AddressAlias,
    Dwelling,
    Enterprise,
    Facility,
    Person,
    Register,
    Risk,
    Source,
)
from huying.registry.recording import (
    DwellingTold,
    EnterpriseTold,
    FacilityTold,
    PersonTold,
    Told,
)

LEAVE = _("Leave empty to keep what is there.")


def communities(actor: Actor) -> list[tuple[str, str]]:
    """Those that the actor may write about."""
    inside = Division.objects.filter(level="community").order_by("code")
    code = actor.area_code
    near = inside.within(code[:12])
    return list(near.values_list("code", "short_name"))


class RecordForm(forms.Form):
    """What every record is asked for: where it is.

    Attributes:
        record: the one that is corrected; None for a new one.
        at: the address or dwelling that the new record is put to.
    """

    PINNED: ClassVar[bool] = True

    community = List(label=_("Community"), empty=_("please choose"))
    address = forms.CharField(
        label=_("Address"), required=False, max_length=120,
        help_text=_("From the street down, as it is written: 东街12号3栋502房."),
    )  # fmt: skip
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, actor: Actor, record: Any = None, at: Address | None = None
    ) -> None:
        self.actor, self.record = actor, record
        super().__init__(data, initial=self._initial(record, at))
        known = communities(actor)
        field = self.fields["community"]
        assert isinstance(field, List)
        field.offer(known)
        if len(known) == 1:
            field.initial = known[0][0]
            self.initial.setdefault("community", known[0][0])
        self.prepare()
        dress(self)

    def prepare(self) -> None:
        """Leaves out what this record is not asked for."""

    def _initial(self, record: Any, at: Address | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        place = at
        if record is not None:
            names = (name for name in self.base_fields if hasattr(record, name))
            found = {name: getattr(record, name) for name in names}
            place = self.place_of(record)
        found.pop("address", None)
        if place is not None:
            found |= {"address": place.full_name, "community": place.community_code}
        elif record is not None:
            found["community"] = record.area_code[:12]
        return found

    def place_of(self, record: Any) -> Address | None:
        """The address that a record has."""
        found: Address | None = record.address
        return found

    @property
    def spot(self) -> Spot | None:
        given = self.cleaned_data
        if given.get("lon") is None or given.get("lat") is None:
            return None
        return Spot(given["lon"], given["lat"])

    @property
    def source(self) -> Source:
        return Source.VISIT if self.actor.role in ON_FOOT else Source.DESK

    def placed(self, now: datetime) -> Address:
        """The address told, which is made where it is not there. Raises as `ensure`."""
        given = self.cleaned_data
        if not given["community"]:
            raise Missing(_("Please choose one."), field="community")
        if not given["address"].strip():
            raise Missing(_("This is needed."), field="address")
        return addressing.ensure(
            given["community"], given["address"],
            by=self.actor, now=now, source=self.source, spot=self.spot,
        )  # fmt: skip

    def told(self, now: datetime) -> Told:
        """What was told of the record. Raises what the registers refuse."""
        raise NotImplementedError


class AddressForm(RecordForm):
    """A new address; of one that is there its name, code and position."""

    name = forms.CharField(label=pgettext_lazy("register", "Name"), required=False, max_length=40)
    building_code = forms.CharField(
        label=_("Building code"), required=False, max_length=30, help_text=_("Of buildings only.")
    )

    def place_of(self, record: Any) -> Address | None:
        found: Address = record
        return found

    def prepare(self) -> None:
        if self.record is None:
            del self.fields["name"]
        else:
            del self.fields["address"], self.fields["community"]

    def save(self, now: datetime) -> Address:
        """The new or corrected address. Raises as `addressing`."""
        given = self.cleaned_data
        if self.record is None:
            made = self.placed(now)
            if given["building_code"]:
                addressing.correct(
                    made.pk, by=self.actor, now=now, building_code=given["building_code"]
                )
            return made
        return addressing.correct(
            self.record.pk, by=self.actor, now=now, version=given["version"],
            name=given["name"] or None, building_code=given["building_code"], spot=self.spot,
        )  # fmt: skip


class DwellingForm(RecordForm):
    """A dwelling."""

    use = Pick(label=_("Use"), choices=Dwelling.Use.choices)
    rooms = forms.IntegerField(label=_("Rooms"), required=False, min_value=1, max_value=999)
    risks = Picks(label=_("Risks"), choices=Risk.choices)

    def told(self, now: datetime) -> Told:
        given = self.cleaned_data
        return DwellingTold(self.placed(now), given["use"], given["rooms"], given["risks"])


class PersonForm(RecordForm):
    """A person. What is sealed is never filled in: left empty it stays as it is."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), required=False, max_length=40)
    id_number = forms.CharField(label=_("Id number"), required=False, max_length=20)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30)
    no_phone = forms.BooleanField(label=_("Take the phone out"), required=False)
    birth_year = forms.IntegerField(
        label=_("Year of birth"), required=False, min_value=1850, max_value=2200,
        help_text=_("Only where there is no id number."),
    )  # fmt: skip
    sex = Pick(label=_("Sex"), choices=Person.Sex.choices)
    stay = Pick(label=_("Stay"), choices=Person.Stay.choices)
    household = forms.IntegerField(
        label=_("Household in the dwelling"), required=False, min_value=1, max_value=999
    )
    relation = List(label=_("Relation to its head"), empty="—")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in ("name", "id_number", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def _initial(self, record: Any, at: Address | None) -> dict[str, Any]:
        found = super()._initial(record, at)
        found.pop("name", None)
        if record is None:
            return {"stay": Person.Stay.REGISTERED, "household": 1} | found
        if record.is_minor(timezone.localdate()):
            del found["birth_year"], found["sex"]
        number = record.household.number if record.household else None
        return found | {"household": number}

    def place_of(self, record: Any) -> Address | None:
        return record.dwelling.address if record.dwelling else None

    def prepare(self) -> None:
        relation = self.fields["relation"]
        assert isinstance(relation, List)
        relation.offer(Person.Relation.choices)
        if self.record is None:
            del self.fields["no_phone"]
            return
        shown = {
            name: getattr(self.record, f"{name}_masked") for name in ("name", "id_number", "phone")
        }
        for name, masked in shown.items():
            self.fields[name].widget.attrs["placeholder"] = masked
            self.fields[name].help_text = LEAVE if masked else ""
        if not self.record.phone_masked:
            del self.fields["no_phone"]

    def told(self, now: datetime) -> Told:
        given, old = self.cleaned_data, self.record is not None
        dwelling, community = None, given["community"]
        if given["address"].strip():
            address = self.placed(now)
            dwelling = Dwelling.objects.living().filter(address=address).first()
            if dwelling is None:
                dwelling = recording.add(
                    DwellingTold(address), by=self.actor, now=now, source=self.source
                )
        phone = "" if given.get("no_phone") else given["phone"].strip()
        birth_year, sex = given["birth_year"], given["sex"]
        if old and self.record.is_minor(timezone.localdate(now)):
            # Of a minor these are not filled in either.
            birth_year, sex = birth_year or self.record.birth_year, sex or self.record.sex
        return PersonTold(
            name=given["name"] or (None if old else ""),
            id_number=given["id_number"] or (None if old else ""),
            phone=phone if phone or not old or given.get("no_phone") else None,
            birth_year=birth_year, sex=sex,
            stay=given["stay"], dwelling=dwelling, community=community,
            household=given["household"] if dwelling else None, relation=given["relation"],
        )  # fmt: skip


class EnterpriseForm(RecordForm):
    """A unit."""

    name = forms.CharField(label=pgettext_lazy("register", "Name"), required=False, max_length=80)
    credit_code = forms.CharField(
        label=_("Unified social credit code"), required=False, max_length=20
    )
    kind = Pick(label=pgettext_lazy("register", "Kind"), choices=Enterprise.Kind.choices)
    risks = Picks(label=_("Risks"), choices=Risk.choices)
    contact = forms.CharField(label=_("Who answers for it"), required=False, max_length=40)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30)

    def _initial(self, record: Any, at: Address | None) -> dict[str, Any]:
        found = super()._initial(record, at)
        return {name: value for name, value in found.items() if name not in ("contact", "phone")}

    def prepare(self) -> None:
        if self.record is not None:
            for name in ("contact", "phone"):
                masked = getattr(self.record, f"{name}_masked")
                self.fields[name].widget.attrs["placeholder"] = masked
                self.fields[name].help_text = LEAVE if masked else ""

    def told(self, now: datetime) -> Told:
        given, old = self.cleaned_data, self.record is not None
        return EnterpriseTold(
            given["name"], given["kind"], self.placed(now), given["credit_code"], given["risks"],
            given["contact"] or (None if old else ""), given["phone"] or (None if old else ""),
        )  # fmt: skip


class FacilityForm(RecordForm):
    """A facility: its pin is its own, not its address's."""

    name = forms.CharField(label=pgettext_lazy("register", "Name"), required=False, max_length=80)
    kind = Pick(label=pgettext_lazy("register", "Kind"), choices=Facility.Kind.choices)
    risks = Picks(label=_("Risks"), choices=Risk.choices)

    def place_of(self, record: Any) -> Address | None:
        found: Address | None = record.address
        return found

    @property
    def spot(self) -> Spot | None:
        return None

    def told(self, now: datetime) -> Told:
        given = self.cleaned_data
        address = self.placed(now) if given["address"].strip() else None
        return FacilityTold(
            given["name"], given["kind"], address, given["lon"], given["lat"], given["risks"]
        )


class AliasForm(forms.Form):
    """Another name of an address."""

    name = forms.CharField(label=_("Another name"), max_length=80)
    kind = forms.ChoiceField(label=pgettext_lazy("register", "Kind"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = AddressAlias.Kind.choices
        dress(self)


FORMS: dict[str, type[RecordForm]] = {
    Register.ADDRESS: AddressForm,
    Register.DWELLING: DwellingForm,
    Register.PERSON: PersonForm,
    Register.ENTERPRISE: EnterpriseForm,
    Register.FACILITY: FacilityForm,
}
