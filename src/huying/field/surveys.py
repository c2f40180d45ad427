"""台账与专项任务 on the phone: what is to be filled in in the own grid, and what was sent back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from huying.cases.answers import softened
from huying.errors import HuyingError, NotFound
from huying.field.here import in_the_field, me, refused
from huying.field.patrol import moment
from huying.field.sent import degrees, identifier, once_sent, text
from huying.field.there import There
from huying.forms import versions
from huying.forms.rendering import sheet_of
from huying.forms.versions import Form
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming
from huying.postgres.frozen import frozen
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
    around,
    position,
)
from huying.tasks.concerned import desk_name
from huying.tasks.deadlines import Rung, Span

MOST_TARGETS: Final = 400
MOST_ENTRIES: Final = 60
Kept = SurveyEntry.State


@dataclass(frozen=True, slots=True)
class _Here:
    """What the actor's grid has of all surveys; read once for all of them.

    Attributes:
        targets: of each survey how many there are, are done or hindered, and are left.
        left: the targets that nobody has entered.
        entries: how many hold.
        lately: what came back, and what was entered last.
    """

    finished: frozenset[uuid.UUID]
    targets: dict[uuid.UUID, tuple[int, int, int]]
    left: dict[uuid.UUID, list[SurveyTarget]]
    entries: dict[uuid.UUID, int]
    lately: dict[uuid.UUID, list[SurveyEntry]]
    why: dict[uuid.UUID, str]
    answers: dict[uuid.UUID, SurveyAnswers]


def told(actor: Actor, now: datetime, there: There) -> list[dict[str, Any]]:
    """The open surveys of the actor's grid, the first due first; then its registers."""
    if actor.role not in ON_FOOT or not there.surveys:
        return []
    surveys = _running(area=actor.area_code, around_it=around(actor.area_code))
    surveys.sort(key=lambda each: (each.due_at is None, each.due_at or now, each.title))
    forms = versions.each_in_force([each.owner for each in surveys])
    here = _here(surveys, actor) if there.entered else _NOTHING
    return [
        _survey(each, forms[each.owner], actor, now, here)
        for each in surveys
        if each.owner in forms
    ]


@frozen
def _running(area: Any, around_it: Any) -> QuerySet[Survey]:
    return Survey.objects.seen_on_foot(area, around_it).running()


def _here(surveys: Sequence[Survey], actor: Actor) -> _Here:
    targets = SurveyTarget.objects.visible_to(actor).filter(survey__in=surveys)
    entries = SurveyEntry.objects.visible_to(actor).living().filter(survey__in=surveys)
    # Of one that came back the entry tells, not the target.
    open_ = Q(done_at=None, obstacle="", entries=None)
    counted = (
        targets.order_by()
        .values("survey")
        .annotate(
            n=Count("pk", distinct=True),
            done=Count("pk", filter=~Q(done_at=None, obstacle=""), distinct=True),
            left=Count("pk", filter=open_, distinct=True),
        )
    )
    left = targets.filter(open_).select_related("address__building")[:MOST_TARGETS]
    back = list(entries.filter(state=Kept.SENT_BACK)[:MOST_ENTRIES])
    rest = entries.exclude(state=Kept.SENT_BACK)[:MOST_ENTRIES]
    finished = SurveyGrid.objects.filter(grid_code=actor.area_code, survey__in=surveys)
    return _Here(
        finished=frozenset(finished.values_list("survey", flat=True)),
        targets={row["survey"]: (row["n"], row["done"], row["left"]) for row in counted},
        left=_by_survey(left),
        entries=progress.entered(surveys, actor),
        lately=_by_survey([*back, *rest]),
        why=_why(back) if back else {},
        answers=answers.latest_of(back) if back else {},
    )


_NOTHING: Final = _Here(frozenset(), {}, {}, {}, {}, {}, {})

T = TypeVar("T", SurveyTarget, SurveyEntry)


def _by_survey(rows: Iterable[T]) -> dict[uuid.UUID, list[T]]:
    found: dict[uuid.UUID, list[T]] = {}
    for each in rows:
        found.setdefault(each.survey_id, []).append(each)
    return found


def _survey(survey: Survey, form: Form, actor: Actor, now: datetime, here: _Here) -> dict[str, Any]:
    stands = progress.standing(survey, now)
    yellow = None
    if survey.due_at is not None and survey.opened_at is not None:
        yellow = Span(survey.opened_at, survey.due_at).at(Rung.REMIND)
    n, done, left = here.targets.get(survey.pk, (0, 0, 0))
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
        "sheet": form.sheet,
        "targets": [_target(each) for each in here.left.get(survey.pk, [])],
        "targets_all": n,
        "targets_done": done,
        "targets_left": left,
        "obstacles": [[code, str(word)] for code, word in SurveyTarget.Obstacle.choices],
        "entries": here.entries.get(survey.pk, 0),
        "lately": [
            _entry(each, form, here.why.get(each.pk, ""), here.answers.get(each.pk))
            for each in here.lately.get(survey.pk, [])
        ],
        "finished": survey.pk in here.finished,
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
