"""Finding records by what a person remembers: a piece of an address, initials, a whole number.

    东街12号 502 · dj12 · 张三丰 · zsf · zsf 东街 · 13800138000 · 44011319… · 小龙五金

Numbers and names are found whole, by their marks; a name also by its initials in pinyin. What is
found by a number tells whose it is: that is written down for each before it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.errors import BadInput, NotAllowed
from huying.people.acting import Actor
from huying.people.phones import plain_phone
from huying.places import naming
from huying.registry import sealing
from huying.registry.address_text import Level, parse, plain, same_room
from huying.registry.models import Address, Enterprise, Facility, Person, Register
from huying.registry.numbers import looks_like_id, read_credit_code, upright
from huying.registry.sight import WRITING, may_look

MOST_TERMS: Final = 4
MOST_SHOWN: Final = 20
MOST_KNOWN: Final = 300
"""So many buildings that fit are sorted, the shortest name first; of more, some are left out."""
_PHONE: Final = re.compile(r"\+?\d{7,17}")
_LIVING: Final = "valid_until IS NULL AND area_code LIKE %s"
_TABLES: Final = {
    Register.ADDRESS.value: ("id", f"level < 8 AND {_LIVING}", MOST_KNOWN),
    "alias": ("address_id", "true", MOST_KNOWN),
    Register.ENTERPRISE.value: ("id", _LIVING, MOST_SHOWN + 1),
    Register.FACILITY.value: ("id", _LIVING, MOST_SHOWN + 1),
}
Looked = dict[str, list[UUID]]
_DASHES: Final = re.compile(r"[\s\-()（）—]")


@dataclass(frozen=True)
class Found:
    """What fits, each list at most `MOST_SHOWN` long.

    Attributes:
        more: there is more than is shown.
        by_number: it was found by a whole id number or phone.
    """

    addresses: list[Address] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    enterprises: list[Enterprise] = field(default_factory=list)
    facilities: list[Facility] = field(default_factory=list)
    more: bool = False
    by_number: bool = False

    def __bool__(self) -> bool:
        return bool(self.addresses or self.people or self.enterprises or self.facilities)


def search(typed: str, *, by: Actor, now: datetime) -> Found:
    """The living records in the actor's area that fit all that was typed.

    Raises:
        NotAllowed: the registers are not for this post, or it may not look by number.
        BadInput: too little was typed.
    """
    if not may_look(by):
        raise NotAllowed
    number = upright(_DASHES.sub("", typed))
    if looks_like_id(number):
        return _by_number(Q(id_number_index__in=sealing.marks(number)), "id_number", by, now)
    if _PHONE.fullmatch(number):
        return _by_phone(number, by, now)
    code = read_credit_code(number)
    if code is not None:
        return Found(enterprises=list(_of(Enterprise, by).filter(credit_code=code)))
    terms = list(dict.fromkeys(typed.lower().split()))[:MOST_TERMS]
    if not terms or max(map(len, terms)) < 2:
        raise BadInput(_("Please type at least two characters."), field="q")
    area, words, names = _places(terms, by)
    places = [f"{area}%"]
    looked = _look(words, places)
    lists: tuple[list[Any], ...] = (
        _addresses(words, places, looked, by),
        _people(names, area, by),
        _things(Enterprise, looked, by),
        _things(Facility, looked, by),
    )
    addresses, people, units, things = (each[:MOST_SHOWN] for each in lists)
    more = any(len(each) > MOST_SHOWN for each in lists)
    return Found(addresses, people, units, things, more)


def _of(model: Any, by: Actor) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.visible_to(by).living()
    if model is Person:
        return found.select_related("dwelling__address")
    if model in (Enterprise, Facility):
        return found.select_related("address")
    return found


def _by_phone(number: str, by: Actor, now: datetime) -> Found:
    plain_number = plain_phone(number)
    bare = plain_number.removeprefix("+86")
    marks = [mark for each in {plain_number, bare, f"+86{bare}"} for mark in sealing.marks(each)]
    return _by_number(Q(phone_index__in=marks), "phone", by, now, also=True)


def _by_number(fits: Q, name: str, by: Actor, now: datetime, *, also: bool = False) -> Found:
    if by.role not in WRITING:
        raise NotAllowed(_("Your post may not search by phone or id number."), field="q")
    people: list[Person] = list(_of(Person, by).filter(fits)[:MOST_SHOWN])
    units: list[Enterprise] = list(_of(Enterprise, by).filter(fits)[:MOST_SHOWN]) if also else []
    for record in (*people, *units):
        access.record(
            now=now,
            by=by,
            action=f"find_by_{name}",
            subject_type=record.REGISTER,
            subject_id=record.pk,
            fields=[name],
            area_code=record.area_code,
            person=bytes(getattr(record, f"{name}_index") or b""),
        )
    return Found(people=people, enterprises=units, by_number=True)


def _places(terms: list[str], by: Actor) -> tuple[str, list[str], list[str]]:
    """The area that is searched, and what was typed besides its name: as of places, and as names.

    石碁镇小龙村东街12号 is 东街12号 in 小龙村; what nobody calls a place stays as it is.
    """
    area, left, names = by.area_code, [], []
    for term in terms:
        whole = word = plain(term).lower()
        while len(word) > 2:
            codes = [code for code in naming.named(word.startswith) if code.startswith(area)]
            if len(codes) != 1:
                break
            area, word = codes[0], word.removeprefix(naming.own_name(codes[0]))
        if word:
            left.append(word)
            names.append(term if word == whole else word)
    return area, left, names


def _addresses(words: list[str], places: list[str], looked: Looked, by: Actor) -> list[Address]:
    """Streets and buildings that fit; their rooms, where a room's number comes last."""
    living: QuerySet[Address] = Address.objects.visible_to(by).living()
    pks = looked["address"] + looked["alias"]
    found = list(living.filter(pk__in=pks)) if pks else []
    whole = parse(" ".join(words))
    if found or not whole.room:
        found.sort(key=lambda row: (len(row.full_name), row.level, row.full_name))
        return found[: MOST_SHOWN + 1]
    above = whole.down_to(Level.FLOOR).text.lower()
    if len(above) < 2:
        return []
    of = _look([above], places)
    rooms = living.filter(building__in=of["address"] + of["alias"], level=Level.ROOM)
    named = rooms.filter(name__in=same_room(whole.room))
    return list(named.order_by("full_name")[: MOST_SHOWN + 1])


