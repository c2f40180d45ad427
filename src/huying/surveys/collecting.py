"""采集: what somebody enters on the spot or at a desk, corrects, finds as it is, or ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import blind_index
from huying.audit.numbers import hide
from huying.cases.answers import answered
from huying.cases.at_building import building_at
from huying.cases.verbs import keepable
from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound, WrongState
from huying.forms import versions
from huying.forms.definition import Definition, Kind
from huying.forms.models import FormVersion
from huying.forms.versions import Form, form_of
from huying.patrol.visiting import moment_of
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places.locating import locate
from huying.registry.models import Source
from huying.registry.sight import may_write
from huying.surveys.answers import latest, new_answers, opened, staying
from huying.surveys.marking import mark
from huying.surveys.models import (
    State,
    Survey,
    SurveyAnswers,
    SurveyEntry,
    SurveyGrid,
    SurveyPhoto,
    SurveyTarget,
)
from huying.surveys.steps import locked, note
from huying.tasks.photos import hold

LONGEST_PLACE: Final = 120
LONGEST_WORDS: Final = 2000
Kept = SurveyEntry.State


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the thing is: its position, and the place in words."""

    lon: float | None = None
    lat: float | None = None
    words: str = ""


@transaction.atomic
def collect(
    survey: UUID,
    *,
    entry: UUID,
    answers: UUID,
    by: Actor,
    now: datetime,
    given: Mapping[str, Any],
    form: int | None = None,
    target: UUID | None = None,
    spot: Spot = Spot(),
    at: datetime | None = None,
    version: int | None = None,
    source: Source = Source.VISIT,
) -> SurveyEntry:
    """Enters something, or answers anew for what is there. Sent again, nothing changes.

    ``form`` is the version of the questions that was answered: what waited on a phone answers
    those of then. ``version`` is the entry's as it was seen. Left empty, what is kept sealed, and
    photos, stay as they were.

    Raises:
        NotFound: the survey does not reach the actor, or the target is not in their area.
        NotAllowed: the place is not the actor's to write about.
        WrongState: it is not open, or somebody has entered this target.
        StalePage: the entry was changed meanwhile.
        KeyReused: another's entry or answers go by this name.
        Missing, BadInput: no position; it lies outside the actor's area, or the survey's.
        WrongAnswers: an answer will not do, or is missing.
    """
    sent = SurveyAnswers.objects.select_related("entry").filter(pk=answers).first()
    if sent is not None:
        if sent.entry_id != entry or not by.covers(sent.entry.area_code):
            raise KeyReused
        return sent.entry
    asked = Survey.objects.visible_to(by).filter(pk=survey).first()
    if asked is None:
        raise NotFound
    _open(asked, moment_of(at, now))
    there = SurveyEntry.objects.filter(pk=entry).first()
    if there is None:
        found = _new(asked, entry, target, spot, by, now, source)
        kept, sealed, photos = {}, {}, set[UUID]()
    else:
        found = locked(entry, by, version)
        if found.survey_id != asked.pk:
            raise KeyReused
        _mine(found.area_code, by)
        before = latest(found)
        kept, sealed = staying(before), opened(before)
        photos = set(found.photos.values_list("attachment", flat=True))
        _moved(found, asked, spot, by)
        found.version += 1
    used = _form(asked, form)
    said, shots = answered(used, given, kept)
    found.last_seq += 1
    row = new_answers(answers, found, used, said, sealed)
    _call(found, used.definition, row)
    found.state, found.looked_at, found.looked_by = Kept.KEPT, None, None
    assert by.account_id is not None
    found.told_by, found.told_at = by.account_id, moment_of(at, now)
    found.checked_by, found.checked_at = by.account_id, found.told_at
    found.sampled = drawn(answers, asked.sample_percent)
    found.save(force_insert=there is None)
    row.save(force_insert=True)
    mark([row])
    for photo in hold([each for each in shots if each not in photos], by=by):
        SurveyPhoto.objects.create(attachment=photo, entry=found)
    if found.target is not None:
        _done(found.target, now)
    note(found, "enter" if there is None else "correct", by=by, now=now)
    return found


