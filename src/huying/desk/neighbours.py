"""微心愿、微项目: the desk's list of wishes and projects, their claims, and both ratings."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases.attaching import file_of
from huying.desk.here import at, at_desk, me
from huying.desk.neighbour_forms import WishForm
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import BadInput, HuyingError, NotAllowed, NotFound, StalePage, Words
from huying.neighbours import claiming, figures, photos, stalling, wishing
from huying.neighbours.models import ClaimRating, Wish, WishClaim
from huying.neighbours.models.wishes import HOLDING, ClaimState, Side, WishState
from huying.neighbours.sight import may_help, may_keep, may_look
from huying.people.acting import Actor

MOST_LISTED: Final = 200
SHOWN: Final[dict[str, Words]] = {
    "": pgettext_lazy("neighbours", "all that run"),
    "draft": WishState.DRAFT.label,
    "free": pgettext_lazy("neighbours", "can be claimed"),
    "running": pgettext_lazy("neighbours", "being done"),
    "reported": gettext_lazy("results to approve"),
    "done": WishState.DONE.label,
    "closed": WishState.CLOSED.label,
}
_FILTERS: Final = {
    "": Q(state__in=[WishState.DRAFT, WishState.OPEN]),
    "draft": Q(state=WishState.DRAFT),
    "running": Q(state=WishState.OPEN, running__gt=0),
    "reported": Q(state=WishState.OPEN, reported__gt=0),
    "done": Q(state=WishState.DONE),
    "closed": Q(state=WishState.CLOSED),
}


def looking(request: HttpRequest) -> Actor:
    actor = me(request)
    if not may_look(actor):
        raise PermissionDenied
    return actor


def version_of(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None


def sure(request: HttpRequest) -> None:
    """Whether somebody ticked that they want what cannot be undone.

    Raises:
        BadInput: they did not.
    """
    if request.POST.get("sure") != "yes":
        raise BadInput(_("Please tick that this is what you want."), field="sure")


def uuid_of(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def counted(wishes: Any) -> Any:
    """With how many places are taken, and how many of the claims run or wait for approval."""
    return wishes.annotate(
        taken=Count("claims", filter=Q(claims__state__in=HOLDING)),
        running=Count("claims", filter=Q(claims__state=ClaimState.RUNNING)),
        reported=Count("claims", filter=Q(claims__state=ClaimState.REPORTED)),
    )


@require_safe
@at_desk
def wishes(request: HttpRequest) -> HttpResponseBase:
    """The list, by what is to be done with it."""
    actor = looking(request)
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in SHOWN else ""
    rows = list(counted(Wish.objects.visible_to(actor)).filter(_FILTERS.get(chosen, _FILTERS[""])))
    if chosen == "free":
        rows = [
            each for each in rows if each.state == WishState.OPEN and each.taken < each.capacity
        ]
    waiting = WishClaim.objects.filter(
        wish__in=Wish.objects.visible_to(actor), state=ClaimState.REPORTED
    )
    context = {
        "actor": actor,
        "rows": rows[:MOST_LISTED],
        "shown": SHOWN.items(),
        "chosen": chosen,
        "reported": waiting.count(),
        "keeps": may_keep(actor, actor.area_code),
    }
    return render(request, "desk/neighbours/wishes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new_wish(request: HttpRequest) -> HttpResponseBase:
    """Writes a wish or project down."""
    actor, now = looking(request), timezone.now()
    if not may_keep(actor, actor.area_code):
        raise PermissionDenied
    if request.method != "POST":
        return _new_page(request, actor, WishForm(actor=actor))
    form = WishForm(request.POST, actor=actor)
    if not form.is_valid():
        return _new_page(request, actor, form, 422)
    try:
        made = wishing.write(form.cleaned_data["area"], form.told, by=actor, now=now)
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        return _new_page(request, actor, blamed(form, error), error.status)
    messages.success(request, _("Written down. Publish it when it is right."))
    return redirect("neighbours_wish", made.pk)


def _new_page(
    request: HttpRequest, actor: Actor, form: WishForm, status: int = 200
) -> HttpResponse:
    return render(
        request, "desk/neighbours/new_wish.html", {"actor": actor, "form": form}, status=status
    )


def wish_or_404(pk: UUID, actor: Actor) -> Wish:
    found: Wish | None = counted(Wish.objects.visible_to(actor)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def wish(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One wish or project: its claims and what may be done with it."""
    actor = looking(request)
    return _page(request, wish_or_404(pk, actor))


