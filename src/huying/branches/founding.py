"""What is done to a branch: founded, changed, given grids and buildings, ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.branches.models import Branch, BranchChange, BranchPlace, Kind
from huying.branches.models.branches import ABOVE, CODE_SIZE, grid_heads_lead
from huying.branches.sight import is_at_home, may_found
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import Actor
from huying.people.models import Role, Unit, UnitKind
from huying.places.models import Grid, level_of
from huying.registry.addressing import BUILDINGS
from huying.registry.models import Address
from huying.response.whistles import OPEN_CALLS, Call

Done = BranchChange.Done
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a branch.

    Attributes:
        grids, buildings: all that are to be its own; of what is left out it has none any more.
    """

    name: str
    kind: str
    parent: UUID | None = None
    plate: str = ""
    reach: str = ""
    founded_on: date | None = None
    grids: Sequence[str] = ()
    buildings: Sequence[UUID] = ()


def found(
    area_code: str, told: Told, *, by: Actor, now: datetime, unit: Unit | None = None
) -> Branch:
    """A new branch of an area: with a unit of its own, or for a unit of kind branch that has none.

    Raises:
        NotAllowed: the area is not the actor's to set up.
        Missing, BadInput: something told is not there or not right.
    """
    if not may_found(by, area_code):
        raise NotAllowed
    with transaction.atomic():
        branch = Branch(
            area_code=area_code,
            district_code=area_code[:6],
            code=new_code(),
            made_at=now,
            made_by=by.account_id,
        )
        name = _checked(branch, told, now)
        if unit is None:
            unit = _new_unit(area_code, name)
        elif unit.kind != UnitKind.BRANCH or unit.area_code != area_code:
            raise BadInput(_("This unit is no party branch of this area."), field="unit")
        elif Branch.objects.filter(unit=unit).exists():
            raise BadInput(_("This unit has its branch already."), field="unit")
        branch.unit = unit
        branch.save(force_insert=True)
        _named(branch, name)
        note(branch, Done.FOUNDED, by=by, now=now)
        _place(branch, told, by=by, now=now)
    return branch


def change(pk: UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None) -> Branch:
    """Says it anew.

    Raises:
        NotFound, NotAllowed, StalePage: as `held`.
        Missing, BadInput: as `found`.
    """
    with transaction.atomic():
        branch = held(pk, by=by, version=version)
        if not may_found(by, branch.area_code):
            raise NotAllowed
        name = _checked(branch, told, now)
        branch.version += 1
        branch.save()
        _named(branch, name)
        note(branch, Done.CHANGED, by=by, now=now)
        _place(branch, told, by=by, now=now)
        return branch


def appoint(pk: UUID, member: UUID | None, *, by: Actor, now: datetime) -> Branch:
    """Another secretary, one of the branch's members; or none.

    Raises:
        NotFound, NotAllowed: as `held`; or the district's grid heads are the secretaries.
        BadInput: somebody of another branch.
    """
    with transaction.atomic():
        branch = held(pk, by=by)
        if not (may_found(by, branch.area_code) and _near(by, branch)):
            raise NotAllowed
        if branch.kind == Kind.GRID and grid_heads_lead():
            raise NotAllowed(_("In this district the grid head is the secretary."))
        chosen = None
        if member is not None:
            chosen = branch.members.living().filter(pk=member).first()
            if chosen is None:
                raise BadInput(_("This is no member of the branch."), field="secretary")
        branch.secretary = chosen
        branch.version += 1
        branch.save(update_fields=["secretary", "version"])
        note(branch, Done.SECRETARY, by=by, now=now, about=str(member or ""))
        return branch


def _near(by: Actor, branch: Branch) -> bool:
    return by.is_system or is_at_home(by, branch.area_code)


def end(pk: UUID, *, by: Actor, now: datetime) -> Branch:
    """It is a branch no longer, and nobody can call it; what it was stays to be looked up.

    Raises:
        NotFound, NotAllowed: as `held`.
        WrongState: it has members, branches below it, or is called by a whistle.
    """
    with transaction.atomic():
        branch = held(pk, by=by)
        if not may_found(by, branch.area_code):
            raise NotAllowed
        if branch.members.living().exists():
            raise WrongState(_("It still has members: they go to another branch first."))
        if branch.children.living().exists():
            raise WrongState(_("There are branches below it: they go under another first."))
        if Call.objects.filter(unit=branch.unit_id, state__in=sorted(OPEN_CALLS)).exists():
            raise WrongState(_("A whistle is calling it: it must be released first."))
        branch.ended_on = max(timezone.localdate(now), branch.founded_on)
        branch.version += 1
        branch.save(update_fields=["ended_on", "version"])
        branch.places.living().update(until=branch.ended_on)
        Unit.objects.filter(pk=branch.unit_id).update(active=False)
        note(branch, Done.ENDED, by=by, now=now)
        return branch


def held(pk: UUID, *, by: Actor, version: int | None = None) -> Branch:
    """A living branch that the actor may see, locked until the transaction ends.

    Raises:
        NotFound: out of sight, or ended.
        StalePage: it was changed since the version that the actor saw.
    """
    rows = Branch.objects.visible_to(by).living().select_for_update(of=("self",))
    branch = rows.filter(pk=pk).select_related("unit").first()
    if branch is None:
        raise NotFound
    if version is not None and version != branch.version:
        raise StalePage(_("Someone else changed this branch in the meantime."))
    return branch


def is_secretary(actor: Actor, branch: Branch) -> bool:
    """Whether the post leads the branch."""
    if actor.role == Role.HANDLER:
        return actor.unit_id == branch.unit_id
    return (
        actor.role == Role.GRID_HEAD
        and Branch.objects.visible_to(actor).filter(pk=branch.pk).exists()
    )


