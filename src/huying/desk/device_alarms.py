"""报警核实: alarms of cameras and sensors, one after the other, decided on with a single key."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huying.catalogue.versions import snapshot
from huying.desk.here import at_desk, me
from huying.errors import HuyingError, Missing, NotFound
from huying.intake import device_alarms
from huying.intake.models import DeviceAlarm
from huying.intake.reporting import suggestions
from huying.people.acting import Actor
from huying.people.models import Role

ON_A_PAGE = 50
WAITING = DeviceAlarm.State.WAITING


def _looker(request: HttpRequest) -> Actor:
    actor = me(request)
    if not device_alarms.may_see(actor):
        raise PermissionDenied
    return actor


@require_safe
@at_desk
def alarms(request: HttpRequest) -> HttpResponseBase:
    """What waits, the newest first; or what was decided. An open page asks for what is new."""
    actor = _looker(request)
    decided = request.GET.get("tab") == "decided"
    found = device_alarms.seen_by(actor).select_related("source", "case", "decided_by")
    rows = found.exclude(state=WAITING) if decided else found.filter(state=WAITING)
    order = "-decided_at" if decided else "-last_at"
    shown = list(rows.order_by(order)[:ON_A_PAGE])
    waiting = found.filter(state=WAITING).count()
    mark = f"{waiting}.{sum(each.count for each in shown)}.{shown[0].pk if shown else ''}"
    if request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    context = {
        "actor": actor,
        "rows": shown,
        "waiting": waiting,
        "decided": decided,
        "mark": mark,
    }
    part = "_list" if "mark" in request.GET else "list"
    return render(request, f"desk/device_alarms/{part}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def alarm(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One alarm, and after the decision the next."""
    actor, now = _looker(request), timezone.now()
    seen = device_alarms.seen_by(actor)
    found = seen.filter(pk=pk).select_related("source", "case", "decided_by").first()
    if found is None:
        raise Http404
    bad, status = "", 200
    if request.method == "POST":
        if actor.role != Role.DISPATCHER:
            raise PermissionDenied
        try:
            _decide(request, found, actor)
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            bad, status = str(error), error.status
        else:
            after = seen.filter(state=WAITING).order_by("-last_at").first()
            return (
                redirect("device_alarms") if after is None else redirect("device_alarm", after.pk)
            )
    waiting = seen.filter(state=WAITING).exclude(pk=pk).order_by("-last_at")
    words = request.POST.get("text") or device_alarms.words_of(found)
    likely = suggestions(words, now)
    context = {
        "actor": actor,
        "alarm": found,
        "words": words,
        "items": snapshot(now).active,
        "item": request.POST.get("item", likely[0].item_code if likely else ""),
        "reasons": list(enumerate(DeviceAlarm.Reason.choices, start=1)),
        "may_decide": actor.role == Role.DISPATCHER and found.state == WAITING,
        "next": waiting.filter(last_at__lte=found.last_at).first() or waiting.first(),
        "left": waiting.count(),
        "bad": bad,
    }
    return render(request, "desk/device_alarms/alarm.html", context, status=status)


def _decide(request: HttpRequest, found: DeviceAlarm, actor: Actor) -> None:
    now = timezone.now()
    if reason := request.POST.get("reason", ""):
        device_alarms.dismiss(found.pk, by=actor, now=now, reason=reason)
        messages.success(request, _("Dismissed."))
        return
    if request.POST.get("decision") != "confirm":
        raise Missing(_("Please choose a reason."), field="reason")
    case = device_alarms.confirm(
        found.pk,
        by=actor,
        now=now,
        text=request.POST.get("text", ""),
        item=request.POST.get("item", ""),
    )
    messages.success(request, _("It is the case %s now.") % case.number)


@require_safe
@at_desk
def shot(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """An alarm's picture, for who may see the alarm."""
    found = device_alarms.seen_by(_looker(request)).filter(pk=pk).first()
    if found is None or not (path := device_alarms.picture_file(pk)).is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
