"""The demo's requests of people: one to see, half decided, and one to delete. All made up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from huying.cases.contacts import contacts_told
from huying.cases.models import CaseContact
from huying.cases.states import END_STATES
from huying.people.demo import SHOWN_VILLAGE, SINCE
from huying.people.models import Account
from huying.registry import sealing
from huying.registry.models import Person
from huying.requests import deciding, taking
from huying.requests.models import (
    Ground,
    Kind,
    Known,
    Outcome,
    PersonRequest,
    RequestRecord,
    RequestStep,
)
from huying.retention.models import RetentionChange, RetentionHold, RetentionRun
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"


def load_requests(now: datetime) -> int:
    """Takes two requests at the village's desk, unless there is one; how many."""
    if PersonRequest.objects.exists():
        return 0
    chance = dice(SEED, "requests")
    cast = Cast(SINCE, chance)
    by, made = cast.dispatcher(SHOWN_VILLAGE, chance), 0
    demo = Account.objects.filter(demo=True).values("pk")
    person = (
        Person.objects.living()
        .filter(area_code__startswith=SHOWN_VILLAGE, made_by__in=demo, phone_enc__isnull=False)
        .order_by("made_at", "pk")
        .first()
    )
    if person is not None:
        told = taking.Told(
            Kind.SEE, Known.CALLED_BACK, sealing.opened(person, "name"),
            phone=sealing.opened(person, "phone"), words="想知道登记了我哪些信息。",
        )  # fmt: skip
        taking.take(told, by=by, now=now - timedelta(days=3))
        made += 1
    contact = (
        CaseContact.objects.filter(
            case__area_code__startswith=SHOWN_VILLAGE,
            case__reporter__demo=True,
            case__state__in=sorted(END_STATES),
            phone_index__isnull=False,
        )
        .order_by("case__received_at", "pk")
        .first()
    )
    if contact is not None:
        (who,) = contacts_told([contact])
        told = taking.Told(
            Kind.DELETE, Known.CALLED_BACK, who.name or "来电人", phone=who.phone,
            words="事情办完了，请删除我的姓名和电话。",
        )  # fmt: skip
        row = taking.take(told, by=by, now=now - timedelta(days=16))
        _decide(row, cast, now - timedelta(days=14))
        made += 1
    return made


def _decide(row: PersonRequest, cast: Cast, now: datetime) -> None:
    """A leader refuses one record, for a reason; the others wait."""
    leader = cast.leader(dice(SEED, "requests"))
    first = row.records.first()
    if first is not None and deciding.may_decide(row, leader):
        deciding.decide(
            row.pk, first.pk, outcome=Outcome.REFUSED, reason=Ground.PUBLIC_DUTY,
            version=row.version, by=leader, now=now,
        )  # fmt: skip


def unload_requests() -> None:
    """Takes away what the demo's people took, and what they decided of how long things are kept."""
    hands = Q(taken_by__demo=True) | Q(records__decided_by__demo=True)
    found = PersonRequest.objects.using("owner").filter(hands).values_list("pk", flat=True)
    mine = PersonRequest.objects.using("owner").filter(pk__in=set(found))
    asked, placed = Q(asked_by__demo=True), Q(placed_by__demo=True)
    with transaction.atomic(using="owner"):
        RetentionChange.objects.using("owner").filter(asked | Q(decided_by__demo=True)).delete()
        RetentionHold.objects.using("owner").filter(placed | Q(lifted_by__demo=True)).delete()
        RetentionRun.objects.using("owner").filter(asked).delete()
        RequestStep.objects.using("owner").filter(request__in=mine).delete()
        RequestRecord.objects.using("owner").filter(request__in=mine).delete()
        mine.delete()
