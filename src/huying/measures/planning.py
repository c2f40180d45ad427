"""Measures: planned by the office, carried out by units, followed by their milestones."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.attaching import staged_by
from huying.cases.models import Attachment
from huying.duties.noting import note, require_revision, words_of
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.measures.models import (
    Measure,
    MeasureFile,
    MeasureMilestone,
    MeasurePlan,
    MeasureReport,
)
from huying.measures.sight import keeps, reports
from huying.measures.telling import DUE, OVERDUE, tell_of
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Unit, UnitKind

log = logging.getLogger(__name__)

MOST_MILESTONES: Final = 20
BEFORE: Final = timedelta(days=3)
AGAIN: Final = 7
"""What is overdue is told of again after so many days."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be done, by whom, until when."""

    number: int | None
    title: str
    words: str
    unit: int | None
    helpers: Collection[int]
    due_on: date | None


def units_for(district_code: str) -> Any:
    """The units that may answer for a measure: departments and desks of the district."""
    kinds = (UnitKind.DEPARTMENT, UnitKind.DESK)
    rows = Unit.objects.filter(active=True, district_code=district_code, kind__in=kinds)
    return rows.order_by("area_code", "kind", "name")


@transaction.atomic
def make_plan(
    title: str, begins_on: date | None, ends_on: date | None, *, by: Actor, now: datetime
) -> MeasurePlan:
    """A new plan of the district.

    Raises:
        NotAllowed: not the district's desk or a leader of it.
        Missing, BadInput: what lacks or is wrong.
    """
    if not keeps(by):
        raise NotAllowed
    assert by.account_id is not None
    said = words_of(title, field="title", most=60)
    for name, day in (("begins_on", begins_on), ("ends_on", ends_on)):
        if day is None:
            raise Missing(_("Please give a day."), field=name)
    assert begins_on is not None
    assert ends_on is not None
    if ends_on < begins_on:
        raise BadInput(_("It ends before it begins."), field="ends_on")
    row = MeasurePlan(
        district_code=by.area_code,
        title=said,
        begins_on=begins_on,
        ends_on=ends_on,
        made_at=now,
        made_by_id=by.account_id,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise BadInput(_("This name is there already."), field="title") from error
    note(row, "plan", by=by, now=now)
    return row


def _proved(told: Told, district_code: str) -> dict[str, Any]:
    if told.number is None or told.number < 1:
        raise Missing(_("Please give a number."), field="number")
    title = words_of(told.title, field="title", most=100)
    words = words_of(told.words, field="words", most=1000, needed=False)
    units = units_for(district_code)
    if told.unit is None or not units.filter(pk=told.unit).exists():
        raise Missing(_("Please choose the unit."), field="unit")
    helpers = sorted(set(told.helpers) - {told.unit})
    if units.filter(pk__in=helpers).count() != len(helpers):
        raise BadInput(_("There is no such unit."), field="helpers")
    if told.due_on is None:
        raise Missing(_("Please give a day."), field="due_on")
    return {
        "number": told.number,
        "title": title,
        "words": words,
        "unit_id": told.unit,
        "helpers": helpers,
        "due_on": told.due_on,
    }


def _kept(row: Measure) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BadInput(_("This number is there already."), field="number") from error


@transaction.atomic
def add(plan: uuid.UUID, told: Told, *, by: Actor, now: datetime) -> Measure:
    """A new measure of a plan. Raises as `make_plan`; NotFound: there is no such plan."""
    if not keeps(by):
        raise NotAllowed
    found = MeasurePlan.objects.visible_to(by).filter(pk=plan).first()
    if found is None:
        raise NotFound
    row = Measure(
        district_code=found.district_code, plan=found, **_proved(told, found.district_code)
    )
    _kept(row)
    note(row, "add", by=by, now=now)
    return row


def locked(
    pk: uuid.UUID, by: Actor, revision: int | None = None, *, office: bool = True
) -> Measure:
    """The measure, held until the transaction ends, while it is not given up.

    ``office``: only the office may; else the responsible units as well.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or work on, or was changed.
        WrongState: it was given up.
    """
    rows = Measure.objects.visible_to(by).select_for_update(of=("self",))
    found: Measure | None = rows.select_related("unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not (keeps(by) if office else reports(by, found)):
        raise NotAllowed
    require_revision(found, revision)
    if found.dropped_at is not None:
        raise WrongState(_("This measure was given up."))
    return found


def _save(row: Measure, verb: str, by: Actor, now: datetime, **data: Any) -> Measure:
    row.revision += 1
    _kept(row)
    note(row, verb, by=by, now=now, **data)
    return row


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, revision: int | None = None
) -> Measure:
    """Says it anew. Raises as `locked` and `add`."""
    row = locked(pk, by, revision)
    for name, value in _proved(told, row.district_code).items():
        setattr(row, name, value)
    return _save(row, "change", by, now)


@transaction.atomic
def drop(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Measure:
    """It is given up, with why. Raises as `locked`; Missing."""
    row = locked(pk, by, revision)
    row.outcome, row.dropped_at = words_of(words, field="words", most=400), now
    return _save(row, "drop", by, now)


@transaction.atomic
def plan_point(
    pk: uuid.UUID,
    title: str,
    due_on: date | None,
    *,
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> MeasureMilestone:
    """A milestone more. Raises as `locked`; Missing, BadInput."""
    row = locked(pk, by, revision)
    said = words_of(title, field="title", most=100)
    if due_on is None:
        raise Missing(_("Please give a day."), field="due_on")
    there = list(row.milestones.all())
    if len(there) >= MOST_MILESTONES:
        raise BadInput(_("At most %(n)s points.") % {"n": MOST_MILESTONES}, field="title")
    if any(each.title == said for each in there):
        raise BadInput(_("This name is there already."), field="title")
    made = MeasureMilestone.objects.create(
        district_code=row.district_code, measure=row, title=said, due_on=due_on
    )
    _save(row, "point", by, now, due=due_on)
    return made


@transaction.atomic
def reach(
    pk: uuid.UUID,
    milestone: uuid.UUID,
    evidence: str,
    *,
    files: Sequence[uuid.UUID] = (),
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> MeasureMilestone:
    """达成: with what shows it, in words, photos and documents. Raises as `locked`; Missing."""
    row = locked(pk, by, revision, office=False)
    found = row.milestones.filter(pk=milestone).first()
    if found is None:
        raise NotFound
    if found.reached_on is not None:
        raise WrongState(_("This milestone was reached already."))
    found.evidence = words_of(evidence, field="evidence", most=400)
    found.reached_on, found.reached_by_id = timezone.localdate(now), by.account_id
    found.save()
    held = staged_by(by, files)
    Attachment.objects.filter(pk__in=[each.pk for each in held]).update(held=True)
    MeasureFile.objects.bulk_create(
        MeasureFile(district_code=row.district_code, milestone=found, attachment=each, at=now)
        for each in held
    )
    _save(row, "reach", by, now, milestone=str(found.pk))
    return found


@transaction.atomic
def take_back(
    pk: uuid.UUID,
    milestone: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> MeasureMilestone:
    """After all not reached; the office says so. What was shown stays. Raises as `locked`."""
    row = locked(pk, by, revision)
    found = row.milestones.filter(pk=milestone).exclude(reached_on=None).first()
    if found is None:
        raise NotFound
    found.reached_on, found.reached_by = None, None
    found.save()
    _save(row, "take_back", by, now, milestone=str(found.pk))
    return found


@transaction.atomic
def say(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> MeasureReport:
    """进展: a word on how it goes. Raises as `locked`; Missing."""
    row = locked(pk, by, revision, office=False)
    assert by.account_id is not None
    made = MeasureReport.objects.create(
        district_code=row.district_code,
        measure=row,
        words=words_of(words, field="words", most=1000),
        at=now,
        account_id=by.account_id,
    )
    _save(row, "say", by, now)
    return made


def remind(*, now: datetime) -> int:
    """Tells of milestones due within three days, and of overdue ones at once and every week."""
    today = timezone.localdate(now)
    rows = MeasureMilestone.objects.filter(
        reached_on=None, due_on__lte=today + BEFORE, measure__dropped_at=None
    ).select_related("measure__unit")
    reminded = 0
    for row in rows:
        try:
            with transaction.atomic():
                reminded += _remind(row, today, now)
        except Exception:
            # One that cannot be told of keeps the others from nothing.
            log.exception("milestone %s could not be told of", row.pk)
    return reminded


def _remind(row: MeasureMilestone, today: date, now: datetime) -> int:
    late = (today - row.due_on).days
    if late > 0:
        told = tell_of(OVERDUE, row, now, f"{row.due_on}:{(late - 1) // AGAIN}")
    else:
        told = tell_of(DUE, row, now, f"{row.due_on}")
    if told:
        note(row, "remind", by=SYSTEM, now=now, late=max(0, late))
    return int(told > 0)
