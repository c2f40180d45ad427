"""The pages that are read: the queue, a case, oneself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huying.cases import documents
from huying.cases.contacts import MAY_REVEAL
from huying.cases.deadlines import dues_of
from huying.cases.models import Attachment, Case, CaseContact, CaseParty, Channel, Hold
from huying.cases.states import END_STATES, OPEN_STATES, State
from huying.cases.timeline import Entry, timeline
from huying.catalogue.versions import snapshot
from huying.clock.explaining import countdown_words, explain, explain_stages, warnings
from huying.clock.lights import countdown
from huying.clock.reading import calendar_for
from huying.desk import changes, offers, queue, saved
from huying.desk.buttons import ICONS, buttons
from huying.desk.fields import items_by_category
from huying.desk.filters import LIGHTS, TAB_WORDS, Filters, tabs_of
from huying.desk.here import actor_of, at_desk, case_or_404, me
from huying.desk.printing import sheets_of
from huying.desk.standing import exactly, standing
from huying.dispatch.suggesting import suggest
from huying.people import passkeys
from huying.people.acting import Actor
from huying.people.browsers import signed_in
from huying.people.models import Account, Role
from huying.places import naming

REFRESH_S = 1
"""How often an open queue asks whether anything has changed."""


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Sends everyone to where their work is."""
    return redirect("desk")


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
    if request.GET:
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
        "at_counter": actor.role not in (Role.GRID_WORKER, Role.GRID_HEAD),
        "every": REFRESH_S,
        "views": views,
        "may_be_kept": saved.may_be_kept(filters, views),
        "mark": changes.mark_of(mark),
    }
    return render(request, "desk/queue.html", context)


def remembered(actor: Actor) -> str:
    """Under which name the session keeps the last view of the actor's post."""
    return f"desk.view.{actor.post_id}"


