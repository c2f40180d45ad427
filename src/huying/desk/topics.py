"""热点: what many report as one problem, how hot it is, and what the desk makes of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from huying.cases.models import Case
from huying.desk.here import at_desk, me
from huying.desk.resent import once_for_form
from huying.dispatch.duplicates import descriptions
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Role
from huying.topics import handling
from huying.topics.models import Topic, TopicMember, TopicTold

SHOWN = 60
TREND = 28
"""Days of a topic's trend."""


def _looker(request: HttpRequest) -> Actor:
    actor = me(request)
    if not handling.may_see(actor):
        raise PermissionDenied
    return actor


@require_safe
@at_desk
def topics(request: HttpRequest) -> HttpResponseBase:
    """The open topics, the hottest first; or those that were dismissed."""
    actor, now = _looker(request), timezone.now()
    dismissed = request.GET.get("tab") == "dismissed"
    state = Topic.State.DISMISSED if dismissed else Topic.State.OPEN
    seen = handling.seen_by(actor).filter(reports__gt=0)
    rows = list(seen.filter(state=state).select_related("case", "ended_by")[:SHOWN])
    times = _times(rows)
    context = {
        "actor": actor,
        "lines": [{"topic": row, "bars": _bars(times[row.pk], now)} for row in rows],
        "open": seen.filter(state=Topic.State.OPEN).count(),
        "dismissed": dismissed,
    }
    return render(request, "desk/topics/list.html", context)


@require_safe
@at_desk
def topic(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One topic: its reports, where they are, why they belong together, and what can be done."""
    return _page(request, pk)


@require_POST
@at_desk
@once_for_form()
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponseBase:
    """Puts apart, joins, dismisses, handles as one, answers all."""
    actor = _looker(request)
    if what not in _ACTS or not handling.seen_by(actor).filter(pk=pk).exists():
        raise Http404
    try:
        told, to = _ACTS[what](request, pk, actor, timezone.now())
    except (NotFound, ValueError):
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        return _page(request, pk, bad=str(error), status=error.status)
    if told:
        messages.success(request, told)
    return redirect("topic", to)


def _put_apart(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    handling.put_apart(pk, UUID(request.POST.get("case", "")), by=by, now=now)
    return _("Taken out; it will not come back into this topic."), pk


def _join(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    other = UUID(request.POST.get("other", ""))
    handling.join(pk, other, by=by, now=now)
    return _("The two topics are one now."), other


def _dismiss(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    handling.dismiss(pk, request.POST.get("reason", ""), by=by, now=now)
    return _("Dismissed."), pk


def _handle(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    found = handling.handle_as_one(
        pk,
        UUID(request.POST.get("main", "")),
        by=by,
        now=now,
        reason=request.POST.get("reason", ""),
    )
    for case, why in found.refused:
        messages.warning(request, f"…{case.number[-8:]}: {why}")
    n = len(found.done)
    return ngettext("%(n)d case was merged.", "%(n)d cases were merged.", n) % {"n": n}, pk


def _answer(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    _kept, found = handling.answer_all(pk, request.POST.get("text", ""), by=by, now=now)
    return _told(found), pk


def _newcomers(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    return _told(handling.answer_newcomers(pk, by=by, now=now)), pk


def _told(found: handling.Reach) -> str:
    numbers = {"links": found.links, "inboxes": found.inboxes, "phones": found.phones}
    words = _("Told on their pages: %(links)d, in inboxes: %(inboxes)d, to be called: %(phones)d.")
    return words % numbers


def _called(request: HttpRequest, pk: UUID, by: Actor, now: datetime) -> tuple[str, UUID]:
    handling.called(pk, UUID(request.POST.get("told", "")), by=by, now=now)
    return "", pk


_ACTS: Mapping[str, Callable[[HttpRequest, UUID, Actor, datetime], tuple[str, UUID]]] = {
    "apart": _put_apart,
    "join": _join,
    "dismiss": _dismiss,
    "handle": _handle,
    "answer": _answer,
    "newcomers": _newcomers,
    "called": _called,
}


def _page(request: HttpRequest, pk: UUID, *, bad: str = "", status: int = 200) -> HttpResponseBase:
    actor, now = _looker(request), timezone.now()
    seen = handling.seen_by(actor)
    found = seen.select_related("case", "joined_into", "ended_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    cases = handling.members_of(found)
    visible = set(
        Case.objects.visible_to(actor)
        .filter(pk__in=[case.pk for case in cases])
        .values_list("pk", flat=True)
    )
    texts = descriptions(case.pk for case in cases if case.pk in visible)
    chosen = found.case if found.case in cases else None
    main = chosen or handling.best_main(cases)
    answer = found.answers.first()
    reporters = handling.reporters_of(cases)
    is_open = found.state == Topic.State.OPEN
    context: dict[str, Any] = {
        "actor": actor,
        "topic": found,
        "lines": [
            {"case": case, "text": texts.get(case.pk, ""), "visible": case.pk in visible}
            for case in cases
        ],
        "bars": _bars([case.occurred_at or case.received_at for case in cases], now),
        "points": json.dumps([[c.lon, c.lat] for c in cases if c.lon is not None]),
        "first": next((case for case in cases if case.lon is not None), None),
        "may_decide": is_open and actor.role == Role.DISPATCHER,
        "main": main,
        "chosen": chosen,
        "mains": [case for case in cases if case.is_open],
        "to_merge": len(handling.to_merge(cases, main)),
        "reach": handling.reach(reporters),
        "answer": answer,
        "newcomers": handling.reach(reporters, answer) if answer is not None else None,
        "calls": list(
            TopicTold.objects.filter(answer=answer, told_at=None).select_related("case")
            if answer is not None
            else ()
        ),
        "others": list(seen.filter(state=Topic.State.OPEN).exclude(pk=pk)[:SHOWN]),
        "reasons": Topic.Reason.choices,
        "bad": bad,
        "sent": request.POST,
    }
    return render(request, "desk/topics/topic.html", context, status=status)


def _times(rows: Sequence[Topic]) -> Mapping[UUID, list[datetime]]:
    """When what each topic holds happened; one question for all of them."""
    found: dict[UUID, list[datetime]] = defaultdict(list)
    members = TopicMember.objects.filter(topic__in=rows, removed_at=None)
    for topic, occurred, received in members.values_list(
        "topic_id", "case__occurred_at", "case__received_at"
    ):
        found[topic].append(occurred or received)
    return found


def _bars(times: list[datetime], now: datetime) -> list[dict[str, int]]:
    """Reports a day, as bars of a drawing 24 high; the last is today."""
    today = timezone.localdate(now)
    counts = Counter((today - timezone.localdate(at)).days for at in times)
    most = max([1, *(n for ago, n in counts.items() if ago < TREND)])
    return [
        {
            "x": 4 * (TREND - 1 - ago),
            "y": 24 - round(22 * counts[ago] / most),
            "height": round(22 * counts[ago] / most),
        }
        for ago in range(TREND)
        if counts[ago]
    ]
