"""What a desk does with the care list: put somebody on it, change the level, hand over, end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import encrypt_text
from huying.care.concerned import tell_handed
from huying.care.due import due_after
from huying.care.models import (
    LONGEST_INTERVAL,
    CareKind,
    CareLevel,
    CarePerson,
    CareStep,
    CareVisit,
    Consent,
    EndReason,
    LookAt,
)
from huying.care.steps import locked, may_keep, move, settle, step_of
from huying.care.visiting import seen_of
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.people.acting import Actor, in_force
from huying.people.models import ON_FOOT, Account, Post, Role
from huying.people.phones import plain_phone
from huying.registry import sealing
from huying.registry.models import Person

MOST_HEALTH: Final = 300
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody is to be visited.

    Attributes:
        level: the number of a `CareLevel`.
        every_days: an interval of one's own.
        health, contact, phone: sealed; None leaves each as it is, "" takes it away.
    """

    kinds: Sequence[str]
    level: int
    consent: str
    every_days: int | None = None
    look_at: Sequence[str] = ()
    health: str | None = None
    contact: str | None = None
    phone: str | None = None


def put_on(
    person: UUID,
    told: Told,
    *,
    by: Actor,
    now: datetime,
    worker: int | None = None,
    member: int | None = None,
) -> CarePerson:
    """Puts somebody of the register on the list.

    Raises:
        NotFound, NotAllowed: the person is out of sight; the actor is at no desk of the place.
        BadInput, Missing: as `_check`; or the person is on the list already.
    """
    (made,) = put_on_many([(person, told)], by=by, now=now, worker=worker, member=member)
    return made


def put_on_many(
    people: Sequence[tuple[UUID, Told]],
    *,
    by: Actor,
    now: datetime,
    worker: int | None = None,
    member: int | None = None,
) -> list[CarePerson]:
    """The same for many at once: all of them, or none. Raises as `put_on`."""
    levels = {each.number: each for each in CareLevel.objects.all()}
    kinds = _kinds()
    rows, steps = [], []
    with transaction.atomic():
        wanted = Person.objects.visible_to(by).living().select_for_update(of=("self",))
        known = {each.pk: each for each in wanted.filter(pk__in=[pk for pk, _told in people])}
        there = set(
            CarePerson.objects.standing().filter(person__in=known).values_list("person", flat=True)
        )
        for pk, told in people:
            if (person := known.get(pk)) is None:
                raise NotFound
            if not may_keep(by, person.area_code):
                raise NotAllowed
            if pk in there:
                raise BadInput(_("This person is on the list already."), field="person")
            there.add(pk)
            care = _row(person, told, levels, kinds, by, now)
            _assign(care, worker, member, now)
            rows.append(care)
            steps.append(
                step_of(care, "put_on", by=by, now=now, level=told.level, consent=told.consent)
            )
        try:
            with transaction.atomic():
                CarePerson.objects.bulk_create(rows, batch_size=500)
        except IntegrityError:
            # What is refused after all checks is what somebody else saved at the same moment.
            raise BadInput(_("This person is on the list already."), field="person") from None
        CareStep.objects.bulk_create(steps, batch_size=500)
        for care in rows:
            if care.worker_id or care.member_id:
                tell_handed(care, now)
    return rows


def _row(
    person: Person,
    told: Told,
    levels: dict[int, CareLevel],
    kinds: dict[str, CareKind],
    by: Actor,
    now: datetime,
) -> CarePerson:
    today = timezone.localdate(now)
    assert by.account_id is not None
    care = CarePerson(
        district_code=person.district_code,
        area_code=person.area_code,
        person=person,
        since=today,
        made_at=now,
        made_by_id=by.account_id,
        due_on=today,
    )
    _set(care, told, levels, kinds, today)
    settle(care, due_after(care.plan, ()))
    return care


def _kinds() -> dict[str, CareKind]:
    return {each.code: each for each in CareKind.objects.all()}


