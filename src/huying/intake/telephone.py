"""电话受理: who answers the telephone sees what the caller reported before, and takes a call once.

A call is a new case, or it is about one that is open already: then it becomes a comment on that
case, and who has to do with it is told when the caller presses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, models
from django.db.models import Case as Choice
from django.db.models import IntegerField, Value, When
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases import finding
from huying.cases.commenting import comment
from huying.cases.idempotency import digest_of, once
from huying.cases.models import Case
from huying.cases.reporting import Key
from huying.cases.states import OPEN_STATES
from huying.cases.words import item_name
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.intake.reporting import Told, take
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming
from huying.places.initials import begins
from huying.places.locating import is_live

MOST_EARLIER: Final = 6
"""So many of a caller's cases are shown; who has more open has called for long."""

MOST_PLACES: Final = 8
LEAST_TYPED: Final = 2
_LOOKED_THROUGH: Final = 2000

URGED = kind(
    "call_urged",
    _("The caller presses"),
    _("{item}: who reported it has called again and asks how far it is."),
    group=Group.DESK,
)


class Sort(models.TextChoices):
    """What a call about a case that is known already wants."""

    MORE = "more", _("tells more")
    URGE = "urge", _("presses for an answer")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that an address may mean.

    Attributes:
        lon, lat: CGCS2000 degrees, where an earlier case was pinned at this address.
        address: as it is written; empty where only the area's name is known.
    """

    area_code: str
    address: str = ""
    lon: float | None = None
    lat: float | None = None


def may_answer(by: Actor) -> bool:
    """Whether a post answers the telephone: the desks do."""
    return by.role == Role.DISPATCHER


def earlier(phone: str, *, by: Actor, now: datetime) -> list[Case]:
    """What this phone reported before, as far as the desk sees it, open cases first.

    That the desk learned of it is recorded with each case.

    Raises:
        NotAllowed: the post answers no telephone.
        BadInput: it is no phone number.
    """
    if not may_answer(by):
        raise NotAllowed
    marks = finding.phone_marks(phone, by=by)
    ended = Choice(
        When(state__in=sorted(OPEN_STATES), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    seen = finding.reported_from(Case.objects.visible_to(by).for_pages(), marks)
    found = list(seen.order_by(ended, "-received_at", "-id")[:MOST_EARLIER])
    finding.record_phone_search([case.pk for case in found], by=by, now=now)
    return found


def spots(typed: str, area_code: str) -> list[Spot]:
    """Places of an area whose name, or the address of a case there, fits a fragment or initials."""
    term = typed.strip().lower()
    if len(term) < LEAST_TYPED or "\0" in term:
        return []
    letters = term.isascii() and term.isalnum() and not term.isdecimal()

    def fits(name: str) -> bool:
        return term in name.lower() or (letters and begins(name, term))

    named = [code for code in naming.named(fits) if code.startswith(area_code) and is_live(code)]
    known = _addresses(term, area_code)
    half = MOST_PLACES // 2
    kept = [Spot(code) for code in named[: max(half, MOST_PLACES - len(known))]]
    return kept + known[: MOST_PLACES - len(kept)]


def _addresses(term: str, area_code: str) -> list[Spot]:
    """Addresses of cases that fit, each once, the most frequent first."""
    pattern = finding.like(term)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT address, max(area_code), avg(lon), avg(lat) FROM (
                SELECT c.address, c.area_code, c.lon, c.lat
                FROM case_address_words w JOIN "case" c ON c.id = w.case_id
                WHERE bigrams(w.words) @> bigrams(%s) AND w.words LIKE %s
                AND c.area_code LIKE %s LIMIT %s
            ) known
            GROUP BY address ORDER BY count(*) DESC, address LIMIT %s
            """,
            [term, pattern, f"{area_code}%", _LOOKED_THROUGH, MOST_PLACES],
        )
        return [Spot(area, address, lon, lat) for address, area, lon, lat in cursor.fetchall()]


def take_call(told: Told, *, key: str, by: Actor, now: datetime) -> Case:
    """受理: the call becomes a case; sent again under its key, the same one.

    Raises:
        NotAllowed: the post answers no telephone.
        Missing, BadInput, KeyReused: as `intake.reporting.take`.
    """
    if not may_answer(by):
        raise NotAllowed
    said: Sequence[object] = (
        told.text, told.item, told.address, told.area, told.lon, told.lat,
        told.contact_name, told.contact_phone,
    )  # fmt: skip
    digest = digest_of(json.dumps(said, ensure_ascii=False).encode())
    return take(told, by=by, now=now, key=Key(f"call:{by.account_id}", key, digest))


def add_to(number: str, *, text: str, sort: Sort | str, key: str, by: Actor, now: datetime) -> Case:
    """补充或催办: the call is about a case that is open already; no second case comes of it.

    Raises:
        NotAllowed: the post answers no telephone.
        NotFound: there is no such case in sight.
        Missing: the caller tells more, and there are no words.
        BadInput: there is no such sort of call.
        WrongState: the case has ended meanwhile.
    """
    if not may_answer(by):
        raise NotAllowed
    if sort not in Sort.values:
        raise BadInput(_("This is not on the list."), field="sort")
    case = Case.objects.visible_to(by).for_pages().filter(number=number).first()
    if case is None:
        raise NotFound
    words = text.strip()
    if not words and sort == Sort.MORE:
        raise Missing(_("Please say it in words."), field="text")
    digest = digest_of(number.encode(), sort.encode(), words.encode())
    with once(f"call:{by.account_id}", "call", key, digest, now) as slot:
        if slot.replayed:
            return case
        slot.case_id, slot.answer = case.pk, {"number": case.number}
        case = comment(case, by=by, now=now, text=_said(Sort(sort), words))
        if sort == Sort.URGE:
            _tell(case, by, now)
    return case


def _said(sort: Sort, words: str) -> str:
    if sort == Sort.MORE:
        return now_("The caller adds: %(words)s") % {"words": words}
    if not words:
        return now_("The caller presses for an answer.")
    return now_("The caller presses for an answer: %(words)s") % {"words": words}


def _tell(case: Case, by: Actor, now: datetime) -> None:
    """Whoever owes the next step learns that the caller waits."""
    tell(
        URGED,
        Whom(
            desks=(case.holder_code,),
            units=(case.lead_unit_id,) if case.lead_unit_id is not None else (),
            but=(by.account_id,) if by.account_id is not None else (),
        ),
        key=f"urged:{case.pk}:{case.last_seq}",
        district_code=case.district_code,
        now=now,
        case_id=case.pk,
        case_number=case.number,
        data={"item": item_name(case)},
    )