def drawn(answers: UUID, percent: int) -> bool:
    """Whether answers are drawn for a look. Keyed, so that no phone makes names that never are."""
    return int.from_bytes(blind_index(f"survey sample {answers}")[:4], "big") % 100 < percent


def _open(survey: Survey, at: datetime) -> None:
    """What was answered before it was closed may arrive after it."""
    late = survey.closed_at is not None and at < survey.closed_at
    if survey.state != State.OPEN and not (survey.state == State.CLOSED and late):
        raise WrongState(_("This is not open for entries."))


def _mine(area: str, by: Actor) -> None:
    if not may_write(by, area):
        raise NotAllowed


def _within(survey: Survey, area: str, by: Actor) -> None:
    if not by.covers(area):
        raise BadInput(_("The pin lies outside your area."), field="lon")
    if not area.startswith(tuple(survey.areas.values_list("code", flat=True))):
        raise BadInput(_("The pin lies outside of what this is for."), field="lon")


def _new(
    survey: Survey,
    pk: UUID,
    target: UUID | None,
    spot: Spot,
    by: Actor,
    now: datetime,
    source: Source,
) -> SurveyEntry:
    found = SurveyEntry(
        pk=pk, survey=survey, valid_from=timezone.localdate(now), source=source, made_at=now,
        made_by=by.account_id,
    )  # fmt: skip
    if target is None:
        _put(found, survey, spot, by)
        return found
    rows = SurveyTarget.objects.visible_to(by).select_for_update(of=("self",))
    to_visit = rows.filter(pk=target, survey=survey).first()
    if to_visit is None:
        raise NotFound
    _mine(to_visit.area_code, by)
    if SurveyEntry.objects.living().filter(target=to_visit).exists():
        raise WrongState(_("Somebody has entered this already."))
    found.target = to_visit
    for name in ("area_code", "district_code", "place", "lon", "lat", "address", "enterprise"):
        setattr(found, name, getattr(to_visit, name))
    return found


def _moved(entry: SurveyEntry, survey: Survey, spot: Spot, by: Actor) -> None:
    """A correction may put it elsewhere; what was a target stays where that is."""
    if entry.target_id is not None or (spot.lon is None and not spot.words.strip()):
        return
    lon, lat = (entry.lon, entry.lat) if spot.lon is None else (spot.lon, spot.lat)
    _put(entry, survey, Spot(lon, lat, spot.words or entry.place), by)


def _put(entry: SurveyEntry, survey: Survey, spot: Spot, by: Actor) -> None:
    if spot.lon is None or spot.lat is None:
        raise Missing(_("Please set the pin."), field="lon")
    place = " ".join(spot.words.split())
    if len(place) > LONGEST_PLACE or not keepable(place):
        raise BadInput(_("This is too long."), field="place")
    located = locate(spot.lon, spot.lat)
    if located.grid_code is None:
        raise BadInput(_("The pin lies in no grid."), field="lon")
    _within(survey, located.grid_code, by)
    _mine(located.grid_code, by)
    entry.area_code, entry.district_code = located.grid_code, located.grid_code[:6]
    entry.lon, entry.lat = located.lon, located.lat
    entry.place = hide(place).words
    building = building_at(entry.area_code[:12], entry.place, entry.lon, entry.lat)
    entry.address = building[0] if building else None


def _form(survey: Survey, form: int | None) -> Form:
    if form is not None:
        rows = FormVersion.objects.filter(owner=survey.owner, version__isnull=False)
        row = rows.filter(pk=form).first()
        if row is None:
            raise BadInput(_("There is no such question."), field="form")
        return form_of(row)
    found = versions.in_force(survey.owner)
    if found is None:
        raise WrongState(_("This is not open for entries."))
    return found


