"""我的工作台: what a person did on one day, what came back, and what the next shift must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from huying.care.models import CarePerson
from huying.cases import flow
from huying.cases.models import Case, CaseEvent
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.cases.timeline import names_of_actors
from huying.desk import queue
from huying.desk.between_levels import doubted
from huying.desk.buttons import ICONS
from huying.desk.care import may_visit
from huying.desk.here import at_desk, me
from huying.people.acting import Actor, ActorKind
from huying.people.models import ON_FOOT, Role

MOST = 500
"""Steps listed of one day; nobody does more by hand."""

MOST_WAITING = 10
LOOK_BACK = timedelta(days=30)
"""How long after sending a case on its coming back is still the sender's to know."""

FIRST_DAY = date(2000, 1, 1)
"""No workbench is older; the first days of the calendar have none before them."""

SENT_ON = ("dispatch", "handle", "close")
CAME_BACK = ("return", "check_fail", "reopen")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the day. ``case`` is None once the case is out of the person's sight.

    ``late`` says whether the deadline of the step had passed; None for steps without one.
    """

    at: datetime
    verb: str
    case: Case | None
    by: str = ""
    late: bool | None = None

    @classmethod
    def of(
        cls, event: CaseEvent, seen: Mapping[UUID, Case], *, by: str = "", late: bool | None = None
    ) -> Self:
        """The step that an event tells of; ``seen`` holds the cases that the person may see."""
        return cls(event.at, event.verb, seen.get(event.case_id), by, late)

    @property
    def label(self) -> str:
        return str(flow.ROWS[self.verb].label)

    @property
    def icon(self) -> str:
        return ICONS.get(self.verb, "circle-check")


@dataclass(frozen=True, slots=True)
class Hour:
    """One bar of the day's strip: positions in the drawing's own units, 0 to 40 high."""

    hour: int
    count: int
    x: int
    y: int
    height: int


def late_steps(events: Iterable[CaseEvent]) -> dict[tuple[UUID, int], bool]:
    """For each step that moved a case on: had its deadline passed? By (case, seq).

    From the log alone, in which the passing of a deadline is an event of its own: it counts for
    the first step that takes the case out of the state it was late in.
    """
    found: dict[tuple[UUID, int], bool] = {}
    passed: dict[UUID, bool] = {}
    for event in sorted(events, key=lambda each: (each.case_id, each.seq)):
        if event.verb == "overdue":
            passed[event.case_id] = True
        elif event.from_state and event.from_state != event.to_state:
            found[event.case_id, event.seq] = passed.pop(event.case_id, False)
    return found


def hours(moments: Iterable[datetime]) -> list[Hour]:
    """The day in 24 bars, the highest 40 high."""
    counts = Counter(timezone.localtime(moment).hour for moment in moments)
    most = max(counts.values(), default=1)
    return [
        Hour(hour, counts[hour], hour * 20, 40 - height, height)
        for hour in range(24)
        for height in [round(40 * counts[hour] / most)]
    ]


def shift_end(now: datetime, wanted: str = "") -> datetime:
    """When the present shift ends: the time asked for, else the next change of shifts."""
    local = timezone.localtime(now)
    try:
        changes: Sequence[time] = (time.fromisoformat(wanted).replace(tzinfo=None),)
    except ValueError:
        changes = settings.HUYING.shift_changes
    ends = (
        local.replace(hour=each.hour, minute=each.minute, second=0, microsecond=0)
        + timedelta(days=ahead)
        for ahead in (0, 1)
        for each in changes
    )
    return min(end for end in ends if end > local)


def day_asked(text: str, today: date) -> date:
    """The day that the address names; today for none, nonsense, or a day no work was done on."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY <= day <= today else today


def bounds(day: date) -> tuple[datetime, datetime]:
    """The day's first moment and the next day's, in the zone that people live in."""
    start = timezone.make_aware(datetime.combine(day, time()))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def done_between(actor: Actor, start: datetime, end: datetime) -> list[CaseEvent]:
    """The account's own events, the oldest first: the index by actor, and no month before."""
    # An event is never written before its time; months that ended earlier need no look.
    return list(
        CaseEvent.objects.filter(
            actor_kind=ActorKind.ACCOUNT,
            actor_id=actor.account_id,
            at__gte=start,
            at__lt=end,
            written_at__gte=start,
        ).order_by("at", "case_id", "seq")[:MOST]
    )


