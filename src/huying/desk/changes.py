"""What changed and who was told lately, looked up once for all: every desk may ask each second.

Each web process reads the last events of the log, and the emergencies that nobody has taken, at
most twice a second, however many desks are
open; whoever asks is answered from that. A mark is a moment of the database's own clock, so it
means the same to every process. An event is visible only with its commit, some time after the
moment that it carries: each look goes `OVERLAP` further back, and who asks again within it gets
the same case again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from huying.cases.models import Case
from huying.response.models import Alarm

EVERY_S = 0.5
OVERLAP = timedelta(seconds=4)
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
class Look:
    """The events and notices of the last half minute, as seen ``at`` the database's time.

    ``told`` has for each account how many notices came, and when the last one did.
    """

    at: datetime
    events: tuple[tuple[UUID, datetime], ...]
    told: dict[int, tuple[int, datetime]]
    taken: float
    emergencies: tuple[Emergency, ...] = ()


_lock = threading.Lock()
_last: Look | None = None


def now() -> datetime:
    """The mark of the present: what comes later will be told to who asks with it."""
    return _look().at


def since(mark: str) -> tuple[set[UUID] | None, datetime]:
    """The cases with an event since ``mark``, and the next mark.

    None in place of the cases: the mark is too old to say, or no mark.
    """
    look = _look()
    moment = _moment(mark)
    if moment is None or not look.at - KEPT + OVERLAP < moment <= look.at + OVERLAP:
        return None, look.at
    return {case for case, written in look.events if written > moment - OVERLAP}, look.at


def told(account: int | None) -> str:
    """By what the account was told of lately, as a word that is another when something came.

    "" when nothing did. A word changes also when a notice becomes old: who has another one asks.
    """
    found = _look().told.get(account or 0)
    return f"{found[0]}-{mark_of(found[1])}" if found else ""


def emergencies() -> tuple[Emergency, ...]:
    """The emergencies of all areas that nobody has taken, the newest first."""
    return _look().emergencies


def _untaken() -> tuple[Emergency, ...]:
    called = Alarm.objects.filter(case=OuterRef("pk"), missed_at=None, ended_at=None)
    rows = (
        Case.objects.filter(state__in=["reported", "accepted"], alarms=True)
        .filter(Q(emergency=True) | ~Q(emergency_words=""))
        .exclude(state="accepted", emergency=False)  # the desk has decided against its words
        .exclude(Exists(called))
        .order_by("-received_at")
        .values_list("number", "area_code", "item_code", "suggested_item", "received_at")
    )[:MOST_EMERGENCIES]
    return tuple(
        Emergency(number, area, item or suggested, received)
        for number, area, item, suggested, received in rows
    )


def forget() -> None:
    """Look at the database that is used from now on."""
    global _last
    _last = None


def _moment(mark: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(mark) / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def mark_of(moment: datetime) -> str:
    """A mark as an address holds it: microseconds since 1970."""
    return str(round(moment.timestamp() * 1e6))


def _look() -> Look:
    global _last
    with _lock:
        if _last is None or monotonic() - _last.taken > EVERY_S:
            taken = monotonic()
            with connection.cursor() as cursor:
                # The clock first: what the second statement sees too much is told again.
                cursor.execute("SELECT clock_timestamp()")
                (at,) = cursor.fetchone()
                cursor.execute(
                    "SELECT case_id, written_at FROM case_event WHERE written_at > %s", [at - KEPT]
                )
                events = tuple(cursor.fetchall())
                cursor.execute(
                    "SELECT account_id, count(*), max(told_at) FROM notice"
                    " WHERE told_at > %s GROUP BY account_id",
                    [at - KEPT],
                )
                told_of = {account: (number, last) for account, number, last in cursor.fetchall()}
            _last = Look(at, events, told_of, taken, _untaken())
        return _last
