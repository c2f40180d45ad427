"""Showing what is kept sealed: for a purpose, written down before it is shown, and limited.

Who may see a record and whose role needs its fields is for the package that keeps the record to
say; it then calls `reveal`, and opens nothing in any other way:

    phone = reveal(
        Subject("dwelling", row.pk, area_code=row.grid_code, person=bytes(row.phone_index)),
        opening=lambda: decrypt_text(row.phone_enc, context=f"dwelling.phone_enc.{row.pk}"),
        fields=["phone"], purpose=purpose, words=words, by=actor, now=now,
    )

A page asks for purpose and words with ``components/reveal.html`` and `desk.revealing`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.audit.access import Doer
from huying.audit.crypto import decrypt_text, encrypt_text
from huying.audit.models import AccessLog, AccessWords
from huying.errors import Missing, TooMany

T = TypeVar("T")

ACTION: Final = "reveal"
"""What every reveal's action in the access log begins with."""

_LOCK: Final = 0x72657665
"""One account's reveals are counted one after the other."""


class Purpose(models.TextChoices):
    """Why somebody needs to see what is sealed."""

    ASK_DETAILS = "ask_details", _("ask the reporter for details")
    TELL_RESULT = "tell_result", _("tell the reporter the result")
    MEET = "meet", _("meet the reporter on the spot")
    COMPLAINT = "complaint", _("look into a complaint")
    VISIT = "visit", _("visit or help the person")
    CHECK_RECORD = "check_record", _("check or correct the record")
    OWN_REQUEST = "own_request", _("answer the person's own request")
    OTHER = "other", _("something else")


OF_CASES: Final = (
    Purpose.ASK_DETAILS,
    Purpose.TELL_RESULT,
    Purpose.MEET,
    Purpose.COMPLAINT,
    Purpose.OTHER,
)
"""What who reported a case, or is a party to it, is looked up for."""

OF_RECORDS: Final = (
    Purpose.VISIT,
    Purpose.CHECK_RECORD,
    Purpose.OWN_REQUEST,
    Purpose.COMPLAINT,
    Purpose.OTHER,
)
"""What somebody in a register is looked up for."""

NEED_WORDS: Final = frozenset({Purpose.COMPLAINT, Purpose.OTHER})
"""Purposes that say too little alone."""

MOST_WORDS: Final = 200

KEPT_WORDS: Final = timedelta(days=366)
"""The log itself is never tidied."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data are shown.

    Attributes:
        kind: the table's name, as ``case``.
        id: the row's.
        area_code: where it belongs; somebody who looks from another area is noticed.
        occasion: the case or task that gives the reason to look; its id, or empty.
        person: the blind index of the person's number, so that the same person is known again in
            other records; empty where there is none.
    """

    kind: str
    id: UUID | int | str
    area_code: str = ""
    occasion: str = ""
    person: bytes = b""


def reveal(
    subject: Subject,
    *,
    opening: Callable[[], T],
    fields: Iterable[str],
    purpose: Purpose | str,
    among: Collection[Purpose] = tuple(Purpose),
    words: str = "",
    by: Doer,
    now: datetime,
    action: str = ACTION,
) -> T:
    """What ``opening`` gives, after it was written down that ``by`` sees it, and for what.

    ``action`` must begin with ``reveal``: those are counted. ``among`` are the purposes that the
    page offers. The words are kept encrypted for the auditor.

    Raises:
        Missing: no purpose from the list; or one that needs words has none.
        TooMany: this account has looked at more people's data than one does in an hour, or a day.
    """
    assert action.startswith(ACTION)
    words = words.strip()[:MOST_WORDS]
    require_purpose(purpose, words, among)
    with transaction.atomic():
        _count(by, now)
        entry = access.record(
            now=now,
            by=by,
            action=action,
            subject_type=subject.kind,
            subject_id=subject.id,
            purpose=str(purpose),
            purpose_text=words,
            fields=fields,
            area_code=subject.area_code,
            occasion=subject.occasion,
            person=subject.person,
        )
        keep_words(entry, words)
    return opening()


def keep_words(entry: AccessLog, words: str) -> None:
    """Keeps the words of a look's reason beside its record, encrypted; none if there are none."""
    if words := words.strip()[:MOST_WORDS]:
        AccessWords.objects.create(
            entry=entry, words_enc=encrypt_text(words, context=_context(entry.pk))
        )


def require_purpose(
    purpose: Purpose | str, words: str, among: Collection[Purpose] = tuple(Purpose)
) -> None:
    """Let a purpose of the list pass, with the words that it needs.

    Raises:
        Missing: see `reveal`.
    """
    if purpose not in among:
        raise Missing(_("Please choose a purpose."), field="purpose")
    if purpose in NEED_WORDS and not words.strip():
        raise Missing(_("Please say in a few words what you need it for."), field="words")


def words_of(entries: Iterable[UUID]) -> dict[UUID, str]:
    """What those who looked gave as their reason, by access record; for the auditor."""
    kept = AccessWords.objects.filter(entry__in=list(entries)).values_list("entry", "words_enc")
    return {pk: decrypt_text(sealed, context=_context(pk)) for pk, sealed in kept}


def tidy(*, now: datetime) -> int:
    """Deletes the words of looks that are over a year old; the records stay. How many."""
    gone, _each = AccessWords.objects.filter(entry__at__lt=now - KEPT_WORDS).delete()
    return gone


def _context(entry: UUID) -> str:
    return f"access_words.words_enc.{entry}"


def _count(by: Doer, now: datetime) -> None:
    """Let another look pass, or say that it is one too many. Programs are limited elsewhere."""
    if by.account_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, by.account_id % 2**31])
    looks = AccessLog.objects.filter(account_id=by.account_id, action__startswith=ACTION)
    for span, most in (
        (timedelta(hours=1), settings.HUYING.reveals_per_hour),
        (timedelta(days=1), settings.HUYING.reveals_per_day),
    ):
        if looks.filter(at__gt=now - span, at__lte=now).count() >= most:
            raise TooMany(
                _(
                    "You have looked at the data of very many people; "
                    "please wait, or ask your leader."
                ),
                most=most,
                hours=int(span.total_seconds() // 3600),
            )
