"""台账与专项任务 on the phone: what is to be filled in in the own grid, and what was sent back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from huying.cases.answers import softened
from huying.errors import HuyingError, NotFound
from huying.field.here import in_the_field, me, refused
from huying.field.patrol import moment
from huying.field.sent import degrees, identifier, once_sent, text
from huying.forms.rendering import sheet_of
from huying.forms.versions import Form, all_in_force
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming
from huying.surveys import answers, collecting, progress
from huying.surveys.collecting import Spot
from huying.surveys.models import (
    Kind,
    Survey,
    SurveyAnswers,
    SurveyEntry,
    SurveyGrid,
    SurveyTarget,
    SurveyText,
    position,
)
from huying.tasks.concerned import desk_name
from huying.tasks.deadlines import Rung, Span

MOST_TARGETS: Final = 400
MOST_ENTRIES: Final = 60
Kept = SurveyEntry.State


def told(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The open surveys of the actor's grid, the first due first; then its registers."""
    if actor.role not in ON_FOOT:
        return []
    surveys = list(Survey.objects.visible_to(actor).running())
    surveys.sort(key=lambda each: (each.due_at is None, each.due_at or now, each.title))
    forms = all_in_force("survey:")
    finished = set(
        SurveyGrid.objects.filter(grid_code=actor.area_code).values_list("survey", flat=True)
    )
    counts = progress.entered(surveys, actor)
    return [
        _survey(each, forms[each.owner], actor, now, counts.get(each.pk, 0), each.pk in finished)
        for each in surveys
        if each.owner in forms
    ]


def _survey(
    survey: Survey, form: Form, actor: Actor, now: datetime, entries: int, finished: bool
) -> dict[str, Any]:
    stands = progress.standing(survey, now)
    targets = SurveyTarget.objects.visible_to(actor).filter(survey=survey)
    left = targets.filter(done_at=None, obstacle="", entries=None)
    due = survey.due_at is not None and survey.opened_at is not None
    yellow = Span(survey.opened_at, survey.due_at).at(Rung.REMIND) if due else None  # type: ignore[arg-type]
    return {
        "id": survey.pk,
        "kind": survey.kind,
        "kind_word": str(Kind(survey.kind).label),
        "title": survey.title,
        "why": survey.why,
        "office": desk_name(survey.area_code),
        "light": str(stands.light) if stands.light else "",
        "left": stands.left,
        "due_at": survey.due_at,
        "yellow_at": yellow,
        "form": form.id,
        "sheet": sheet_of(form.definition),
        "targets": [
            _target(each) for each in left.select_related("address__building")[:MOST_TARGETS]
        ],
        "targets_all": targets.count(),
        "targets_done": targets.exclude(done_at=None, obstacle="").count(),
        "targets_left": left.count(),
        "obstacles": [[code, str(word)] for code, word in SurveyTarget.Obstacle.choices],
        "entries": entries,
        "lately": _entries(survey, form, actor),
        "finished": finished,
        "may_finish": survey.due_at is not None and len(actor.area_code) == 15,
    }


def _target(target: SurveyTarget) -> dict[str, Any]:
    lon, lat = position(target) or (None, None)
    return {
        "id": target.pk,
        "name": target.name,
        "place": target.place,
        "grid": naming.own_name(target.area_code),
        "lon": lon,
        "lat": lat,
    }


def _entries(survey: Survey, form: Form, actor: Actor) -> list[dict[str, Any]]:
    """What came back, and what was entered last."""
    rows = SurveyEntry.objects.visible_to(actor).living().filter(survey=survey)
    back = list(rows.filter(state=Kept.SENT_BACK)[:MOST_ENTRIES])
    rest = rows.filter(~Q(state=Kept.SENT_BACK))[: MOST_ENTRIES - len(back)]
    found = [*back, *rest]
    why = _why(back)
    latest = answers.latest_of(back)
    return [_entry(each, form, why.get(each.pk, ""), latest.get(each.pk)) for each in found]


def _why(back: Iterable[SurveyEntry]) -> dict[uuid.UUID, str]:
    """Why each was sent back: the words that came last."""
    rows = SurveyText.objects.filter(entry__in=[each.pk for each in back]).order_by("seq")
    return dict(rows.values_list("entry", "body"))


def _entry(entry: SurveyEntry, form: Form, why: str, row: SurveyAnswers | None) -> dict[str, Any]:
    """``row`` are the answers of one that is answered anew: all that tells of no person."""
    found: dict[str, Any] = {
        "id": entry.pk,
        "name": entry.name,
        "place": entry.place,
        "state": entry.state,
        "state_word": str(Kept(entry.state).label),
        "at": entry.told_at,
        "target": entry.target_id,
        "version": entry.version,
    }
    if row is None:
        return found
    kept = answers.staying(row)
    return found | {
        "why": why,
        "lon": entry.lon,
        "lat": entry.lat,
        # What tells of a person is shown to nobody: left empty it stays.
        "answers": {name: value for name, value in row.plain.items() if name not in kept},
        "sheet": sheet_of(softened(form.definition, kept)),
    }


@require_POST
@in_the_field
def step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponseBase:
    """Enters something, says why a target cannot be visited, or that the grid is through."""
    actor, now = me(request), timezone.now()
    try:
        do = STEPS.get(step)
        if do is None:
            raise NotFound
        return once_sent(request, f"survey_{step}", pk.bytes, lambda sent: do(pk, sent, actor, now))
    except HuyingError as error:
        return refused(error)


def _enter(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    given, form, version = sent.get("answers"), sent.get("form"), sent.get("version")
    made = collecting.collect(
        pk,
        entry=identifier(sent.get("entry"), "entry"),
        answers=identifier(sent.get("said"), "said"),
        by=by,
        now=now,
        given=given if isinstance(given, dict) else {},
        form=form if isinstance(form, int) and not isinstance(form, bool) else None,
        target=identifier(sent["target"], "target") if sent.get("target") else None,
        spot=Spot(degrees(sent, "lon", 180), degrees(sent, "lat", 90), text(sent, "place")),
        at=moment(sent),
        version=version if isinstance(version, int) else None,
    )
    return {"entry": str(made.pk), "state": made.state, "version": made.version}


def _hinder(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    del pk
    target = collecting.hinder(
        identifier(sent.get("target"), "target"), by=by, now=now, why=text(sent, "why")
    )
    return {"target": str(target.pk), "obstacle": target.obstacle}


def _finish(pk: uuid.UUID, sent: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    undo = sent.get("undo") is True
    return {"finished": collecting.finish(pk, by=by, now=now, undo=undo)}


STEPS: Final = {"entry": _enter, "obstacle": _hinder, "through": _finish}
