"""职责准入: a department applies, the district's office reviews, a leader lets it be tried, and
then it is admitted for all or ends. Three persons at least: nobody passes their own."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue import versions
from huying.catalogue.models import Category, Item
from huying.catalogue.validating import FIELDS, InvalidItem, problems_of
from huying.clock.calendar import CIVIL_TZ
from huying.clock.reading import calendar_for
from huying.duties import telling
from huying.duties.models import Admission, AdmissionState, AdmissionWord, DutyStep
from huying.duties.noting import note, require_revision, words_of
from huying.duties.sight import applies, decides, is_district_office, reviews
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Unit
from huying.places.models import Division

log = logging.getLogger(__name__)

REVIEW_DAYS: Final = 5
DECIDE_DAYS: Final = 10
LONGEST_TRIAL: Final = timedelta(days=366)
AGAIN: Final = 7
"""What is late is told of again after so many days."""

_S = AdmissionState


@dataclass(frozen=True, slots=True)
class Told:
    """What a department says of the item that it wants."""

    category_code: str
    proposed: Mapping[str, Any]
    duties: str
    flow: str
    resources: str
    basis: str


def work_day_after(day: date, days: int, district_code: str) -> date:
    """The civil day on which so many work days have passed."""
    calendar = calendar_for(district_code)
    while days > 0:
        day += timedelta(days=1)
        days -= calendar.is_work_day(day)
    return day


def proved(told: Told) -> dict[str, Any]:
    """The columns of what was told.

    Raises:
        Missing, BadInput, InvalidItem: what lacks or is wrong.
    """
    proposed = {name: told.proposed.get(name) for name in FIELDS}
    if not Category.objects.filter(pk=told.category_code).exists():
        raise Missing(_("Please choose one."), field="category_code")
    found = problems_of(proposed)
    if found:
        raise InvalidItem(found)
    said = {
        name: words_of(getattr(told, name), field=name, most=1000)
        for name in ("duties", "flow", "resources", "basis")
    }
    return {"category_code": told.category_code, "proposed": proposed, **said}


@transaction.atomic
def apply(told: Told, *, by: Actor, now: datetime) -> Admission:
    """申请: it comes to the pre-review.

    Raises:
        NotAllowed: no post in a unit.
        Missing, BadInput, InvalidItem: as `proved`.
    """
    if not applies(by):
        raise NotAllowed
    assert by.unit_id is not None
    assert by.account_id is not None
    unit = Unit.objects.get(pk=by.unit_id)
    row = Admission.objects.create(
        district_code=unit.district_code,
        unit=unit,
        made_at=now,
        made_by_id=by.account_id,
        review_due=_due(REVIEW_DAYS, unit.district_code, now),
        **proved(told),
    )
    note(row, "apply", by=by, now=now)
    telling.tell_office(telling.APPLIED, row, now)
    return row


def _due(days: int, district_code: str, now: datetime) -> date:
    return work_day_after(timezone.localdate(now), days, district_code)


def locked(pk: uuid.UUID, by: Actor, revision: int | None, *states: AdmissionState) -> Admission:
    """The application, held until the transaction ends, in one of the states.

    Raises:
        NotFound, StalePage: it is not theirs to see, or was changed.
        WrongState: it is in another state.
    """
    found = Admission.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    require_revision(found, revision)
    if found.state not in states:
        raise WrongState(_("This application is in a state that does not allow this."))
    return found


def _save(
    row: Admission, verb: str, by: Actor, now: datetime, words: str = "", **data: Any
) -> Admission:
    row.revision += 1
    row.save()
    if words:
        AdmissionWord.objects.create(
            district_code=row.district_code,
            admission=row,
            verb=verb,
            words=words,
            at=now,
            account_id=by.account_id,
        )
    note(row, verb, by=by, now=now, **data)
    return row


def _own(row: Admission, by: Actor) -> None:
    if not applies(by) or by.unit_id != row.unit_id:
        raise NotAllowed


@transaction.atomic
def complete(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """补正: completed, it comes to the pre-review again. Raises as `locked`, `apply`."""
    row = locked(pk, by, revision, _S.RETURNED)
    _own(row, by)
    for name, value in proved(told).items():
        setattr(row, name, value)
    row.state, row.review_due = _S.SUBMITTED, _due(REVIEW_DAYS, row.district_code, now)
    telling.tell_office(telling.APPLIED, row, now)
    return _save(row, "complete", by, now)


@transaction.atomic
def withdraw(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """撤回, before a trial begins. Raises as `locked`; NotAllowed; Missing."""
    row = locked(pk, by, revision, _S.SUBMITTED, _S.RETURNED, _S.REVIEWED)
    _own(row, by)
    row.state, row.ended_at = _S.WITHDRAWN, now
    row.review_due = row.decide_due = None
    return _save(row, "withdraw", by, now, words_of(words, field="words", most=1000))


@transaction.atomic
def comment(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """A word of whoever sees it, while it runs. Raises as `locked`; Missing."""
    row = locked(pk, by, revision, _S.SUBMITTED, _S.RETURNED, _S.REVIEWED, _S.TRIAL)
    return _save(row, "comment", by, now, words_of(words, field="words", most=1000))


@transaction.atomic
def give_back(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """退回补正. Raises as `locked`; NotAllowed: not the district's desk; Missing: no words."""
    row = locked(pk, by, revision, _S.SUBMITTED)
    if not reviews(by):
        raise NotAllowed
    row.state, row.review_due = _S.RETURNED, None
    telling.tell_unit(telling.RETURNED, row, now)
    return _save(row, "give_back", by, now, words_of(words, field="words", most=1000))


