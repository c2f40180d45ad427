"""关爱走访 on the phone: who is due first, and a visit, sent once however often."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from huying.care import due, visiting
from huying.care.due import Outcome, Way
from huying.care.models import CarePerson, Need
from huying.errors import BadInput, HuyingError, NotFound
from huying.field.here import in_the_field, me, refused
from huying.field.sent import degrees, identifier, identifiers, once_sent, text
from huying.field.there import There
from huying.intake import visit_alarms
from huying.intake.visit_alarms import Sort
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming

MOST: Final = 400


def told(actor: Actor, now: datetime, there: There) -> dict[str, Any]:
    """Whom the actor visits, who is longest due first; and the words to choose from."""
    if actor.role not in ON_FOOT:
        return {"people": []}
    today = timezone.localdate(now)
    found: Iterable[CarePerson] = ()
    if there.people:
        found = CarePerson.objects.visible_to(actor).standing().for_pages()[:MOST]
    return {
        "people": [_person(care, today) for care in found],
        "day": today,
        "near": visiting.NEAR_M,
        **_choices(get_language() or ""),
    }


@cache
def _choices(language: str) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen, in the reader's language."""
    lists = {"outcomes": Outcome, "ways": Way, "needs": Need, "sorts": Sort}
    return {
        name: [(value, str(label)) for value, label in each.choices] for name, each in lists.items()
    }


def _person(care: CarePerson, today: Any) -> dict[str, Any]:
    standing, spot = care.standing_on(today), care.spot
    return {
        "id": care.pk,
        "name": care.person.name_masked,
        "minor": care.is_minor(today),
        "level": care.level.name,
        "colour": care.level.colour,
        "address": care.address,
        "grid": naming.own_name(care.area_code),
        "lon": spot[0] if spot is not None else None,
        "lat": spot[1] if spot is not None else None,
        "look_at": care.look_at_words,
        "due_on": care.due_on,
        "standing": str(standing),
        "standing_word": str(standing.label),
        "why": str(due.WORDS[due.Why(care.why)]),
        "last_on": care.last_on,
        "misses": care.misses,
        # Name and phone are shown there, for a purpose, and never kept on the phone.
        "page": reverse("care_shown", args=[care.pk]),
    }


@require_POST
@in_the_field
def step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponseBase:
    """Writes a visit down; an emergency becomes a case with it."""
    actor, now = me(request), timezone.now()
    try:
        if step != "visit":
            raise NotFound
        return once_sent(request, "care_visit", pk.bytes, lambda sent: _visit(pk, sent, actor, now))
    except HuyingError as error:
        return refused(error)


def _visit(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    needs = sent.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(each, str) for each in needs):
        raise BadInput(field="needs")
    made = visit_alarms.record(
        visiting.Told(
            pk,
            identifier(sent.get("visit"), "visit"),
            text(sent, "way"),
            text(sent, "outcome"),
            at=_moment(sent),
            words=text(sent, "words"),
            needs=needs,
            photos=identifiers(sent, "photos"),
            lon=degrees(sent, "lon", 180),
            lat=degrees(sent, "lat", 90),
            accuracy_m=degrees(sent, "accuracy_m", 1_000_000),
        ),
        sort=text(sent, "sort"),
        by=by,
        now=now,
    )
    answer = {"visit": str(made.visit.pk), "day": str(made.visit.day)}
    return answer | ({"number": made.case.number} if made.case is not None else {})


def _moment(sent: dict[str, Any]) -> datetime | None:
    """When it was, in milliseconds since 1970."""
    said = sent.get("at")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return datetime.fromtimestamp(said / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
