"""回访: residents are asked after the end of their cases, and what they say is counted.

Only valid call-backs count: those in which the resident was reached and answered, once for each
time that a case was closed, by phone or by the link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case, CaseContact, TextKind
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing, WrongState
from huying.people.acting import Actor
from huying.places.models import CODE_LENGTH, Level
from huying.response.residents import CallBack

WITHIN: Final = timedelta(days=30)
"""So long after its close a case is called back."""

TRIES: Final = 3
"""After so many vain tries nobody calls again."""

FAIRLY: Final = 0.9
"""Who is fairly satisfied counts for so much of one who is satisfied."""

TOWN: Final = CODE_LENGTH[Level.TOWN]


def _keep(
    act: Act,
    way: CallBack.Way,
    outcome: CallBack.Outcome,
    responded: bool | None,
    solved: bool | None,
    satisfied: bool | None,
    fairly_satisfied: bool,
) -> None:
    case = act.case
    before = CallBack.objects.filter(case=case, round=case.reopened)
    if before.filter(outcome=CallBack.Outcome.REACHED).exists():
        raise WrongState(_("The resident has been heard about this already."))
    valid = outcome == CallBack.Outcome.REACHED
    if satisfied and fairly_satisfied:
        raise BadInput(_("Please choose one."), field="satisfied")
    if valid and satisfied is None and fairly_satisfied:
        satisfied = False
    if valid and None in (responded, solved, satisfied):
        raise Missing(_("Please answer all three questions."), field="responded")
    answers: dict[str, bool | None] = {}
    if valid:
        answers = {"responded": responded, "solved": solved, "satisfied": satisfied}
        answers["fairly_satisfied"] = fairly_satisfied
    CallBack.objects.create(
        case=case,
        district_code=case.district_code,
        round=case.reopened,
        seq=act.seq,
        way=way,
        outcome=outcome,
        at=act.now,
        **answers,
    )
    act.data |= {"way": str(way), "call_outcome": str(outcome), **answers}


@verb("resident_rate")
def resident_rate(
    act: Act,
    *,
    responded: bool | None = None,
    solved: bool | None = None,
    satisfied: bool | None = None,
    fairly_satisfied: bool = False,
    text: str = "",
) -> None:
    """居民评价: a call-back by the link, once for each close.

    Who is ``fairly_satisfied`` 基本满意 is not ``satisfied``, and counts for nine tenths of it.

    Raises:
        Missing: one of the three is not answered.
        WrongState: the resident was heard already.
    """
    reached = CallBack.Outcome.REACHED
    _keep(act, CallBack.Way.LINK, reached, responded, solved, satisfied, fairly_satisfied)
    act.text(TextKind.COMMENT, text)


@verb("call_back")
def call_back(
    act: Act,
    *,
    outcome: str = "",
    responded: bool | None = None,
    solved: bool | None = None,
    satisfied: bool | None = None,
    fairly_satisfied: bool = False,
    text: str = "",
) -> None:
    """回访: a call of the desk's, and what came of it.

    Raises:
        Missing: no outcome; or one of the three is not answered though the resident was reached.
        WrongState: the resident was heard already.
    """
    if not outcome:
        raise Missing(_("Please choose one."), field="outcome")
    if outcome not in CallBack.Outcome.values:
        raise BadInput(field="outcome")
    came = CallBack.Outcome(outcome)
    _keep(act, CallBack.Way.PHONE, came, responded, solved, satisfied, fairly_satisfied)
    act.text(TextKind.COMMENT, text)


def to_call(by: Actor, now: datetime) -> CaseQuerySet:
    """Closed cases of the desk's that are to be called back: a phone is known, nobody was heard."""
    tries = CallBack.objects.filter(case=OuterRef("pk"), round=OuterRef("reopened"))
    reachable = CaseContact.objects.filter(case=OuterRef("pk"), party=False).exclude(
        phone_masked=""
    )
    return (
        Case.objects.visible_to(by)
        .filter(
            state=State.CLOSED,
            holder_code=by.area_code,
            ended_at__gt=now - WITHIN,
            ended_at__lte=now,
        )
        .filter(Exists(reachable))
        .exclude(
            Exists(
                tries.filter(
                    outcome__in=(
                        CallBack.Outcome.REACHED,
                        CallBack.Outcome.REFUSED,
                        CallBack.Outcome.WRONG_NUMBER,
                    )
                )
            )
        )
        .annotate(
            tried=Count(
                "call_backs",
                filter=Q(call_backs__round=F("reopened")),
            )
        )
        .filter(tried__lt=TRIES)
        .order_by("ended_at", "id")
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """The three rates of an area, from its valid call-backs; of none there is no rate."""

    area_code: str
    valid: int
    responded: int
    solved: int
    satisfied: int
    fairly: int
    tried: int

    def rate(self, count: float) -> float | None:
        return count / self.valid if self.valid else None

    @property
    def response_rate(self) -> float | None:
        return self.rate(self.responded)

    @property
    def solution_rate(self) -> float | None:
        return self.rate(self.solved)

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: who is fairly satisfied counts for nine tenths."""
        return self.rate(self.satisfied + FAIRLY * self.fairly)


def rates(area_code: str, since: datetime, until: datetime) -> list[Rates]:
    """By town, of what lies in the area: call-backs from ``since`` to before ``until``."""
    rows = CallBack.objects.filter(
        case__area_code__startswith=area_code, at__gte=since, at__lt=until
    ).values_list(
        "case__area_code", "outcome", "responded", "solved", "satisfied", "fairly_satisfied"
    )
    return count(rows.iterator())


def count(
    rows: Iterable[tuple[str, str, bool | None, bool | None, bool | None, bool]],
) -> list[Rates]:
    """The rates of call-backs, by town."""
    found: dict[str, list[int]] = {}
    for area, outcome, *answers in rows:
        sums = found.setdefault(area[:TOWN], [0] * 6)
        sums[5] += 1
        if outcome != CallBack.Outcome.REACHED:
            continue
        sums[0] += 1
        for place, answer in enumerate(answers, start=1):
            sums[place] += bool(answer)
    return [Rates(area, *sums) for area, sums in sorted(found.items())]
