"""What a community's desk writes of its 大党委 and its teams, platforms and projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.revealing import Purpose, Subject
from huying.branches.models import Branch, MemberOrganisation, Undertaking
from huying.branches.sight import is_at_home
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage
from huying.people.acting import Actor
from huying.people.models import Role
from huying.people.phones import plain_phone
from huying.registry import sealing

MOST_SHARES: Final = 20
LONGEST_SHARE: Final = 60
LONGEST: Final = 1000

OF_ORGANISATIONS: Final = (Purpose.VISIT, Purpose.CHECK_RECORD, Purpose.OTHER)


def may_write(actor: Actor, area_code: str) -> bool:
    """The community's own desk."""
    at_desk = actor.role == Role.DISPATCHER and is_at_home(actor, area_code)
    return len(area_code) == 12 and (actor.is_system or at_desk)


@dataclass(frozen=True, slots=True)
class OrganisationTold:
    """What is said of an organisation; contact and phone: None leaves them, "" takes them away."""

    name: str
    kind: str
    shares: Sequence[str] = ()
    branch: UUID | None = None
    contact: str | None = None
    phone: str | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class UndertakingTold:
    """What is said of a team, platform or project."""

    kind: str
    name: str
    about: str = ""
    branch: UUID | None = None
    organisation: UUID | None = None
    outcome: str = ""
    since: date | None = None


Told = OrganisationTold | UndertakingTold


def add(area_code: str, told: Told, *, by: Actor, now: datetime) -> Any:
    """A new organisation of the 大党委, or a new undertaking.

    Raises:
        NotAllowed: not the community's desk.
        Missing, BadInput: something told is not there or not right.
    """
    if not may_write(by, area_code):
        raise NotAllowed
    model = MemberOrganisation if isinstance(told, OrganisationTold) else Undertaking
    row: Any = model(
        area_code=area_code,
        district_code=area_code[:6],
        since=timezone.localdate(now),
        made_by=by.account_id,
    )
    with transaction.atomic():
        _set(row, told, now)
        _save(row)
    return row


def correct(
    model: type[Any], pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> Any:
    """Says it anew. Raises NotFound, NotAllowed, StalePage, and as `add`."""
    with transaction.atomic():
        row = _held(model, pk, by, version)
        _set(row, told, now)
        row.version += 1
        _save(row)
        return row


def end(model: type[Any], pk: UUID, *, by: Actor, now: datetime) -> Any:
    """It belongs no longer, or is over; what it was stays. Raises NotFound, NotAllowed."""
    with transaction.atomic():
        row = _held(model, pk, by, None)
        row.until = max(timezone.localdate(now), row.since)
        row.version += 1
        row.save(update_fields=["until", "version"])
        return row


def reveal(
    row: MemberOrganisation, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> dict[str, str]:
    """Who answers for the organisation, in clear; written down before.

    Raises:
        NotFound: out of sight. NotAllowed: not the community's desk.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    if not MemberOrganisation.objects.visible_to(by).filter(pk=row.pk).exists():
        raise NotFound
    if not may_write(by, row.area_code):
        raise NotAllowed
    fields = ("contact", "phone")
    mark = bytes(row.phone_index or b"")
    return revealing.reveal(
        Subject("member_organisation", row.pk, area_code=row.area_code, person=mark),
        opening=lambda: {name: sealing.opened(row, name) for name in fields},
        fields=fields,
        purpose=purpose,
        among=OF_ORGANISATIONS,
        words=words,
        by=by,
        now=now,
        action="reveal_organisation",
    )


def _held(model: type[Any], pk: UUID, by: Actor, version: int | None) -> Any:
    rows = model.objects.visible_to(by).living().select_for_update(of=("self",))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    if not may_write(by, row.area_code):
        raise NotAllowed
    if version is not None and version != row.version:
        raise StalePage(_("Someone else changed this record in the meantime."))
    return row


def _set(row: Any, told: Told, now: datetime) -> None:
    name = told.name.strip()
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > 60:
        raise BadInput(_("The name is too long."), field="name")
    if told.kind not in row.Kind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if told.since is not None and told.since > timezone.localdate(now):
        raise BadInput(_("This day is still to come."), field="since")
    row.name, row.kind, row.since = name, told.kind, told.since or row.since
    row.branch = None
    if told.branch is not None:
        row.branch = Branch.objects.living().filter(pk=told.branch, area_code=row.area_code).first()
        if row.branch is None:
            raise BadInput(_("There is no such branch."), field="branch")
    if isinstance(told, OrganisationTold):
        _set_organisation(row, told)
    else:
        _set_undertaking(row, told)


def _set_organisation(row: MemberOrganisation, told: OrganisationTold) -> None:
    shares = list(dict.fromkeys(each.strip() for each in told.shares if each.strip()))
    if len(shares) > MOST_SHARES or any(len(each) > LONGEST_SHARE for each in shares):
        raise BadInput(_("Twenty lines at most, of sixty characters at most."), field="shares")
    row.shares = shares
    if told.contact is not None:
        if len(told.contact.strip()) > 40:
            raise BadInput(_("The name is too long."), field="contact")
        sealing.put(row, "contact", told.contact)
    if told.phone is not None:
        sealing.put(row, "phone", plain_phone(told.phone))


def _set_undertaking(row: Undertaking, told: UndertakingTold) -> None:
    for field in ("about", "outcome"):
        words = getattr(told, field).strip()
        if len(words) > LONGEST or "\0" in words:
            raise BadInput(_("The text is too long."), field=field)
        setattr(row, field, words)
    row.organisation = None
    if told.organisation is not None:
        here = MemberOrganisation.objects.living().filter(area_code=row.area_code)
        row.organisation = here.filter(pk=told.organisation).first()
        if row.organisation is None:
            raise BadInput(_("There is no such organisation."), field="organisation")


def _save(row: Any) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if not name.endswith("_once"):
            raise
        raise BadInput(_("This name is there already."), field="name") from error