def _call(entry: SurveyEntry, definition: Definition, row: SurveyAnswers) -> None:
    """What lists call it, and what it is found by: answers that tell of no person alone."""
    plain = row.plain
    texts = [
        str(plain[each.id])
        for each in definition.asks
        if each.id in plain and each.kind in (Kind.TEXT, Kind.LONG_TEXT)
    ]
    first = entry.target.name if entry.target is not None else (texts or [""])[0]
    entry.name = (first or entry.place or entry.survey.title)[:80]
    entry.words = " ".join([entry.name, entry.place, *texts]).lower()[:LONGEST_WORDS]


def _done(target: SurveyTarget, now: datetime) -> None:
    target.done_at, target.obstacle, target.obstacle_by = now, "", None
    target.save(update_fields=["done_at", "obstacle", "obstacle_by"])


@transaction.atomic
def confirm(pk: UUID, *, by: Actor, now: datetime) -> SurveyEntry:
    """核对无误: somebody found it to be as it says. Raises NotFound; NotAllowed: not theirs."""
    entry = locked(pk, by)
    _mine(entry.area_code, by)
    entry.checked_at, entry.checked_by = now, by.account_id
    entry.last_seq += 1
    entry.save(update_fields=["checked_at", "checked_by", "last_seq"])
    note(entry, "confirm", by=by, now=now)
    return entry


@transaction.atomic
def end(pk: UUID, *, by: Actor, now: datetime, version: int | None = None) -> SurveyEntry:
    """注销: it holds no longer, and stays to be looked up. Raises as `locked`, and NotAllowed."""
    entry = locked(pk, by, version)
    _mine(entry.area_code, by)
    entry.valid_until = timezone.localdate(now)
    entry.version += 1
    entry.last_seq += 1
    entry.save(update_fields=["valid_until", "version", "last_seq"])
    if entry.target is not None:
        SurveyTarget.objects.filter(pk=entry.target.pk).update(done_at=None)
    note(entry, "end", by=by, now=now)
    return entry


@transaction.atomic
def hinder(target: UUID, *, by: Actor, now: datetime, why: str) -> SurveyTarget:
    """无法走访: the target cannot be entered, and this is why; "" takes that back.

    Raises:
        NotFound, NotAllowed: it is not the actor's to write about.
        WrongState: it was entered, or the survey is not open.
        BadInput: no known reason.
    """
    rows = SurveyTarget.objects.visible_to(by).select_for_update(of=("self",))
    found = rows.select_related("survey").filter(pk=target).first()
    if found is None:
        raise NotFound
    _mine(found.area_code, by)
    _open(found.survey, now)
    if why not in ("", *SurveyTarget.Obstacle.values):
        raise BadInput(_("Please choose one."), field="why")
    if found.done_at is not None:
        raise WrongState(_("Somebody has entered this already."))
    found.obstacle, found.obstacle_by = why, by.account_id if why else None
    found.save(update_fields=["obstacle", "obstacle_by"])
    return found


@transaction.atomic
def finish(survey: UUID, *, by: Actor, now: datetime, undo: bool = False) -> bool:
    """本网格已查完: all of the grid is entered, be it nothing; whether it is so now.

    Raises:
        NotFound: the survey does not reach the actor.
        NotAllowed: the actor walks no single grid.
        WrongState: it is not open, is a register, or targets are left.
    """
    found = Survey.objects.visible_to(by).filter(pk=survey).first()
    if found is None:
        raise NotFound
    if by.role not in ON_FOOT or len(by.area_code) != 15:
        raise NotAllowed
    _open(found, now)
    if found.due_at is None:
        raise WrongState(_("A register is never through."))
    rows = SurveyGrid.objects.filter(survey=found, grid_code=by.area_code)
    if undo:
        rows.delete()
        return False
    if any(each.is_open for each in _targets(found, by.area_code)):
        raise WrongState(_("There are places left that nobody has visited."))
    assert by.account_id is not None
    SurveyGrid.objects.get_or_create(
        survey=found,
        grid_code=by.area_code,
        defaults={"finished_at": now, "finished_by": by.account_id},
    )
    return True


def _targets(survey: Survey, area: str) -> Iterable[SurveyTarget]:
    return survey.targets.filter(area_code__startswith=area)
