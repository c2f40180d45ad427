"""What an office or an administrator does with a register or survey: designed, opened, closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.audit.numbers import hide
from huying.cases.verbs import keepable
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.forms import versions
from huying.forms.versions import Form
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming
from huying.surveys.concerned import tell_opened
from huying.surveys.models import Kind, State, Survey, SurveyArea
from huying.tasks.deadlines import Span
from huying.tasks.issuing import LONGEST, OFFICES

LONGEST_TITLE: Final = 40
MOST_AREAS: Final = 400
_DESIGN: Final = frozenset({Role.DISPATCHER, Role.TOWN_LEADER, Role.DISTRICT_LEADER})


def may_make(by: Actor) -> bool:
    """Whether a post designs registers and surveys: offices of towns and districts, administrators.

    Administrators see the design, and nothing of what was entered.
    """
    if by.role == Role.ADMINISTRATOR:
        return len(by.area_code) >= OFFICES[0]
    return by.role in _DESIGN and len(by.area_code) in OFFICES


def may_change(survey: Survey, by: Actor) -> bool:
    """Its own office, those above it, and administrators of the district."""
    if by.role == Role.ADMINISTRATOR:
        return survey.district_code == by.area_code[:6]
    return by.is_system or (may_make(by) and by.covers(survey.area_code))


@dataclass(frozen=True, slots=True)
class Told:
    """What a register or survey says of itself.

    Attributes:
        areas: codes of the towns, communities and grids it is for; none is all of the office's.
    """

    kind: str
    title: str
    why: str = ""
    due_at: datetime | None = None
    sample_percent: int = 10
    stale_days: int = 365
    areas: Sequence[str] = ()


def make(told: Told, *, by: Actor, now: datetime, like: UUID | None = None) -> Survey:
    """A draft; ``like`` names another one whose questions it begins with.

    Raises:
        NotAllowed: the post designs none.
        Missing, BadInput: something told is not there or not right.
    """
    if not may_make(by):
        raise NotAllowed(_("Towns, the district and administrators design these."))
    office = by.area_code[:6] if by.role == Role.ADMINISTRATOR else by.area_code
    with transaction.atomic():
        survey = Survey(
            district_code=office[:6], area_code=office, made_at=now, made_by=by.account_id
        )
        areas = _set(survey, told, now)
        survey.save(force_insert=True)
        _reach(survey, areas)
        before = like and Survey.objects.visible_to(by).filter(pk=like).first()
        asked = versions.in_force(before.owner) if before else None
        if asked is not None:
            versions.write(survey.owner, dict(asked.written), by=by, now=now, lent=True)
        return survey


def change(pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None) -> Survey:
    """Says it anew. What it is stays what it is once it was opened.

    Raises:
        NotFound, NotAllowed, StalePage: as `own`.
        WrongState: it is closed.
        Missing, BadInput: as `make`.
    """
    with transaction.atomic():
        survey = own(pk, by, version)
        if survey.state == State.CLOSED:
            raise WrongState(_("It is closed; open it again first."))
        if survey.state == State.OPEN and told.kind != survey.kind:
            raise BadInput(_("What was opened stays what it is."), field="kind")
        before = survey.due_at
        areas = _set(survey, told, now)
        if survey.state == State.OPEN and survey.due_at != before:
            _wind(survey, now)
        survey.version += 1
        survey.save()
        _reach(survey, areas)
        return survey


def write_questions(
    pk: UUID, definition: dict[str, Any], *, by: Actor, now: datetime, seen: datetime | None
) -> None:
    """Keeps a draft of the questions, faults and all. Raises as `own`, StalePage as `versions`."""
    with transaction.atomic():
        survey = own(pk, by)
        versions.write(survey.owner, definition, by=by, now=now, seen=seen, lent=True)


def publish_questions(pk: UUID, *, by: Actor, now: datetime) -> Form:
    """The draft is asked from now on; what was entered keeps its questions.

    Raises:
        NotFound, NotAllowed: as `own`.
        BadInput: the questions have faults, or are those that are asked already.
    """
    with transaction.atomic():
        return versions.publish(own(pk, by).owner, by=by, now=now, lent=True)


def discard_questions(pk: UUID, *, by: Actor) -> None:
    """The draft of the questions goes. Raises as `own`."""
    with transaction.atomic():
        versions.discard(own(pk, by).owner, by=by, lent=True)


def open_(pk: UUID, *, by: Actor, now: datetime) -> Survey:
    """启用 or 下达: from now on it is on the phones of the grids that it reaches.

    Raises:
        NotFound, NotAllowed: as `own`.
        WrongState: it is open already.
        Missing: it asks nothing.
        BadInput: its questions have faults; its deadline has passed.
    """
    with transaction.atomic():
        survey = own(pk, by)
        if survey.state == State.OPEN:
            raise WrongState(_("It is open already."))
        if survey.state == State.DRAFT and versions.draft_of(survey.owner) is not None:
            versions.publish(survey.owner, by=by, now=now, lent=True)
        if versions.in_force(survey.owner) is None:
            raise Missing(_("Please write its questions first."), field="questions")
        if survey.due_at is not None and survey.due_at <= now:
            raise BadInput(_("The deadline must lie ahead, within a year."), field="due_at")
        survey.state, survey.opened_at, survey.closed_at = State.OPEN, now, None
        _wind(survey, now)
        survey.version += 1
        survey.save()
        tell_opened(survey, now)
        return survey


def close(pk: UUID, *, by: Actor, now: datetime) -> Survey:
    """停用 or 结束: nothing more is entered; what was entered stays.

    Raises:
        NotFound, NotAllowed: as `own`.
        WrongState: it is not open.
    """
    with transaction.atomic():
        survey = own(pk, by)
        if survey.state != State.OPEN:
            raise WrongState(_("It is not open."))
        survey.state, survey.closed_at, survey.climb_at = State.CLOSED, now, None
        survey.version += 1
        survey.save()
        return survey


def discard(pk: UUID, *, by: Actor) -> None:
    """A draft goes, with its questions and its targets.

    Raises:
        NotFound, NotAllowed: as `own`.
        WrongState: it was opened.
    """
    with transaction.atomic():
        survey = own(pk, by)
        if survey.state != State.DRAFT:
            raise WrongState(_("Only a draft can go; close it instead."))
        versions.discard(survey.owner, by=by, lent=True)
        survey.delete()


def own(pk: UUID, by: Actor, version: int | None = None) -> Survey:
    """The survey, held until the transaction ends.

    Raises:
        NotFound: out of sight.
        NotAllowed: another office's.
        StalePage: it was changed since that version.
    """
    seen = Survey.objects.visible_to(by).filter(pk=pk).exists()
    found = Survey.objects.select_for_update().filter(pk=pk).first() if seen else None
    if found is None:
        raise NotFound
    if not may_change(found, by):
        raise NotAllowed
    if version is not None and found.version != version:
        raise StalePage(_("Somebody else has changed this meanwhile."))
    return found


def _set(survey: Survey, told: Told, now: datetime) -> list[str]:
    """Sets what is told, checked; gives the areas."""
    title, why = " ".join(told.title.split()), told.why.strip()
    if told.kind not in Kind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if not title:
        raise Missing(_("This is needed."), field="title")
    if len(title) > LONGEST_TITLE or not keepable(title):
        raise BadInput(_("This title is too long."), field="title")
    if hide(title).found:
        # It is told in notices, and those leave the house.
        raise BadInput(_("A title holds no phone and no identity card number."), field="title")
    if len(why) > 500 or not keepable(why):
        raise BadInput(_("This is too long."), field="why")
    due_at = told.due_at if told.kind == Kind.SURVEY else None
    if told.kind == Kind.SURVEY and due_at is None:
        raise Missing(_("Please set a deadline."), field="due_at")
    if due_at is not None and due_at != survey.due_at and not now < due_at <= now + LONGEST:
        raise BadInput(_("The deadline must lie ahead, within a year."), field="due_at")
    if not 0 <= told.sample_percent <= 100:
        raise BadInput(_("Between 0 and 100."), field="sample_percent")
    if not 1 <= told.stale_days <= 3650:
        raise BadInput(_("Between 1 and 3650 days."), field="stale_days")
    survey.kind, survey.title, survey.why, survey.due_at = told.kind, title, why, due_at
    survey.sample_percent, survey.stale_days = told.sample_percent, told.stale_days
    return _areas(survey.area_code, told.areas)


def _areas(office: str, told: Sequence[str]) -> list[str]:
    """Each area once, none within another."""
    named = sorted({each.strip() for each in told if each.strip()}) or [office]
    if any(not naming.is_place(each) or not each.startswith(office) for each in named):
        raise BadInput(_("This place is outside your area."), field="areas")
    kept: list[str] = []
    for code in named:
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    if len(kept) > MOST_AREAS:
        raise BadInput(_("Too many areas; name the community or town instead."), field="areas")
    return kept


def _reach(survey: Survey, areas: Sequence[str]) -> None:
    survey.areas.exclude(code__in=areas).delete()
    rows = [SurveyArea(survey=survey, code=code) for code in areas]
    SurveyArea.objects.bulk_create(rows, ignore_conflicts=True)


def _wind(survey: Survey, now: datetime) -> None:
    """Lets the deadline climb from its beginning."""
    survey.rung = 0
    survey.climb_at = Span(now, survey.due_at).next_after(0) if survey.due_at else None
