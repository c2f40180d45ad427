"""考核得分: a month's scores by kind, and one subject's with every reason down to the cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.assessment.scores import rating, saying, vetoing
from huying.assessment.scores.figuring import asked_of, cases_behind
from huying.assessment.scores.kinds import COUNTS, Kind, name_of
from huying.assessment.scores.monthly import Month, Standing, by_today, month_of
from huying.assessment.scores.rating import RATED_BY
from huying.assessment.scores.subjects import before, first_of, kinds_for, may_look, sees
from huying.cases.models import Case
from huying.desk.here import at, at_desk, case_or_404, me, way_back
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.places import naming
from huying.places.models import CODE_LENGTH

ON_A_PAGE = 50
MONTHS_BACK = 12
MOST_CASES = 200


def months(now: datetime) -> list[date]:
    """The months to choose from, the present one first."""
    found = [first_of(timezone.localdate(now))]
    while len(found) < MONTHS_BACK:
        found.append(before(found[-1]))
    return found


def month_asked(request: HttpRequest, now: datetime) -> date:
    """The month of the address; the present one where it names none."""
    return month_named(request.GET.get("month", ""), now)


def month_named(said: str, now: datetime) -> date:
    """A month as addresses write it: 2026-11."""
    try:
        wanted = date.fromisoformat(f"{said}-01")
    except ValueError:
        return first_of(timezone.localdate(now))
    return min(wanted, first_of(timezone.localdate(now)))


def kind_or_404(said: str, actor: Actor) -> Kind:
    """A kind of which the actor may see some."""
    found = next((kind for kind in kinds_for(actor) if kind == said), None)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    standing: Standing
    lines: list[saying.Said]

    @property
    def rated(self) -> str:
        said = self.standing.score.rated
        return "" if said is None else saying.number(said.mean)


@require_safe
@at(may_look)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The scores of a kind that the actor may see, the best first."""
    actor, now = me(request), timezone.now()
    kinds = kinds_for(actor)
    kind = kind_or_404(request.GET.get("kind") or kinds[-1 if len(kinds) == 1 else 0], actor)
    wanted = month_asked(request, now)
    found = month_of(kind, actor.area_code[:6], wanted, now=now)
    seen = [each for each in found.standings if sees(actor, each.subject)]
    areas = _areas(seen, actor)
    area = request.GET.get("area", "")
    if area in dict(areas):
        seen = [each for each in seen if each.subject.area.startswith(area)]
    seen.sort(key=lambda each: (each.place is None, each.place or 0, each.subject.area))
    page = Paginator(seen, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "actor": actor,
        "kinds": kinds,
        "kind": kind,
        "month": found,
        "months": months(now),
        "areas": areas,
        "area": area,
        "names": [name_of(each) for each in found.held.sheet.measures],
        "rated_by": RATED_BY.get(kind) if found.held.sheet.others else None,
        "rows": [Row(each, saying.lines_of(each.score)) for each in page],
        "page": page,
    }
    return render(request, "desk/scores/list.html", context)


def _areas(seen: list[Standing], actor: Actor) -> list[tuple[str, str]]:
    """The places one level below the actor's to narrow the table by; none where it is one."""
    wider = [length for length in CODE_LENGTH.values() if length > len(actor.area_code)]
    if not wider:
        return []
    length = min(wider)
    codes = sorted({each.subject.area[:length] for each in seen})
    codes = [code for code in codes if len(code) == length]
    return [(code, naming.own_name(code)) for code in codes] if len(codes) > 1 else []


@require_safe
@at(may_look)
def one(request: HttpRequest, kind: str, subject: str) -> HttpResponseBase:
    """One subject's score, part by part, and with ``?part`` the cases that a part is made of."""
    actor, now = me(request), timezone.now()
    found, standing = standing_or_404(actor, kind, subject, month_asked(request, now), now)
    part = request.GET.get("part", "")
    context = {
        "actor": actor,
        "kind": found.kind,
        "month": found,
        "months": months(now),
        "standing": standing,
        "lines": saying.lines_of(standing.score),
        "sides": list(saying.sides_words(standing.score)),
        "corrected": standing.corrected,
        "today": by_today(found, subject, now=now) if found.closed else None,
        "veto_may": vetoing.may_propose(actor) and vetoing.may_concern(actor, standing.subject),
        "ground": vetoing.grounds().get(standing.veto.ground) if standing.veto else None,
        "part": part if part in found.held.sheet.measures else "",
        **_ratings(found, standing, actor),
    }
    if context["part"]:
        context |= _cases(found, standing, part, actor)
    return render(request, "desk/scores/one.html", context)


def standing_or_404(
    actor: Actor, kind: str, subject: str, month: date, now: datetime
) -> tuple[Month, Standing]:
    """A subject's standing, if the actor may see it."""
    found = month_of(kind_or_404(kind, actor), actor.area_code[:6], month, now=now)
    standing = found.of(subject)
    if standing is None or not sees(actor, standing.subject):
        raise Http404
    return found, standing


def _cases(month: Month, standing: Standing, part: str, actor: Actor) -> dict[str, Any]:
    """The cases behind a part, as far as the actor may see them."""
    asked = asked_of(month.district, month.month, month.at)
    behind = cases_behind(month.kind, standing.subject.key, part, asked)
    seen = Case.objects.visible_to(actor).for_pages().filter(pk__in=behind)
    cases = list(seen.order_by("-received_at")[:MOST_CASES])
    return {
        "part_name": name_of(part),
        "count": part in COUNTS,
        "cases": [(case, *behind[case.pk]) for case in cases],
        "hidden": len(behind) - len(cases),
    }


def _ratings(month: Month, standing: Standing, actor: Actor) -> dict[str, Any]:
    """What the other side said, one by one."""
    subject = standing.subject
    if month.kind is Kind.UNIT:
        rows = rating.ratings_of_unit(int(subject.key), month.month)
        return {"unit_ratings": [(row, saying.number(rating.of_stars(row))) for row in rows]}
    if month.kind not in (Kind.WORKER, Kind.DESK):
        return {}
    rated = dict(rating.cases_rated(month.kind, subject.key, month.month, month.district))
    seen = Case.objects.visible_to(actor).for_pages().filter(pk__in=rated)
    return {"report_ratings": [(case, rated[case.pk]) for case in seen[:MOST_CASES]]}


@require_POST
@at_desk
def rate_report(request: HttpRequest, number: str) -> HttpResponseBase:
    """A unit says of a report that it handled whether place, item and evidence were right."""
    actor, now = me(request), timezone.now()
    case = case_or_404(request, number)
    sent = request.POST
    right = [name for name, _words in rating.POINTS if sent.get("all") or sent.get(name)]
    try:
        rating.rate_report(case, right=right, by=actor, now=now)
        messages.success(request, _("Thank you: kept with the report."))
    except HuyingError as error:
        messages.error(request, str(error))
    return redirect(way_back(request, reverse("case", args=[case.number])))


def report_rating(case: Case, actor: Actor) -> dict[str, Any] | None:
    """What the page of a case offers a unit that handled it."""
    if not rating.may_rate_report(actor, case):
        return None
    said = rating.rating_of(case, actor)
    return {
        "said": said,
        "points": [
            (name, words, said is None or getattr(said, name)) for name, words in rating.POINTS
        ],
        "closed": said is not None and rating.is_closed(said.month, case.district_code),
    }
