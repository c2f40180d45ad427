"""我的认领: what a member or a unit can claim and has claimed, with result and photo."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.neighbour_suggestions import AFTER, BEFORE, staged
from huying.desk.neighbours import counted, uuid_of, wish_or_404
from huying.errors import HuyingError, NotFound
from huying.neighbours import circles, claiming, hours, rating, stalling
from huying.neighbours.models import CircleActivity, Suggestion, Wish, WishClaim
from huying.neighbours.models.circles import AttendanceState
from huying.neighbours.models.wishes import HOLDING, ClaimState, Side, WishState
from huying.neighbours.sight import may_help, near
from huying.people.acting import Actor
from huying.people.models import Role

MOST: Final = 100


@require_safe
@at(may_help)
def mine(request: HttpRequest) -> HttpResponseBase:
    """What can be claimed near by, what one has claimed, one's teams, and the hours given."""
    actor, now = me(request), timezone.now()
    claims = list(WishClaim.objects.of(actor).select_related("wish")[:MOST])
    running = [ClaimState.RUNNING, ClaimState.REPORTED]
    member = actor.role == Role.MEMBER
    coming = CircleActivity.objects.filter(
        attendances__account=actor.account_id,
        attendances__state=AttendanceState.COMING,
        ends_at__gt=now,
        cancelled_at=None,
    ).select_related("circle")
    given = hours.given_by(actor.account_id) if member else []
    context = {
        "actor": actor,
        "free": _free(actor, now)[:MOST],
        "running": [_line(each) for each in claims if each.state in running],
        "ended": [each for each in claims if each.state not in running][:20],
        "member": member,
        "circles": circles.circles_of(actor.account_id) if member else [],
        "coming": coming if member else [],
        "given": given,
        "hours": hours.hours_of(sum(each.minutes for each in given)),
        "suggestions": Suggestion.objects.filter(account=actor.account_id)[:20],
    }
    return render(request, "desk/neighbours/mine.html", context)


def for_home(actor: Actor) -> dict[str, Any]:
    """What one is at, and how much can be claimed, for the members' home."""
    running = [ClaimState.RUNNING, ClaimState.REPORTED]
    claims = WishClaim.objects.of(actor).filter(state__in=running).select_related("wish")
    return {
        "my_claims": [_line(each) for each in claims[:MOST]],
        "to_claim": _free(actor, timezone.now()).count(),
    }


def _free(actor: Actor, now: datetime) -> Any:
    """What can be claimed near by, without what the actor holds, the longest published first."""
    held = WishClaim.objects.of(actor).holding().values("wish")
    return (
        counted(Wish.objects.filter(near(actor), state=WishState.OPEN))
        .exclude(claim_by__lt=timezone.localdate(now))
        .exclude(pk__in=held)
        .filter(taken__lt=F("capacity"))
        .order_by("published_at")
    )


def _line(claim: WishClaim) -> dict[str, Any]:
    late = claim.state == ClaimState.RUNNING
    return {"claim": claim, "returns_at": stalling.returns_at(claim) if late else None}


@require_safe
@at(may_help)
def wish(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A wish or project as who helps sees it: claim it, say how it goes, tell the result."""
    return _page(request, wish_or_404(pk, me(request)))


def _sent(request: HttpRequest, name: str, kept: dict[str, list[UUID]]) -> list[UUID]:
    """The photos of a field, with those that came with the form before; all are kept for it."""
    before = [one for each in request.POST.getlist(f"kept_{name}") if (one := uuid_of(each))]
    kind = BEFORE if name == "before" else AFTER
    kept[name] = [*before, *staged(request, name, kind, me(request))]
    return kept[name]


def _page(
    request: HttpRequest,
    found: Wish,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
    kept: dict[str, list[UUID]] | None = None,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    claim = WishClaim.objects.of(actor).filter(wish=found).first()
    holds = claim is not None and claim.state in HOLDING
    open_ = found.state == WishState.OPEN
    in_time = found.claim_by is None or found.claim_by >= timezone.localdate(now)
    left = max(0, found.capacity - found.taken)  # type: ignore[attr-defined]
    rated = claim is not None and claim.ratings.filter(side=Side.CLAIMANT).exists()
    if claim is not None:
        claim.wish = found
    context = {
        "actor": actor,
        "wish": found,
        "claim": claim,
        "left": left,
        "may_claim": open_ and in_time and left and not holds,
        "returns_at": stalling.returns_at(claim)
        if claim is not None and claim.state == ClaimState.RUNNING
        else None,
        "may_rate": claim is not None and claim.state == ClaimState.DONE and not rated,
        "residents": claim.ratings.filter(side=Side.RESIDENT) if claim is not None else [],
        "for_unit": actor.role == Role.HANDLER,
        "bad": bad,
        "bad_at": bad_at,
        "kept_before": (kept or {}).get("before", []),
        "kept_after": (kept or {}).get("after", []),
        "sent": request.POST,
    }
    return render(request, "desk/neighbours/my_wish.html", context, status=status)


@require_POST
@at(may_help)
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Claims it, says how it goes, tells the result, gives it up, rates the community's support."""
    actor, now, sent = me(request), timezone.now(), request.POST
    found = wish_or_404(pk, actor)
    told: dict[str, Any] = {"by": actor, "now": now}
    kept: dict[str, list[UUID]] = {}
    try:
        if step == "claim":
            claiming.claim(pk, **told)
        elif step == "progress":
            claiming.tell_progress(pk, sent.get("words", ""), **told)
        elif step == "result":
            claiming.tell_result(
                pk,
                sent.get("words", ""),
                before=_sent(request, "before", kept),
                after=_sent(request, "after", kept),
                **told,
            )
        elif step == "give_up":
            claiming.give_up(pk, sent.get("reason", ""), **told)
        elif step == "rate":
            given = sent.get("stars", "")
            stars = int(given) if given in ("1", "2", "3", "4", "5") else None
            rating.by_claimant(pk, stars, sent.get("words", ""), **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        found = wish_or_404(pk, actor)
        # Photos that cannot be used are not offered again.
        kept = {} if error.field == "photos" else kept
        return _page(request, found, str(error), step, error.status, kept)
    return redirect("neighbours_my_wish", pk)
