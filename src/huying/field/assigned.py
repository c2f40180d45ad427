"""Tasks from above on the phone: the own grids' parts, and what is done with them there."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from huying.cases.models import Attachment
from huying.errors import HuyingError, NotFound
from huying.field.here import in_the_field, me, refused
from huying.field.sent import degrees, identifiers, once_sent, text
from huying.forms.definition import read
from huying.forms.rendering import sheet_of
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming
from huying.tasks import doing
from huying.tasks.concerned import desk_name
from huying.tasks.deadlines import Rung
from huying.tasks.models import GridTask, State, TaskFile, TaskText
from huying.tasks.standing import standing

MOST: Final = 60
KEPT: Final = timedelta(days=7)
"""How long what is done stays on the phone."""


def parts(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What the actor's grids have to do, the first due first; and what was done lately."""
    if actor.role not in ON_FOOT:
        return []
    seen = GridTask.objects.visible_to(actor).select_related("task__item_version", "task__form")
    open_ = list(seen.filter(state=State.OPEN).order_by("due_at", "id")[:MOST])
    lately = seen.filter(state__in=[State.DONE, State.PASSED], done_at__gt=now - KEPT)
    found = [*open_, *lately.order_by("-done_at")[: MOST - len(open_)]]
    why = _why([part for part in open_ if part.round])
    sheets = _sheets({part.task_id for part in found})
    return [_part(part, now, why.get(part.pk, ""), sheets.get(part.task_id, [])) for part in found]


def _part(part: GridTask, now: datetime, why: str, sheets: list[dict[str, str]]) -> dict[str, Any]:
    task, stands = part.task, standing(part, now)
    return {
        "id": part.pk,
        "title": task.title,
        "item_name": task.item_version.name,
        "words": task.words,
        "office": desk_name(task.issuer_code),
        "place": naming.own_name(part.grid_code),
        "state": part.state,
        "state_word": str(State(part.state).label),
        "light": str(stands.light) if stands.light else "",
        "left": stands.left,
        "due_at": part.due_at,
        "yellow_at": part.span.at(Rung.REMIND),
        "done_at": part.done_at,
        "why": why,
        "photos_least": task.photos_least,
        "sheet": sheet_of(read(task.form.definition)) if task.form is not None else None,
        "sheets": sheets,
    }


def _why(asked_again: list[GridTask]) -> dict[uuid.UUID, str]:
    """Why each was asked for again: the words that came with its latest step that has any."""
    texts = TaskText.objects.filter(part__in=asked_again).order_by("seq")
    return dict(texts.values_list("part", "body"))


def _sheets(tasks: set[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, str]]]:
    found: dict[uuid.UUID, list[dict[str, str]]] = {}
    files = TaskFile.objects.filter(task__in=tasks, part=None).select_related("attachment")
    for file in files:
        sheet = file.attachment
        name = sheet.name or str(Attachment.Kind(sheet.kind).label)
        path = reverse("task_photo", args=[sheet.pk])
        found.setdefault(file.task_id, []).append({"name": name, "path": path})
    return found


@require_POST
@in_the_field
def step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponseBase:
    """A step with a grid's part: done, given back."""
    actor, now = me(request), timezone.now()
    try:
        do = STEPS.get(step)
        if do is None:
            raise NotFound
        return once_sent(
            request,
            f"task_{step}",
            pk.bytes,
            lambda sent: {"state": do(pk, sent, actor, now).state},
        )
    except HuyingError as error:
        return refused(error)


def _complete(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> GridTask:
    answers = sent.get("answers")
    return doing.complete(
        pk,
        by=by,
        now=now,
        words=text(sent, "words"),
        answers=answers if isinstance(answers, dict) else {},
        photos=identifiers(sent, "photos"),
        lon=degrees(sent, "lon", 180),
        lat=degrees(sent, "lat", 90),
        accuracy_m=degrees(sent, "accuracy_m", 1_000_000),
    )


def _give_back(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> GridTask:
    return doing.give_back(pk, by=by, now=now, reason=text(sent, "reason"))


def _found(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> GridTask:
    return doing.found(pk, by=by, now=now, number=text(sent, "number"))


STEPS: Final = {"done": _complete, "give_back": _give_back, "found": _found}
