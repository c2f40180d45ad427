"""What changed and who was told lately, looked up once for all: every desk may ask each second.

Each web process reads the newest events of the log, and the emergencies that nobody has taken,
four times a second at most, however many desks are open; whoever asks is answered from that.

A mark says what a page knows: a moment of the database's own clock, and the process that gave it.
An event is visible only with its commit, some time after the moment that it carries. A process
remembers at which of its looks it saw an event first, so a page that asks the same process again
is told of each event once. To any other process a mark is a moment alone: it tells again what it
saw in the `OVERLAP` before, since the page may not have been told of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import connection

from huying.cases.models import Case, CaseParty
from huying.cases.reading import Sight
from huying.postgres.prepared import rows_of, statement
from huying.postgres.turns import Turns

UNTAKEN = statement("emergencies_untaken")

EVERY_S = 0.25
STALE_S = 1.0
"""So old a look may be that is given while another request looks anew."""
OVERLAP = timedelta(seconds=4)
"""By how much two processes may differ in what they have seen at one moment."""
KEPT = timedelta(seconds=30)
"""A mark older than this is answered with a full look."""


MOST_EMERGENCIES = 200
"""More of them at once are a catastrophe, or a mistake of the words that raise an alarm."""


@dataclass(frozen=True, slots=True)
class Emergency:
    """An open emergency that nobody has taken: no unit has it, no team is on its way or called."""

    number: str
    area_code: str
    item_code: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a case, with how the case stood when that was seen.

    Attributes:
        written_at: the event's own moment.
        seen_at: the look of this process that saw it first.
        sight: what decides who may see the case.
    """

    case: UUID
    number: str
    state: str
    due_at: datetime | None
    received_at: datetime
    sight: Sight
    written_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """The events and notices of the last half minute, as seen ``at`` the database's time.

    ``told`` has for each account how many notices came, and when the last one did.
    """

    at: datetime
    changes: tuple[Change, ...]
    told: dict[int, tuple[int, datetime]]
    taken: float
    emergencies: tuple[Emergency, ...] = ()


_turns = Turns()
_last: Look | None = None
_me = secrets.token_hex(4)


def now() -> str:
    """The mark of the present: what comes later will be told to who asks with it."""
    return _mark(_look().at)


def since(mark: str) -> tuple[Sequence[Change] | None, str]:
    """What happened since ``mark``, and the next mark.

    None in place of the changes: the mark is too old to say, or no mark.
    """
    look = _look()
    moment, mine = _read(mark)
    if moment is None or not look.at - KEPT + OVERLAP < moment <= look.at + OVERLAP:
        return None, _mark(look.at)
    if mine:
        found = [each for each in look.changes if each.seen_at > moment]
    else:
        # What a process that looks seldom saw only now, but was written long ago, was told before.
        after, earliest = moment - OVERLAP, moment - _late()
        seen = (each for each in look.changes if each.seen_at > after)
        found = [each for each in seen if each.written_at > earliest]
    return found, _mark(look.at)


def _late() -> timedelta:
    """So long after its moment an event may be seen first: its commit waits for a standby."""
    return timedelta(seconds=settings.HUYING.database_patience_seconds) + OVERLAP


def age_s(mark: str) -> float:
    """How old a mark is, in seconds; without end for what is none."""
    moment, _mine = _read(mark)
    return (_look().at - moment).total_seconds() if moment is not None else float("inf")


def told(account: int | None) -> str:
    """By what the account was told of lately, as a word that is another when something came.

    "" when nothing did. A word changes also when a notice becomes old: who has another one asks.
    """
    found = _look().told.get(account or 0)
    return f"{found[0]}-{_micros(found[1])}" if found else ""


def emergencies() -> tuple[Emergency, ...]:
    """The emergencies of all areas that nobody has taken, the newest first."""
    return _look().emergencies


def _untaken() -> tuple[Emergency, ...]:
    rows = rows_of(UNTAKEN, {"most": MOST_EMERGENCIES})
    return tuple(Emergency(*row) for row in rows)


def forget() -> None:
    """Look at the database that is used from now on."""
    global _last
    _last = None


def _read(mark: str) -> tuple[datetime | None, bool]:
    """The moment of a mark, and whether this process gave it."""
    micros, _, who = mark.partition("-")
    try:
        return datetime.fromtimestamp(int(micros) / 1e6, UTC), who == _me
    except (ValueError, OverflowError, OSError):
        return None, False


def _mark(moment: datetime) -> str:
    """A mark as an address holds it."""
    return f"{_micros(moment)}-{_me}"


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _look() -> Look:
    global _last
    last = _last
    if last is not None and (age := monotonic() - last.taken) <= EVERY_S:
        return last
    # While one looks, the others are answered from the look before, unless that is too old.
    with _turns.turn(wait=last is None or age > STALE_S) as mine:
        if not mine:
            return last  # type: ignore[return-value]
        if _last is None or monotonic() - _last.taken > EVERY_S:
            _last = _anew(_last)
        return _last


def _anew(last: Look | None) -> Look:
    taken = monotonic()
    with connection.cursor() as cursor:
        # The clock first: what the second statement sees too much is told again.
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
        begin = at - max(KEPT, _late())
        if last is not None:
            begin = max(begin, last.at - _late())
        cursor.execute("SELECT case_id, written_at FROM case_event WHERE written_at > %s", [begin])
        written = cursor.fetchall()
        cursor.execute(
            "SELECT account_id, count(*), max(told_at) FROM notice"
            " WHERE told_at > %s GROUP BY account_id",
            [at - KEPT],
        )
        told_of = {account: (number, last_at) for account, number, last_at in cursor.fetchall()}
    kept = [e for e in last.changes if max(e.seen_at, e.written_at) > at - KEPT] if last else []
    known = {(each.case, each.written_at) for each in kept if each.written_at > begin}
    fresh = [event for event in written if event not in known]
    return Look(at, (*kept, *_seen_first(fresh, at)), told_of, taken, _untaken())


def _seen_first(events: Sequence[tuple[UUID, datetime]], at: datetime) -> list[Change]:
    """The events with their cases; two questions, however many there are."""
    if not events:
        return []
    ids = {case for case, _written in events}
    parties: dict[UUID, tuple[set[int], set[int]]] = {}
    for case, account, unit in CaseParty.objects.filter(
        case__in=ids, until_seq__isnull=True
    ).values_list("case", "account", "unit"):
        accounts, units = parties.setdefault(case, (set(), set()))
        accounts.update(() if account is None else (account,))
        units.update(() if unit is None else (unit,))
    cases = {
        case: (number, state, due, received, Sight(area, holder, *parties.get(case, ((), ()))))
        for case, number, state, due, received, area, holder in Case.objects.filter(
            pk__in=ids
        ).values_list("pk", "number", "state", "due_at", "received_at", "area_code", "holder_code")
    }
    return [Change(case, *cases[case], written, at) for case, written in events if case in cases]
