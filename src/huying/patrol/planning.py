"""What a desk does with plans and their places: made, changed, stopped; places put and taken."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.answers import owner_of
from huying.catalogue.versions import snapshot
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.forms.definition import Definition, Kind
from huying.forms.versions import Form, all_in_force
from huying.patrol.due import Rhythm
from huying.patrol.models import CODE_SIZE, FARTHEST_M, LOOKING, PatrolPlace, PatrolPlan
from huying.people.acting import Actor
from huying.places.locating import locate

MOST_POINTS: Final = 12
LONGEST_POINT: Final = 60
MOST_AT_ONCE: Final = 200
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look like others: a code is typed in where a label cannot be scanned."""


def may_plan(actor: Actor) -> bool:
    """Whether the post may make plans of its own: a desk or leader of a town or community."""
    return actor.role in LOOKING and len(actor.area_code) in (9, 12)


def may_change(plan: PatrolPlan, actor: Actor) -> bool:
    """Its own office, and those above it."""
    return actor.role in LOOKING and actor.covers(plan.area_code)


@dataclass(frozen=True, slots=True)
class Told:
    """What a plan says."""

    item: str
    title: str
    rhythm: str
    times: int
    starts_on: date
    ends_on: date | None = None
    form: int | None = None


def make(told: Told, *, by: Actor, now: datetime) -> PatrolPlan:
    """A new plan of the actor's area, without places yet.

    Raises:
        NotAllowed: the actor is at no desk of a town or community.
        BadInput, Missing: as `_checked`.
    """
    if not may_plan(by):
        raise NotAllowed
    assert by.account_id is not None
    return PatrolPlan.objects.create(
        district_code=by.area_code[:6],
        area_code=by.area_code,
        made_at=now,
        made_by_id=by.account_id,
        **_checked(told, now),
    )


def change(pk: UUID, told: Told, *, by: Actor, now: datetime) -> PatrolPlan:
    """Says it anew; visits that were made count as before.

    Raises:
        NotFound, NotAllowed, BadInput, Missing: as `make` and `_locked`.
    """
    with transaction.atomic():
        plan = _locked(pk, by)
        before = plan.item_code
        for name, value in _checked(told, now, plan.form_id).items():
            setattr(plan, name, value)
        plan.save()
        if plan.item_code != before:
            _begin_with(plan.places.all(), before, plan.item_code)
        return plan


def _begin_with(places: Iterable[PatrolPlace], before: str, item: str) -> None:
    """A report from these places begins with the new item; the old one stays beside others."""
    changed = list(places)
    for place in changed:
        rest = [code for code in place.item_codes if code != item]
        place.item_codes = [item, *(rest if rest != [before] else [])]
    PatrolPlace.objects.bulk_update(changed, ["item_codes"], batch_size=500)


def stop(pk: UUID, *, by: Actor, now: datetime) -> PatrolPlan:
    """Nothing of it falls due from now on. Raises as `_locked`."""
    return _set_stopped(pk, now, by)


def resume(pk: UUID, *, by: Actor) -> PatrolPlan:
    """It goes on. Raises as `_locked`."""
    return _set_stopped(pk, None, by)


def _set_stopped(pk: UUID, at: datetime | None, by: Actor) -> PatrolPlan:
    with transaction.atomic():
        plan = _locked(pk, by)
        plan.stopped_at = at
        plan.save(update_fields=["stopped_at"])
        return plan


def _locked(pk: UUID, by: Actor) -> PatrolPlan:
    """Raises NotFound: out of sight. NotAllowed: another office's."""
    plan = PatrolPlan.objects.visible_to(by).select_for_update().filter(pk=pk).first()
    if plan is None:
        raise NotFound
    if not may_change(plan, by):
        raise NotAllowed
    return plan


def checklists() -> list[Form]:
    """The questions that may be a plan's checklist: an item's, as they are in force now.

    What tells of a person belongs to a case, where it is sealed; photos come with what was found.
    """
    return [form for form in all_in_force(owner_of("")).values() if serves(form.definition)]


def serves(definition: Definition) -> bool:
    """Whether questions may be a checklist."""
    return not any(each.sensitive or each.kind == Kind.PHOTO for each in definition.asks)


def _checked(told: Told, now: datetime, form: int | None = None) -> dict[str, object]:
    if told.form not in {None, form, *(each.id for each in checklists())}:
        raise BadInput(_("There is no such checklist."), field="form")
    title = told.title.strip()
    if not title:
        raise Missing(_("This is needed."), field="title")
    if told.item not in {item.code for item in snapshot(now).active}:
        raise BadInput(_("This item is not in use."), field="item")
    if told.rhythm not in Rhythm.values:
        raise BadInput(_("Please choose how often."), field="rhythm")
    counted = told.rhythm in (Rhythm.WEEK, Rhythm.MONTH)
    if counted and not 1 <= told.times <= 7:
        raise BadInput(_("Between one and seven times."), field="times")
    if told.ends_on is not None and told.ends_on < told.starts_on:
        raise BadInput(_("The end lies before the beginning."), field="ends_on")
    return {
        "item_code": told.item,
        "title": title[:60],
        "rhythm": told.rhythm,
        "times": told.times if counted else 1,
        "starts_on": told.starts_on,
        "ends_on": told.ends_on,
        "form_id": told.form,
    }