@transaction.atomic
def pass_on(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """预审通过: to the leaders. Raises as `give_back`; who applied passes nothing on."""
    row = locked(pk, by, revision, _S.SUBMITTED)
    if not reviews(by):
        raise NotAllowed
    if by.account_id == row.made_by_id:
        raise NotAllowed(_("Whoever applied does not review it."))
    row.state, row.reviewed_by_id, row.review_due = _S.REVIEWED, by.account_id, None
    row.decide_due = _due(DECIDE_DAYS, row.district_code, now)
    telling.tell_leaders(telling.TO_DECIDE, row, now)
    return _save(row, "pass_on", by, now, words_of(words, field="words", most=1000))


@transaction.atomic
def refuse(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """不予准入: by the desk in pre-review, by a leader after it. Raises as `give_back`."""
    row = locked(pk, by, revision, _S.SUBMITTED, _S.REVIEWED)
    if not (reviews(by) if row.state == _S.SUBMITTED else decides(by)):
        raise NotAllowed
    row.state, row.ended_at = _S.REFUSED, now
    row.review_due = row.decide_due = None
    telling.tell_unit(telling.DECIDED, row, now)
    return _save(row, "refuse", by, now, words_of(words, field="words", most=1000))


def free_code(category_code: str) -> str:
    """The next code of a category.

    Raises:
        WrongState: there is none left.
    """
    last = Item.objects.filter(code__startswith=category_code).order_by("-code").first()
    number = int(last.code[2:]) + 1 if last is not None else 1
    if number > 99:
        raise WrongState(_("There is no code left in this category."))
    return f"{category_code}{number:02}"


@transaction.atomic
def approve(
    pk: uuid.UUID,
    towns: Sequence[str],
    until: date | None,
    words: str,
    *,
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> Admission:
    """批准试行: the item is in use in some towns from now until a day.

    Raises: as `locked`; NotAllowed: no leader of the district, or who applied or reviewed it;
        Missing, BadInput: no towns, no words, or no day ahead.
    """
    row = locked(pk, by, revision, _S.REVIEWED)
    if not decides(by):
        raise NotAllowed
    if by.account_id in (row.made_by_id, row.reviewed_by_id):
        raise NotAllowed(_("It is decided by a person who has neither applied nor reviewed it."))
    today = timezone.localdate(now)
    known = Division.objects.filter(parent_id=row.district_code, code__in=list(towns))
    if not towns:
        raise Missing(_("Please choose the towns."), field="towns")
    if known.count() != len(set(towns)):
        raise BadInput(_("There is no such place in the district."), field="towns")
    if until is None:
        raise Missing(_("Please give a day."), field="until")
    if not today < until <= today + LONGEST_TRIAL:
        raise BadInput(_("Please give a day ahead, within a year."), field="until")
    said = words_of(words, field="words", most=1000)
    # Two trials that begin at once take two codes.
    Category.objects.select_for_update().get(pk=row.category_code)
    row.item_code = free_code(row.category_code)
    row.state, row.decided_by_id, row.decide_due = _S.TRIAL, by.account_id, None
    row.trial_towns, row.trial_from, row.trial_until = sorted(set(towns)), today, until
    versions.add(
        row.item_code, by=SYSTEM, valid_from=now, trial_towns=row.trial_towns, **row.proposed
    )
    telling.tell_unit(telling.ON_TRIAL, row, now)
    telling.tell_towns(telling.ON_TRIAL, row, now)
    return _save(row, "approve", by, now, said, item=row.item_code, until=until)


@transaction.atomic
def admit(
    pk: uuid.UUID,
    since: date | None,
    words: str,
    *,
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> Admission:
    """准入: after the trial, for all towns from a day on.

    Raises: as `approve`; WrongState: the trial is not over.
    """
    row = locked(pk, by, revision, _S.TRIAL)
    if not decides(by):
        raise NotAllowed
    if by.account_id in (row.made_by_id, row.reviewed_by_id):
        raise NotAllowed(_("It is decided by a person who has neither applied nor reviewed it."))
    today = timezone.localdate(now)
    assert row.trial_until is not None
    if today <= row.trial_until:
        day = f"{row.trial_until:%Y-%m-%d}"
        raise WrongState(_("The trial runs until %(day)s; decide on its figures.") % {"day": day})
    if since is None:
        raise Missing(_("Please give a day."), field="since")
    if since < today:
        raise BadInput(_("This day lies behind."), field="since")
    said = words_of(words, field="words", most=1000)
    row.state, row.effective_from, row.ended_at = _S.ADMITTED, since, now
    if since == today:
        versions.end_trial(row.item_code, by=SYSTEM)
    telling.tell_unit(telling.DECIDED, row, now)
    return _save(row, "admit", by, now, said, item=row.item_code, since=since)


@transaction.atomic
def end(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Admission:
    """终止: the item is taken out of use; open cases go on. Raises as `approve`."""
    row = locked(pk, by, revision, _S.TRIAL)
    if not decides(by):
        raise NotAllowed
    said = words_of(words, field="words", most=1000)
    row.state, row.ended_at = _S.ENDED, now
    versions.deactivate(row.item_code, by=SYSTEM)
    telling.tell_unit(telling.DECIDED, row, now)
    return _save(row, "end", by, now, said, item=row.item_code)


def may_comment(by: Actor, row: Admission) -> bool:
    return row.state in (_S.SUBMITTED, _S.RETURNED, _S.REVIEWED, _S.TRIAL) and (
        is_district_office(by) or by.unit_id == row.unit_id or by.area_code in row.trial_towns
    )


def see_to(*, now: datetime) -> int:
    """Each morning: what was admitted from today on is in use everywhere; what is late is told of,
    at once and every week. How many applications."""
    today = timezone.localdate(now)
    done = 0
    codes = Item.objects.exclude(trial_towns=[]).values_list("code", flat=True)
    due = Admission.objects.filter(
        state=_S.ADMITTED, effective_from__lte=today, item_code__in=list(codes)
    )
    late = Admission.objects.filter(state__in=[_S.SUBMITTED, _S.REVIEWED, _S.TRIAL])
    for row in [*due, *late]:
        try:
            with transaction.atomic():
                done += _see_to(row, today, now)
        except Exception:
            log.exception("application %s could not be seen to", row.pk)
    return done


def _see_to(row: Admission, today: date, now: datetime) -> int:
    if row.state == _S.ADMITTED:
        versions.end_trial(row.item_code, by=SYSTEM)
        note(row, "in_use", by=SYSTEM, now=now, item=row.item_code)
        return 1
    until = {_S.SUBMITTED: row.review_due, _S.REVIEWED: row.decide_due}.get(
        AdmissionState(row.state), row.trial_until
    )
    if until is None or today <= until:
        return 0
    key = f"{until}:{((today - until).days - 1) // AGAIN}"
    told = telling.tell_late(row, now, key)
    if told:
        note(row, "remind", by=SYSTEM, now=now, due=until)
    return int(told > 0)


def moment(day: date) -> datetime:
    """The beginning of a civil day."""
    return datetime.combine(day, time.min, CIVIL_TZ)


def steps_of(row: Admission) -> list[DutyStep]:
    return list(DutyStep.objects.filter(subject_id=row.pk).order_by("at", "id"))
