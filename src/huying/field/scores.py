"""我的本月 on the phone: the own score of the running month, why it is so, and what can be done.

It is asked for when the view is opened, and says nothing of anybody else.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huying.assessment.scores import saying, vetoing
from huying.assessment.scores.figuring import asked_of, cases_behind
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.monthly import Standing, month_of
from huying.assessment.scores.rating import cases_rated
from huying.assessment.scores.subjects import before, first_of
from huying.cases.models import Case
from huying.cases.states import State
from huying.dispatch.awaiting import awaiting
from huying.errors import HuyingError, NotAllowed, Words
from huying.field.here import in_the_field, me, refused
from huying.people.acting import Actor
from huying.people.models import ON_FOOT

MOST_CASES: Final = 30

COSTING: Final[dict[str, bool]] = {
    "valid_reports": False,
    "missed": True,
    "verified_in_time": False,
    "checked_in_time": False,
}
"""Of each part, whether a case above the line is one that cost something."""

HINTS: Final[dict[str, Words]] = {
    "valid_reports": _("Look at the reports that were declined, and why: place, item or evidence."),
    "missed": _("Residents told of these before the patrol did; walk those spots more often."),
    "verified_in_time": _("Answer within the time when the desk asks whether a report is true."),
    "checked_in_time": _("Check within the time when the work is said to be done."),
}
VERIFY: Final = _("To verify: is the report true?")
CHECK: Final = _("To check: is the work done?")


@require_safe
@in_the_field
def month(request: HttpRequest) -> HttpResponseBase:
    """The running month, or with ``?before`` the one before it."""
    actor, now = me(request), timezone.now()
    try:
        if actor.role not in ON_FOOT:
            raise NotAllowed
        wanted = first_of(timezone.localdate(now))
        wanted = before(wanted) if "before" in request.GET else wanted
        return JsonResponse(_told(actor, wanted, now))
    except HuyingError as error:
        return refused(error)


def _told(actor: Actor, wanted: date, now: datetime) -> dict[str, Any]:
    found = month_of(Kind.WORKER, actor.area_code[:6], wanted, now=now)
    standing = found.of(str(actor.account_id))
    told: dict[str, Any] = {
        "month": f"{wanted:%Y-%m}",
        "closed": found.closed is not None,
        "at": found.at,
        "score": None,
    }
    if standing is None:
        return told
    score, corrected = standing.score, standing.corrected
    asked = asked_of(found.district, wanted, found.at)
    lines = [
        {
            "measure": line.measure,
            "name": line.name,
            "figure": line.figure,
            "points": line.points,
            "weight": line.weight,
            "why": line.why,
            "low": line.low,
            "hint": str(HINTS.get(line.measure, "")) if line.low else "",
            "cases": _cases(actor, str(actor.account_id), line.measure, asked),
        }
        for line in saying.lines_of(score)
    ]
    return told | {
        "score": None if score.total is None else str(score.total),
        "grade": score.grade,
        "vetoed": score.vetoed,
        "veto": _veto(standing),
        "corrected": None if corrected is None else str(corrected.total),
        "lines": lines,
        "sides": list(saying.sides_words(score)),
        "rated": _rated(actor, wanted),
        "to_do": [] if found.closed else _to_do(actor, now),
    }


def _veto(standing: Standing) -> str:
    """Why the month is put to zero; nothing where it is not."""
    if standing.veto is None:
        return ""
    ground = vetoing.grounds().get(standing.veto.ground)
    return standing.veto.ground if ground is None else ground.name


def _cases(actor: Actor, key: str, measure: str, asked: Any) -> list[dict[str, Any]]:
    """The cases of a part: those that cost something first."""
    behind = cases_behind(Kind.WORKER, key, measure, asked)
    seen = {case.pk: case for case in _seen(actor, list(behind))}
    rows = []
    for pk, (above, below) in behind.items():
        cost = above > 0 if COSTING.get(measure) else above < below
        if pk in seen:
            rows.append(_card(seen[pk]) | {"cost": cost})
    rows.sort(key=lambda row: not row["cost"])
    return rows[:MOST_CASES]


def _seen(actor: Actor, pks: list[Any]) -> list[Case]:
    found = Case.objects.visible_to(actor).for_pages().filter(pk__in=pks)
    return list(found.order_by("-received_at"))


def _card(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "name": case.item_version.name if case.item_version else "",
        "state": case.get_state_display(),
        "at": case.received_at,
    }


def _rated(actor: Actor, wanted: date) -> list[dict[str, Any]]:
    """The own reports that departments rated: how many points of three were right."""
    rated = dict(cases_rated(Kind.WORKER, str(actor.account_id), wanted, actor.area_code[:6]))
    return [_card(case) | {"right": rated[case.pk]} for case in _seen(actor, list(rated))]


def _to_do(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What waits for this worker and counts: reports to verify, work to check, questions."""
    found = Case.objects.visible_to(actor).filter(awaiting(actor)).for_pages().by_time_left()
    return [
        _card(case)
        | {
            "what": str(VERIFY if case.state == State.REPORTED else CHECK),
            "due": case.due_at,
            "late": case.due_at is not None and case.due_at < now,
        }
        for case in found[:MOST_CASES]
        if case.state in (State.REPORTED, State.HANDLED)
    ]
