"""Residents in the demo: who follows a report, is asked, rates, opens again, is called back.

They follow cases of the demo that somebody telephoned about, so that all of it is the demo's to
take away again. The month that is published is made of the demo's own closed cases: earlier than
it would be, since a demo is not half a year old.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from huying.cases import closing
from huying.cases.models import Case, CaseContact
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.people.acting import RESIDENT
from huying.response import calling_back, figures, hearing
from huying.response.residents import CallBack
from huying.scenarios.demo_cast import Cast

Watch = Callable[[Case], None]

QUESTIONS: Final = ("请问具体在哪一栋、哪个单元门口？", "请补充一张现场照片，方便我们找到位置。")
AGAIN: Final = ("处理后第二天又出现同样的情况，请再来看看。", "只清理了一半，里面还有。")
ASKED: Final = 2
RATED: Final = 3
CALLED: Final = 4


def heard(
    cast: Cast, seen: Collection[UUID], now: datetime, chance: random.Random, watch: Watch
) -> None:
    """Open questions, ratings, one case opened again, call-backs made and still to make."""
    phones = CaseContact.objects.filter(case__in=seen, party=False).exclude(phone_index=None)
    mine = Case.objects.filter(pk__in=phones.values("case"))
    _open(mine.open().filter(state=State.HANDLING), cast, now, chance, watch)
    closed = list(mine.filter(state=State.CLOSED, reopened=0).order_by("-ended_at", "id"))
    rated, again, called = closed[:RATED], closed[RATED : RATED + 1], closed[RATED + 1 :]
    for place, case in enumerate(rated):
        case = _coded(case, cast, now, chance, watch)
        good = place < RATED - 1
        watch(
            calling_back.resident_rate(
                case, by=RESIDENT, now=now, responded=True, solved=good, satisfied=good
            )
        )
    for case in again:
        case = _coded(case, cast, now, chance, watch)
        watch(closing.reopen(case, by=RESIDENT, now=now, reason=chance.choice(AGAIN)))
    for place, case in enumerate(called[:CALLED]):
        reached = place != CALLED - 1
        answers = {"responded": True, "solved": place != 1, "satisfied": place == 0}
        watch(
            calling_back.call_back(
                case,
                by=cast.dispatcher(case.holder_code, chance),
                now=now,
                outcome=CallBack.Outcome.REACHED if reached else CallBack.Outcome.NOT_REACHED,
                **(answers if reached else {}),
            )
        )


def _open(
    cases: CaseQuerySet, cast: Cast, now: datetime, chance: random.Random, watch: Watch
) -> None:
    for case in cases.order_by("received_at", "id")[:ASKED]:
        case = _coded(case, cast, now, chance, watch)
        desk = cast.dispatcher(case.holder_code, chance)
        question = chance.choice(QUESTIONS)
        watch(hearing.ask_resident(case, by=desk, now=now, question=question))


def _coded(case: Case, cast: Cast, now: datetime, chance: random.Random, watch: Watch) -> Case:
    """The case once its caller has been told a code."""
    case = hearing.give_code(case, by=cast.dispatcher(case.holder_code, chance), now=now)
    watch(case)
    return case


def publish(now: datetime) -> bool:
    """The month before this one, or this one where nothing ended in it."""
    first = timezone.localdate(now).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return figures.publish_month(before, now) or figures.publish_month(first, now)