def came_back(actor: Actor, start: datetime, end: datetime) -> list[CaseEvent]:
    """What others gave back that day of what the account had sent on."""
    sent = CaseEvent.objects.filter(
        actor_kind=ActorKind.ACCOUNT,
        actor_id=actor.account_id,
        post_id=actor.post_id,
        at__gte=start - LOOK_BACK,
        at__lt=end,
        written_at__gte=start - LOOK_BACK,
        verb__in=SENT_ON,
    ).values_list("case_id", flat=True)
    return list(
        CaseEvent.objects.filter(
            case_id__in=list(set(sent)),
            written_at__gte=start,
            at__gte=start,
            at__lt=end,
            verb__in=CAME_BACK,
        )
        .exclude(actor_kind=ActorKind.ACCOUNT, actor_id=actor.account_id)
        .order_by("at")[:MOST]
    )


def of_desk(actor: Actor) -> CaseQuerySet:
    """The open cases that this post hands over with the shift."""
    cases: CaseQuerySet = Case.objects.visible_to(actor).open()
    match actor.role:
        case Role.DISPATCHER:
            return cases.held_by(actor.area_code)
        case Role.HANDLER:
            return cases
        case _:
            return cases.filter(area_code__startswith=actor.area_code)


def handed_over(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What the next shift must know: emergencies, what is late, what wakes today."""
    cases = of_desk(actor).for_pages()
    _start, midnight = bounds(timezone.localdate(now))
    lists = (
        ("emergency", cases.filter(emergency=True).by_time_left()),
        ("late", cases.overdue(now).filter(emergency=False).by_time_left()),
        ("wakes", cases.filter(suspended_until__lt=midnight).order_by("suspended_until")),
    )
    return [
        {
            "name": name,
            "rows": queue.rows(list(found[: MOST_WAITING * 2]), now),
            "count": queue.counted(found),
        }
        for name, found in lists
    ]


def _seen(actor: Actor, events: Iterable[CaseEvent]) -> Mapping[UUID, Case]:
    pks = {event.case_id for event in events}
    cases = Case.objects.visible_to(actor).for_pages().filter(pk__in=pks)
    return {case.pk: case for case in cases}


@require_safe
@at_desk
def today(request: HttpRequest) -> HttpResponseBase:
    """The workbench of one person on one post."""
    actor, now = me(request), timezone.now()
    this_day = timezone.localdate(now)
    day = day_asked(request.GET.get("day", ""), this_day)
    start, end = bounds(day)
    everything = done_between(actor, start, end)
    events = [event for event in everything if event.post_id == actor.post_id]
    back = came_back(actor, start, end)
    seen = _seen(actor, [*events, *back])
    names = names_of_actors(back)
    # Only what bears on lateness: a long comment thread need not be read again.
    late = late_steps(
        CaseEvent.objects.filter(case_id__in={event.case_id for event in events}).only(
            "case_id", "seq", "written_at", "verb", "from_state", "to_state"
        )
    )
    steps = [Step.of(event, seen, late=late.get((event.case_id, event.seq))) for event in events]
    judged = [step.late for step in steps if step.late is not None]
    ends = shift_end(now, request.GET.get("until", ""))
    waiting = queue.of_tab("mine", actor).open().for_pages().by_time_left()
    context = {
        "actor": actor,
        "now": now,
        "day": day,
        "is_today": day == this_day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < this_day else None,
        "steps": list(reversed(steps)),
        "most": MOST if len(everything) == MOST else 0,
        "counts": _counts(steps),
        "hours": hours(step.at for step in steps),
        "in_time": judged.count(False),
        "late": judged.count(True),
        "elsewhere": len(everything) - len(events),
        "reported": Case.objects.visible_to(actor)
        .for_pages()
        .filter(reporter=actor.account_id, received_at__gte=start, received_at__lt=end)
        .order_by("-received_at")[:50],
        "back": [
            Step.of(event, seen, by=names[event.actor_kind, event.actor_id]) for event in back
        ],
        "ends": ends,
        "waiting": queue.rows(list(waiting[:MOST_WAITING]), now, unit=actor.unit_id),
        "waiting_count": queue.counted(waiting),
        "due": queue.rows(
            list(waiting.filter(due_at__gte=now, due_at__lt=ends)[: MOST_WAITING * 2]), now
        ),
        "handover": handed_over(actor, now),
        "doubted": doubted(actor) if day == this_day else None,
        "visits": _visits(actor, this_day) if day == this_day else None,
        "states": State,
    }
    return render(request, "desk/today.html", context)


def _visits(actor: Actor, day: date) -> dict[str, Any] | None:
    """How many are to be visited of whom the post sees to; None for a post that visits nobody."""
    if not may_visit(actor):
        return None
    due = CarePerson.objects.visible_to(actor).due(day).order_by()
    found = due.aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=day)))
    return found | {"page": "my_care" if actor.role in ON_FOOT else "care"}


def _counts(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """How often each verb was done, in the flow table's order."""
    counted = Counter(step.verb for step in steps)
    return [
        {"label": row.label, "icon": ICONS.get(row.verb, "circle-check"), "n": counted[row.verb]}
        for row in flow.TABLE
        if counted[row.verb]
    ]