def _page(
    request: HttpRequest,
    found: Wish,
    form: WishForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    claims = list(found.claims.select_related("account", "unit").prefetch_related("photos"))
    ratings = ClaimRating.objects.filter(claim__in=claims)
    for each in claims:
        each.wish = found
    context = {
        "actor": actor,
        "wish": found,
        "keeps": may_keep(actor, found.area_code),
        "lines": [
            {
                "claim": each,
                "returns_at": stalling.returns_at(each)
                if each.state == ClaimState.RUNNING
                else None,
                "ratings": [one for one in ratings if one.claim_id == each.pk],
                "own": each.account_id == actor.account_id,
            }
            for each in claims
        ],
        "suggestions": found.suggestions.all(),
        "form": form or WishForm(actor=actor, wish=found),
        "editing": form is not None,
        "finishable": found.state == WishState.OPEN
        and {each.state for each in claims if each.state in HOLDING} == {ClaimState.DONE},
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        "resident": Side.RESIDENT,
    }
    return render(request, "desk/neighbours/wish.html", context, status=status)


@require_POST
@at_desk
def wish_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes, publishes, ends or closes it; approves a result, asks for more, shows a photo."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = wish_or_404(pk, actor)
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now, "version": version_of(request)}
    one = uuid_of(sent.get("claim", "") or sent.get("photo", ""))
    form = WishForm(sent, actor=actor, wish=found) if step == "save" else None
    try:
        if form is not None:
            if not form.is_valid():
                return _page(request, found, form, status=422)
            wishing.change(pk, form.told, **told)
        elif step == "publish":
            wishing.publish(pk, **told)
        elif step == "finish":
            wishing.finish(pk, **told)
        elif step == "close":
            wishing.close(pk, sent.get("reason", ""), **told)
        elif step in ("approve", "more", "photo") and one is not None:
            _of_claim(step, found, one, sent, told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except StalePage as error:
        return _page(request, wish_or_404(pk, actor), form, str(error), step, error.status)
    except HuyingError as error:
        if form is not None:
            return _page(request, found, blamed(form, error), status=error.status)
        return _page(request, found, bad=str(error), bad_at=step, status=error.status)
    return redirect("neighbours_wish", pk)


def _of_claim(step: str, found: Wish, one: UUID, sent: Any, told: dict[str, Any]) -> None:
    if step == "approve":
        claiming.approve(found.pk, one, **told)
    elif step == "more":
        claiming.ask_more(found.pk, one, sent.get("words", ""), **told)
    else:
        photos.show(one, sent.get("shown") == "yes", by=told["by"], now=told["now"])


@require_safe
@at_desk
def counts(request: HttpRequest) -> HttpResponseBase:
    """双向考评: what was taken on and done, and both sides' stars, by unit and in figures only."""
    actor = looking(request)
    context = {
        "actor": actor,
        "whole": figures.of_area(actor.area_code),
        "units": figures.by_unit(actor.area_code),
        "topics": figures.by_topic(actor.area_code),
    }
    return render(request, "desk/neighbours/figures.html", context)


@require_safe
@at(lambda actor: may_look(actor) or may_help(actor))
def photo(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A photo of a suggestion or claim, for who may see that."""
    found = photos.seen(pk, me(request))
    if found is None or not (path := file_of(found.pk)).is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
