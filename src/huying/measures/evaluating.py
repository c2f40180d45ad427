"""考核评比清单: few, each with a basis; a new one is applied for, an expired one is off."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.duties.noting import note, require_revision, words_of
from huying.duties.sight import applies, decides, is_district_office
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.measures.models import (
    Concerns,
    Evaluation,
    EvaluationCap,
    EvaluationState,
    Frequency,
)
from huying.people.acting import Actor
from huying.people.models import Unit
from huying.places.models import Division

MOST_PAPERS: Final = 200
TIMES: Final = {"once": 1, "yearly": 1, "half": 2, "quarterly": 4, "monthly": 12}
"""How often in a year."""

_IN_TOWNS: Final = frozenset({Concerns.TOWNS, Concerns.COMMUNITIES, Concerns.WORKERS})


@dataclass(frozen=True, slots=True)
class Told:
    """What is applied for."""

    name: str
    holder: int | None
    concerns: str
    towns: Collection[str]
    basis: str
    frequency: str
    papers: int | None
    valid_from: date | None
    valid_until: date | None


def may_apply(by: Actor) -> bool:
    """Units for themselves, and the district's office."""
    return applies(by) or is_district_office(by)


def standing(rows: Iterable[Evaluation], day: date) -> list[Evaluation]:
    """Those that hold on a day; one whose last day is over is off by itself."""
    return [
        each
        for each in rows
        if each.state == EvaluationState.APPROVED and each.valid_from <= day <= each.valid_until
    ]


def in_year(rows: Iterable[Evaluation], year: int) -> list[Evaluation]:
    """Those approved that hold on some day of a year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return [
        each
        for each in rows
        if each.state == EvaluationState.APPROVED
        and each.valid_from <= last
        and each.valid_until >= first
    ]


def by_town(rows: Iterable[Evaluation], towns: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many evaluations concern each town, and how many papers they ask of it in a year."""
    known = list(towns)
    counts, papers = Counter[str](), Counter[str]()
    for each in rows:
        if each.concerns not in _IN_TOWNS:
            continue
        for town in each.towns or known:
            counts[town] += 1
            papers[town] += each.papers * TIMES[each.frequency]
    return {town: (counts[town], papers[town]) for town in known}


@transaction.atomic
def apply(told: Told, *, by: Actor, now: datetime) -> Evaluation:
    """申请列入清单.

    Raises:
        NotAllowed: neither of a unit nor of the district's office.
        Missing, BadInput: what lacks or is wrong.
    """
    if not may_apply(by):
        raise NotAllowed
    assert by.account_id is not None
    district = by.area_code[:6]
    holder = by.unit_id if applies(by) else told.holder
    unit = Unit.objects.filter(pk=holder or 0, district_code=district, active=True).first()
    if unit is None:
        raise Missing(_("Please choose the unit."), field="holder")
    row = Evaluation(
        district_code=district, holder=unit, applied_by_id=by.account_id, made_at=now,
        **_proved(told, district),
    )  # fmt: skip
    row.save(force_insert=True)
    note(row, "apply", by=by, now=now)
    return row


def _proved(told: Told, district: str) -> dict[str, Any]:
    name = words_of(told.name, field="name", most=100)
    basis = words_of(told.basis, field="basis", most=400)
    if told.concerns not in Concerns.values:
        raise Missing(_("Please choose one."), field="concerns")
    if told.frequency not in Frequency.values:
        raise Missing(_("Please choose one."), field="frequency")
    if told.papers is None or not 0 <= told.papers <= MOST_PAPERS:
        raise Missing(_("How many papers does it ask for? 0 if none."), field="papers")
    towns = sorted(set(told.towns))
    if Division.objects.filter(parent_id=district, code__in=towns).count() != len(towns):
        raise BadInput(_("There is no such place in the district."), field="towns")
    if told.valid_from is None:
        raise Missing(_("Please give a day."), field="valid_from")
    if told.valid_until is None:
        raise Missing(_("Please give a day."), field="valid_until")
    if told.valid_until < told.valid_from:
        raise BadInput(_("It ends before it begins."), field="valid_until")
    return {
        "name": name,
        "basis": basis,
        "concerns": told.concerns,
        "frequency": told.frequency,
        "papers": told.papers,
        "towns": towns,
        "valid_from": told.valid_from,
        "valid_until": told.valid_until,
    }


def _locked(pk: uuid.UUID, by: Actor, revision: int | None, state: EvaluationState) -> Evaluation:
    rows = Evaluation.objects.visible_to(by).select_for_update(of=("self",))
    found: Evaluation | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not decides(by):
        raise NotAllowed
    require_revision(found, revision)
    if found.state != state:
        raise WrongState(_("This evaluation is in a state that does not allow this."))
    if by.account_id == found.applied_by_id:
        raise NotAllowed(_("Whoever applied does not decide on it."))
    return found


def _decided(
    row: Evaluation, state: EvaluationState, words: str, by: Actor, now: datetime, verb: str
) -> Evaluation:
    row.words = words_of(words, field="words", most=400)
    row.state, row.decided_by_id, row.decided_at = state, by.account_id, now
    row.revision += 1
    row.save()
    note(row, verb, by=by, now=now)
    return row


@transaction.atomic
def approve(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Evaluation:
    """列入清单, while the year has room.

    Raises:
        NotFound, NotAllowed, StalePage, WrongState: not theirs, not waiting, changed.
        WrongState: a year that it holds in has as many as the district allows.
        Missing: no words.
    """
    row = _locked(pk, by, revision, EvaluationState.APPLIED)
    years = range(row.valid_from.year, row.valid_until.year + 1)
    caps = EvaluationCap.objects.select_for_update().filter(
        district_code=row.district_code, year__in=list(years)
    )
    others = list(Evaluation.objects.filter(district_code=row.district_code))
    for cap in caps.order_by("year"):
        if len(in_year(others, cap.year)) >= cap.most:
            raise WrongState(
                _("%(year)s has its %(most)s evaluations already; strike one off first.")
                % {"year": cap.year, "most": cap.most}
            )
    return _decided(row, EvaluationState.APPROVED, words, by, now, "approve")


@transaction.atomic
def refuse(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Evaluation:
    """不列入. Raises as `approve`."""
    row = _locked(pk, by, revision, EvaluationState.APPLIED)
    return _decided(row, EvaluationState.REFUSED, words, by, now, "refuse")


@transaction.atomic
def strike(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, revision: int | None = None
) -> Evaluation:
    """提前移出清单. Raises as `approve`."""
    row = _locked(pk, by, revision, EvaluationState.APPROVED)
    return _decided(row, EvaluationState.STRUCK, words, by, now, "strike")


@transaction.atomic
def cap(year: int, most: int | None, *, by: Actor, now: datetime) -> EvaluationCap:
    """Sets how many a year may have; what was approved before stays.

    Raises:
        NotAllowed: no leader of the district.
        BadInput: no number, or no year near.
    """
    if not decides(by):
        raise NotAllowed
    assert by.account_id is not None
    if not now.year - 1 <= year <= now.year + 5:
        raise BadInput(_("This year is too far."), field="year")
    if most is None or not 0 <= most <= 500:
        raise BadInput(_("Please give a number."), field="most")
    row, _made = EvaluationCap.objects.update_or_create(
        district_code=by.area_code,
        year=year,
        defaults={"most": most, "set_by_id": by.account_id, "set_at": now},
    )
    note(row, "cap", by=by, now=now, year=year, most=most)
    return row
