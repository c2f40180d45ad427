"""Which base backup and which segments of the log lead to a moment. Pure.

A restored cluster goes on in a timeline of its own: the log of what was undone stays, and that of
what was done instead lies beside it. The file of a timeline says where it left its parent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from huying.backup.basing import Base, segment_name, segment_of
from huying.backup.manifest import BackupError

FIRST_TIMELINE: Final = 1


class NotReachable(BackupError):
    """No backup leads to this moment; the message says which moments one leads to."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline, since when it is, and where it left those before it.

    ``left`` names each ancestor with the position of the log until which it was followed, the
    oldest first.
    """

    number: int
    since: float
    left: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, name: str, since: float, text: str) -> Timeline:
        """From a file such as 00000002.history.

        Raises:
            BackupError: it is damaged.
        """
        left = []
        try:
            for line in text.splitlines():
                if line.strip() and not line.startswith("#"):
                    parent, position = line.split()[:2]
                    segment_of(position)
                    left.append((int(parent), position))
            return cls(int(name[:8], 16), since, tuple(left))
        except ValueError as error:
            raise BackupError(f"The timeline's file {name} is damaged.") from error

    def comes_from(self, base: Base) -> bool:
        """Whether it leads on from a base backup."""
        if base.timeline == self.number:
            return True
        return any(
            parent == base.timeline and _position(base.end) <= _position(position)
            for parent, position in self.left
        )

    def name_of(self, number: int) -> str:
        """The file of the log's segment of this number on the way of this timeline."""
        for parent, position in self.left:
            if number < segment_of(position):
                return segment_name(parent, number)
        return segment_name(self.number, number)


def _position(text: str) -> int:
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


@dataclass(frozen=True, slots=True)
class Way:
    """How a moment is reached: from a base, along segments, on a timeline.

    Attributes:
        at: the moment; None for the end of what the archive holds.
        reaches: until when the segments lead at least.
    """

    at: datetime | None
    base: Base
    timeline: Timeline
    segments: tuple[str, ...]
    reaches: datetime


def choose(
    at: datetime | None,
    bases: Sequence[Base],
    closed: Mapping[str, float],
    timelines: Sequence[Timeline],
) -> Way:
    """The way to ``at``, or to the end of the archive.

    Args:
        bases: the oldest first.
        closed: of each segment in the archive, when its last byte was written.
        timelines: those that left another.

    Raises:
        NotReachable: before the oldest base, after the end of the log, or across a gap in it.
    """
    if not bases:
        raise NotReachable("There is no base backup yet: huying backup base makes one.")
    moment = at.timestamp() if at else float("inf")
    known = {each.timeline: Timeline(each.timeline, 0.0) for each in bases[:1]}
    for base in bases:  # of a timeline whose own file is not in this archive
        known.setdefault(base.timeline, Timeline(base.timeline, base.reaches_from.timestamp()))
    known |= {each.number: each for each in timelines}
    known.setdefault(FIRST_TIMELINE, Timeline(FIRST_TIMELINE, 0.0))
    on = max(
        (each for each in known.values() if each.since <= moment), key=lambda each: each.number
    )
    fitting = [
        each for each in bases if each.reaches_from.timestamp() <= moment and on.comes_from(each)
    ]
    if not fitting:
        raise NotReachable(
            f"The oldest base backup leads to {told(bases[0].reaches_from)} and later; "
            f"{told(at)} is before that."
            if at
            else "No base backup leads to the end of the log."
        )
    base = fitting[-1]
    segments: list[str] = []
    number, reaches = base.first_segment, base.reaches_from.timestamp()
    last = segment_of(base.end)
    while (name := on.name_of(number)) in closed:
        segments.append(name)
        # What was decided in one segment may have been written in the next.
        enough = reaches >= moment and number > last
        reaches = max(reaches, closed[name])
        if enough:
            break
        number += 1
    if reaches < moment and at is not None:
        later = sorted(closed[each] for each in closed if each > name and each[:8] == name[:8])
        if later:
            raise NotReachable(
                f"The log has a gap: its segment {name} is missing. From the base backup of "
                f"{told(base.reaches_from)} on every second until {told(_of(reaches))} can be "
                f"restored, and not {told(at)}."
            )
        raise NotReachable(f"The archive leads to {told(_of(reaches))} and not yet to {told(at)}.")
    return Way(at, base, on, tuple(segments), _of(reaches))


def _of(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def told(moment: datetime | None) -> str:
    """A moment as the command line tells it: in the installation's zone."""
    from zoneinfo import ZoneInfo

    from huying.installation import config

    if moment is None:
        return "the end of the log"
    return f"{moment.astimezone(ZoneInfo(config.time_zone)):%Y-%m-%d %H:%M:%S}"
