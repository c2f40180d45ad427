"""The history of a record: who changed which field, when, from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import models

from huying.audit.crypto import decrypt_text, encrypt_text
from huying.people.acting import Actor
from huying.registry.classes import Sensitivity, sensitivity
from huying.registry.models import (
    Address,
    AddressAlias,
    Person,
    Record,
    RegisterChange,
    RegisterChangeWords,
)

Kind = RegisterChange.Kind
OF_MINORS: Final = ("birth_year", "sex")
HIDDEN: Final = "***"
ALIAS: Final = "alias"


@dataclass(frozen=True, slots=True)
class Was:
    """What a field was before a change, and how that was shown if it is sensitive."""

    name: str
    value: Any
    shown: str = ""


def called(node: Address, name: str, *, by: Actor, now: datetime) -> None:
    """Writes that an address is found by another name too, which is no field of its own."""
    RegisterChange.objects.create(
        register=node.REGISTER,
        record_id=node.pk,
        district_code=node.district_code,
        at=now,
        by_account=by.account_id,
        kind=Kind.CHANGED,
        field=ALIAS,
        new=name,
    )


def note(
    record: Record, kind: RegisterChange.Kind, was: Sequence[Was] = (), *, by: Actor, now: datetime
) -> None:
    """Writes what was done to a record; one row a field, or one in all where no field changed."""
    rows, words = rows_of(record, kind, was, by=by, now=now)
    RegisterChange.objects.bulk_create(rows)
    RegisterChangeWords.objects.bulk_create(words)


def rows_of(
    record: Record, kind: RegisterChange.Kind, was: Sequence[Was] = (), *, by: Actor, now: datetime
) -> tuple[list[RegisterChange], list[RegisterChangeWords]]:
    """What `note` writes, for who writes many at once."""
    rows, words = list[RegisterChange](), list[RegisterChangeWords]()
    for each in was or [Was("", "")]:
        row = RegisterChange(
            register=record.REGISTER,
            record_id=record.pk,
            district_code=record.district_code,
            at=now,
            by_account=by.account_id,
            kind=kind,
            field=each.name,
        )
        rows.append(row)
        if not each.name:
            continue
        level = sensitivity(type(record), each.name)
        if level is Sensitivity.SENSITIVE:
            words.append(
                RegisterChangeWords(
                    change=row,
                    old_enc=encrypt_text(each.value, context=_context(row.pk)),
                    old_shown=each.shown,
                    new_shown=getattr(record, f"{each.name}_masked"),
                )
            )
            continue
        old, new = said(each.value), said(getattr(record, each.name))
        if level is Sensitivity.PERSONAL:
            words.append(RegisterChangeWords(change=row, old_shown=old, new_shown=new))
        else:
            row.old, row.new = old, new
    return rows, words


def said(value: Any) -> str:
    """A value as the history keeps it: codes and numbers as they are, other records by name."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " ".join(sorted(str(each) for each in value))
    return str(value)[:300]


def former(record: Record, name: str) -> list[str]:
    """What a sensitive field was before, in clear, the latest first; who shows it records that."""
    rows = RegisterChangeWords.objects.filter(
        change__register=record.REGISTER,
        change__record_id=record.pk,
        change__field=name,
        old_enc__isnull=False,
    ).order_by("-change__at", "-change")
    values = [decrypt_text(bytes(row.old_enc or b""), context=_context(row.pk)) for row in rows]
    return [each for each in dict.fromkeys(values) if each]


def _context(change: UUID) -> str:
    return f"register_change_words.old_enc.{change}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history, as it is shown."""

    change: RegisterChange
    label: str
    old: str
    new: str
    erased: bool


def of(record: Record, today: date, most: int = 100) -> list[Line]:
    """What happened to a record, the latest first. What tells of a minor is not shown."""
    changes = RegisterChange.objects.filter(register=record.REGISTER, record_id=record.pk)
    minor = isinstance(record, Person) and record.is_minor(today)
    return [_line(record, each, minor) for each in changes.select_related("words")[:most]]


def _line(record: Record, change: RegisterChange, minor: bool) -> Line:
    words = getattr(change, "words", None)
    if not change.field:
        return Line(change, "", "", "", erased=False)
    if change.field == ALIAS:
        label = str(AddressAlias._meta.verbose_name)
        return Line(change, label, "", change.new, erased=False)
    level = sensitivity(type(record), change.field)
    secret = level in (Sensitivity.SENSITIVE, Sensitivity.PERSONAL)
    column = f"{change.field}_masked" if level is Sensitivity.SENSITIVE else change.field
    field = record._meta.get_field(column)
    label = str(getattr(field, "verbose_name", change.field))
    if secret and words is None:
        return Line(change, label, "", "", erased=True)
    if minor and change.field in OF_MINORS:
        return Line(change, label, HIDDEN, HIDDEN, erased=False)
    old, new = (words.old_shown, words.new_shown) if secret and words else (change.old, change.new)
    return Line(change, label, in_words(field, old), in_words(field, new), erased=False)


def in_words(field: Any, value: str) -> str:
    """Codes of a choice as their words."""
    base = getattr(field, "base_field", field)
    if not isinstance(base, models.Field) or not base.choices:
        return value
    words: Mapping[str, str] = {str(code): str(word) for code, word in base.flatchoices}
    codes = value.split() if base is not field else [value]
    return "、".join(words.get(code, code) for code in codes)
