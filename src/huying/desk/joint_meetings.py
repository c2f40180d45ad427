"""联席会议: called, attended, minuted and printed; and what was resolved, until it is settled."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.joint_meeting_forms import MeetingForm, ResolutionForm
from huying.desk.neighbours import uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotFound, Words
from huying.joint import meetings, resolving
from huying.joint.meetings import Came
from huying.joint.models import JointFollowUp, JointMeeting, JointResolution
from huying.joint.models.meetings import Attendance, MeetingState, ResolutionState
from huying.joint.sight import is_office, may_enter
from huying.people.acting import Actor
from huying.people.models import Role

MOST: Final = 200
SHOWN: Final[dict[str, Words]] = {
    "": ResolutionState.OPEN.label,
    "overdue": pgettext_lazy("resolution", "overdue"),
    "done": ResolutionState.DONE.label,
    "dropped": ResolutionState.DROPPED.label,
}


def may_meet(actor: Actor) -> bool:
    """Who hears of meetings: offices, and the secretaries of branches."""
    return may_enter(actor) and actor.role != Role.MEMBER


def may_answer(actor: Actor) -> bool:
    """Who may have to answer for something: handlers of any unit as well."""
    return may_meet(actor) or (actor.role == Role.HANDLER and bool(actor.area_code))


@require_safe
@at(may_meet)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The meetings to come, those whose minutes are missing, and those that were."""
    actor, now = me(request), timezone.now()
    rows = JointMeeting.objects.visible_to(actor)
    planned = rows.filter(state=MeetingState.PLANNED)
    context = {
        "actor": actor,
        "coming": planned.filter(begins_at__gt=now).order_by("begins_at")[:MOST],
        "unwritten": planned.filter(begins_at__lte=now),
        "over": rows.exclude(state=MeetingState.PLANNED)[:MOST],
        "keeps": meetings.meets(actor, actor.area_code),
    }
    return render(request, "desk/joint/meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_meet)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """Calls a meeting of the own community or town."""
    actor, status = me(request), 200
    if not meetings.meets(actor, actor.area_code):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = MeetingForm(sent, area=actor.area_code)
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                made = meetings.call(actor.area_code, form.told, by=actor, now=timezone.now())
                messages.success(request, _("The meeting is called."))
                return redirect("joint_meeting", made.pk)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/joint/meeting_form.html", context, status=status)


def meeting_or_404(pk: UUID, actor: Actor) -> JointMeeting:
    found = JointMeeting.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_meet)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One meeting, with all that can be done with it."""
    return _page(request, meeting_or_404(pk, me(request)))


def _shown(found: JointMeeting) -> dict[str, Any]:
    """What the page and the printed minutes both show."""
    minutes = list(found.minutes.all())
    rows = found.invitations.select_related("organisation")
    heard = {each.resolution_id: each for each in JointFollowUp.objects.filter(meeting=found)}
    earlier = resolving.earlier(found).select_related("unit", "organisation", "meeting")
    day = timezone.localdate(found.begins_at)
    return {
        "meeting": found,
        "invitations": rows,
        "came": [each for each in rows if each.attendance == Attendance.CAME],
        "excused": [each for each in rows if each.attendance == Attendance.EXCUSED],
        "absent": [each for each in rows if each.attendance == Attendance.ABSENT],
        "minutes": next((each for each in minutes if not each.correction), None),
        "corrections": [each for each in minutes if each.correction],
        "resolutions": list(
            found.resolutions.select_related("unit", "organisation").order_by("number")
        ),
        "earlier": [
            {"row": each, "heard": heard.get(each.pk), "late": each.is_overdue(day)}
            for each in earlier
        ],
    }


def _page(
    request: HttpRequest,
    found: JointMeeting,
    form: MeetingForm | None = None,
    resolution: ResolutionForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    keeps = meetings.meets(actor, found.area_code)
    runs = keeps and found.state == MeetingState.PLANNED
    sent = request.POST
    shown = _shown(found)
    for row in shown["invitations"]:
        # What was typed comes back with the page that refuses it.
        for name in ("attendance", "who", "words"):
            if bad_at == "attend" and f"{name}-{row.pk}" in sent:
                setattr(row, name, sent[f"{name}-{row.pk}"])
    for line in shown["earlier"]:
        again = bad_at == "follow" and sent.get("resolution") == str(line["row"].pk)
        line["typed"] = sent.get("words", "") if again else ""
        line["again"] = again
    context = shown | {
        "actor": actor,
        "keeps": keeps,
        "runs": runs,
        "begun": found.begins_at <= now,
        "form": form or (MeetingForm(area=found.area_code, row=found) if runs else None),
        "editing": form is not None,
        "resolution_form": resolution or ResolutionForm(area=found.area_code),
        "attendances": Attendance.choices,
        "today": timezone.localdate(now),
        "draft": sent.get("words", "") if bad_at == "write" else found.draft,
        "bad": bad,
        "bad_at": bad_at,
        "sent": sent,
    }
    return render(request, "desk/joint/meeting.html", context, status=status)


@require_safe
@at(may_meet)
def printed(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The minutes as a page to print."""
    actor = me(request)
    found = meeting_or_404(pk, actor)
    # What is not confirmed is the desk's own.
    draft = found.draft if meetings.meets(actor, found.area_code) else ""
    context = _shown(found) | {"actor": actor, "draft": draft}
    return render(request, "desk/joint/minutes.html", context)


@require_POST
@at(may_meet)
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes it, notes who came, writes, resolves, hears of earlier ones, confirms, corrects."""
    actor, sent = me(request), request.POST
    found = meeting_or_404(pk, actor)
    if not meetings.meets(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": timezone.now(), "version": version_of(request)}
    form = MeetingForm(sent, area=found.area_code, row=found) if step == "save" else None
    about = ResolutionForm(sent, area=found.area_code) if step == "resolve" else None
    if any(each is not None and not each.is_valid() for each in (form, about)):
        return _page(request, found, form, about, status=422)
    try:
        _do(step, found, form, about, sent, told)
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        found = meeting_or_404(pk, actor)
        for bound in (form, about):
            if bound is not None:
                blamed(bound, error)
        return _page(request, found, form, about, str(error), step, error.status)
    return redirect("joint_meeting", pk)


def _do(
    step: str,
    found: JointMeeting,
    form: MeetingForm | None,
    about: ResolutionForm | None,
    sent: Any,
    told: dict[str, Any],
) -> None:
    pk, which = found.pk, uuid_of(sent.get("resolution", ""))
    if form is not None:
        meetings.change(pk, form.told, **told)
    elif about is not None:
        resolving.resolve(pk, about.told, **told)
    elif step == "attend":
        said = {
            each.pk: Came(
                sent.get(f"attendance-{each.pk}", each.attendance),
                sent.get(f"who-{each.pk}", each.who),
                sent.get(f"words-{each.pk}", each.words),
            )
            for each in found.invitations.all()
        }
        meetings.attend(pk, said, **told)
    elif step == "write":
        meetings.write(pk, sent.get("words", ""), **told)
    elif step == "confirm":
        meetings.confirm(pk, **told)
    elif step == "correct":
        meetings.correct(pk, sent.get("words", ""), **told)
    elif step == "call_off":
        meetings.call_off(pk, sent.get("reason", ""), **told)
    elif step == "take_out" and which is not None:
        resolving.take_out(pk, which, **told)
    elif step == "follow" and which is not None:
        resolving.follow(pk, which, sent.get("words", ""), **told)
    else:
        raise Http404


@require_safe
@at(may_answer)
def resolutions(request: HttpRequest) -> HttpResponseBase:
    """What was resolved: an office's area, or what the own unit answers for."""
    actor = me(request)
    today = timezone.localdate()
    chosen = request.GET.get("show", "")
    rows = JointResolution.objects.visible_to(actor).filter(meeting__state=MeetingState.CONFIRMED)
    overdue = rows.open().filter(due_on__lt=today)
    which = {
        "overdue": overdue,
        "done": rows.filter(state=ResolutionState.DONE).order_by("-ended_at"),
        "dropped": rows.filter(state=ResolutionState.DROPPED).order_by("-ended_at"),
    }
    found = which.get(chosen, rows.open()).select_related("unit", "organisation", "meeting")
    context = {
        "actor": actor,
        "rows": found[:MOST],
        "shown": SHOWN.items(),
        "chosen": chosen if chosen in SHOWN else "",
        "overdue": overdue.count(),
        "today": today,
        "enters": may_enter(actor),
    }
    return render(request, "desk/joint/resolutions.html", context)


def resolution_or_404(pk: UUID, actor: Actor) -> JointResolution:
    rows = JointResolution.objects.visible_to(actor)
    rows = rows.select_related("unit", "organisation__branch__unit", "meeting")
    found = rows.filter(pk=pk).first()
    # Until the minutes are confirmed it is the meeting's business.
    if found is None or found.meeting.state != MeetingState.CONFIRMED:
        raise Http404
    return found


@require_safe
@at(may_answer)
def resolution(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One resolution: how it goes, and what meetings heard of it."""
    return _resolution(request, resolution_or_404(pk, me(request)))


def _resolution(
    request: HttpRequest,
    found: JointResolution,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    open_ = found.state == ResolutionState.OPEN
    context = {
        "actor": actor,
        "resolution": found,
        "late": found.is_overdue(timezone.localdate()),
        "follow_ups": found.follow_ups.select_related("meeting"),
        "sees_meeting": JointMeeting.objects.visible_to(actor).filter(pk=found.meeting_id).exists(),
        "keeps": open_ and meetings.meets(actor, found.area_code),
        "tells": open_ and resolving.may_tell(actor, found),
        "office": is_office(actor),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/joint/resolution.html", context, status=status)


@require_POST
@at(may_answer)
@once_for_form()
def resolution_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Who answers says how it goes; the desk says that it is done, or drops it."""
    actor, words = me(request), request.POST.get("words", "")
    found = resolution_or_404(pk, actor)
    told: dict[str, Any] = {"by": actor, "now": timezone.now(), "version": version_of(request)}
    try:
        if step == "tell":
            resolving.tell(pk, words, **told)
        elif step in ("done", "drop"):
            resolving.settle(pk, step == "done", words, **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if error.status == 403:
            raise PermissionDenied from None
        found = resolution_or_404(pk, actor)
        return _resolution(request, found, str(error), step, error.status)
    return redirect("joint_resolution", pk)
