"""Finding cases by what a person remembers of them: a few digits, a street, a word, a phone.

A search has up to five terms, and a case must fit them all. What fits a term is looked up where
there is an index for it. As long as that is not too much, the cases are known by their ids before
anything else is asked; what half the town is called by is asked of each case on the way instead,
since a page of such cases is found soon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Contains, IContains
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.audit.crypto import blind_indexes
from huying.cases.contacts import MAY_REVEAL, marks_for_file, plain_phone
from huying.cases.models import Case, CaseAddressWords, CaseContact, CaseText, TextKind
from huying.cases.reading import CaseQuerySet, Seeing, who_sees
from huying.catalogue.versions import snapshot
from huying.errors import BadInput, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Unit
from huying.places import naming
from huying.places.initials import begins, initials
from huying.postgres.frozen import frozen, frozen_unseen
from huying.shelf import Lately

MOST_TERMS = 5
MOST_KNOWN = 3000
"""So many cases that fit a term are listed by their ids; beyond that each case is asked."""

FREQUENT_FOR_S, MOST_FREQUENT = 600.0, 1000
_frequent: Lately[str, bool] = Lately(FREQUENT_FOR_S, MOST_FREQUENT)
"""Terms that more cases fit. Finding it out takes longer than the rest of the search, and what half
the town is called by does not change in ten minutes; were it otherwise, each case is asked where
its id could have been known: the same cases are found."""

FIRST_STEP, LAST_STEP = 1000, 16_000
"""So many cases are gone through at a time where each is asked."""

MOST_RECORDED = 100
"""Of so many cases that a search by phone found it is written down that they were."""

LEAST_DIGITS = 4
TOWN_DIGITS = 9
"""A number is also found by its beginning, once that says at least the town."""


class Place(NamedTuple):
    """Where a case stands in a list of open ones, or of ended ones, which have no deadline."""

    due_at: datetime | None
    received_at: datetime
    id: UUID


After = Callable[[CaseQuerySet, Place], CaseQuerySet]
PHONE = re.compile(r"\+?\d{7,20}")


class Found(models.TextChoices):
    """Why a case is among the results."""

    NUMBER = "number", _("number")
    PHONE = "phone", _("reporter's phone")
    ADDRESS = "address", _("address")
    WORDS = "words", _("words of the report")
    PLACE = "place", _("place")
    ITEM = "item", _("item")
    UNIT = "unit", _("unit")


def own_report(number: str, by: Actor) -> Case:
    """The case of this number that the actor reported.

    Raises:
        NotFound: there is none.
    """
    if number.isascii() and number.isdigit():
        found = Case.objects.visible_to(by).filter(number=number, reporter=by.account_id).first()
        if found is not None:
            return found
    raise NotFound


def address_words(address: str) -> str:
    """An address as `CaseAddressWords` keeps it."""
    return f"{address.lower()}\n{initials(address)}"


def keep_address(case: Case) -> None:
    """Lets the case be found by the address that it has now."""
    CaseAddressWords.objects.update_or_create(
        case=case,
        defaults={"district_code": case.district_code, "words": address_words(case.address)},
    )


def terms(words: str) -> list[str]:
    """What was typed, word by word; digits with blanks between them are one number."""
    joined = "".join(words.split())
    if joined.isdecimal() and joined.isascii():
        return [joined]
    return list(dict.fromkeys(words.lower().split()))[:MOST_TERMS]


def looking(words: str, now: datetime) -> list[Looking]:
    """The terms of a search with what each may mean at ``now``."""
    return [Looking(term, now) for term in terms(words)]


def find(cases: CaseQuerySet, words: str, *, now: datetime) -> CaseQuerySet:
    """Those of ``cases`` that fit every term of ``words``; all of them when there is none."""
    for each in looking(words, now):
        cases = cases.filter(each.condition())
    return cases


def first(cases: CaseQuerySet, terms: Sequence[Looking], most: int, after: After) -> list[Case]:
    """The first ``most`` of an ordered list that fit every term.

    A term that few cases fit narrows the list itself. Is there only what fits thousands, the list
    is walked in its order, a thousand at a time and then more, and each case is asked: a page of
    them is together soon, while the server would first ask all of them. Either way the keys are
    read first: whole rows take the server four times as long to sort.

    Args:
        after: narrows the list to what comes after a place in it.
    """
    frequent = [each for each in terms if each.known is None]
    for each in terms:
        if each.known is not None:
            cases = cases.filter(each.condition())
    if not frequent:
        keys = list(cases.values_list("pk", flat=True)[:most])
        return list(cases.filter(pk__in=keys))
    fits = Q()
    for each in frequent:
        fits &= each.condition()
    keys, step, rest = [], FIRST_STEP, cases
    while True:
        some = Case.objects.filter(pk__in=rest.values("pk")[:step]).order_by(*cases.query.order_by)
        keys += some.filter(fits).values_list("pk", flat=True)[: most - len(keys)]
        last = rest.values_list(*Place._fields)[step - 1 : step].first()
        if len(keys) >= most or last is None:
            return list(cases.filter(pk__in=keys))
        rest, step = after(cases, Place(*last)), min(step * 4, LAST_STEP)


def descriptions(pks: Iterable[UUID]) -> dict[UUID, str]:
    """The words of the reports of these cases; one query."""
    texts: dict[UUID, str] = {}
    keys = list(pks)
    for case_id, body in report_texts(cases=keys) if keys else ():
        texts.setdefault(case_id, body)
    return texts


@frozen_unseen
def report_texts(cases: Any) -> QuerySet[CaseText, tuple[UUID, str]]:
    """What the reports of these cases say, each with its case, the earlier words first."""
    found = CaseText.objects.filter(case__any_of=cases, kind=TextKind.DESCRIPTION)
    return found.values_list("case_id", "body")


def numbered(number: str, actor: Actor) -> Case | None:
    """The case of this number with all that a page shows, if the actor may see it."""
    found = _numbered(Seeing.of(actor), number=number, **who_sees(actor))
    return found[0] if found else None


@frozen
def _numbered(seeing: Seeing, number: Any, **who: Any) -> QuerySet[Case]:
    return Case.objects.seen(seeing, **who).for_pages().filter(number=number).order_by()


@frozen
def _units_named(term: Any) -> QuerySet[Unit, int]:
    return Unit.objects.order_by().filter(name__icontains=term).values_list("pk", flat=True)


@frozen
def _unit_names() -> QuerySet[Unit, tuple[int, str]]:
    return Unit.objects.order_by().values_list("pk", "name")


def reasons(terms: Iterable[Looking], case: Case, text: str) -> list[Found]:
    """Why a case fits the terms of a search; ``text`` is what its report said."""
    return list(dict.fromkeys(why for each in terms for why in each.reasons(case, text)))


def is_phone(words: str) -> bool:
    """Whether this may be a phone number: it must not get into an address of ours, or a log."""
    return bool(PHONE.fullmatch(re.sub(r"[\s\-()（）—]", "", words)))


def phone_marks(phone: str, *, by: Actor) -> list[str]:
    """What a phone number, given whole, leaves in the rows of who reported with it.

    It tells nothing of the number to who has not the key, and so may be kept for a while.

    Raises:
        NotAllowed: the actor's role has no need to look by phone.
        BadInput: it is no phone number.
    """
    if by.role not in MAY_REVEAL:
        raise NotAllowed(_("Your post may not search by phone."), field="q")
    plain = plain_phone(phone)
    if not plain:
        raise BadInput(_("This is not a phone number."), field="q")
    bare = plain.removeprefix("+86")
    return [
        mark.hex()
        for each in dict.fromkeys((plain, bare, f"+86{bare}"))
        for mark in blind_indexes(each)
    ]


def reported_from(cases: CaseQuerySet, marks: Iterable[str]) -> CaseQuerySet:
    """Those of ``cases`` that somebody reported with the phone that left these marks."""
    found = CaseContact.objects.filter(phone_index__in=[bytes.fromhex(mark) for mark in marks])
    return cases.filter(pk__in=list(found.values_list("case_id", flat=True)[:MOST_KNOWN]))


def record_phone_search(cases: Iterable[UUID], *, by: Actor, now: datetime) -> None:
    """Writes down of which cases the actor learns that this phone reported them.

    With the place of each, so that a search beyond the searcher's area is noticed, and with the
    mark by which the same person is known again.
    """
    found = dict(Case.objects.filter(pk__in=list(cases)).values_list("pk", "area_code"))
    people = marks_for_file(found)
    for pk, place in found.items():
        access.record(
            now=now,
            by=by,
            action="find_by_phone",
            subject_type="case",
            subject_id=pk,
            fields=["phone"],
            area_code=place,
            person=people.get(pk, b""),
        )


SAID = ("term", "items", "units", "places")
"""What is asked with of a term: itself, and what is named so; places as patterns of their codes."""

SOUGHT = "sought_"
"""With what the names begin by which `fitting` knows that."""


class Asks(NamedTuple):
    """What of a term decides how it is asked for; the rest may be gaps (`postgres.frozen`)."""

    folds: bool
    letters: bool
    digits: bool
    from_town: bool
    items: bool
    units: bool
    places: bool

    def named(self, said: Mapping[str, Any]) -> Q:
        """What fits by a name or number that the case itself carries."""
        fits = Q()
        if self.items:
            fits |= Q(item_code__any_of=said["items"])
        if self.units:
            fits |= Q(lead_unit__any_of=said["units"])
        if self.places:
            fits |= Q(area_code__like_any=said["places"])
        if self.from_town:
            fits |= Q(number__startswith=said["term"])
        return fits

    def each(self, said: Mapping[str, Any]) -> Q:
        """What fits by its words, its address or its last digits, asked of each case.

        What is asked is read with the case: of an EXISTS the server would first gather all texts,
        those of a million ended cases too, that have the term in them.
        """
        term = said["term"]
        texts = CaseText.objects.order_by().filter(case=OuterRef("pk"), kind=TextKind.DESCRIPTION)
        # Most terms have no capitals to fold, which takes longer than the search itself.
        contains = IContains if self.folds else Contains
        fits = Q(contains(F("address"), term))
        if self.letters:
            spelt = CaseAddressWords.objects.filter(case=OuterRef("pk")).values("words")
            fits = Q(Contains(Subquery(spelt[:1]), term))
        fits |= Q(contains(Subquery(texts.values("body")[:1]), term))
        if self.digits:
            fits |= Q(number__endswith=term)
        return fits


def fitting(cases: CaseQuerySet, asks: Iterable[Asks], said: Mapping[str, Any]) -> CaseQuerySet:
    """Those of ``cases`` that fit every term, each case being asked. ``said``: see `said`."""
    for number, each in enumerate(asks):
        its = {name: said[f"{SOUGHT}{name}_{number}"] for name in SAID}
        cases = cases.filter(each.named(its) | each.each(its))
    return cases


def said(terms: Sequence[Looking]) -> dict[str, Any]:
    """What `fitting` asks with for these terms, by names that a question's gaps may have."""
    return {
        f"{SOUGHT}{name}_{number}": value
        for number, each in enumerate(terms)
        for name, value in each.said.items()
    }


