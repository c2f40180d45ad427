"""What of a case counts: duties that fell due, and happenings. Plain values, no tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huying.people.models import Role


class Owed(StrEnum):
    """What was owed, each with a deadline of its own.

    | | from | to | by |
    |---|---|---|---|
    | verify 核实 | being asked whether a report is true | the answer | worker or checker |
    | accept 立案 | receipt, or the coming of the report to this desk | the desk's decision | desk |
    | dispatch 派遣 | acceptance, a return, a reopening | the dispatch | desk |
    | sign 签收 | dispatch | signing | unit |
    | handle 处置 | dispatch | the report that it is done, for good | unit |
    | check 核查 | the report that it is done | the check | checker |
    | close 结案 (desk) | the passed check | closing | desk |
    | total 全程 | receipt, or reopening | the end | the place |
    | come 到场 | a whistle's call | being on the spot | the called unit, team or branch |
    """

    VERIFY = "verify"
    ACCEPT = "accept"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    CHECK = "check"
    CLOSE = "close"
    TOTAL = "total"
    COME = "come"


class How(StrEnum):
    """How a duty came to its end; while it runs it has none.

    DONE: fulfilled, in time or late. PASSED_ON: somebody else's by now: escalated, sent down,
    taken over, returned. DROPPED: there was nothing left to do: declined, merged, withdrawn,
    settled by another.
    """

    DONE = "done"
    PASSED_ON = "passed_on"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class About:
    """What a figure can be asked for by, as it was when the thing happened.

    Attributes:
        area: code of the place, as exact as it was known.
        holder: the desk that held the case.
        unit: the unit in charge; None before dispatch.
        account: who owed it or did it, where that is one person.
        role: of that person's post.
        reporter: the account that reported it; None for residents and systems.
        patrol: whether a grid worker found it.
    """

    area: str
    holder: str
    item: str
    channel: str
    kind: str
    unit: int | None = None
    account: int | None = None
    role: Role | None = None
    reporter: int | None = None
    patrol: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that was owed.

    Attributes:
        seq: the event that it began with.
        since: when.
        due: its deadline as last worked out; None while the case is suspended without having run
            out before, and where no limit was set.
        ended_at, ended_seq: when, and by which event; None while it runs.
        again: how often it failed its check and was taken up once more.
    """

    owed: Owed
    seq: int
    since: datetime
    due: datetime | None
    about: About
    ended_at: datetime | None = None
    ended_seq: int | None = None
    how: How | None = None
    again: int = 0

    @property
    def in_time(self) -> bool:
        """Fulfilled, and no later than its deadline; the deadline itself is in time."""
        return self.is_done and (self.due is None or self._ended() <= self.due)

    @property
    def is_done(self) -> bool:
        return self.how is How.DONE

    def counts(self, by: datetime) -> bool:
        """Whether it is among what had to be done: its deadline has come by then.

        What was passed on or dropped before its deadline was nobody's to do any more; what ran out
        first is counted, and was not done.
        """
        if self.due is None or self.due > by:
            return False
        return self.how in (None, How.DONE) or self._ended() > self.due

    def _ended(self) -> datetime:
        assert self.ended_at is not None
        return self.ended_at


class Happening(StrEnum):
    """What is counted when it happens."""

    REPORT = "report"
    VERIFIED = "verified"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OUTSIDE_LIST = "outside_list"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    RETURNED_AGAIN = "returned_again"
    CHECKED = "checked"
    REWORK = "rework"
    EXTENDED = "extended"
    SUSPENDED = "suspended"
    SUPERVISED = "supervised"
    ITEM_CHANGED = "item_changed"
    SETTLED = "settled"
    CLOSED = "closed"
    REOPENED = "reopened"
    HEARD = "heard"
    RESPONDED = "responded"
    SOLVED = "solved"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly_satisfied"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to a case, once for each time."""

    what: Happening
    seq: int
    at: datetime
    about: About


@dataclass(frozen=True, slots=True)
class Course:
    """The whole course of one case, as far as it is counted, in the order of its events."""

    duties: tuple[Duty, ...]
    marks: tuple[Mark, ...]
