"""What is done to the tree of addresses: nodes added, pinned, named anew, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Missing, NotAllowed
from huying.people.acting import Actor
from huying.places import naming
from huying.places.initials import initials
from huying.places.models import Level as Division
from huying.places.models import level_of
from huying.registry import deriving, history
from huying.registry.address_text import LONGEST, Level, parse, plain
from huying.registry.history import Kind, Was
from huying.registry.holding import allow, locked
from huying.registry.models import Address, AddressAlias, Source
from huying.registry.sight import may_write

BUILDINGS: Final = (Level.PLATE, Level.BUILDING)
_ENDINGS: Final = {
    Level.PLATE: "号",
    Level.BUILDING: "栋",
    Level.UNIT: "单元",
    Level.FLOOR: "楼",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A position, CGCS2000 degrees."""

    lon: float
    lat: float


def name_of(level: Level, told: str) -> str:
    """A node's name as it is kept: 12 is 12号 on a plate, 3 is 3栋 of a building. Pure."""
    name = plain(told)
    if name.isascii() and name.isalnum() and len(name) <= 4:
        return name + _ENDINGS.get(level, "")
    return name


def words_of(level: int, full_name: str) -> str:
    """What an address is found by. Rooms are found by their building and their number."""
    return f"{full_name.lower()}\n{initials(full_name)}"[:600] if level < Level.FLOOR else ""


def add(
    community: str,
    parent: Address | None,
    level: Level,
    name: str,
    *,
    by: Actor,
    now: datetime,
    source: Source = Source.DESK,
    spot: Spot | None = None,
    building_code: str = "",
) -> Address:
    """A new node below ``parent``, or a street of the community.

    Raises:
        Missing: it has no name.
        BadInput: the name is too long or there already, the level does not fit below the parent,
            the pin lies elsewhere, or the building code is another's.
        NotAllowed: the place is not the actor's to write about.
    """
    made = _node(community, parent, level, name, now, by, source, spot, building_code)
    if not (by.is_system or may_write(by, made.area_code)):
        raise NotAllowed
    return _saved(made, by, now)


def ensure(
    community: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
    source: Source = Source.DESK,
    spot: Spot | None = None,
) -> Address:
    """The address that ``text`` says, in a community; what is missing of it is added.

    The position is the building's, where that has none yet.

    Raises:
        Missing: the text says no street.
        BadInput, NotAllowed: as `add`; the actor must be at home at the address itself, not in
            the whole street.
    """
    parts = parse(text).parts
    if not parts or parts[0][0] is not Level.STREET:
        raise Missing(_("An address begins with a street or lane."), field="address")
    with transaction.atomic():
        node: Address | None = None
        deepest = max((level for level, _name in parts if level in BUILDINGS), default=None)
        missing = False
        for level, name in parts:
            here = spot if level is deepest else None
            held = None if missing else _child(community, node, level, name)
            if held is None:
                missing = True
                held = _saved(_node(community, node, level, name, now, by, source, here), by, now)
            elif here is not None and held.lon is None:
                held = _pinned_first(held, here, by=by, now=now)
            node = held
        assert node is not None
        if not (by.is_system or may_write(by, node.area_code)):
            raise NotAllowed
        return node


def find(community: str, text: str) -> Address | None:
    """The living address that ``text`` says exactly; None where the tree has none."""
    node: Address | None = None
    for level, name in parse(text).parts:
        node = _child(community, node, level, name)
        if node is None:
            return None
    return node


def _child(community: str, parent: Address | None, level: Level, name: str) -> Address | None:
    living = Address.objects.living().filter(level=level, name=name, parent=parent)
    return (living if parent else living.filter(community_code=community)).first()


def _node(
    community: str,
    parent: Address | None,
    level: Level,
    name: str,
    now: datetime,
    by: Actor,
    source: Source,
    spot: Spot | None = None,
    building_code: str = "",
) -> Address:
    """An unsaved node, checked."""
    name = name_of(level, name)
    if not name:
        raise Missing(_("This is needed."), field="name")
    if parent is None and not naming.is_place(community):
        raise BadInput(_("There is no such community."), field="community")
    if (parent is None) != (level == Level.STREET):
        raise BadInput(_("Only streets stand right below a community."), field="level")
    if parent is not None and (parent.level >= level or not parent.is_living):
        raise BadInput(_("This cannot lie below that address."), field="level")
    if _child(community, parent, level, name) is not None:
        raise BadInput(_("This address is there already."), field="name")
    made = new_node(community, parent, level, name, now, by, source, spot)
    if building_code:
        made.building_code = _free_code(building_code, made.pk)
    if made.building_code and level not in BUILDINGS:
        raise BadInput(_("Only buildings have a building code."), field="building_code")
    return made


def new_node(
    community: str,
    parent: Address | None,
    level: Level,
    name: str,
    now: datetime,
    by: Actor,
    source: Source,
    spot: Spot | None = None,
) -> Address:
    """An unsaved node below ``parent``, which may be unsaved too; nothing is looked up.

    Raises:
        BadInput: it is too long, or the pin lies in another community.
    """
    if len(name) > LONGEST:
        raise BadInput(_("The name is too long."), field="name")
    community = parent.community_code if parent else community
    full_name = (parent.full_name if parent else "") + name
    if len(full_name) > 200:
        raise BadInput(_("This address is too long."), field="name")
    area = parent.area_code if parent else community
    if spot is not None:
        area = deriving.area_at(community, spot.lon, spot.lat)
    made = Address(
        district_code=community[:6],
        community_code=community,
        area_code=area,
        parent=parent,
        level=level,
        name=name,
        full_name=full_name,
        words=words_of(level, full_name),
        lon=spot.lon if spot else None,
        lat=spot.lat if spot else None,
        valid_from=timezone.localdate(now),
        source=source,
        made_at=now,
        made_by=by.account_id,
        checked_at=now,
        checked_by=by.account_id,
    )
    if level in BUILDINGS:
        made.building_id = made.pk
    elif parent is not None:
        made.building_id = parent.building_id
    return made