def _set(
    care: CarePerson,
    told: Told,
    levels: dict[int, CareLevel],
    kinds: dict[str, CareKind],
    today: date,
) -> None:
    """Checks what is told and sets it.

    Raises:
        Missing: no kind, level or consent.
        BadInput: an unknown one; a child's kind for a grown person, or no guardian's consent.
    """
    before = set(care.kinds or ())
    chosen = [kinds[code] for code in dict.fromkeys(told.kinds) if code in kinds]
    if len(chosen) < len(set(told.kinds)):
        raise BadInput(_("Please choose one."), field="kinds")
    if not chosen:
        raise Missing(_("Please choose at least one."), field="kinds")
    if any(not each.active and each.code not in before for each in chosen):
        raise BadInput(_("This kind is no longer in use."), field="kinds")
    level = levels.get(told.level)
    if level is None:
        raise Missing(_("Please choose one."), field="level")
    if told.every_days is not None and not 1 <= told.every_days <= LONGEST_INTERVAL:
        raise BadInput(_("Between 1 and 180 days."), field="every_days")
    minor = care.person.is_minor(today)
    if told.consent not in Consent.values:
        raise Missing(_("Nobody is visited who did not agree to it."), field="consent")
    if minor and told.consent != Consent.GUARDIAN:
        raise BadInput(_("For a minor the guardian has to agree."), field="consent")
    grown = care.person.birth_year is not None and not minor
    if grown and any(each.minors for each in chosen):
        raise BadInput(_("This kind is for minors only."), field="kinds")
    if set(told.look_at) - set(LookAt.values):
        raise BadInput(_("Please choose one."), field="look_at")
    care.kinds = [each.code for each in chosen]
    care.level, care.every_days, care.consent = level, told.every_days, told.consent
    care.look_at = list(dict.fromkeys(told.look_at))
    _seal(care, told)


def _seal(care: CarePerson, told: Told) -> None:
    if told.health is not None:
        words = told.health.strip()
        if len(words) > MOST_HEALTH:
            raise BadInput(_("At most 300 characters."), field="health")
        care.health_enc = (
            encrypt_text(words, context=sealing.context(care, "health")) if words else None
        )
    if told.contact is not None:
        if len(told.contact.strip()) > LONGEST_NAME:
            raise BadInput(_("This name is too long."), field="contact")
        sealing.put(care, "contact", " ".join(told.contact.split()))
    if told.phone is not None:
        sealing.put(care, "phone", plain_phone(told.phone))


