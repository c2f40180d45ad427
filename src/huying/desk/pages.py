"""The pages that are read: the queue, a case, oneself."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from huying.cases.models import Case, Channel
from huying.cases.reading import Seeing, who_sees
from huying.cases.states import END_STATES, OPEN_STATES, State
from huying.catalogue.versions import snapshot
from huying.desk import changes, handovers, knocking, offers, presence, queue, saved
from huying.desk.fields import items_by_category
from huying.desk.filters import LIGHTS, TAB_WORDS, Filters, tabs_of
from huying.desk.here import actor_of, at_desk, case_or_404, case_seen, is_number, me
from huying.desk.showing import shown
from huying.people import passkeys
from huying.people.acting import Actor
from huying.people.browsers import signed_in
from huying.people.models import ON_FOOT, Account, Role
from huying.places import naming
from huying.postgres.frozen import frozen
from huying.unkept import unkept

REFRESH_S = 1
"""How often an open queue asks whether anything has changed."""


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Sends everyone to where their work is."""
    actor = actor_of(request)
    return redirect("mine" if actor is not None and actor.role == Role.MEMBER else "desk")


@require_safe
@at_desk
def desk(request: HttpRequest) -> HttpResponseBase:
    """The queue. Remembers the last view of each post; ``?tab=`` alone starts afresh."""
    actor, now = me(request), timezone.now()
    kept = remembered(actor)
    if not request.GET and (last := request.session.get(kept)):
        return redirect(f"{reverse('desk')}?{last}")
    filters = Filters.read(request.GET, actor, request.session)
    if "rows" in request.GET:
        return _rows(request, filters)
    if request.GET and request.session.get(kept) != filters.query():
        request.session[kept] = filters.query()
    after = request.GET.get("after", "")
    mark = changes.now()  # before the rows are read: what comes in between is told again
    found = queue.page(filters, actor, now, after)
    views = saved.saved(actor)
    context = {
        **choices(filters, actor, now),
        "page": found,
        "after": after,
        "may_report": actor.role != Role.HANDLER,
        "at_counter": actor.role not in ON_FOOT,
        "every": REFRESH_S,
        "views": views,
        "may_be_kept": not saved.why_no_view(filters, views),
        "mark": mark,
        "turns": found.turns_in(now),
        "left": handovers.banner(actor),
        **_beside(request, now),
    }
    return render(request, "desk/queue.html", context)


def _beside(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The case that ``?case=`` opens beside the queue; nothing when it is none of the actor's."""
    found = case_seen(request.GET.get("case", ""), me(request))
    return shown(found, me(request), now) | {"pane": True} if found is not None else {}


def remembered(actor: Actor) -> str:
    """Under which name the session keeps the last view of the actor's post."""
    return f"desk.view.{actor.post_id}"


def choices(filters: Filters, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the head of a view shows: its lists with their numbers, and what to filter by."""
    return {
        "actor": actor,
        "filters": filters,
        "tabs": _tabs(filters, actor),
        **_lists(filters.ended, get_language()),
        "items": items_by_category(snapshot(now), actor.area_code),
        "areas": tuple(offers.areas_of(actor.area_code)),
        "place": naming.own_name(actor.area_code),
        "now": now,
    }


@cache
def _lists(ended: bool, language: str | None) -> dict[str, tuple[tuple[str, str], ...]]:
    """What to filter by that is the same for everybody, in the language that is activated."""
    states = END_STATES if ended else OPEN_STATES
    return {
        "states": tuple((value, str(label)) for value, label in State.choices if value in states),
        "channels": tuple((value, str(label)) for value, label in Channel.choices),
        "lights": tuple((value, str(label)) for value, label in LIGHTS.items()),
    }


def _tabs(filters: Filters, actor: Actor) -> list[dict[str, Any]]:
    """The tabs with how many open cases each has, the filters left aside: what there is to do."""
    tabs = tabs_of(actor)
    counts = queue.open_in(tabs, actor)
    return [
        {
            "words": TAB_WORDS[tab],
            "here": tab == filters.tab,
            "query": Filters(tab=tab).query(),
            "count": queue.in_words(count),
        }
        for tab, count in zip(tabs, counts, strict=True)
    ]


def _rows(request: HttpRequest, filters: Filters) -> HttpResponse:
    """The rows alone, for the page that looks again; nothing when they are as they were.

    With the mark of its last look (``since``): nothing, too, while nothing happened to a case
    that may stand on the page. So it is answered without coming here, mostly: `knocking`.
    """
    actor, now = me(request), timezone.now()
    known = knocking.asked_with(request)
    changed, mark = changes.since(known.mark)
    if changed is not None and not any(known.concern(each, filters, actor) for each in changed):
        answer = HttpResponse(status=204)
    else:
        with knocking.drawing.place(known.mark) as free:
            if not free:
                return knocking.later(actor)
            found = queue.page(filters, actor, now, request.GET.get("after", ""))
            answer = answer_if_new(
                request, "desk/_rows.html", {"page": found, "filters": filters, "now": now}
            )
        answer.headers["X-Last"] = found.next
        answer.headers["X-Turns"] = str(found.turns_in(now))
    knocking.say_beside(answer, actor, mark)
    return answer


def answer_if_new(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page that looks again; nothing (204) when it is as the page says it has it."""
    body = render_to_string(template, context, request)
    version = hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
    if request.headers.get("X-Seen") == version:
        return HttpResponse(status=204)
    response = HttpResponse(body)
    response.headers["X-Version"] = version
    return response


@require_safe
@at_desk
def case(request: HttpRequest, number: str) -> HttpResponseBase:
    """One case: what it is, how it stands, what may be done, and how it came here.

    With ``?pane=1`` without the page around it, for the place beside the queue.
    """
    found = case_or_404(request, number)
    pane = "pane" in request.GET
    context = shown(found, me(request), timezone.now()) | {"pane": pane}
    return render(request, "desk/_case.html" if pane else "desk/case.html", context)


@require_safe
@at_desk
def pulse(request: HttpRequest, number: str) -> HttpResponseBase:
    """Has anything happened to the case since the event that a page shows? 204 when not.

    The answer's head says who else has it open.
    """
    mark, actor = changes.now(), me(request)
    rows = is_number(number) and _last_step(Seeing.of(actor), number=number, **who_sees(actor))
    if not rows:
        raise Http404
    pk, last = rows[0]
    answer = HttpResponse(status=204 if request.GET.get("seq", "") == str(last) else 200)
    answer.headers["X-Mark"] = mark
    presence.note(request, pk, number, actor, answer)
    return answer


@frozen
def _last_step(seeing: Seeing, number: Any, **who: Any) -> Any:
    found = Case.objects.seen(seeing, **who).filter(number=number)
    return found.order_by().values_list("pk", "last_seq")


@require_safe
@unkept
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Oneself: posts, sign-in, and how the pages should look."""
    posts = getattr(request, "posts", [])
    context = {
        "actor": actor_of(request) or getattr(request, "actor", None),
        "posts": [(post, naming.names(post.area_code)) for post in posts],
        "passkeys": passkeys.of(cast("Account", request.user)),
        "possible": passkeys.possible(request),
        "browsers": signed_in(request, cast("Account", request.user), timezone.now()),
    }
    return render(request, "desk/me.html", context)