def choices(filters: Filters, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the head of a view shows: its lists with their numbers, and what to filter by."""
    return {
        "actor": actor,
        "filters": filters,
        "tabs": [_tab(tab, filters, actor) for tab in tabs_of(actor)],
        "states": [(value, State(value).label) for value in State.values if _in(filters, value)],
        "items": items_by_category(snapshot(now)),
        "channels": Channel.choices,
        "lights": LIGHTS.items(),
        "areas": offers.areas_of(actor.area_code),
        "place": naming.own_name(actor.area_code),
        "now": now,
    }


def _in(filters: Filters, state: str) -> bool:
    return state in (END_STATES if filters.ended else OPEN_STATES)


def _tab(tab: str, filters: Filters, actor: Actor) -> dict[str, Any]:
    """A tab with how many open cases it has, the filters left aside: what there is to do."""
    open_cases = queue.of_tab(tab, actor).open()
    return {
        "words": TAB_WORDS[tab],
        "here": tab == filters.tab,
        "query": Filters(tab=tab).query(),
        "count": queue.in_words(queue.counted(open_cases)),
    }


def _rows(request: HttpRequest, filters: Filters) -> HttpResponse:
    """The rows alone, for the page that looks again; nothing when they are as they were.

    With the mark of its last look (``since``): nothing, too, while no case has changed that the
    actor may see or that stands on the page.
    """
    actor, now = me(request), timezone.now()
    changed, at = changes.since(request.GET.get("since", ""))
    if changed is not None and not _concerns(changed, request, actor):
        answer = HttpResponse(status=204)
    else:
        found = queue.page(filters, actor, now, request.GET.get("after", ""))
        answer = answer_if_new(
            request, "desk/_rows.html", {"page": found, "filters": filters, "now": now}
        )
    answer.headers["X-Mark"] = changes.mark_of(at)
    return answer


def _concerns(changed: set[UUID], request: HttpRequest, actor: Actor) -> bool:
    """Whether one of the changed cases is the actor's to see, or stands on the page."""
    if not changed:
        return False
    shown = request.headers.get("X-Shown", "").split(",")
    cases = Case.objects.filter(pk__in=changed)
    return cases.visible_to(actor).exists() or cases.filter(number__in=shown[:100]).exists()


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
    """One case: what it is, how it stands, what may be done, and how it came here."""
    actor, now = me(request), timezone.now()
    found = case_or_404(request, number)
    entries = timeline(found)
    photos, papers = documents.apart(Attachment.objects.filter(case=found))
    for entry in entries:
        entry.attachments[:] = in_order(entry.attachments)
    context = {
        "actor": actor,
        "case": found,
        "now": now,
        "place": naming.names(found.area_code),
        "short_place": queue.short_place(found.area_code),
        "holder": naming.own_name(found.holder_code),
        "buttons": buttons(actor, found),
        "entries": list(reversed(entries)),
        "icons": ICONS,
        "said": _description(entries),
        "photos": in_order(photos),
        "documents": papers,
        "contacts": CaseContact.objects.filter(case=found),
        "may_reveal": actor.role in MAY_REVEAL,
        "parties": _parties(found),
        "likely": offers.likely_duplicates(found, actor) if found.is_open else [],
        "merged": Case.objects.visible_to(actor).filter(merged_into=found)[:20],
        "into": _merged_into(found, actor),
        "holds": Hold.objects.filter(case=found, cleared_at=None),
        "sheets": sheets_of(found),
        "suggestion": _suggestion(found, actor),
        **_times(found),
    }
    return render(request, "desk/case.html", context)


@require_safe
@at_desk
def pulse(request: HttpRequest, number: str) -> HttpResponseBase:
    """Has anything happened to the case since the event that a page shows? 204 when not."""
    found = case_or_404(request, number)
    seen = request.GET.get("seq", "")
    return HttpResponse(status=204 if seen == str(found.last_seq) else 200)


@require_safe
@never_cache
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


def _times(found: Case) -> dict[str, Any]:
    """The deadlines with their reasons; of the whole case and of the step that counts now."""
    now, calendar = timezone.now(), calendar_for(found.district_code)
    dues = dues_of(found)
    stages = []
    for explained, (stage, due) in zip(explain_stages(dues.stages, now), dues.stages, strict=True):
        done = dues.stages.done_at(stage)
        stages.append(
            {
                "words": explained,
                "at": due.at,
                "left": countdown_words(countdown(due, now, done), calendar, now),
                "present": stage == dues.stage and found.is_open,
                "done": done is not None,
            }
        )
    return {
        "stages": stages,
        "desk_due": dues.desk if found.is_open else None,
        "desk_why": explain(dues.desk) if dues.desk is not None else [],
        "standing": (
            exactly(dues, now, calendar)
            if found.is_open and not found.is_suspended
            else standing(found, now)
        ),
        "warnings": warnings(due for _stage, due in dues.stages),
    }


def _description(entries: Sequence[Entry]) -> str | None:
    """The words of the report; None once they were erased."""
    said = entries[0].texts if entries else []
    return next((body for kind, body in said if kind == "description"), "")


_ORDER = (Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.OTHER, Attachment.Kind.PHOTO_AFTER)


def in_order(photos: Iterable[Attachment]) -> list[Attachment]:
    """Before comes before after, in whichever order they were sent up."""
    return sorted(photos, key=lambda photo: (_ORDER.index(Attachment.Kind(photo.kind)), photo.pk))


def _parties(found: Case) -> list[tuple[str, list[str]]]:
    """Who takes part now, by part."""
    rows = (
        CaseParty.objects.filter(case=found, until_seq__isnull=True)
        .exclude(part__in=[CaseParty.Part.REPORTER, CaseParty.Part.LEAD])
        .select_related("unit", "account")
        .order_by("part", "since_seq")
    )
    return [
        (str(CaseParty.Part(part).label), [str(row.unit or row.account) for row in group])
        for part, group in groupby(rows, key=lambda row: row.part)
    ]


def _merged_into(found: Case, actor: Actor) -> Case | None:
    """The case that goes on for this one, if the actor may see it."""
    if found.merged_into_id is None:
        return None
    return Case.objects.visible_to(actor).filter(pk=found.merged_into_id).first()


def _suggestion(found: Case, actor: Actor) -> Any:
    """The unit to send it to, for the desk that has to decide."""
    if found.state != State.ACCEPTED or actor.role != Role.DISPATCHER:
        return None
    if actor.area_code != found.holder_code:
        return None
    return suggest(found, timezone.now()).best
