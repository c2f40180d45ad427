"""逾期未处理: a call that can climb no further, or a refusal that nobody decides on.

Its leaders are told when the limit has passed and once more whenever as much time again has, each
time once; from the second time on the leaders of the level above as well. A run that was missed
is made up for, with one notice in place of several that say the same.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from huying.cases.verbs import Act, verb
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.places import naming
from huying.places.models import above
from huying.response.called import Step, clock, matter, remember, the_call, time_from
from huying.response.unanswered import do_all
from huying.response.whistles import CallState, Sort

TIMES: Final = 3
"""How often leaders are told: at the limit, at twice and at three times its time."""

NEGLECTED = kind(
    "whistle_neglected",
    _("Nobody has seen to an unanswered whistle"),
    _("{unit} does not answer the whistle, and {desk} has not seen to it: {item}. Due {by}."),
    group=Group.WHISTLE,
)
UNDECIDED = kind(
    "refusal_undecided",
    _("Nobody has decided on a refusal"),
    _("{unit} refused the whistle, and {desk} has not decided on it: {item}. Due {by}."),
    group=Group.WHISTLE,
)
NEGLECTED_NOW = kind(
    "emergency_neglected",
    _("Emergency: a called unit does not come"),
    _("{unit} does not come, and {desk} has not acted: {item}. Due {by}."),
    alarm=True,
    group=Group.WHISTLE,
)


def tell_leaders(step: Step, call: uuid.UUID | None) -> None:
    """The desk that is to act and its leaders are told; the next time comes as much later again."""
    found = the_call(step, call, tell_at__lt=step.now)
    turn, due = found.tell_at, found.due_at
    assert turn is not None
    assert due is not None  # with `tell_at` one of the two is set
    refused = found.state == CallState.REFUSED
    desk = found.arbiter_code if refused else found.level_code
    if not refused and found.missed_at is None:
        found.missed_at = found.answer_by
    found.told += 1
    # From its turn, not from now: a run that was late moves nothing.
    following = time_from(found, turn)
    while found.told < TIMES and following < step.now:
        found.told += 1
        following = time_from(found, following)
    found.tell_at = following if found.told < TIMES else None
    found.save()
    step.data |= {"unit": found.unit_id, "to_desk": desk, "due": due, "told": found.told}
    higher = above(desk) if found.told > 1 else None
    if found.whistle.sort == Sort.EMERGENCY:
        what = NEGLECTED_NOW
    else:
        what = UNDECIDED if refused else NEGLECTED
    step.tell(
        what,
        Whom(desks=(desk,), leaders=(desk, higher) if higher is not None else (desk,)),
        unit=found.unit.name,
        desk=naming.own_name(desk),
        item=matter(step, found.whistle),
        by=clock(due),
    )
    remember(step)


@verb("call_overdue")
def call_overdue(act: Act, *, call: uuid.UUID | None = None) -> None:
    """逾期告知: the limit has passed and nobody has acted; the leaders are told."""
    tell_leaders(act, call)


def tell_all(*, now: datetime) -> int:
    """Tells of every call that nobody has seen to in time; of how many."""
    return do_all("call_overdue", "tell_at", now)
