"""A person decides on a finding: it is in order, or what it is about does not count."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.assessment.left_out import LeftOut
from huying.assessment.tallies import Tally
from huying.errors import Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.fairness.guards import Guard
from huying.fairness.models import Unusual, reviews
from huying.fairness.saying import GUARD_WORDS
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor

CONFIRMED = kind(
    "unusual_confirmed",
    _("Some of your cases do not count"),
    _("Looked at and confirmed: {guard}, {n} cases of {day}."),
    group=Group.DESK,
)

_ALL: Final = frozenset(Tally)
_IN_TIME: Final = frozenset({Tally.HANDLE_IN_TIME, Tally.TOTAL_IN_TIME, Tally.DAY_DONE})
_DONE: Final = _IN_TIME | {Tally.HANDLE_DONE, Tally.TOTAL_DONE, Tally.PATROL_VALID}
TAKES: Final[dict[Guard, frozenset[Tally]]] = {
    # Reports for the number's sake: as if they had not been.
    Guard.FLOOD: _ALL,
    Guard.SPLIT: _ALL,
    Guard.OUTSIDE: frozenset({Tally.PATROL_DECIDED, Tally.PATROL_VALID}),
    # What only looked done, or in time: it was due, and stays due.
    Guard.HASTY: _IN_TIME,
    Guard.SUSPENDED: _IN_TIME,
    Guard.COPIED: _DONE,
    # It counts as returned near the deadline, from the beginning.
    Guard.RETURNED: frozenset(),
}
"""What a confirmed finding takes out of the figures."""

GIVES: Final[dict[Guard, frozenset[Tally]]] = {
    Guard.RETURNED: frozenset({Tally.RETURNED_NEAR}),
}
"""What one that is in order takes out: what had counted until then."""

FIRST_STAYS: Final = frozenset({Guard.SPLIT, Guard.COPIED})
"""Of these the first case is a true one."""


def may_decide(actor: Actor) -> bool:
    return reviews(actor)


@transaction.atomic
def decide(
    pk: uuid.UUID,
    confirmed: bool | None,
    *,
    words: str,
    by: Actor,
    now: datetime,
    version: int | None,
) -> Unusual:
    """Confirms a finding or says that it is in order.

    Raises:
        NotFound: out of the actor's sight, or their own.
        WrongState: it is decided. StalePage: it has changed since the page was opened.
        Missing: neither, or no words.
    """
    if not Unusual.objects.visible_to(by).filter(pk=pk).exists():
        raise NotFound
    if not may_decide(by) or by.account_id is None:
        raise NotAllowed
    found = Unusual.objects.select_for_update().get(pk=pk)
    if found.state != Unusual.State.NEW:
        raise WrongState(_("Somebody has decided on this already."))
    if version != found.version:
        raise StalePage
    if confirmed is None:
        raise Missing(_("Please choose one."), field="confirmed")
    if not words.strip():
        raise Missing(_("Please say why."), field="words")
    found.state = Unusual.State.CONFIRMED if confirmed else Unusual.State.DISMISSED
    found.decided_by_id, found.decided_at = by.account_id, now
    found.words, found.version = words.strip()[:2000], found.version + 1
    found.save()
    taken = take_out(found, confirmed, now)
    if confirmed:
        _tell(found, taken, now)
    return found


def take_out(found: Unusual, confirmed: bool, now: datetime) -> int:
    """Writes down what does not count any more; of how many cases."""
    guard = Guard(found.guard)
    tallies = TAKES[guard] if confirmed else GIVES.get(guard, frozenset())
    cases = list(found.cases.values_list("case", flat=True))
    if guard in FIRST_STAYS:
        cases = cases[1:]
    if tallies:
        LeftOut.objects.bulk_create(
            LeftOut(
                district_code=found.district_code,
                case_id=case,
                seq=found.numbers.get("seq", 0),
                tallies=sorted(tallies),
                why=LeftOut.Why.UNUSUAL,
                source_id=found.pk,
                since=now,
            )
            for case in cases
        )
    return len(cases)


def take_back(found: Unusual, now: datetime) -> None:
    """What a confirmed finding took out counts again; as if it had been in order from now on."""
    held = LeftOut.objects.filter(source_id=found.pk, why=LeftOut.Why.UNUSUAL, until=None)
    held.update(until=now)
    take_out(found, False, now)


def _tell(found: Unusual, n: int, now: datetime) -> None:
    accounts = (found.account_id,) if found.account_id is not None else ()
    units = (found.unit_id,) if found.unit_id is not None else ()
    with override(settings.LANGUAGE_CODE):
        guard = str(GUARD_WORDS[Guard(found.guard)][0])
    job = job_of(
        CONFIRMED,
        Whom(accounts=accounts, units=units),
        key=f"unusual:{found.pk}",
        district_code=found.district_code,
        now=now,
        path=f"/desk/appeals/against/finding/{found.pk}",
        data={"guard": guard, "n": n, "day": found.day.isoformat()},
    )
    tell_later.defer(**job)
