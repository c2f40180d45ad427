"""Emptying what tells of a person at their request: that there was one stays, who it was goes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huying.branches.founding import note
from huying.branches.models import (
    BranchChange,
    Coming,
    HouseholdLink,
    MemberOrganisation,
    PartyMember,
)
from huying.errors import WrongState
from huying.people.acting import Actor
from huying.registry.erasing import GONE

Done = BranchChange.Done


@transaction.atomic
def forget_member(pk: UUID, *, by: Actor, now: datetime) -> None:
    """Empties the record of who has left.

    Raises:
        WrongState: they are a member still: that ends first.
    """
    member = PartyMember.objects.select_for_update(of=("self",)).get(pk=pk)
    if member.is_living:
        raise WrongState("a member leaves before the record is erased")
    member.name_enc, member.name_masked, member.name_index = b"", GONE, b""
    member.phone_enc = member.phone_index = None
    member.phone_masked = member.reported_code = ""
    member.reported_on = member.account = member.person = member.dwelling = None
    member.version += 1
    member.save()
    note(member.branch, Done.ERASED, by=by, now=now, about=str(pk))


@transaction.atomic
def forget_link(pk: UUID, *, by: Actor, now: datetime) -> None:
    """Ends a link that holds still, and takes away what the household had agreed to."""
    link = HouseholdLink.objects.select_for_update(of=("self",)).get(pk=pk)
    link.consent_at = link.consent_by = link.metres = None
    link.consent_how = ""
    if link.ended_at is None:
        link.ended_at, link.ended_by = now, by.account_id
        link.why_ended = HouseholdLink.Ended.REFUSED
    link.save()
    note(link.member.branch, Done.ERASED, by=by, now=now, about=str(pk))


def forget_contact(pk: UUID) -> None:
    """Empties who answers for an organisation; the organisation stays."""
    MemberOrganisation.objects.filter(pk=pk).update(
        contact_enc=None, contact_masked="", phone_enc=None, phone_masked="", phone_index=None
    )


def forget_coming(pk: UUID) -> None:
    """Deletes one person's word to a call that is over."""
    Coming.objects.filter(pk=pk).delete()
