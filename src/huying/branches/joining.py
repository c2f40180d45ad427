"""What is done to a member: joins, is corrected, registers with a community, leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.revealing import Purpose, Subject
from huying.branches import linked
from huying.branches.founding import keeping, may_keep, note
from huying.branches.models import Branch, BranchChange, PartyMember, Why
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, Words
from huying.people.acting import Actor
from huying.people.models import Account
from huying.people.phones import plain_phone
from huying.places import naming
from huying.registry import addressing, sealing
from huying.registry.models import Dwelling, Person

Done = BranchChange.Done
LONGEST_NAME: Final = 40

REFUSED: Final[dict[str, Words]] = {
    "party_member_in_one_branch": _("This member is in a branch already."),
    "party_member_account_in_one_branch": _("This account is another member's."),
    "party_member_person_in_one_branch": _("This member is in a branch already."),
}

OF_MEMBERS: Final = (
    Purpose.VISIT,
    Purpose.CHECK_RECORD,
    Purpose.OWN_REQUEST,
    Purpose.OTHER,
)
"""What a member's name and phone are looked up for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a member.

    Attributes:
        name, phone: None leaves what is sealed as it is, "" takes a phone away.
        address: where they live, as it is written; it must be in the registers.
    """

    name: str | None
    phone: str | None = None
    account: int | None = None
    address: str = ""
    reported_code: str = ""
    since: date | None = None


def take_in(branch: UUID, told: Told, *, by: Actor, now: datetime) -> PartyMember:
    """A new member of a branch.

    Raises:
        NotFound, NotAllowed: the branch is not the actor's to keep.
        Missing, BadInput: something told is not there or not right, or they are in a branch.
    """
    with transaction.atomic():
        home = keeping(branch, by=by)
        member = PartyMember(
            branch=home,
            district_code=home.district_code,
            since=timezone.localdate(now),
            made_at=now,
            made_by=by.account_id,
        )
        _set(member, told, now)
        _save(member)
        note(home, Done.JOINED, by=by, now=now, about=str(member.pk))
        if member.reported_code:
            note(home, Done.REPORTED, by=by, now=now, about=str(member.pk))
        return member


def correct(
    pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> PartyMember:
    """Says it anew; registering with another community is written down as such.

    Raises:
        NotFound, NotAllowed, StalePage: as `held_member`.
        Missing, BadInput: as `take_in`.
    """
    with transaction.atomic():
        member = held_member(pk, by=by, version=version)
        before = member.reported_code
        _set(member, told, now)
        member.version += 1
        _save(member)
        note(member.branch, Done.CORRECTED, by=by, now=now, about=str(pk))
        if member.reported_code and member.reported_code != before:
            note(member.branch, Done.REPORTED, by=by, now=now, about=str(pk))
        return member


def leave(
    pk: UUID,
    why: str,
    *,
    by: Actor,
    now: datetime,
    to: UUID | None = None,
    branch: UUID | None = None,
) -> PartyMember:
    """A member of the branch no longer. Their households go to ``to``, or to the others evenly.

    Who goes to another branch of the community is a member there from now on.

    Raises:
        NotFound, NotAllowed: as `held_member`.
        Missing: no reason, or no branch for who goes to another.
        WrongState: they have households, and nobody is there to take them.
    """
    if why not in Why.values:
        raise Missing(_("Please choose a reason."), field="why")
    with transaction.atomic():
        member = held_member(pk, by=by)
        home = member.branch
        other = None
        if branch is not None and why == Why.TRANSFERRED:
            other = Branch.objects.living().filter(pk=branch, area_code=home.area_code).first()
            if other is None or other == home:
                raise BadInput(_("There is no such branch."), field="branch")
        linked.hand_over_all(member, to, by=by, now=now)
        member.until = max(timezone.localdate(now), member.since)
        member.why_left = why
        member.version += 1
        member.save(update_fields=["until", "why_left", "version"])
        if home.secretary_id == member.pk:
            Branch.objects.filter(pk=home.pk).update(secretary=None)
        note(home, Done.LEFT, by=by, now=now, about=str(pk))
        if other is not None:
            _goes_on_in(other, member, by, now)
        return member


def _goes_on_in(branch: Branch, left: PartyMember, by: Actor, now: datetime) -> PartyMember:
    member = PartyMember(
        branch=branch,
        district_code=branch.district_code,
        since=timezone.localdate(now),
        account=left.account,
        person=left.person,
        dwelling=left.dwelling,
        reported_code=left.reported_code,
        reported_on=left.reported_on,
        came_from=left,
        made_at=now,
        made_by=by.account_id,
    )
    for name in ("name", "phone"):
        sealing.put(member, name, sealing.opened(left, name))
    _save(member)
    note(branch, Done.JOINED, by=by, now=now, about=str(member.pk))
    return member


def held_member(pk: UUID, *, by: Actor, version: int | None = None) -> PartyMember:
    """A living member of a branch that the actor keeps, locked.

    Raises:
        NotFound: out of sight, or left. NotAllowed: seen, but another branch's.
        StalePage: changed since the version that the actor saw.
    """
    rows = PartyMember.objects.visible_to(by).living().select_for_update(of=("self",))
    member = rows.select_related("branch__unit").filter(pk=pk).first()
    if member is None:
        raise NotFound
    if not may_keep(by, member.branch):
        raise NotAllowed
    if version is not None and version != member.version:
        raise StalePage(_("Someone else changed this record in the meantime."))
    return member


def reveal(
    member: PartyMember, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> dict[str, str]:
    """Name and phone in clear, for who keeps the branch's members; written down before.

    Raises:
        NotFound: out of sight. NotAllowed: another branch's.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    if not PartyMember.objects.visible_to(by).filter(pk=member.pk).exists():
        raise NotFound
    if not may_keep(by, member.branch):
        raise NotAllowed
    return revealing.reveal(
        Subject(
            "party_member",
            member.pk,
            area_code=member.branch.area_code,
            person=bytes(member.phone_index or b""),
        ),
        opening=lambda: {name: sealing.opened(member, name) for name in ("name", "phone")},
        fields=("name", "phone"),
        purpose=purpose,
        among=OF_MEMBERS,
        words=words,
        by=by,
        now=now,
        action="reveal_member",
    )


