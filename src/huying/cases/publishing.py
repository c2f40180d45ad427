"""Events of cases for other systems: read from the log, never told by a step.

A subscriber gets what the log has, without persons, places finer than a community, or words. A
step that can still be undone is not told yet, and one that was undone never.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from huying.cases import flow
from huying.cases.deferring import is_undone, waiting_time
from huying.cases.models import Case, CaseEvent
from huying.notices.models import WEBHOOK, Outgoing, Subscription
from huying.notices.outbox import wake

TYPE = "huying.case."
INSIDE = frozenset({"undo", "recompute", "erased"})
"""Steps that say nothing to anybody outside."""

TYPES = tuple(f"{TYPE}{row.verb}" for row in flow.TABLE if row.verb not in INSIDE)

LATE = timedelta(minutes=2)
"""An event is seen only with its commit: each look goes so much further back than the last one."""

AT_ONCE = 5000
"""Events of one look; the rest waits for the next."""


def publish(*, now: datetime) -> int:
    """Puts the new events into the outbox, for each subscriber; how many."""
    made = 0
    for pk in Subscription.objects.filter(active=True).values_list("pk", flat=True):
        with transaction.atomic():
            row = Subscription.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is not None and row.active:
                made += _publish_to(row, now)
    if made:
        wake()
    return made


def _publish_to(row: Subscription, now: datetime) -> int:
    until = now - waiting_time()
    found = CaseEvent.objects.filter(
        written_at__gt=max(row.told_until - LATE, row.created_at),
        written_at__lte=until,
        district_code=row.area_code[:6],
    ).exclude(verb__in=sorted(INSIDE))
    if row.types:
        found = found.filter(verb__in=[each.removeprefix(TYPE) for each in row.types])
    target = f"{WEBHOOK}:{row.pk}"
    events = list(found.order_by("written_at")[: AT_ONCE + 1])
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in={each.case_id for each in events}).select_related(
            "lead_unit"
        )
    }
    messages = [
        Outgoing(
            channel=WEBHOOK,
            target=target,
            subscription=row,
            key=f"{each.case_id}:{each.seq}",
            body=cloud_event(each, cases[each.case_id]),
            next_at=now,
            created_at=now,
        )
        for each in events[:AT_ONCE]
        if cases[each.case_id].area_code.startswith(row.area_code)
        and not (each.verb in flow.UNDOABLE and is_undone(each.case_id, each.seq))
    ]
    known = Outgoing.objects.filter(target=target, key__in=[each.key for each in messages])
    written = set(known.values_list("key", flat=True))
    fresh = [each for each in messages if each.key not in written]
    Outgoing.objects.bulk_create(fresh, ignore_conflicts=True)
    row.told_until = events[AT_ONCE - 1].written_at if len(events) > AT_ONCE else until
    row.save(update_fields=["told_until"])
    return len(fresh)


def cloud_event(event: CaseEvent, case: Case) -> dict[str, Any]:
    """The event as CloudEvents 1.0 has it. Its id and source say which one it is, for ever."""
    return {
        "specversion": "1.0",
        "id": f"{event.case_id}:{event.seq}",
        "source": f"/huying/{event.district_code}",
        "type": f"{TYPE}{event.verb}",
        "subject": case.number,
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "case": case.number,
            "seq": event.seq,
            "verb": event.verb,
            "from_state": event.from_state,
            "state": event.to_state,
            "item": case.item_code,
            "emergency": case.emergency,
            "level": case.level,
            "area": case.area_code[:12],
            "holder": case.holder_code,
            "unit": case.lead_unit.code if case.lead_unit else None,
            "due_at": case.due_at.isoformat() if case.due_at else None,
        },
    }
