"""台账与专项任务: the list, how far the grids are, what was entered, what is drawn for a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huying.desk.here import at, at_desk, me
from huying.dispatch.standing import Standing
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import Account, Role
from huying.places import naming
from huying.surveys import designing, looking, progress
from huying.surveys.models import (
    LOOKING,
    EntryQuerySet,
    Kind,
    State,
    Survey,
    SurveyEntry,
    SurveyStep,
    SurveyTarget,
)
from huying.tasks.concerned import worker_names

ON_A_PAGE = 100
LONGEST_TYPED = 60
SHOWN: dict[str, Words] = {
    "": _("all that hold"),
    "look": _("drawn for a look"),
    "back": pgettext_lazy("entry", "sent back"),
    "passed": pgettext_lazy("entry", "looked at and good"),
    "stale": _("to be looked at again"),
    "ended": pgettext_lazy("entry", "ended"),
}
NEXT = {6: 9, 9: 12, 12: 15}
"""Digits of the areas into which an area falls."""


def may_read(actor: Actor) -> bool:
    """Who sees entries, and who designs."""
    return actor.role in LOOKING or designing.may_make(actor)


at_surveys = at(may_read)


def looking_at(request: HttpRequest) -> Actor:
    """Who sees what was entered: administrators do not."""
    actor = me(request)
    if actor.role not in LOOKING:
        raise PermissionDenied
    return actor


def survey_or_404(pk: UUID, actor: Actor) -> Survey:
    found = Survey.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One register or survey in the list; figures for those who see entries."""

    survey: Survey
    standing: Standing
    entries: int | None
    how: progress.Progress | None
    to_look: int


@require_safe
@at_surveys
def listed(request: HttpRequest) -> HttpResponseBase:
    """Surveys with how far they are, and registers with what they hold; drafts; closed ones."""
    actor, now = me(request), timezone.now()
    ended = request.GET.get("tab") == "closed"
    seen = Survey.objects.visible_to(actor)
    rows = list(seen.filter(state=State.CLOSED) if ended else seen.exclude(state=State.CLOSED))
    lines = [_line(each, actor, now) for each in rows]
    surveys = [line for line in lines if line.survey.kind == Kind.SURVEY]
    surveys.sort(key=lambda line: (line.survey.state == State.DRAFT, line.survey.due_at))
    context = {
        "actor": actor,
        "surveys": surveys,
        "registers": [line for line in lines if line.survey.kind == Kind.REGISTER],
        "ended": ended,
        "may_make": designing.may_make(actor),
        "designs_only": actor.role not in LOOKING,
    }
    return render(request, "desk/surveys/list.html", context)


def _line(survey: Survey, actor: Actor, now: datetime) -> Line:
    sees = actor.role in LOOKING and survey.state != State.DRAFT
    if not sees:
        return Line(survey, progress.standing(survey, now), None, None, 0)
    entries = SurveyEntry.objects.visible_to(actor).living().filter(survey=survey).count()
    to_look = looking.queue(survey.pk, actor).count()
    if survey.kind == Kind.REGISTER:
        return Line(survey, progress.standing(survey, now), entries, None, to_look)
    how = progress.in_all(progress.by_grid(survey, actor).values())
    return Line(survey, progress.standing(survey, now, how.complete), entries, how, to_look)