@dataclass(frozen=True, slots=True)
class Spot:
    """What is told of a place."""

    name: str
    lon: float
    lat: float
    radius_m: int = 50
    points: Sequence[str] = ()
    items: Sequence[str] = ()


def put(pk: UUID, spots: Sequence[Spot], *, by: Actor, now: datetime) -> list[PatrolPlace]:
    """New places of a plan, all of them or none.

    Raises:
        NotFound, NotAllowed: as `_locked`.
        BadInput, Missing: a place has no name, lies outside the plan's area, or is there already.
    """
    if not spots:
        raise Missing(_("No place was given."), field="rows")
    if len(spots) > MOST_AT_ONCE:
        raise BadInput(_("Too many places at once."), field="rows")
    with transaction.atomic():
        plan = _locked(pk, by)
        names = set(plan.places.filter(removed_at=None).values_list("grid_code", "name"))
        made = []
        for spot in spots:
            place = _placed(PatrolPlace(plan=plan, made_at=now, code=new_code()), spot, now)
            if (place.grid_code, place.name) in names:
                raise BadInput(
                    _("%(name)s is in the plan already.") % {"name": place.name}, field="name"
                )
            names.add((place.grid_code, place.name))
            made.append(place)
        return PatrolPlace.objects.bulk_create(made)


def change_place(pk: UUID, spot: Spot, *, by: Actor, now: datetime) -> PatrolPlace:
    """Moves or renames a place, or has other points looked at there; its label stays good.

    Raises:
        NotFound, NotAllowed, BadInput, Missing: as `put`.
    """
    with transaction.atomic():
        place = _place(pk, by)
        _placed(place, spot, now)
        there = place.plan.places.filter(
            removed_at=None, grid_code=place.grid_code, name=place.name
        )
        if there.exclude(pk=pk).exists():
            raise BadInput(
                _("%(name)s is in the plan already.") % {"name": place.name}, field="name"
            )
        place.save()
        return place


def remove(pk: UUID, *, by: Actor, now: datetime) -> PatrolPlace:
    """Nobody has to go there any more; what was seen there stays. Raises as `put`."""
    with transaction.atomic():
        place = _place(pk, by)
        place.removed_at = now
        place.save(update_fields=["removed_at"])
        return place


def _place(pk: UUID, by: Actor) -> PatrolPlace:
    found = PatrolPlace.objects.filter(pk=pk, removed_at=None).select_related("plan").first()
    if found is None:
        raise NotFound
    _locked(found.plan_id, by)
    return found


def _placed(place: PatrolPlace, spot: Spot, now: datetime) -> PatrolPlace:
    name = spot.name.strip()
    if not name:
        raise Missing(_("This is needed."), field="name")
    if not 10 <= spot.radius_m <= FARTHEST_M:
        raise BadInput(_("Between 10 and 500 metres."), field="radius_m")
    located = locate(spot.lon, spot.lat)
    grid = located.grid_code
    if grid is None or not grid.startswith(place.plan.area_code):
        said = now_("%(name)s does not lie in a grid of this area.") % {"name": name}
        raise BadInput(said, field="lon")
    known = {item.code for item in snapshot(now).active}
    place.name, place.grid_code, place.district_code = name[:60], grid, grid[:6]
    place.lon, place.lat, place.radius_m = located.lon, located.lat, spot.radius_m
    place.points = points_of(spot.points)
    # The plan's own comes first: it is the one that a report begins with.
    items = sorted(set(spot.items) & known, key=lambda code: (code != place.plan.item_code, code))
    place.item_codes = items or [place.plan.item_code]
    return place


def points_of(said: Sequence[str]) -> list[str]:
    """The points that are looked at, without empty ones and repetitions.

    Raises:
        BadInput: there are more than twelve.
    """
    points = list(dict.fromkeys(each.strip()[:LONGEST_POINT] for each in said if each.strip()))
    if len(points) > MOST_POINTS:
        raise BadInput(_("Twelve points at most."), field="points")
    return points


def rows_of(text: str) -> list[Spot]:
    """Places told as lines of a name, its longitude and its latitude, as a table is pasted.

    Raises:
        BadInput: a line has no such three; it says which.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"[,，\t]+", line.strip()) if part.strip()]
        try:
            name, lon, lat = parts
            found.append(Spot(name, float(lon), float(lat)))
        except ValueError:
            said = now_("Line %(n)s: a name, a longitude and a latitude are wanted.")
            raise BadInput(said % {"n": number}, field="rows") from None
    return found


def new_code() -> str:
    """What stands on a label. Drawn, so that nobody checks in by counting on from another's."""
    return "".join(secrets.choice(_LETTERS) for _each in range(CODE_SIZE))