def _things(model: Any, looked: Looked, by: Actor) -> list[Any]:
    """Units or facilities whose name fits."""
    pks = looked[model.REGISTER]
    return list(_of(model, by).filter(pk__in=pks)[: MOST_SHOWN + 1]) if pks else []


def _look(words: list[str], places: list[str]) -> Looked:
    """The living rows of `_TABLES` in the areas whose words have every one of these in them.

    An alias gives its address, whose area is asked when that is read.
    """
    found: Looked = {name: [] for name in _TABLES}
    if not words:
        return found
    fits = " AND ".join(["bigrams(words) @> bigrams(%s) AND words LIKE %s"] * len(words))
    values = [value for word in words for value in (word, f"%{_escaped(word)}%")]
    parts, given = [], []
    for name, (column, condition, most) in _TABLES.items():
        where = f"{fits} AND {condition}"
        parts.append(
            f"(SELECT '{name}', {column} FROM register_{name} WHERE {where} LIMIT {most})"  # noqa: S608
        )
        given += values + (places if "%s" in condition else [])
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        for name, pk in cursor.fetchall():
            found[name].append(pk)
    return found


def _people(terms: list[str], area: str, by: Actor) -> list[Person]:
    """By whole name or initials; what else was typed must be in the address they live at."""
    for at, term in enumerate(terms):
        fits = _called(term)
        if fits is None:
            continue
        people = _of(Person, by).filter(fits, area_code__startswith=area)
        for other in (*terms[:at], *terms[at + 1 :]):
            people = people.filter(dwelling__address__full_name__contains=plain(other))
        found = list(people[: MOST_SHOWN + 1])
        if found:
            return found
    return []


def _called(term: str) -> Q | None:
    """Whether a term may be somebody's name, and what then fits it."""
    if term.isascii():
        return Q(initials__startswith=term) if term.isalpha() and 2 <= len(term) <= 8 else None
    if 2 <= len(term) <= 20 and not any(each.isdigit() for each in term):
        return Q(name_index__in=sealing.marks(term))
    return None


def _escaped(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
