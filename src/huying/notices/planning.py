"""When a notice leaves the house, and how long a failed message waits. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY_AT = time(8, 30)


class How(StrEnum):
    """How a person wants a group of kinds over a channel."""

    OFF = "off"
    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which a person is told nothing but alarms; none when both are the same."""

    starts: time = time(22)
    ends: time = time(7)

    def end(self, moment: datetime) -> datetime | None:
        """When the quiet that ``moment`` lies in ends; None outside of it."""
        local = moment.astimezone(SHANGHAI)
        at = local.time()
        if self.starts <= self.ends:
            inside = self.starts <= at < self.ends
        else:
            inside = at >= self.starts or at < self.ends
        return _next(local, self.ends) if inside else None


@dataclass(frozen=True, slots=True)
class Plan:
    """When to send, and whether gathered with others into one message; why."""

    at: datetime
    gathered: bool
    why: str


def plan(*, alarm: bool, how: How, quiet: Quiet, now: datetime) -> Plan | None:
    """None when the person wants nothing of this over this channel."""
    if alarm:
        return Plan(now, False, "an alarm waits for nothing")
    quiet_end = quiet.end(now)
    match how:
        case How.OFF:
            return None
        case How.AT_ONCE if quiet_end is None:
            return Plan(now, False, "at once")
        case How.AT_ONCE:
            assert quiet_end is not None
            return Plan(quiet_end, True, "after the quiet hours")
        case How.HOURLY:
            local = now.astimezone(SHANGHAI)
            at = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        case How.DAILY:
            at = _next(now.astimezone(SHANGHAI), DAILY_AT)
    later = quiet.end(at)
    return Plan(later or at, True, "after the quiet hours" if later else str(how))


def _next(local: datetime, at: time) -> datetime:
    found = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return found if found > local else found + timedelta(days=1)


def wait(tries: int, message: UUID, *, first: float, longest: float) -> timedelta:
    """How long a message that failed ``tries`` times waits: doubling, half to one and a half of it.

    What fails together does not come back together: the share follows from the message's id.
    """
    drawn = hashlib.sha256(message.bytes + bytes([tries % 256])).digest()
    share = 0.5 + int.from_bytes(drawn[:4], "big") / 2**32
    return timedelta(seconds=min(longest, first * 2 ** min(tries - 1, 30) * share))
