"""The deadline reminds those who are not through, then tells the communities' and towns' desks."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.surveys import progress
from huying.surveys.concerned import (
    DUE_SOON,
    LATE,
    LATE_HERE,
    desk_path,
    field_path,
    said,
    tell,
    workers_of,
)
from huying.surveys.models import Survey
from huying.tasks.deadlines import Rung, Span

log = logging.getLogger(__name__)


def climb_all(*, now: datetime) -> int:
    """Climbs every rung whose turn has come; of how many surveys."""
    climbed = 0
    for pk in list(Survey.objects.to_climb(now).values_list("pk", flat=True)):
        try:
            climbed += climb(pk, now=now)
        except Exception:
            # One survey that cannot be seen to keeps the others from nothing.
            log.exception("survey %s could not be seen to", pk)
    return climbed


@transaction.atomic
def climb(pk: UUID, *, now: datetime) -> bool:
    """The same for one that no other process holds."""
    due = Survey.objects.to_climb(now).select_for_update(skip_locked=True)
    survey = due.filter(pk=pk).first()
    if survey is None or survey.due_at is None or survey.opened_at is None:
        return False
    span = Span(survey.opened_at, survey.due_at)
    rungs = span.reached(survey.rung, now)
    figures = progress.by_grid(survey, SYSTEM)
    late = [code for code, each in figures.items() if len(code) == 15 and not each.complete]
    for rung in rungs:
        _tell(survey, rung, late, now)
        survey.rung = rung
    survey.climb_at = span.next_after(survey.rung)
    survey.save(update_fields=["rung", "climb_at"])
    return True


def _tell(survey: Survey, rung: Rung, late: list[str], now: datetime) -> None:
    if not late or survey.due_at is None:
        return
    due, opened = said(survey.due_at), survey.opened_at
    key = f"{rung.name}:{opened:%Y%m%d%H%M%S}:{survey.due_at:%Y%m%d%H%M}"
    if rung is not Rung.TOWN:
        what = DUE_SOON if rung is Rung.REMIND else LATE
        whom = Whom(accounts=workers_of(late, now))
        tell(what, whom, survey, key=key, now=now, path=field_path(survey), due=due)
    if rung is Rung.REMIND:
        return
    length = 12 if rung is Rung.COMMUNITY else 9
    for area, n in sorted(Counter(code[:length] for code in late).items()):
        desks = (area,) if rung is Rung.COMMUNITY else tuple({area, survey.area_code})
        tell(
            LATE_HERE,
            Whom(desks=desks),
            survey,
            key=f"{key}:{area}",
            now=now,
            path=desk_path(survey),
            due=due,
            area=naming.own_name(area),
            n=n,
        )
