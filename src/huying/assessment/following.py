"""The follower: counts anew, from its events, each case that has new ones, and sums up.

It is led by the numbers of transactions, not by events' times: a long transaction that commits late
has a low number, and the cursor does not pass it while it is open. What others committed meanwhile
is counted all the same; it is only looked at again until the cursor has passed.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.assessment.facts import Event, Held, Learned, What, learned
from huying.assessment.models import RolledCursor
from huying.assessment.reading import versions
from huying.assessment.statements import ask, do
from huying.cases.states import OPEN_STATES
from huying.clock.reading import calendar_for
from huying.errors import Words

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0
"""How long the follower waits when there is nothing to do."""

NEAR: Final = timedelta(minutes=1)
"""How old sums may be that a page shows."""

COUNTED_ANEW: Final[Words] = _(
    "The sums do not follow the events at the moment: these figures were counted from the events"
    " themselves, which takes longer."
)
"""What is said wherever figures are shown while they do not follow (`follows`)."""

TRIES: Final = 10
WAIT_S: Final = 0.2

EVENTS: Final = 3000
"""Events of one step, which is one transaction."""

ZERO: Final = UUID(int=0)


@dataclass(slots=True)
class Step:
    """What one step has done: cases counted, and whether there is more at once."""

    cases: int = 0
    more: bool = False


@dataclass(slots=True)
class _Cursor:
    xid: int
    system: str
    ripe_until: datetime
    sweep_after: UUID | None


@dataclass(slots=True)
class _Found:
    """Cases with new events: how far each was counted, and the whole log of those that are new."""

    counted: dict[UUID, int] = field(default_factory=dict)
    logs: dict[UUID, list[Event]] = field(default_factory=dict)
    last_xid: int | None = None


def follow(*, now: datetime | None = None) -> int:
    """Follows the log to its end; how many cases were counted. ``now`` stands in for the clock."""
    counted = 0
    while True:
        done = step(now=now)
        counted += done.cases
        if not done.more:
            return counted


def step(*, now: datetime | None = None) -> Step:
    """Counts the next events in one transaction. Nothing is written where there is nothing to do.

    Only one process at a time follows; another one finds nothing to do.
    """
    if not _anything_to_do(now):
        return Step()
    with transaction.atomic():
        locked = ask("cursor")
        if not locked:
            return Step()
        cursor = _Cursor(*locked[0])
        ((xmin, clock, system),) = ask("moment")
        until = clock if now is None else now
        if cursor.system != system:
            # Numbers of another server: what they stand for is not known, so all is looked through.
            cursor = _Cursor(xmin, system, cursor.ripe_until, ZERO)
        do("ripen", {"since": cursor.ripe_until, "now": until})
        found, full = _new_events(cursor.xid)
        if full and found.last_xid is not None:
            xmin = min(xmin, found.last_xid)
        if cursor.sweep_after is not None:
            cursor.sweep_after = _sweep(cursor.sweep_after, found)
        count(found.counted, found.logs, now=until)
        do(
            "move",
            {"xid": xmin, "system": system, "now": until, "sweep_after": cursor.sweep_after},
        )
    return Step(len(found.counted), full or cursor.sweep_after is not None)


def to_count() -> int:
    """How many cases have events that were not counted."""
    ((found,),) = ask("to_count")
    return int(found)


def _anything_to_do(now: datetime | None) -> bool:
    found = ask("to_do", {"now": now or _clock()})
    if not found:
        do("begin")
        return True
    return bool(found[0][0])


def _clock() -> datetime:
    ((_xmin, clock, _system),) = ask("moment")
    return cast(datetime, clock)


def _new_events(xid: int) -> tuple[_Found, bool]:
    """Events after the cursor, and whether there may be more of them."""
    found = _Found()
    with connection.cursor() as cursor:
        # By the index of their numbers, whatever the planner thinks of tables that grow so fast.
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    rows = ask("events", {"xid": xid, "limit": EVENTS})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    for case, *event, counted, found.last_xid in rows:
        found.counted[case] = counted
        if counted == 0:
            found.logs.setdefault(case, []).append(_event(event))
    # Transactions begin in another order than they get hold of a case: an event in between may be
    # still to come.
    found.logs = {
        case: sorted(each, key=itemgetter(0))
        for case, each in found.logs.items()
        if max(event.seq for event in each) == len(each)
    }
    return found, len(rows) == EVENTS


def _event(row: Sequence[Any]) -> Event:
    *rest, data = row
    return Event._make((*rest, json.loads(data) if isinstance(data, str) else data))


def _sweep(after: UUID, found: _Found) -> UUID | None:
    """Adds the next cases of a look through all; up to where it has come, None at the end."""
    rows = ask("uncounted", {"after": after, "limit": EVENTS // 3})
    for case, counted in rows:
        if case not in found.counted:
            found.counted[case] = counted
    return rows[-1][0] if len(rows) == EVENTS // 3 else None


def count(
    counted: dict[UUID, int], logs: dict[UUID, list[Event]] | None = None, *, now: datetime
) -> None:
    """Counts these cases, each from the event after the last one that was counted.

    Args:
        counted: the number of that event, 0 for a new case.
        logs: whole logs that have been read already.
        now: what begins to count later is kept, and not summed up yet.
    """
    if not counted:
        return
    logs = dict(logs or {})
    logs |= histories([case for case in counted if case not in logs])
    held, numbers = _held([case for case, seq in counted.items() if seq])
    find = versions()
    changes: dict[UUID, Learned] = {}
    seqs: dict[UUID, int] = {}
    for case, seq in counted.items():
        events = logs.get(case)
        if not events:
            continue
        changes[case] = learned(
            events,
            counted=seq,
            held=held[case],
            next_number=numbers[case] + 1,
            versions=find,
            calendar=calendar_for(events[0].data["area"]),
        )
        seqs[case] = events[-1].seq
    _learn(changes, now)
    do(
        "stand",
        {"cases": list(seqs), "seqs": list(seqs.values()), "open": sorted(OPEN_STATES)},
    )


def histories(cases: Sequence[UUID]) -> dict[UUID, list[Event]]:
    """The whole logs of these cases."""
    if not cases:
        return {}
    rows = ask("histories", {"cases": list(cases)})
    return {
        case: [_event(event) for _case, *event in some]
        for case, some in groupby(rows, itemgetter(0))
    }


def _held(cases: Sequence[UUID]) -> tuple[dict[UUID, dict[What, Held]], dict[UUID, int]]:
    """What is held of these cases, and the last number that a fact of each was given."""
    held: dict[UUID, dict[What, Held]] = defaultdict(dict)
    numbers: dict[UUID, int] = defaultdict(int)
    if cases:
        for case, number, *what, tallies, from_at, until_at in ask("held", {"cases": list(cases)}):
            numbers[case] = max(numbers[case], number)
            if until_at is None:
                held[case][What._make((*what, tuple(tallies)))] = Held(number, from_at)
    return held, numbers


def _learn(changes: dict[UUID, Learned], now: datetime) -> None:
    added = [(case, *each) for case, change in changes.items() for each in change.added]
    ended = [(case, *each) for case, change in changes.items() for each in change.ended]
    dropped = [(case, each) for case, change in changes.items() for each in change.dropped]
    if not (added or ended or dropped):
        return
    whats = [each[2] for each in added]
    do(
        "learn",
        {
            "now": now,
            "dropped_cases": [each[0] for each in dropped],
            "dropped": [each[1] for each in dropped],
            "ended_cases": [each[0] for each in ended],
            "ended": [each[1] for each in ended],
            "ends": [each[2] for each in ended],
            "cases": [each[0] for each in added],
            "numbers": [each[1] for each in added],
            "froms": [each[3] for each in added],
            "untils": [each[4] for each in added],
            "tallies": [" ".join(each.tallies) for each in whats],
            **_columns(whats),
        },
    )


def _columns(whats: Iterable[What]) -> dict[str, list[Any]]:
    rows = list(whats)
    names = (
        "seqs", "days", "dues", "areas", "holders", "items", "channels", "kinds", "units",
        "accounts", "reporters",
    )  # fmt: skip
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def clear() -> None:
    """Throws facts and sums away: the next look makes them anew from the log. Closed periods stay:
    they were told to people."""
    with transaction.atomic():
        do("clear")


def behind_by(now: datetime | None = None) -> timedelta | None:
    """How old the oldest thing is that the sums should have in them and have not; zero if they
    have all. None if the log was never followed."""
    moment = now or _clock()
    found = ask("behind", {"now": moment})
    if not found:
        return None
    (oldest,) = found[0]
    return timedelta(0) if oldest is None else max(timedelta(0), moment - oldest)


def follows(at: datetime | None = None, *, exactly: bool = False) -> bool:
    """Whether facts and sums say what the log says: the one answer for whoever shows a figure.

    If so, they may be read in the log's place. If not, whoever asks counts from the log itself,
    which takes longer, and says so (`COUNTED_ANEW`). While all cases are looked through once more
    nothing follows, whatever the moment: of the oldest case as little may be there as of the
    newest.

    Args:
        at: as things were known at this moment: all that was in the log by then has to be there.
            Without one, or of a moment that is not a minute past, what is younger than `NEAR` may
            be missing.
        exactly: what is told for good, as a report is, may miss nothing of such a moment either.
            What is missing is followed here, and waited for where another process is at it.
    """
    strict = exactly or (at is not None and at < timezone.now() - NEAR)
    for again in range(TRIES if exactly else 1):
        # Another process may be following just now; then this does nothing.
        if again and not follow():
            time.sleep(WAIT_S)
        behind = behind_by(at if strict else None)
        if behind is None:
            return False
        swept = RolledCursor.objects.filter(sweep_after=None).exists()
        if swept and behind <= (timedelta(0) if strict else NEAR):
            return True
    return False


class Follower(threading.Thread):
    """Follows the log beside other work, until told to stop.

    Args:
        begin: what its thread does first, such as to stand back for others.
    """

    def __init__(self, begin: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="follower", daemon=True)
        self._begin, self._stopping = begin, threading.Event()

    def run(self) -> None:
        self._begin()
        wait = 0.0
        while not self._stopping.wait(wait):
            wait = EVERY_S
            try:
                if step().more:
                    wait = 0.0
            except Exception:  # the next look may find the database again
                log.exception("the sums could not follow the log")
                close_old_connections()
                wait = 10 * EVERY_S
        connection.close()

    def stop(self) -> None:
        self._stopping.set()
        self.join(5)