def _set(member: PartyMember, told: Told, now: datetime) -> None:
    today = timezone.localdate(now)
    if told.name is not None or member._state.adding:
        name = (told.name or "").strip()
        if not name:
            raise Missing(_("This is needed."), field="name")
        if len(name) > LONGEST_NAME:
            raise BadInput(_("The name is too long."), field="name")
        sealing.put(member, "name", name)
    if told.phone is not None:
        sealing.put(member, "phone", plain_phone(told.phone))
    if told.since is not None:
        if told.since > today:
            raise BadInput(_("This day is still to come."), field="since")
        member.since = told.since
    if told.account is not None and not Account.objects.filter(pk=told.account).exists():
        raise BadInput(_("There is no such account."), field="account")
    member.account_id = told.account
    member.dwelling = _dwelling(member.branch, told.address.strip())
    member.person = _person(member)
    if told.reported_code != member.reported_code:
        if told.reported_code and (
            len(told.reported_code) != 12 or not naming.is_place(told.reported_code)
        ):
            raise BadInput(_("There is no such community."), field="reported_code")
        member.reported_code = told.reported_code
        member.reported_on = today if told.reported_code else None


def _dwelling(branch: Branch, address: str) -> Dwelling | None:
    if not address:
        return None
    # People write 502 of a room whose name is 502房 or 502室.
    for text in (address, f"{address}房", f"{address}室"):
        found = addressing.find(branch.area_code, text)
        here = Dwelling.objects.living().filter(address=found) if found is not None else None
        if here is not None and (dwelling := here.first()) is not None:
            known: Dwelling = dwelling
            return known
    raise BadInput(
        _("The registers have no dwelling at this address in the community."), field="address"
    )


def _person(member: PartyMember) -> Person | None:
    """The same human in the register: of that name in that dwelling."""
    if member.dwelling_id is None:
        return None
    name = sealing.opened(member, "name")
    there = Person.objects.living().filter(dwelling=member.dwelling_id)
    found: Person | None = there.filter(name_index__in=sealing.marks(name)).first()
    return found


def _save(member: PartyMember) -> None:
    """Saves, and says in words what the database's constraints refuse.

    The marks of a name differ between two keys while one is changed: so all are looked up first.
    """
    phone = sealing.opened(member, "phone")
    if phone:
        name = sealing.opened(member, "name")
        same = PartyMember.objects.living().filter(
            district_code=member.district_code,
            name_index__in=sealing.marks(name),
            phone_index__in=sealing.marks(phone),
        )
        if same.exclude(pk=member.pk).exists():
            raise BadInput(REFUSED["party_member_in_one_branch"], field="name")
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        refused = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if refused not in REFUSED:
            raise
        field = "account" if "account" in refused else "name"
        raise BadInput(REFUSED[refused], field=field) from error