def _saved(made: Address, by: Actor, now: datetime) -> Address:
    made.save(force_insert=True)
    history.note(made, Kind.MADE, by=by, now=now)
    return made


def _free_code(told: str, pk: UUID) -> str | None:
    code = plain(told)
    if not code:
        return None
    if len(code) > 30:
        raise BadInput(_("This code is too long."), field="building_code")
    if Address.objects.filter(building_code=code).exclude(pk=pk).exists():
        raise BadInput(_("Another building has this code."), field="building_code")
    return code


def correct(
    pk: UUID,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
    name: str | None = None,
    building_code: str | None = None,
    spot: Spot | None = None,
) -> Address:
    """Names a node anew, pins it, or gives it a code; what is None stays as it is.

    All below it are called and lie anew with it. The old full name of a plate or building stays
    as one that it is found by.

    Raises:
        NotFound, NotAllowed, StalePage: as `locked`.
        Missing, BadInput: as `add`.
    """
    with transaction.atomic():
        node = locked(Address, pk, by=by, version=version)
        was: list[Was] = []
        if name is not None and name_of(Level(node.level), name) != node.name:
            was += _name(node, name, now)
        if building_code is not None and plain(building_code) != (node.building_code or ""):
            if node.level not in BUILDINGS:
                raise BadInput(_("Only buildings have a building code."), field="building_code")
            was.append(Was("building_code", node.building_code))
            node.building_code = _free_code(building_code, node.pk)
        if was:
            node.version += 1
            node.save()
            history.note(node, Kind.CHANGED, was, by=by, now=now)
        if spot is not None and (spot.lon, spot.lat) != (node.lon, node.lat):
            _put(node, spot, by=by, now=now)
            if not (by.is_system or may_write(by, node.area_code)):
                raise NotAllowed
        return node


def _name(node: Address, told: str, now: datetime) -> list[Was]:
    level, before, old_full = Level(node.level), node.name, node.full_name
    name = name_of(level, told)
    if not name:
        raise Missing(_("This is needed."), field="name")
    if len(name) > LONGEST:
        raise BadInput(_("The name is too long."), field="name")
    if _child(node.community_code, node.parent, level, name) is not None:
        raise BadInput(_("This address is there already."), field="name")
    node.name = name
    node.full_name = (node.parent.full_name if node.parent else "") + name
    node.words = words_of(level, node.full_name)
    if level in BUILDINGS:
        call(node, old_full, AddressAlias.Kind.OLD_PLATE, until=timezone.localdate(now))
    for each in Address.objects.filter(pk__in=deriving.below(node.pk)).exclude(pk=node.pk):
        each.full_name = node.full_name + each.full_name.removeprefix(old_full)
        each.words = words_of(each.level, each.full_name)
        each.save(update_fields=["full_name", "words"])
    return [Was("name", before)]


def call(node: Address, name: str, kind: str, *, until: date | None = None) -> AddressAlias:
    """Another name that the address is found by.

    Raises:
        Missing, BadInput: it is empty or too long.
    """
    name = plain(name)
    if not name:
        raise Missing(_("This is needed."), field="alias")
    if len(name) > 80:
        raise BadInput(_("The name is too long."), field="alias")
    alias, _made = AddressAlias.objects.update_or_create(
        address=node,
        name=name,
        defaults={
            "kind": kind,
            "words": f"{name.lower()}\n{initials(name)}"[:300],
            "valid_until": until,
        },
    )
    return alias


def add_alias(pk: UUID, name: str, kind: str, *, by: Actor, now: datetime) -> AddressAlias:
    """Lets an address be found by another name.

    Raises:
        NotFound, NotAllowed: as `locked`. Missing, BadInput: as `call`.
        BadInput: it is called so already.
    """
    with transaction.atomic():
        node = locked(Address, pk, by=by)
        if node.aliases.filter(name=plain(name)).exists():
            raise BadInput(_("It is called so already."), field="alias")
        alias = call(node, name, AddressAlias.Kind(kind))
        history.called(node, alias.name, by=by, now=now)
        return alias


def _pinned_first(node: Address, spot: Spot, *, by: Actor, now: datetime) -> Address:
    """Pins a building that has no pin of its own; out of a grid only by who writes there."""
    held: Address = Address.objects.select_for_update(of=("self",)).get(pk=node.pk)
    if held.lon is None:
        if level_of(held.area_code) is Division.GRID:
            allow(held.area_code, by)
        _put(held, spot, by=by, now=now)
    return held


def unpin(pk: UUID, *, by: Actor, now: datetime) -> Address:
    """Takes a pin away that was set by mistake: the node lies where its parent lies.

    Raises:
        NotFound, NotAllowed: as `locked`.
    """
    with transaction.atomic():
        node = locked(Address, pk, by=by)
        if node.lon is not None:
            _put(node, None, by=by, now=now)
        return node


def _put(node: Address, spot: Spot | None, *, by: Actor, now: datetime) -> None:
    was = [Was("lon", node.lon), Was("lat", node.lat)]
    if spot is not None:
        node.lon, node.lat = spot.lon, spot.lat
        node.area_code = deriving.area_at(node.community_code, spot.lon, spot.lat)
    else:
        node.lon = node.lat = None
        node.area_code = node.parent.area_code if node.parent else node.community_code
    node.version += 1
    node.save(update_fields=["lon", "lat", "area_code", "version"])
    history.note(node, Kind.CHANGED, was, by=by, now=now)
    deriving.spread(node)
