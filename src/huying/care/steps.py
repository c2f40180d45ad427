"""Taking hold of somebody's place on the list, and writing down what was done to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from huying.audit.chain import plain
from huying.care.due import Due, Ladder
from huying.care.models import CarePerson, CareStep
from huying.errors import NotAllowed, NotFound, StalePage, WrongState
from huying.installation import config
from huying.people.acting import Actor

_SETTLE: Final = (Path(__file__).resolve().parent.parent / "sql" / "care_settle.sql").read_text(
    "utf-8"
)
_WRITTEN: Final = (
    *("id", "due_on", "why", "last_on"),
    *("misses", "rung", "climb_on", "last_seq"),
)


def ladder() -> Ladder:
    """After how many days of a missed visit whom is told."""
    return Ladder(config.care_missed)


def may_keep(by: Actor, area_code: str) -> bool:
    """Whether the post says who is on the list there: the desks of the place."""
    return by.keeps(area_code)


def locked(pk: UUID, *, by: Actor, version: int | None = None) -> CarePerson:
    """Somebody on the list whom the actor keeps, held until the transaction ends.

    Raises:
        NotFound: out of sight, or not there.
        NotAllowed: the actor is at no desk of the place.
        WrongState: the person is no longer visited.
        StalePage: it was changed since the version that the actor saw.
    """
    found = (
        CarePerson.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("level", "person")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound
    if not may_keep(by, found.area_code):
        raise NotAllowed
    if found.ended_on is not None:
        raise WrongState(_("This person is no longer visited."))
    if version is not None and version != found.version:
        raise StalePage(_("Someone else changed this record in the meantime."))
    return found


def settle(care: CarePerson, due: Due) -> None:
    """Lets a place on the list say when it is due. What was told of another day is forgotten."""
    if care.due_on != due.on:
        care.due_on, care.rung = due.on, 0
    care.why, care.last_on, care.misses = str(due.why), due.last, due.misses
    care.climb_on = ladder().next_after(care.rung, care.due_on)


def write(cares: Collection[CarePerson]) -> None:
    """Writes where many stand, that are held: a hundred as quickly as one."""
    if cares:
        rows = {name: [getattr(care, name) for care in cares] for name in _WRITTEN}
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, rows)


def step_of(care: CarePerson, verb: str, *, by: Actor, now: datetime, **data: Any) -> CareStep:
    """The next step of a place on the list; the caller saves both."""
    care.last_seq += 1
    return CareStep(
        care=care,
        seq=care.last_seq,
        verb=verb,
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        data=plain({name: _said(value) for name, value in data.items()}),
    )


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def move(care: CarePerson, verb: str, *, by: Actor, now: datetime, **data: Any) -> None:
    """Writes the changed row in its next version, and the step."""
    step = step_of(care, verb, by=by, now=now, **data)
    care.version += 1
    care.save()
    step.save(force_insert=True)
