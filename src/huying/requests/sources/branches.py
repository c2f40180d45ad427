"""Party members, the households that they look after, and who answers for an organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.branches import forgetting
from huying.branches.models import BranchChange, HouseholdLink, MemberOrganisation, PartyMember
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.registry import sealing
from huying.registry.models import Person
from huying.requests.models import Ground
from huying.requests.sources.registers import people_of
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    ids,
    never,
    nothing_holds,
    shown,
)

Done = BranchChange.Done


def _members(marks: Marks) -> list[tuple[UUID, str]]:
    people = [pk for pk, _place in people_of(marks)]
    fits = Q(phone_index__in=marks.phone) | Q(person__in=people) | Q(pk__in=marks.members)
    rows = PartyMember.objects.filter(fits).order_by("made_at")
    return ids(rows.values_list("pk", "branch__area_code")[:MOST])


def _member_line(pk: UUID) -> Line | None:
    row = PartyMember.objects.select_related("branch__unit").filter(pk=pk).first()
    if row is None:
        return None
    place = naming.names(row.branch.area_code)
    return Line(f"{row.name_masked} · {row.branch}", place, row.made_at, row.is_living)


def _tell_member(pk: UUID, marks: Marks) -> Told:
    row = PartyMember.objects.select_related("branch__unit", "dwelling__address").get(pk=pk)
    told = [
        (_("Branch"), str(row.branch)),
        (_("Name"), sealing.opened(row, "name")),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("Address"), row.dwelling.address.full_name if row.dwelling else ""),
        (_("Member since"), str(row.since)),
        (_("Registered with"), naming.names(row.reported_code) if row.reported_code else ""),
        (_("Households looked after"), str(row.links.living().count() or "")),
        (_("Left on"), str(row.until or "")),
    ]
    return [each for each in told if each[1]]


def _member_held(pk: UUID) -> Ground | None:
    """Who belongs to a branch is on its roll; that ends by leaving."""
    return Ground.LEGAL_DUTY if PartyMember.objects.living().filter(pk=pk).exists() else None


def _erase_member(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_member(pk, by=SYSTEM, now=now)


def _member_corrected(pk: UUID, since: datetime) -> bool:
    changes = BranchChange.objects.filter(about=str(pk), at__gte=since)
    return changes.filter(done=Done.CORRECTED).exists()


# --- households


def _links(marks: Marks) -> list[tuple[UUID, str]]:
    people = [pk for pk, _place in people_of(marks)]
    homes = Person.objects.filter(pk__in=people).exclude(household=None).values("household")
    rows = HouseholdLink.objects.filter(household__in=homes).order_by("linked_at")
    return ids(rows.values_list("pk", "member__branch__area_code")[:MOST])


def _link_line(pk: UUID) -> Line | None:
    row = HouseholdLink.objects.select_related("member__branch__unit").filter(pk=pk).first()
    if row is None:
        return None
    branch = row.member.branch
    return Line(str(branch), naming.names(branch.area_code), row.linked_at, row.ended_at is None)


def _tell_link(pk: UUID, marks: Marks) -> Told:
    """Of the member the masked name: it is somebody else's."""
    row = HouseholdLink.objects.select_related("member__branch__unit").get(pk=pk)
    told = [
        (_("Branch"), str(row.member.branch)),
        (_("Looked after by"), row.member.name_masked),
        (_("Since"), shown(row.linked_at)),
        (_("Agreed"), f"{shown(row.consent_at)} {row.get_consent_how_display()}".strip()),
        (_("Ended on"), shown(row.ended_at)),
    ]
    return [each for each in told if each[1]]


def _erase_link(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_link(pk, by=SYSTEM, now=now)


def _link_corrected(pk: UUID, since: datetime) -> bool:
    row = HouseholdLink.objects.filter(pk=pk)
    return row.filter(Q(ended_at__gte=since) | Q(consent_at__gte=since)).exists()


# --- who answers for an organisation


def _organisations(marks: Marks) -> list[tuple[UUID, str]]:
    rows = MemberOrganisation.objects.filter(phone_index__in=marks.phone).order_by("since")
    return ids(rows.values_list("pk", "area_code")[:MOST])


def _organisation_line(pk: UUID) -> Line | None:
    row = MemberOrganisation.objects.filter(pk=pk).first()
    if row is None:
        return None
    return Line(row.name, naming.names(row.area_code), None, row.until is None)


def _tell_organisation(pk: UUID, marks: Marks) -> Told:
    row = MemberOrganisation.objects.get(pk=pk)
    told = [
        (_("Organisation"), row.name),
        (_("Contact"), sealing.opened(row, "contact")),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("Since"), str(row.since)),
    ]
    return [each for each in told if each[1]]


def _erase_organisation(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_contact(pk)


SOURCES: Final = (
    Source(
        "party_member", gettext_lazy("party member"), _members, _member_line, _tell_member,
        _member_held, _erase_member, _member_corrected, ("name", "phone"),
        tables=("party_member",),
    ),
    Source(
        "link", gettext_lazy("household that a member looks after"), _links, _link_line,
        _tell_link, nothing_holds, _erase_link, _link_corrected, (), tables=("household_link",),
    ),
    Source(
        "organisation", gettext_lazy("contact of a member organisation"), _organisations,
        _organisation_line, _tell_organisation, nothing_holds, _erase_organisation, never,
        ("contact", "phone"), tables=("member_organisation",),
    ),
)  # fmt: skip
