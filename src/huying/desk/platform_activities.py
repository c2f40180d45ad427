"""文体活动: the desk plans them, takes sign-ups down, says who came, calls them off."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.codes import readable
from huying.desk import resent
from huying.desk.here import at_desk, me
from huying.desk.neighbours import looking, sure, uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.platform_forms import PlanForm
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import BadInput, HuyingError, KeyReused, NotAllowed, NotFound, StalePage
from huying.neighbours.models import CircleActivity
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor
from huying.platforms import activities, holding, joining
from huying.platforms.joining import Wanted
from huying.platforms.models import ActivitySignUp, PlatformActivity, SignUpState

MOST: Final = 100


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """What is to come and what was, with how many signed up and came."""
    actor, now = looking(request), timezone.now()
    rows = PlatformActivity.objects.visible_to(actor).annotate(
        waiting=Count("sign_ups", filter=Q(sign_ups__state=SignUpState.WAITING)),
        came=Sum("sign_ups__came", default=0),
    )
    context = {
        "actor": actor,
        "coming": rows.filter(ends_at__gt=now).order_by("begins_at")[:MOST],
        "past": rows.filter(ends_at__lte=now).order_by("-begins_at")[:MOST],
        "circles": CircleActivity.objects.visible_to(actor)
        .filter(ends_at__gt=now, cancelled_at=None)
        .select_related("circle")[:MOST],
        "keeps": may_keep(actor, actor.area_code),
    }
    return render(request, "desk/platforms/activities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new activity."""
    actor, now = looking(request), timezone.now()
    if not may_keep(actor, actor.area_code):
        raise PermissionDenied
    form = PlanForm(request.POST if request.method == "POST" else None, actor=actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = activities.plan(form.cleaned_data["area"], form.told, by=actor, now=now)
                return redirect("platforms_activity", made.pk)
            except NotAllowed:
                raise PermissionDenied from None
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/platforms/new_activity.html", context, status=status)


def activity_or_404(pk: UUID, actor: Actor) -> PlatformActivity:
    found: PlatformActivity | None = (
        PlatformActivity.objects.visible_to(actor).filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One activity: who signed up, who waits, and afterwards who came."""
    return _page(request, activity_or_404(pk, looking(request)))


def _page(
    request: HttpRequest,
    found: PlatformActivity,
    *,
    form: PlanForm | None = None,
    chosen: UUID | None = None,
    clear: str = "",
    code: str = "",
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    rows = list(found.sign_ups.all())
    chosen = chosen or uuid_of(request.GET.get("one", ""))
    ahead = found.begins_at > now and found.cancelled_at is None
    keeps = may_keep(actor, found.area_code)
    placed = [each for each in rows if each.state == SignUpState.IN]
    context = {
        "actor": actor,
        "activity": found,
        "placed": [(each, request.POST.get(f"came-{each.pk}", "")) for each in placed],
        "waiting": [each for each in rows if each.state == SignUpState.WAITING],
        "one": next((each for each in rows if each.pk == chosen), None),
        "keeps": keeps,
        "ahead": ahead,
        "open": keeps and ahead and found.sign_up_until > now,
        "may_attend": keeps and found.cancelled_at is None and found.begins_at <= now,
        "came": sum(each.came or 0 for each in placed) + found.walk_ins,
        "form": form or PlanForm(actor=actor, activity=found),
        "editing": form is not None,
        "clear": clear,
        "code": readable(code),
        "fives": range(1, 6),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        **asked(request, holding.PURPOSES),
    }
    return render(request, "desk/platforms/activity.html", context, status=status)


def number_of(typed: str) -> int:
    """A small number as it was typed; nothing is none.

    Raises:
        BadInput: it is no such number.
    """
    typed = typed.strip()
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        raise BadInput(_("Please write numbers."), field="came")
    return int(typed)


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes it, signs somebody up, says who came, calls it off, shows a phone, erases one."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = activity_or_404(pk, actor)
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now}
    form = PlanForm(sent, actor=actor, activity=found) if step == "save" else None
    chosen = uuid_of(sent.get("one", ""))
    row = found.sign_ups.filter(pk=chosen).first() if chosen else None
    try:
        if form is not None:
            if not form.is_valid():
                return _page(request, found, form=form, status=422)
            activities.change(pk, form.told, version=version_of(request), **told)
        elif step == "call-off":
            activities.call_off(pk, sent.get("reason", ""), **told)
        elif step == "attend":
            n = _attend(request, found, told)
            messages.success(request, _("Were there: %(n)s.") % {"n": n})
        elif step == "join":
            people, phone = number_of(sent.get("people", "")), sent.get("phone", "")[:24]
            wanted = Wanted(people, phone, resent.sheet_of(request))
            made, code = joining.sign_up(pk, wanted, **told)
            return _page(request, activity_or_404(pk, actor), chosen=made.pk, code=code)
        elif step == "cancel" and row is not None:
            joining.cancel(row.pk, **told)
        elif step == "reveal" and row is not None:
            purpose, words = sent.get("purpose", ""), sent.get("words", "")
            seen = holding.reveal(row, ["phone"], purpose=purpose, words=words, **told)
            return _page(request, found, chosen=row.pk, clear=seen["phone"])
        elif step == "erase" and row is not None:
            sure(request)
            joining.forget(row.pk, **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except KeyReused:
        return resent.another(request)
    except StalePage as error:
        found = activity_or_404(pk, actor)
        return _page(request, found, form=form, bad=str(error), bad_at=step, status=error.status)
    except HuyingError as error:
        if form is not None:
            return _page(request, found, form=blamed(form, error), status=error.status)
        return _page(
            request, found, chosen=chosen, bad=str(error), bad_at=step, status=error.status
        )
    return redirect("platforms_activity", pk)


def _attend(request: HttpRequest, found: PlatformActivity, told: dict[str, Any]) -> int:
    sent = request.POST
    placed = ActivitySignUp.objects.filter(activity=found, state=SignUpState.IN)
    came = {
        each: number_of(sent.get(f"came-{each}", ""))
        for each in placed.values_list("pk", flat=True)
    }
    return activities.attend(found.pk, came, number_of(sent.get("walk_ins", "")), **told)
