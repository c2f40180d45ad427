"""队伍和小组: volunteer teams and groups, sign-ups, activities, who was there, certificates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.neighbour_forms import ActivityForm, CircleForm
from huying.desk.neighbours import uuid_of
from huying.desk.patrol import blamed, qr_of
from huying.desk.reports import pdf_of
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.neighbours import circles, hours, meeting, posting
from huying.neighbours.models import Circle, CircleActivity, CircleAttendance
from huying.neighbours.models.circles import AttendanceState, JoiningState
from huying.neighbours.sight import may_help, may_keep, may_look
from huying.people.acting import Actor
from huying.places import naming
from huying.reports import letters

MOST: Final = 200
CURRENT: Final = [JoiningState.ASKED, JoiningState.IN]


def _may_see(actor: Actor) -> bool:
    return may_look(actor) or may_help(actor)


@require_safe
@at(_may_see)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The teams and groups of the area, with who waits to be accepted."""
    actor, now = me(request), timezone.now()
    rows = Circle.objects.visible_to(actor).annotate(
        n=Count("joinings", filter=Q(joinings__state=JoiningState.IN), distinct=True),
        waiting=Count("joinings", filter=Q(joinings__state=JoiningState.ASKED), distinct=True),
        next=Count(
            "activities",
            filter=Q(activities__begins_at__gt=now, activities__cancelled_at=None),
            distinct=True,
        ),
    )
    context = {
        "actor": actor,
        "rows": rows.order_by("ended_at", "area_code", "tie", "name")[:MOST],
        "mine": {each.circle_id: each for each in circles.circles_of(actor.account_id)},
        "keeps": may_keep(actor, actor.area_code),
        "looks": may_look(actor),
    }
    return render(request, "desk/neighbours/circles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(_may_see)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new team or group."""
    actor, now = me(request), timezone.now()
    if not may_keep(actor, actor.area_code):
        raise PermissionDenied
    form = CircleForm(request.POST if request.method == "POST" else None, actor=actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = circles.make(form.cleaned_data["area"], form.told, by=actor, now=now)
                return redirect("neighbours_circle", made.pk)
            except NotAllowed:
                raise PermissionDenied from None
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/neighbours/new_circle.html", context, status=status)


def circle_or_404(pk: UUID, actor: Actor) -> Circle:
    found = Circle.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(_may_see)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One team or group: its people, what it does, and the hours it gave."""
    return _page(request, circle_or_404(pk, me(request)))


def _page(
    request: HttpRequest,
    circle: Circle,
    form: ActivityForm | None = None,
    bad: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    runs = circles.may_run(actor, circle)
    joinings = list(circle.joinings.filter(state__in=CURRENT).select_related("account"))
    own = next((each for each in joinings if each.account_id == actor.account_id), None)
    activities = circle.activities.annotate(
        taken=Count("attendances", filter=~Q(attendances__state=AttendanceState.OFF))
    )
    context = {
        "actor": actor,
        "circle": circle,
        "runs": runs,
        "keeps": may_keep(actor, circle.area_code),
        "looks": may_look(actor),
        "waiting": [each for each in joinings if each.state == JoiningState.ASKED],
        "people": [each for each in joinings if each.state == JoiningState.IN],
        "unreached": _unreached(circle, now) if circle.unit_id and runs else set(),
        "sees_people": runs
        or may_look(actor)
        or (own is not None and own.state == JoiningState.IN),
        "own": own,
        "may_join": may_help(actor) and own is None and circle.ended_at is None,
        "coming": activities.filter(ends_at__gt=now).order_by("begins_at"),
        "past": activities.filter(ends_at__lte=now).order_by("-begins_at")[:30],
        "hours": hours.hours_of(hours.of_circle(circle)),
        "form": form or ActivityForm(),
        "planning": form is not None,
        "bad": bad,
    }
    return render(request, "desk/neighbours/circle.html", context, status=status)


def _unreached(circle: Circle, now: datetime) -> set[int]:
    """The accounts of those who belong to a team and have no post in it yet."""
    there = circle.joinings.filter(state=JoiningState.IN).values_list("account", flat=True)
    return set(there) - set(posting.posts_in(circle, now).values_list("account", flat=True))


@require_POST
@at(_may_see)
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Signs up, accepts, lets lead, leaves, plans an activity, ends the team."""
    actor, sent = me(request), request.POST
    circle = circle_or_404(pk, actor)
    told: dict[str, Any] = {"by": actor, "now": timezone.now()}
    joining = uuid_of(sent.get("joining", ""))
    form = ActivityForm(sent) if step == "plan" else None
    try:
        if form is not None:
            if not circles.may_run(actor, circle):
                raise NotAllowed
            if not form.is_valid():
                return _page(request, circle, form, status=422)
            made = meeting.plan(pk, form.told, **told)
            return redirect("neighbours_activity", made.pk)
        if step == "join":
            circles.ask(pk, **told)
        elif step == "leave":
            circles.leave(pk, **told)
        elif step == "end":
            circles.end(pk, **told)
        elif step in ("accept", "refuse") and joining is not None:
            circles.decide(pk, joining, step == "accept", **told)
        elif step in ("lead", "follow") and joining is not None:
            circles.let_lead(pk, joining, step == "lead", **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except NotAllowed as error:
        if not circles.may_run(actor, circle):
            raise PermissionDenied from None
        return _page(request, circle, bad=str(error), status=error.status)
    except HuyingError as error:
        if form is not None:
            return _page(request, circle, blamed(form, error), status=error.status)
        return _page(request, circle, bad=str(error), status=error.status)
    return redirect("neighbours_circle", pk)


def activity_or_404(pk: UUID, actor: Actor) -> CircleActivity:
    rows = CircleActivity.objects.visible_to(actor).select_related("circle")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(_may_see)
def activity(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One activity: who comes, and afterwards who was there."""
    return _activity_page(request, activity_or_404(pk, me(request)))


@dataclass(frozen=True, slots=True)
class Line:
    """One who had signed up, as it is said of them whether they came: as sent, else as it is.

    Attributes:
        minutes: theirs alone, where that is not what counts for all.
    """

    row: CircleAttendance
    came: bool
    minutes: str
    bad: str = ""


def _lines(
    rows: list[CircleAttendance], usual: int, sent: QueryDict | None, wrong: HuyingError | None
) -> list[Line]:
    if sent is None:
        return [
            Line(
                each,
                each.state == AttendanceState.CAME or each.confirmed_at is None,
                str(each.minutes) if each.minutes not in (0, usual) else "",
            )
            for each in rows
        ]
    came = set(sent.getlist("came"))
    return [
        Line(
            each,
            str(each.pk) in came,
            sent.get(f"minutes-{each.pk}", "")[:6],
            str(wrong) if wrong is not None and wrong.field == str(each.pk) else "",
        )
        for each in rows
    ]


def _usual(rows: list[CircleAttendance], found: CircleActivity) -> int:
    """The minutes that count for most of those who came; of an activity as yet, its length."""
    said = Counter(each.minutes for each in rows if each.minutes).most_common(1)
    return said[0][0] if said else round((found.ends_at - found.begins_at).total_seconds() / 60)


def _activity_page(
    request: HttpRequest,
    found: CircleActivity,
    bad: str = "",
    status: int = 200,
    *,
    sent: QueryDict | None = None,
    wrong: HuyingError | None = None,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    rows = list(
        CircleAttendance.objects.filter(activity=found)
        .exclude(state=AttendanceState.OFF)
        .select_related("account")
    )
    own = next((each for each in rows if each.account_id == actor.account_id), None)
    runs = circles.may_run(actor, found.circle)
    belongs = found.circle.joinings.filter(account=actor.account_id, state=JoiningState.IN)
    usual = _usual(rows, found)
    lines = _lines(rows, usual, sent, wrong)
    blamed_ = wrong.field if wrong is not None else ""
    ahead = found.begins_at > now and found.cancelled_at is None
    context = {
        "actor": actor,
        "activity": found,
        "circle": found.circle,
        "lines": lines if runs or may_look(actor) else [],
        "taken": len(rows),
        "own": own,
        "runs": runs,
        "may_come": may_help(actor)
        and ahead
        and own is None
        and len(rows) < found.places
        and belongs.exists(),
        "may_cancel": runs and ahead,
        "may_confirm": runs and found.cancelled_at is None and found.begins_at <= now and rows,
        "ahead": ahead,
        "minutes": sent.get("minutes", "")[:6] if sent is not None else usual,
        "bad_minutes": str(wrong) if blamed_ == "minutes" else "",
        "bad": bad,
    }
    return render(request, "desk/neighbours/activity.html", context, status=status)


@require_POST
@at(_may_see)
def activity_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Signs up or off, calls it off, says who was there."""
    actor, sent = me(request), request.POST
    found = activity_or_404(pk, actor)
    told: dict[str, Any] = {"by": actor, "now": timezone.now()}
    try:
        if step == "come":
            meeting.sign_up(pk, **told)
        elif step == "off":
            meeting.sign_off(pk, **told)
        elif step == "cancel":
            meeting.call_off(pk, **told)
        elif step == "confirm":
            came = {each for each in map(uuid_of, sent.getlist("came")) if each is not None}
            own = {line: sent.get(f"minutes-{line}", "").strip() for line in came}
            each = {line: _minutes(typed) for line, typed in own.items() if typed}
            n = meeting.confirm(pk, came, _minutes(sent.get("minutes", "")), each=each, **told)
            messages.success(request, _("Were there: %(n)s.") % {"n": n})
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except NotAllowed as error:
        if step != "come":
            raise PermissionDenied from None
        return _activity_page(request, found, str(error), error.status)
    except HuyingError as error:
        if step == "confirm":
            bad = "" if error.field else str(error)
            return _activity_page(request, found, bad, error.status, sent=sent, wrong=error)
        return _activity_page(request, found, str(error), error.status)
    return redirect("neighbours_activity", pk)


def _minutes(typed: str) -> int:
    """What was typed as a number; 0, which is none, for anything else."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


@require_POST
@at(may_help)
def certificate(request: HttpRequest, pk: UUID, year: int) -> HttpResponseBase:
    """The certificate of one's own hours of a year, to print."""
    actor = me(request)
    try:
        made = hours.certify(pk, year, by=actor, now=timezone.now())
    except NotFound:
        raise Http404 from None
    address = request.build_absolute_uri(reverse("n_certificate", args=[made.code]))
    if "pdf" in request.GET:
        area = made.circle.area_code
        content = letters.hours(
            name=request.user.name,  # type: ignore[union-attr]
            circle=made.circle.name,
            year=made.year,
            given=f"{hours.hours_of(made.minutes):g}",
            number=made.number,
            code=qr_of(address),
            address=address,
            issuer=naming.names(area),
            issued_at=made.issued_at,
        )
        return pdf_of(content, f"志愿服务时长证明{made.number}.pdf")
    context = {
        "actor": actor,
        "made": made,
        "name": request.user.name,  # type: ignore[union-attr]
        "hours": hours.hours_of(made.minutes),
        "address": address,
        "code": qr_of(address),
    }
    return render(request, "desk/neighbours/certificate.html", context)