def correct(
    pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> CarePerson:
    """Tells anew how somebody is visited: kinds, level, interval, what to look at, whom to call.

    A shorter interval counts from today: nobody becomes late by it; who is late stays so.

    Raises:
        NotFound, NotAllowed, WrongState, StalePage: as `steps.locked`.
        Missing, BadInput: as `_set`.
    """
    with transaction.atomic():
        care = locked(pk, by=by, version=version)
        was, every = care.level_id, care.every
        levels = {each.number: each for each in CareLevel.objects.all()}
        _set(care, told, levels, _kinds(), timezone.localdate(now))
        _follow(care, every, now)
        more = {"every": care.every, "was_every": every, "consent": care.consent}
        move(care, "correct", by=by, now=now, level=care.level_id, was=was, **more)
        return care


def _follow(care: CarePerson, every: int, now: datetime) -> None:
    """Works the due day out anew, now that the interval may be another than ``every``."""
    if care.every < every:
        care.shorter_on, care.before_days = timezone.localdate(now), every
    elif care.every > every:
        care.shorter_on = care.before_days = None
    settle(care, due_after(care.plan, seen_of([care.pk])[care.pk]))


def follow_level(level: CareLevel, before: int, *, now: datetime) -> int:
    """Works the due days out anew after an administrator changed a level's days; how many."""
    rows = CarePerson.objects.standing().filter(level=level, every_days=None)
    with transaction.atomic():
        cares = list(rows.select_for_update(of=("self",)).select_related("level"))
        seen = seen_of([care.pk for care in cares])
        today = timezone.localdate(now)
        for care in cares:
            shorter = level.days < before
            care.shorter_on, care.before_days = (today, before) if shorter else (None, None)
            settle(care, due_after(care.plan, seen[care.pk]))
        CarePerson.objects.bulk_update(cares, _DUE, batch_size=500)
    return len(cares)


_DUE: Final = (
    *("shorter_on", "before_days", "due_on", "why"),
    *("last_on", "misses", "rung", "climb_on"),
)


def hand_over(
    pk: UUID,
    *,
    by: Actor,
    now: datetime,
    worker: int | None,
    member: int | None,
    version: int | None = None,
) -> CarePerson:
    """Gives the visits to another worker, or back to the grid's own; and to a member, or to none.

    Raises:
        NotFound, NotAllowed, WrongState, StalePage: as `steps.locked`.
        BadInput: that account walks no grid here, or is no member or volunteer here.
    """
    with transaction.atomic():
        care = locked(pk, by=by, version=version)
        before = (care.worker_id, care.member_id)
        _assign(care, worker, member, now)
        if before == (care.worker_id, care.member_id):
            return care
        move(care, "hand_over", by=by, now=now, worker=care.worker_id, member=care.member_id)
        told = [pk for pk in (care.worker_id, care.member_id) if pk not in before]
        tell_handed(care, now, only=[each for each in told if each is not None])
        return care


def _assign(care: CarePerson, worker: int | None, member: int | None, now: datetime) -> None:
    if worker is not None and worker != care.worker_id and worker not in walkers(care, now):
        raise BadInput(_("This person walks no grid here."), field="worker")
    if member is not None and member != care.member_id and member not in members(care, now):
        raise BadInput(_("This person is no member or volunteer here."), field="member")
    care.worker_id, care.member_id = worker, member


def walkers(care: CarePerson, now: datetime) -> dict[int, Account]:
    """Who walks a grid of the community, by account."""
    return _holders(care.area_code[:12], ON_FOOT, now)


def members(care: CarePerson, now: datetime) -> dict[int, Account]:
    """The members and volunteers of the community and of the town around it, by account."""
    return _holders(care.area_code[:12], {Role.MEMBER}, now) | _holders(
        care.area_code[:9], {Role.MEMBER}, now, exactly=True
    )


def _holders(
    area: str, roles: set[Role] | frozenset[Role], now: datetime, *, exactly: bool = False
) -> dict[int, Account]:
    posts = Post.objects.filter(
        in_force(timezone.localdate(now)), role__in=sorted(roles), account__is_active=True
    )
    here = {"area_code": area} if exactly else {"area_code__startswith": area}
    rows = posts.filter(**here).select_related("account").order_by("area_code", "id")
    return {post.account_id: post.account for post in rows}


def end(
    pk: UUID, reason: str, *, by: Actor, now: datetime, version: int | None = None
) -> CarePerson:
    """The person is no longer visited; what was, stays to be looked up.

    Raises:
        NotFound, NotAllowed, WrongState, StalePage: as `steps.locked`.
        Missing: no reason from the list.
    """
    if reason not in EndReason.values:
        raise Missing(_("Please choose a reason."), field="reason")
    with transaction.atomic():
        care = locked(pk, by=by, version=version)
        close(care, reason, by=by, now=now)
        return care


def close(care: CarePerson, reason: str, *, by: Actor, now: datetime) -> None:
    """Ends a place that is held already."""
    care.ended_on, care.end_reason = timezone.localdate(now), reason
    care.climb_on = None
    move(care, "end", by=by, now=now, reason=reason)


def visits_of(care: CarePerson, most: int = 60) -> list[CareVisit]:
    """The latest visits first, with who made them and their photos."""
    rows = care.visits.select_related("account", "case_link__case")
    return list(rows.prefetch_related("files")[:most])