@dataclass(frozen=True)
class Looking:
    """One term, and everything that it may mean."""

    term: str
    now: datetime

    @cached_property
    def digits(self) -> bool:
        return self.term.isdecimal() and self.term.isascii() and len(self.term) >= LEAST_DIGITS

    @cached_property
    def letters(self) -> bool:
        """Whether it may be pinyin initials, perhaps with a number among them."""
        return (
            len(self.term) >= 2
            and self.term.isascii()
            and self.term.isalnum()
            and not self.term.isdecimal()
        )

    def named(self, name: str) -> bool:
        return self.term in name.lower() or (self.letters and begins(name, self.term))

    @cached_property
    def items(self) -> frozenset[str]:
        if len(self.term) < 2:
            return frozenset()
        return frozenset(each.code for each in snapshot(self.now) if self.named(each.name))

    @cached_property
    def units(self) -> frozenset[int]:
        if len(self.term) < 2:
            return frozenset()
        if not self.letters:
            return frozenset(_units_named(term=self.term))
        return frozenset(pk for pk, name in _unit_names() if self.named(name))

    @cached_property
    def places(self) -> Sequence[str]:
        if len(self.term) < 2 or not (self.letters or naming.is_said(self.term)):
            return ()
        return naming.named(self.named)

    @cached_property
    def asks(self) -> Asks:
        return Asks(
            folds=self.term != self.term.upper(),
            letters=self.letters,
            digits=self.digits,
            from_town=self.digits and len(self.term) >= TOWN_DIGITS,
            items=bool(self.items),
            units=bool(self.units),
            places=bool(self.places),
        )

    @cached_property
    def said(self) -> dict[str, Any]:
        """What each of `SAID` is of this term."""
        return {
            "term": self.term,
            "items": sorted(self.items),
            "units": sorted(self.units),
            "places": [f"{code}%" for code in self.places],
        }

    def condition(self) -> Q:
        """What a case must fulfil to fit."""
        known = self.known
        return self.asks.named(self.said) | (
            Q(pk__in=known) if known is not None else self.asks.each(self.said)
        )

    @cached_property
    def known(self) -> list[UUID] | None:
        """The ids of the cases whose words, address or last digits fit; None if too many."""
        if len(self.term) < 2:
            return None  # one character has no pair: each case is asked
        if _frequent.of(self.term):
            return None
        pattern = like(self.term)
        lookups = [
            (
                "SELECT case_id FROM case_text WHERE kind = 'description'"
                " AND bigrams(body) @> bigrams(%s) AND body ILIKE %s",
                [self.term, pattern],
            ),
            (
                "SELECT case_id FROM case_address_words"
                " WHERE bigrams(words) @> bigrams(%s) AND words LIKE %s",
                [self.term, pattern],
            ),
        ]
        if self.digits:
            ending = _escaped(self.term[::-1]) + "%"
            lookups.append(('SELECT id FROM "case" WHERE reverse(number) LIKE %s', [ending]))
        known: list[UUID] = []
        with connection.cursor() as cursor:
            for statement, values in lookups:
                cursor.execute(f"{statement} LIMIT {MOST_KNOWN + 1}", values)
                rows = cursor.fetchall()
                if len(rows) > MOST_KNOWN:
                    _frequent.keep(self.term, True)
                    return None
                known += [pk for (pk,) in rows]
        return known

    def reasons(self, case: Case, text: str) -> Iterable[Found]:
        if self.digits and (case.number.endswith(self.term) or case.number.startswith(self.term)):
            yield Found.NUMBER
        if self.named(case.address):
            yield Found.ADDRESS
        if self.term in text.lower():
            yield Found.WORDS
        if self.places and case.area_code.startswith(tuple(self.places)):
            yield Found.PLACE
        if case.item_code in self.items:
            yield Found.ITEM
        if case.lead_unit_id in self.units:
            yield Found.UNIT


def like(term: str) -> str:
    """The pattern of what has the term somewhere in it."""
    return f"%{_escaped(term)}%"


def _escaped(term: str) -> str:
    """What was typed as a part of a LIKE pattern that stands for itself."""
    return re.sub(r"([\\%_])", r"\\\1", term)
