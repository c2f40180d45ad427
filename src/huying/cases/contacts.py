"""Who reported, and how to reach them: encrypted, masked, and revealed only for a reason."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.chain import SALT_SIZE, contact_digest
from huying.audit.crypto import blind_index, decrypt_text, encrypt_text
from huying.audit.identifiers import new_id
from huying.audit.masking import masked_name as masked_name
from huying.audit.masking import masked_phone as masked_phone
from huying.audit.revealing import OF_CASES, Purpose, Subject, require_purpose
from huying.cases.models import Case, CaseContact
from huying.cases.verbs import keepable
from huying.errors import BadInput, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Role
from huying.people.phones import plain_phone as plain_phone

MAY_REVEAL = frozenset({Role.DISPATCHER, Role.HANDLER, Role.CHECKER, Role.GRID_WORKER})


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str


def new_contact(
    case_id: uuid.UUID,
    district_code: str,
    name: str,
    phone: str,
    *,
    seq: int,
    party: bool = False,
) -> CaseContact:
    """An unsaved row for who reported, or for a party to a handling record.

    Raises:
        BadInput: an impossible phone number or name.
    """
    name, phone = name.strip(), plain_phone(phone)
    if len(name) > 40:
        raise BadInput(_("This name is too long."), field="name")
    if not keepable(name):
        raise BadInput(_("This name holds characters that cannot be kept."), field="name")
    pk, salt = new_id(), os.urandom(SALT_SIZE)
    name_enc = encrypt_text(name, context=f"case_contact.name_enc.{pk}")
    phone_enc = encrypt_text(phone, context=f"case_contact.phone_enc.{pk}")
    index = blind_index(phone) if phone else None
    return CaseContact(
        id=pk,
        case_id=case_id,
        district_code=district_code,
        seq=seq,
        party=party,
        name_enc=name_enc,
        phone_enc=phone_enc,
        name_masked=masked_name(name)[:20],
        phone_masked=masked_phone(phone)[:20],
        phone_index=index,
        salt=salt,
        digest=contact_digest(salt, name_enc, phone_enc, index),
    )


def reveal(
    case: Case,
    *,
    by: Actor,
    purpose: Purpose | str,
    words: str = "",
    now: datetime,
    record_seq: int | None = None,
) -> list[Contact]:
    """The reporter's name and phone in clear, for a purpose. Every reveal is logged first.

    With ``record_seq``, those of the party to the handling record that came with this event.

    Raises:
        NotFound: the case is not the actor's to see, or has no contact.
        NotAllowed: the actor's role has no need of it.
        Missing: no purpose from the list was given, or not the words that it needs.
        TooMany: see `audit.revealing.reveal`.
    """
    require_need(case, by)
    require_purpose(purpose, words, OF_CASES)
    kept = CaseContact.objects.filter(case=case, party=record_seq is not None)
    if record_seq is not None:
        kept = kept.filter(seq=record_seq)
    rows = list(kept.order_by("seq"))
    if not rows:
        raise NotFound()
    return revealing.reveal(
        subject_of(case, person=next((bytes(x.phone_index) for x in rows if x.phone_index), b"")),
        opening=lambda: [_clear(row) for row in rows],
        fields=["name", "phone"],
        purpose=purpose,
        among=OF_CASES,
        words=words,
        by=by,
        now=now,
        action="reveal_contact",
    )


def require_need(case: Case, by: Actor) -> None:
    """Let pass whose role needs what is sealed, of a case that they see.

    Raises:
        NotFound: the case is not the actor's to see.
        NotAllowed: the actor's role has no need of it.
    """
    if not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise NotFound()
    if by.role not in MAY_REVEAL:
        raise NotAllowed()


def subject_of(case: Case, *, person: bytes = b"") -> Subject:
    """A case as the subject of a look; it is its own occasion."""
    return Subject("case", case.pk, area_code=case.area_code, occasion=str(case.pk), person=person)


def _clear(row: CaseContact) -> Contact:
    return Contact(
        name=decrypt_text(row.name_enc, context=f"case_contact.name_enc.{row.pk}"),
        phone=decrypt_text(row.phone_enc, context=f"case_contact.phone_enc.{row.pk}"),
    )


def contacts_told(rows: Collection[CaseContact]) -> list[Contact]:
    """Contacts in clear, for whose they are; whoever calls this has written that down."""
    return [_clear(row) for row in rows]


def contacts_for_file(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Name and phone of who reported each case, for a list that was agreed to.

    Whoever calls this has written down for each case that they go into the file.
    """
    rows = CaseContact.objects.filter(case__in=cases, party=False).order_by("-seq")
    found = {row.case_id: _clear(row) for row in rows}
    return {case: (each.name, each.phone) for case, each in found.items()}


def marks_for_file(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    """By which mark each case's reporter is known again in the access log."""
    rows = CaseContact.objects.filter(case__in=cases, party=False, phone_index__isnull=False)
    marks = rows.order_by("-seq").values_list("case_id", "phone_index")
    return {case: bytes(mark) for case, mark in marks if mark is not None}


def names_to_leave_out(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    """The names that belong to cases, for a program that takes them out of what it learns.

    Nobody is shown them, so nothing is logged; they must not be kept.
    """
    found: dict[uuid.UUID, set[str]] = {}
    rows = CaseContact.objects.filter(case__in=cases).values_list("pk", "case_id", "name_enc")
    for pk, case, sealed in rows:
        name = decrypt_text(sealed, context=f"case_contact.name_enc.{pk}")
        if len(name) > 1:
            # 张三丰 is also 三丰 to who knows him.
            found.setdefault(case, set()).update({name, name[1:]} if len(name) > 2 else {name})
    return {case: frozenset(names) for case, names in found.items()}