@require_safe
@at_desk
def survey(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One of them: how far each area is, down to the grid, and what comes next."""
    actor, now = looking_at(request), timezone.now()
    found = survey_or_404(pk, actor)
    area = request.GET.get("area", "")
    if not (area.isascii() and area.isdigit() and len(area) in NEXT and actor.covers(area)):
        area = actor.area_code
    figures = progress.by_grid(found, actor, area)
    length = NEXT.get(len(area), 15)
    rows = progress.by_area(figures, length)
    names = worker_names([code for code in rows if len(code) == 15], now)
    whole = progress.in_all(figures.values())
    context = {
        "actor": actor,
        "survey": found,
        "standing": progress.standing(found, now, whole.complete),
        "how": whole,
        "rows": [(code, each, names.get(code, "")) for code, each in rows.items()],
        "of_grids": length == 15,
        "opens": length < 15,
        "area": area,
        "above": area[: {9: 6, 12: 9}.get(len(area), 0)] if area != actor.area_code else "",
        "areas": [
            naming.own_name(code) for code in found.areas.values_list("code", flat=True)[:20]
        ],
        "may_design": designing.may_change(found, actor),
        "may_add": found.state == State.OPEN and may_add(actor),
        "to_look": looking.queue(found.pk, actor).count(),
    }
    return render(request, "desk/surveys/survey.html", context)


def may_add(actor: Actor) -> bool:
    """Whether the post enters something itself, at a desk."""
    return actor.role == Role.DISPATCHER


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def entries(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What was entered, filtered. What is typed goes by POST, into no address and no log."""
    actor, now = looking_at(request), timezone.now()
    found = survey_or_404(pk, actor)
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    area = request.GET.get("area", "")
    typed = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST_TYPED]
    rows = entries_of(found, actor, show, now)
    if area.isascii() and area.isdigit():
        rows = rows.filter(area_code__startswith=area)
    for word in typed.lower().split():
        rows = rows.filter(words__contains=word)
    listed_ = list(rows.select_related("survey")[: ON_A_PAGE + 1])
    context = {
        "actor": actor,
        "survey": found,
        "rows": listed_[:ON_A_PAGE],
        "more": len(listed_) > ON_A_PAGE,
        "names": names_of(each.told_by for each in listed_),
        "show": show,
        "shown": list(SHOWN.items()),
        "area": area,
        "q": typed,
        "now": now,
        "may_design": designing.may_change(found, actor),
        "may_add": found.state == State.OPEN and may_add(actor),
    }
    return render(request, "desk/surveys/entries.html", context)


def entries_of(found: Survey, actor: Actor, show: str, now: datetime) -> EntryQuerySet:
    """The entries of a survey that the actor sees, narrowed to one of `SHOWN`."""
    rows: EntryQuerySet = SurveyEntry.objects.visible_to(actor).filter(survey=found)
    match show:
        case "look":
            return rows.to_look()
        case "back":
            return rows.living().filter(state=SurveyEntry.State.SENT_BACK)
        case "passed":
            return rows.living().filter(state=SurveyEntry.State.PASSED)
        case "stale":
            since = now - timedelta(days=found.stale_days)
            return rows.living().filter(checked_at__lt=since)
        case "ended":
            return rows.exclude(valid_until=None)
    return rows.living()


def names_of(accounts: Any) -> dict[int, str]:
    """Names by account, of those that there are."""
    wanted = {each for each in accounts if each}
    return dict(Account.objects.filter(pk__in=wanted).values_list("pk", "name"))


@require_safe
@at_desk
def look(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What is drawn for a look by somebody who did not enter it, the oldest first."""
    actor = looking_at(request)
    found = survey_or_404(pk, actor)
    rows = list(looking.queue(pk, actor).select_related("survey")[:ON_A_PAGE])
    back = SurveyStep.objects.filter(entry=OuterRef("pk"), verb="send_back")
    again = set(
        SurveyEntry.objects.filter(pk__in=[each.pk for each in rows])
        .filter(Exists(back))
        .values_list("pk", flat=True)
    )
    context = {
        "actor": actor,
        "survey": found,
        "rows": [(each, each.pk in again) for each in rows],
        "names": names_of(each.told_by for each in rows),
        "may_design": designing.may_change(found, actor),
        "how": progress.in_all(progress.by_grid(found, actor).values()),
    }
    return render(request, "desk/surveys/look.html", context)


def targets_of(found: Survey, actor: Actor, show: str) -> Any:
    """The targets in the actor's area: all, those left, or those that cannot be visited."""
    rows = found.targets.all()
    if actor.role in LOOKING and not designing.may_change(found, actor):
        rows = SurveyTarget.objects.visible_to(actor).filter(survey=found)
    if show == "open":
        return rows.filter(done_at=None, obstacle="")
    if show == "hindered":
        return rows.exclude(obstacle="")
    return rows
