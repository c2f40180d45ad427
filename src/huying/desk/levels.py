"""A case's way through the three levels, as its page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huying.cases.models import Case
from huying.cases.reasons import reason_words
from huying.cases.states import State
from huying.cases.timeline import Entry
from huying.dispatch.moves import Doubt, Doubtful, Move, differ, doubtful, first_desk, moves
from huying.dispatch.why_here import why_first
from huying.people.acting import Actor
from huying.people.models import LEADERS, Role
from huying.places import naming
from huying.places.models import Level, level_of


@dataclass(frozen=True, slots=True)
class Stop:
    """A desk on the way, since when, and what brought the case there.

    Attributes:
        icon: of the move that brought it; of the report for the first.
        words: what was said with the move, as (kind, body); for the first desk, why it is that.
        doubt: why the move looks wrong, for the desks concerned.
    """

    area_code: str
    desk: str
    level: str
    since: datetime
    icon: str
    label: str
    by: str
    reason: str
    words: Sequence[tuple[str, str | None]]
    doubt: str = ""

    @property
    def depth(self) -> int:
        """How far down the path draws it: 0 the district, 1 a town, 2 a community."""
        return len(self.area_code) // 3 - 2


ICONS = {"escalate": "arrow-up", "send_down": "arrow-down", "take_over": "arrow-bar-to-up"}


def way(entries: Sequence[Entry], actor: Actor) -> list[Stop]:
    """The desks that a case went through; nothing where it stayed with its first one."""
    made = moves(entries)
    if not made:
        return []
    by_seq = {entry.seq: entry for entry in entries}
    doubts = {each.move.seq: each for each in doubtful(entries) if concerns(each, actor)}
    first = entries[0]
    words = [("why", sentence) for sentence in why_first(first.data)]
    start = first_desk(entries) or made[0].from_holder
    stops = [_stop(start, first, "inbox", reason="", words=words)]
    for move in made:
        entry = by_seq[move.seq]
        doubt = doubts.get(move.seq)
        stops.append(
            _stop(
                move.holder,
                entry,
                ICONS.get(move.verb, "arrow-back-up"),
                reason=reason_words(move.verb, move.reason_code) if move.reason_code else "",
                words=entry.texts,
                doubt=doubt_words(doubt) if doubt is not None else "",
            )
        )
    return stops


def _stop(
    area_code: str,
    entry: Entry,
    icon: str,
    *,
    reason: str,
    words: Sequence[tuple[str, str | None]],
    doubt: str = "",
) -> Stop:
    return Stop(
        area_code=area_code,
        desk=naming.own_name(area_code),
        level=str(level_of(area_code).label),
        since=entry.at,
        icon=icon,
        label=entry.label,
        by=entry.by,
        reason=reason,
        words=words,
        doubt=doubt,
    )


def concerns(each: Doubtful, actor: Actor) -> bool:
    """Whether the actor is of one of the two desks, leads there, or sits above them."""
    if actor.role != Role.DISPATCHER and actor.role not in LEADERS:
        return False
    areas = (each.move.from_holder, each.move.holder)
    return bool(actor.area_code) and any(area.startswith(actor.area_code) for area in areas)


def doubt_words(each: Doubtful) -> str:
    """Why a move looks wrong, in a sentence."""
    names = {
        "desk": naming.own_name(each.desk),
        "other": naming.own_name(each.move.holder),
        "level": str(each.move.matter.label) if each.move.matter is not None else "",
    }
    return {
        Doubt.ITS_OWN: _("The item is for the level %(level)s, and %(desk)s is of it.") % names,
        Doubt.UP_IN_VAIN: _("%(other)s sent it down again, and nothing had changed.") % names,
        Doubt.TOO_LOW: _("The item is for the level %(level)s; %(other)s is below it.") % names,
        Doubt.DOWN_IN_VAIN: _("%(other)s escalated it again, and nothing had changed.") % names,
    }[each.doubt]


def taken_over(entries: Sequence[Entry], found: Case, actor: Actor) -> Stop | None:
    """The taking over that a lower desk sees the reason of, while the case is still up there."""
    if not found.is_open or not actor.area_code.startswith(found.holder_code):
        return None
    last: Move | None = next(iter(moves(entries)[::-1]), None)
    if last is None or last.verb != "take_over" or actor.area_code == found.holder_code:
        return None
    return way(entries, actor)[-1]


def misplaced(found: Case) -> str:
    """A sentence when the matter is for another level than the desk's; else nothing."""
    settled = found.state in (State.REPORTED, State.ACCEPTED)
    arbitrated = found.awaits_arbitration or found.responsible_unit_id is not None
    if not settled or arbitrated or not (found.item_code or found.item_version_id):
        return ""
    apart = differ(found.level, found.holder_code)
    if not apart:
        return ""
    names = {
        "level": str(Level(found.level).label),
        "desk": naming.own_name(found.holder_code),
        "own": str(level_of(found.holder_code).label),
    }
    if apart > 0:
        return (
            _("The matter is for the level %(level)s; %(desk)s (%(own)s) may escalate it.") % names
        )
    return _("The matter is for the level %(level)s; %(desk)s (%(own)s) may send it down.") % names
