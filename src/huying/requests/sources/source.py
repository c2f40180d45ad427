"""What a place that may keep something of a person has to say of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from huying.audit.numbers import plain
from huying.errors import Words
from huying.people.phones import plain_phone
from huying.registry import sealing
from huying.requests.models import Ground

MOST: Final = 200
"""Records of one source that a request takes in."""

Told = Sequence[tuple[str, str]]
"""A record in words for the person whose it is: what, and what is kept."""


class Marks(NamedTuple):
    """What the person's numbers leave in rows; empty where a number was not given.

    Attributes:
        name: of who asks; it finds nothing alone, and tells which of several names is theirs.
        people, members: records that are known to be the person's, whatever numbers they bear.
    """

    id_number: tuple[bytes, ...]
    phone: tuple[bytes, ...]
    name: tuple[bytes, ...] = ()
    people: tuple[UUID, ...] = ()
    members: tuple[UUID, ...] = ()

    @property
    def numbers(self) -> tuple[bytes, ...]:
        return (*self.id_number, *self.phone)

    def are_theirs(self, value: str) -> bool:
        """Whether this is the person's own name or number, or words with such a number in them."""
        said = (value.strip(), *plain(value))
        return any(sealing.mark(each) in self.name + self.numbers for each in said if each)


class Line(NamedTuple):
    """A record as those who decide see it, without what is in it."""

    words: str
    place: str
    at: datetime | None
    open: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of record.

    Attributes:
        find: ids and places of records that belong to these numbers.
        line: a record as a list shows it; None where it is gone.
        tell: what is kept, in clear; whoever shows it has written that down.
        not_erasable: the reason that forbids erasing it now; None where it may go.
        erase: takes it away by the function of its own package.
        corrected_since: whether somebody corrected it after a moment.
        fields: what `tell` opens of sealed fields, for the access log.
        tables: those that it looks into; `tests/requests/test_everywhere.py` asks of each.
    """

    code: str
    label: Words
    find: Callable[[Marks], list[tuple[UUID, str]]]
    line: Callable[[UUID], Line | None]
    tell: Callable[[UUID, Marks], Told]
    not_erasable: Callable[[UUID], Ground | None]
    erase: Callable[[UUID, Marks, datetime], None]
    corrected_since: Callable[[UUID, datetime], bool]
    fields: tuple[str, ...]
    tables: tuple[str, ...]


def marks_of(
    id_number: str,
    phone: str,
    name: str = "",
    people: tuple[UUID, ...] = (),
    members: tuple[UUID, ...] = (),
) -> Marks:
    """Under every key, and a phone with and without the country's code."""
    phones: list[bytes] = []
    if phone:
        whole = plain_phone(phone)
        bare = whole.removeprefix("+86")
        for each in dict.fromkeys((whole, bare, f"+86{bare}")):
            phones += sealing.marks(each)
    numbers = sealing.marks(id_number) if id_number else []
    names = sealing.marks(name) if name else []
    return Marks(tuple(numbers), tuple(phones), tuple(names), people, members)


def ids(rows: Iterable[Any]) -> list[tuple[UUID, str]]:
    return list(dict.fromkeys(rows))


def shown(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def nothing_holds(pk: UUID) -> Ground | None:
    """For what may go whenever the person wants it."""
    return None


def never(pk: UUID, since: datetime) -> bool:
    """For words that cannot be changed: a log holds their digest, or they are somebody's own."""
    return False
