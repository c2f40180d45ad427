"""What is kept of whoever books: sealed, found again by its form, shown for a purpose, erased."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.crypto import blind_index, blind_indexes
from huying.audit.identifiers import new_id
from huying.audit.revealing import Purpose, Subject
from huying.audit.sm3 import sm3
from huying.clock.calendar import CIVIL_TZ
from huying.errors import KeyReused, NotAllowed, NotFound
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor, ActorKind
from huying.people.phones import plain_phone
from huying.platforms.codes import BOOKABLE, code_hash, code_of
from huying.registry import sealing

KEPT_DAYS: Final = 30
"""How long a phone or a name outlives the day that it was left for."""

PURPOSES: Final = (Purpose.VISIT, Purpose.OWN_REQUEST, Purpose.COMPLAINT, Purpose.OTHER)
"""What whoever booked is looked up for: mostly to be called."""


class About(NamedTuple):
    """A booking that belongs to a phone."""

    table: str
    id: uuid.UUID
    area_code: str
    made_at: datetime


def form_hash(form: str) -> bytes | None:
    """What is kept of a form's number."""
    return sm3(f"booked-form:{form}".encode()) if form else None


def again(model: Any, form: str, sent: str) -> Any:
    """What the same form booked before, or None.

    Raises:
        KeyReused: the form was sent before and said something else.
    """
    hashed = form_hash(form)
    before = model.objects.filter(form_hash=hashed).first() if hashed else None
    if before is not None and bytes(before.said_digest) not in blind_indexes(sent):
        raise KeyReused(_("This was sent before with other words; please look and send it again."))
    return before


def begin(row: Any, phone: str, form: str, sent: str, *, by: Actor, now: datetime) -> str:
    """Fills in what every booking has; its code.

    Raises:
        BadInput: this is no phone number.
    """
    row.pk = new_id()
    sealing.put(row, "phone", plain_phone(phone))
    code = code_of(row.pk)
    row.account_id = None if by.kind is ActorKind.RESIDENT else by.account_id
    row.code_hash, row.form_hash = code_hash(code), form_hash(form)
    row.said_digest, row.made_at = blind_index(sent), now
    return code


def reveal(
    row: Any,
    fields: Sequence[str],
    *,
    purpose: Purpose | str,
    words: str = "",
    by: Actor,
    now: datetime,
) -> dict[str, str]:
    """Sealed fields in clear, for a purpose; the look is recorded first.

    Raises:
        NotFound: nothing of it is kept.
        NotAllowed: the actor does not keep it.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    kept = [name for name in fields if getattr(row, f"{name}_enc", None)]
    if not kept:
        raise NotFound
    if not may_keep(by, row.area_code):
        raise NotAllowed
    return revealing.reveal(
        Subject(
            row._meta.db_table,
            row.pk,
            area_code=row.area_code,
            person=bytes(row.phone_index) if row.phone_index else b"",
        ),
        opening=lambda: {name: sealing.opened(row, name) for name in kept},
        fields=kept,
        purpose=purpose,
        among=PURPOSES,
        words=words,
        by=by,
        now=now,
        action="reveal_booking",
    )


def bare(row: Any) -> None:
    """Empties all that tells of whoever booked."""
    for name in ("phone", "name", "where"):
        if hasattr(row, f"{name}_enc"):
            setattr(row, f"{name}_enc", None)
        if hasattr(row, f"{name}_masked"):
            setattr(row, f"{name}_masked", "")
    row.phone_index, row.said_digest = None, b""


def is_bare(row: Any) -> bool:
    return not bytes(row.said_digest)


def about(marks: Sequence[bytes]) -> list[About]:
    """The bookings that bear one of these marks of a phone, the newest first."""
    found = [
        About(model._meta.db_table, *row)
        for model in BOOKABLE
        for row in model.objects.filter(phone_index__in=marks).values_list(
            "pk", "area_code", "made_at"
        )
    ]
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def tidy(*, now: datetime) -> int:
    """Takes phones and names from what is past for a month; how many rows. By night."""
    day = now.astimezone(CIVIL_TZ).date() - timedelta(days=KEPT_DAYS)
    gone = 0
    for model in BOOKABLE:
        old = Q(**{f"{model.PAST}__lt": day}) & ~Q(said_digest=b"")
        with transaction.atomic():
            rows = list(model.objects.select_for_update(of=("self",)).filter(old))
            for row in rows:
                bare(row)
                row.save()
            gone += len(rows)
    return gone
