"""未访上升: who is due is told of, and a visit that nobody made climbs from desk to desk.

On the due day who is responsible is told, then the grid head, the community's desk and the town's,
each once; a rung that a run missed is made up for by the next. Nobody is told before eight.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from huying.care.concerned import Responsible, tell_desks, tell_due, tell_heads
from huying.care.due import Rung
from huying.care.models import CarePerson, CareStep
from huying.care.steps import ladder, step_of, write
from huying.people.acting import SYSTEM

log = logging.getLogger(__name__)

FROM_HOUR: Final = 8
BATCH: Final = 2000
COMMUNITY, TOWN = 12, 9


def climb_all(*, now: datetime) -> int:
    """Climbs every rung whose turn has come; how many people were climbed for."""
    if timezone.localtime(now).hour < FROM_HOUR:
        return 0
    total = 0
    while done := _climb(now):
        total += done
        if done < BATCH:
            break
    return total


@transaction.atomic
def _climb(now: datetime) -> int:
    today, rungs = timezone.localdate(now), ladder()
    due = CarePerson.objects.to_climb(today).order_by("area_code", "pk")
    cares = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if not cares:
        return 0
    reached: dict[Rung, list[CarePerson]] = defaultdict(list)
    steps: list[CareStep] = []
    for care in cares:
        new = rungs.reached(care.rung, care.due_on, today)
        for rung in new:
            care.rung = rung
            steps.append(step_of(care, "climb", by=SYSTEM, now=now, rung=int(rung)))
        if new:
            # Of what was missed for days only the highest is told besides the first.
            reached[new[-1]].append(care)
        care.climb_on = rungs.next_after(care.rung, care.due_on)
    write(cares)
    CareStep.objects.bulk_create(steps, batch_size=500)
    who = Responsible(cares, now)
    for rung, some in sorted(reached.items()):
        if rung is Rung.RESPONSIBLE:
            tell_due(some, who, now)
            continue
        tell_heads(some, who, now)
        if rung >= Rung.COMMUNITY:
            tell_desks(some, COMMUNITY, now)
        if rung is Rung.TOWN:
            tell_desks(some, TOWN, now)
    return len(cares)
