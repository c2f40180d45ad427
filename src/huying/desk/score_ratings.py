"""双向考核: a town or community rates the departments that worked for it in a month."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.assessment.scores import rating, saying
from huying.assessment.scores.models import LOW, UnitRating
from huying.assessment.scores.rating import QUESTIONS, Stars
from huying.desk.here import at, me
from huying.desk.scores import month_named, months
from huying.errors import HuyingError

STARS = (5, 4, 3, 2, 1)
MONTHS_TO_RATE = 3


@require_http_methods(["GET", "HEAD", "POST"])
@at(rating.may_rate_units)
def page(request: HttpRequest) -> HttpResponseBase:
    """GET: the departments of the month and what was said of each. POST: rates one."""
    now = timezone.now()
    month = month_named(request.GET.get("month", ""), now)
    if request.method != "POST":
        return _page(request, month, now)
    sent = request.POST
    unit = sent.get("unit", "")
    if not (unit.isascii() and unit.isdigit() and len(unit) < 18):
        raise Http404
    said = {name: _stars(sent.get(name, "")) for name, _words in QUESTIONS}
    stars = Stars(**said, reason=sent.get("reason", ""))
    try:
        rating.rate_unit(int(unit), month, stars, by=me(request), now=now)
    except HuyingError as error:
        if error.status == 404:
            raise Http404 from None
        return _page(request, month, now, bad=error)
    messages.success(request, _("Rated; you can change it until the month is closed."))
    return redirect(f"{reverse('score_ratings')}?month={month:%Y-%m}")


def _stars(said: str) -> int:
    return int(said) if said in {"1", "2", "3", "4", "5"} else 0


def _page(
    request: HttpRequest, month: date, now: datetime, bad: HuyingError | None = None
) -> HttpResponse:
    actor, sent = me(request), request.POST
    mine = UnitRating.objects.filter(month=month, rater_code=actor.area_code)
    said = {each.unit_id: each for each in mine.select_related("rated_by")}
    rows: list[dict[str, Any]] = []
    for unit in rating.ratable(actor.area_code, month):
        row, wrong = said.get(unit.pk), bad if bad and sent.get("unit") == str(unit.pk) else None
        rows.append(
            {
                "unit": unit,
                "own": unit.pk in actor.units,
                "row": row,
                "points": None if row is None else saying.number(rating.of_stars(row)),
                "bad": wrong,
                "reason": sent.get("reason", "") if wrong else row.reason if row else "",
                "questions": [
                    (name, words, sent.get(name, "") if wrong else str(getattr(row, name, "")))
                    for name, words in QUESTIONS
                ],
            }
        )
    context = {
        "actor": actor,
        "month": month,
        "months": months(now)[:MONTHS_TO_RATE],
        "rows": rows,
        "left": sum(each["row"] is None and not each["own"] for each in rows),
        "stars": STARS,
        "low": LOW,
        "closed": rating.is_closed(month, actor.area_code[:6]),
    }
    status = bad.status if bad is not None else 200
    return render(request, "desk/scores/ratings.html", context, status=status)
