"""What a hotline is told of its orders: read from the log, put into the outbox, sent until taken.

Each message has the order's number and a ``seq`` that grows with each step of its case; the id in
the header is the same at each try. So a receiver that keeps the highest ``seq`` of an order
applies each step once, in whichever order they come.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huying.cases import flow
from huying.cases.deferring import is_undone, waiting_time
from huying.cases.models import Case, CaseEvent, CaseText, TextKind
from huying.intake.models import HotlineOrder, Source
from huying.notices.models import WEBHOOK, Outgoing, Subscription
from huying.notices.outbox import wake

WHAT: Final = {
    "accept": "accepted",
    "decline": "returned",
    "dispatch": "dispatched",
    "sign_for": "signed",
    "suspend": "suspended",
    "resume": "resumed",
    "request_extension": "extension_requested",
    "grant_extension": "extension_granted",
    "refuse_extension": "extension_refused",
    "handle": "result",
    "settle": "result",
    "check_fail": "rework",
    "close": "closed",
    "merge": "merged",
    "reopen": "reopened",
    "resident_withdraw": "withdrawn",
}
"""Steps that a hotline is told of, and what they are called to it."""

WORDS: Final = {"decline": TextKind.REASON, "handle": TextKind.RESULT, "settle": TextKind.RESULT}
LATE: Final = timedelta(minutes=2)
AT_ONCE: Final = 2000


def publish(*, now: datetime) -> int:
    """Puts new steps into the outbox, for each hotline; how many."""
    made = 0
    hotlines = Source.objects.filter(kind=Source.Kind.HOTLINE, active=True)
    for source in hotlines:
        with transaction.atomic():
            told = (
                Subscription.objects.select_for_update(skip_locked=True)
                .filter(pk__in=[source.subscription_id], active=True)
                .first()
            )
            if told is not None:
                made += _publish_to(source, told, now)
    if made:
        wake()
    return made


def _publish_to(source: Source, told: Subscription, now: datetime) -> int:
    until = now - waiting_time()
    events = list(
        CaseEvent.objects.filter(
            written_at__gt=max(told.told_until - LATE, told.created_at),
            written_at__lte=until,
            verb__in=sorted(WHAT),
            case__hotline_order__source=source,
        ).order_by("written_at")[: AT_ONCE + 1]
    )
    target = f"{WEBHOOK}:{told.pk}"
    keys = [f"{each.case_id}:{each.seq}" for each in events]
    known = set(Outgoing.objects.filter(target=target, key__in=keys).values_list("key", flat=True))
    fresh = [
        Outgoing(
            channel=WEBHOOK,
            target=target,
            subscription=told,
            key=key,
            body=step(each),
            next_at=now,
            created_at=now,
        )
        for each, key in list(zip(events, keys, strict=True))[:AT_ONCE]
        if key not in known
        and not (each.verb in flow.UNDOABLE and is_undone(each.case_id, each.seq))
    ]
    Outgoing.objects.bulk_create(fresh, ignore_conflicts=True)
    told.told_until = events[AT_ONCE - 1].written_at if len(events) > AT_ONCE else until
    told.save(update_fields=["told_until"])
    return len(fresh)


def replay(order: HotlineOrder, *, now: datetime) -> int:
    """Sends every step of an order again, under the ids that they had; how many."""
    target = f"{WEBHOOK}:{order.source.subscription_id}"
    again = Outgoing.objects.filter(target=target, key__startswith=f"{order.case_id}:")
    again = again.exclude(state=Outgoing.State.WAITING)
    count = again.update(
        state=Outgoing.State.WAITING, tries=0, next_at=now, ended_at=None, leased_until=None
    )
    if count:
        wake()
    return count


def step(event: CaseEvent) -> dict[str, Any]:
    """A step as it is told, as CloudEvents 1.0 has it."""
    case = Case.objects.select_related("lead_unit", "hotline_order").get(pk=event.case_id)
    words = ""
    if event.verb in WORDS:
        found = CaseText.objects.filter(case=case, seq=event.seq, kind=WORDS[event.verb]).first()
        words = found.body if found is not None else ""
    return {
        "specversion": "1.0",
        "id": f"{event.case_id}:{event.seq}",
        "source": f"/huying/{event.district_code}",
        "type": f"huying.hotline.{WHAT[event.verb]}",
        "subject": case.hotline_order.number,
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "order": case.hotline_order.number,
            "case": case.number,
            "seq": event.seq,
            "what": WHAT[event.verb],
            "state": event.to_state,
            "unit": case.lead_unit.name if case.lead_unit is not None else None,
            "due_at": case.due_at.isoformat() if case.due_at is not None else None,
            "words": words,
            "attachments": list(event.data.get("photos", [])),
        },
    }


def standing(order: HotlineOrder) -> dict[str, Any]:
    """Everything that an order's hotline was to be told, from the log: for whoever lost it."""
    events = order.case.events.filter(verb__in=sorted(WHAT)).order_by("seq")
    return {
        "order": order.number,
        "case": order.case.number,
        "state": order.case.state,
        "steps": [
            step(each)["data"]
            for each in events
            if not (each.verb in flow.UNDOABLE and is_undone(each.case_id, each.seq))
        ],
    }
