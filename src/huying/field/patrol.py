"""巡查 on the phone: the day's places, checking in, cases found there, duty, and the track."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from huying.catalogue.versions import snapshot
from huying.errors import HuyingError, NotFound
from huying.field.here import in_the_field, me, refused
from huying.field.sent import LONGEST_BODY, degrees, identifier, once_sent, sent_json, text
from huying.field.there import There
from huying.forms.definition import read
from huying.forms.models import FormVersion
from huying.forms.rendering import sheet_of
from huying.patrol import covering, duty, tracking, visiting
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming

MOST: Final = 300


def told(actor: Actor, now: datetime, there: There) -> dict[str, Any]:
    """The places of the actor's grids, what is due first; and whether the actor is on duty."""
    if actor.role not in ON_FOOT:
        return {"places": [], "duty": None}
    found = covering.cover(actor, now, 0) if there.places else []
    # Only then are they cut: what is due is never left out for what is not.
    found.sort(key=lambda each: (not each.due.due, not each.due.pressing))
    items = {item.code: item.name for item in snapshot(now).items} if found else {}
    forms = {pk for each in found[:MOST] if (pk := each.place.plan.form_id)}
    return {
        "places": [_place(each, items) for each in found[:MOST]],
        "sheets": _sheets(forms) if forms else {},
        "duty": there.on_duty_since,
        "day": timezone.localdate(now),
    }


def _sheets(forms: set[int]) -> dict[str, Any]:
    """The checklists that plans name, each once however many places have it."""
    rows = FormVersion.objects.filter(pk__in=forms)
    return {str(row.pk): sheet_of(read(row.definition)) for row in rows}


def _place(found: covering.Standing, items: dict[str, str]) -> dict[str, Any]:
    place, due = found.place, found.due
    return {
        "id": place.pk,
        "code": place.code,
        "name": place.name,
        "plan": place.plan.title,
        "item": place.item_codes[0],
        "item_name": items.get(place.item_codes[0], ""),
        "grid": naming.own_name(place.grid_code),
        "lon": place.lon,
        "lat": place.lat,
        "radius": place.radius_m,
        "points": [] if place.plan.form_id is not None else place.points,
        "form": place.plan.form_id,
        "due": due.due,
        "pressing": due.pressing,
        "why": due.words,
        "visited": due.why == "visited",
        "done": due.done,
        "wanted": due.wanted,
        "last": found.last,
    }


@require_POST
@in_the_field
def step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponseBase:
    """Checks in at a place, or says which case was found there."""
    actor, now = me(request), timezone.now()
    try:
        do = STEPS.get(step)
        if do is None:
            raise NotFound
        return once_sent(request, f"patrol_{step}", pk.bytes, lambda sent: do(pk, sent, actor, now))
    except HuyingError as error:
        return refused(error)


def _visit(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    answers, form, given = sent.get("answers", []), sent.get("form"), sent.get("given")
    visit = visiting.check_in(
        pk,
        visit=identifier(sent.get("visit"), "visit"),
        by=by,
        now=now,
        shown=visiting.Shown(
            code=text(sent, "code").strip(),
            lon=degrees(sent, "lon", 180),
            lat=degrees(sent, "lat", 90),
            accuracy_m=degrees(sent, "accuracy_m", 1_000_000),
        ),
        at=moment(sent),
        answers=answers if isinstance(answers, list) else [],
        form=form if isinstance(form, int) else None,
        given=given if isinstance(given, dict) else None,
        words=text(sent, "words"),
    )
    return {"visit": str(visit.pk), "day": str(visit.day)}


def _found(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    del now
    visit = identifier(sent["visit"], "visit") if sent.get("visit") else None
    link = visiting.found(pk, by=by, number=text(sent, "number"), visit=visit)
    return {"place": str(link.place_id)}


STEPS: Final = {"visit": _visit, "found": _found}


@require_POST
@in_the_field
def on_duty(request: HttpRequest, step: str) -> HttpResponseBase:
    """Goes on duty, or off it, as of when the phone says."""
    actor, now = me(request), timezone.now()

    def do(sent: dict[str, Any]) -> dict[str, Any]:
        act = duty.go_on if step == "on" else duty.go_off
        span = act(by=actor, now=now, at=moment(sent))
        return {"on": span is not None and span.ended_at is None}

    try:
        if step not in ("on", "off"):
            raise NotFound
        return once_sent(request, f"duty_{step}", b"", do)
    except HuyingError as error:
        return refused(error)


@require_POST
@in_the_field
def track(request: HttpRequest) -> HttpResponseBase:
    """Takes points of the track, one or a thousand; each is kept once, without any key."""
    try:
        sent = sent_json(request.read(LONGEST_BODY + 1))
        points = tracking.read(sent.get("points"))
        kept = tracking.store(points, by=me(request), now=timezone.now())
        return JsonResponse({"kept": kept})
    except HuyingError as error:
        return refused(error)


def moment(sent: dict[str, Any]) -> datetime | None:
    """When it was, in milliseconds since 1970."""
    said = sent.get("at")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return datetime.fromtimestamp(said / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