def may_keep(actor: Actor, branch: Branch) -> bool:
    """Whether the post keeps the branch's members and links: its secretary, its level's desk."""
    at_desk = actor.role == Role.DISPATCHER and is_at_home(actor, branch.area_code)
    return actor.is_system or at_desk or is_secretary(actor, branch)


def keeping(pk: UUID, *, by: Actor, version: int | None = None) -> Branch:
    """`held`, for who keeps the branch's members.

    Raises:
        NotFound, StalePage: as `held`. NotAllowed: the actor does not.
    """
    branch = held(pk, by=by, version=version)
    if not may_keep(by, branch):
        raise NotAllowed
    return branch


def note(
    branch: Branch, done: Done, *, by: Actor, now: datetime, about: str = "", many: int = 1
) -> None:
    """Writes what was done into the branch's history."""
    BranchChange.objects.create(
        district_code=branch.district_code,
        branch=branch,
        at=now,
        by_account=by.account_id,
        done=done,
        about=about[:40],
        many=many,
    )


def new_code() -> str:
    """What leads to a branch's public page. Drawn, so that nobody counts on to another's."""
    return "".join(secrets.choice(_LETTERS) for _each in range(CODE_SIZE))


def _checked(branch: Branch, told: Told, now: datetime) -> str:
    """Takes over what was told, but for its places; gives the name."""
    name = told.name.strip()
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > 60:
        raise BadInput(_("The name is too long."), field="name")
    if told.kind not in Kind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if told.kind in (Kind.GENERAL, Kind.GRID, Kind.BUILDING) and len(branch.area_code) != 12:
        raise BadInput(_("Such a branch is a community's."), field="kind")
    if told.kind not in ABOVE and branch.children.living().exists():
        raise BadInput(_("There are branches below it."), field="kind")
    today = timezone.localdate(now)
    founded = told.founded_on or branch.founded_on or today
    if founded > today:
        raise BadInput(_("This day is still to come."), field="founded_on")
    for field, words in (("plate", told.plate), ("reach", told.reach)):
        if len(words.strip()) > 120:
            raise BadInput(_("The text is too long."), field=field)
    branch.kind, branch.founded_on = told.kind, founded
    branch.plate, branch.reach = told.plate.strip(), told.reach.strip()
    branch.parent = _parent(branch, told.parent)
    return name


def _parent(branch: Branch, pk: UUID | None) -> Branch | None:
    if pk is None:
        return None
    parent = Branch.objects.living().filter(pk=pk).first()
    if parent is None or not branch.area_code.startswith(parent.area_code):
        raise BadInput(_("There is no such branch above this one."), field="parent")
    if parent.kind not in ABOVE:
        raise BadInput(_("Only committees and general branches have others below."), field="parent")
    node: Branch | None = parent
    for _step in range(DEEPEST):
        if node is None:
            return parent
        if node.pk == branch.pk:
            break
        node = node.parent
    raise BadInput(_("A branch cannot be below itself."), field="parent")


def _new_unit(area_code: str, name: str) -> Unit:
    taken = set(
        Unit.objects.filter(code__startswith=f"{area_code}-branch-").values_list("code", flat=True)
    )
    number = next(n for n in range(1, len(taken) + 2) if f"{area_code}-branch-{n}" not in taken)
    try:
        with transaction.atomic():
            return Unit.objects.create(
                code=f"{area_code}-branch-{number}",
                name=name,
                kind=UnitKind.BRANCH,
                level=level_of(area_code),
                area_code=area_code,
                district_code=area_code[:6],
            )
    except IntegrityError:
        raise WrongState(_("Somebody has just founded another; please try again.")) from None


def _named(branch: Branch, name: str) -> None:
    if branch.unit.name != name:
        branch.unit.name = name
        branch.unit.save(update_fields=["name"])


def _place(branch: Branch, told: Told, *, by: Actor, now: datetime) -> None:
    """The grids and buildings that are to be the branch's, and no others."""
    day = timezone.localdate(now)
    grids = set(told.grids) if told.kind == Kind.GRID else set()
    buildings = set(told.buildings) if told.kind == Kind.BUILDING else set()
    known = set(
        Grid.objects.within(branch.area_code).live().filter(pk__in=grids).values_list(
            "pk", flat=True
        )
    )  # fmt: skip
    if known != grids:
        raise BadInput(_("There is no such grid here."), field="grids")
    houses = Address.objects.living().filter(
        pk__in=buildings, level__in=BUILDINGS, community_code=branch.area_code
    )
    if set(houses.values_list("pk", flat=True)) != buildings:
        raise BadInput(_("There is no such building here."), field="buildings")
    for place in branch.places.living():
        if place.grid_id in grids or place.building_id in buildings:
            grids.discard(place.grid_id or "")
            buildings -= {place.building_id}
            continue
        place.until = day
        place.save(update_fields=["until"])
        note(branch, Done.UNPLACED, by=by, now=now, about=str(place.grid_id or place.building_id))
    taken = BranchPlace.objects.living().select_related("branch__unit")
    new: tuple[tuple[str, list[Any]], ...] = (
        ("grid", sorted(grids)), ("building", sorted(buildings, key=str)),
    )  # fmt: skip
    for field, wanted in new:
        other = taken.filter(**{f"{field}__in": wanted}).first()
        if other is not None:
            raise BadInput(
                _("It is %(name)s's already.") % {"name": other.branch.unit.name}, field=f"{field}s"
            )
        for each in wanted:
            BranchPlace.objects.create(
                branch=branch,
                district_code=branch.district_code,
                since=day,
                **{f"{field}_id": each},
            )
            note(branch, Done.PLACED, by=by, now=now, about=str(each))
