"""Two addresses that are one: what is at the one that goes is at the one that stays from now on.

A dwelling is once at an address, so that dwellings which are one are addresses which are one.
Nobody and nothing is lost of either: households keep apart, under numbers of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.people.acting import Actor
from huying.registry import addressing, deriving, history
from huying.registry.address_text import Level, same_room
from huying.registry.addressing import BUILDINGS
from huying.registry.history import Kind, Was
from huying.registry.holding import allow
from huying.registry.models import (
    Address,
    AddressAlias,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Person,
    Record,
)

_NAMED: Final = (Level.STREET, *BUILDINGS)
"""Levels of addresses that are found by another name too."""


def addresses(kept: Address, gone: Address, *, by: Actor, now: datetime) -> Address:
    """Makes one address of two that are held, with all below them.

    Raises:
        NotAllowed: something below lies where the actor does not write.
        BadInput: they are of two communities or levels, one lies in the other, or each has a
            building code of its own.
    """
    if (kept.community_code, kept.level) != (gone.community_code, gone.level):
        raise BadInput(_("Only two addresses of one kind in one community can be one."))
    below = Address.objects.filter(pk__in=deriving.below(gone.pk)).living()
    for area in {area for rows in _there(below) for area in rows}:
        allow(area, by)
    _into(kept, gone, by, now)
    deriving.spread(kept)
    kept.refresh_from_db()
    return kept


def _there(below: models.QuerySet[Address]) -> Iterator[set[str]]:
    yield set(below.values_list("area_code", flat=True))
    for model in (Dwelling, Enterprise, Facility):
        rows = model.objects.living().filter(address__in=below)
        yield set(rows.values_list("area_code", flat=True))


def _into(kept: Address, gone: Address, by: Actor, now: datetime) -> None:
    if kept.building_code and gone.building_code:
        raise BadInput(_("Each of the two has a number of its own; they are two."))
    children: Any = Address.objects.living().filter(parent=gone).order_by("level", "name")
    for child in children:
        twin = _twin(kept, child)
        if twin is not None:
            _into(twin, child, by, now)
        else:
            _hang(kept, gone, child, by, now)
    for dwelling in Dwelling.objects.living().filter(address=gone):
        there = Dwelling.objects.living().filter(address=kept).first()
        if there is not None:
            _dwelling(there, dwelling, by, now)
        else:
            _put(dwelling, "address", kept, by, now)
    for model in (Enterprise, Facility):
        for each in model.objects.living().filter(address=gone):
            _put(each, "address", kept, by, now)
    code, lon, lat = gone.building_code, gone.lon, gone.lat
    if code:
        gone.building_code = None
        gone.save(update_fields=["building_code"])
    ended(gone, kept, by, now)
    was: list[Was] = []
    if code:
        was.append(Was("building_code", None))
        kept.building_code = code
    if kept.lon is None and lon is not None:
        was += [Was("lon", None), Was("lat", None)]
        kept.lon, kept.lat, kept.area_code = lon, lat, gone.area_code
    kept.version += 1
    kept.save()
    history.note(kept, Kind.MERGED, was, by=by, now=now)
    if kept.level in _NAMED:
        _called(kept, gone)
    point_to(kept, gone)


def _twin(kept: Address, child: Address) -> Address | None:
    """The address below the one that stays which this is: 502 is 502房 too."""
    names = same_room(child.name) if child.level == Level.ROOM else (child.name,)
    found: Address | None = (
        Address.objects.living().filter(parent=kept, level=child.level, name__in=names).first()
    )
    return found


def _hang(kept: Address, gone: Address, child: Address, by: Actor, now: datetime) -> None:
    """Puts a child, and all below it, below the address that stays."""
    for each in Address.objects.filter(pk__in=deriving.below(child.pk)):
        each.full_name = kept.full_name + each.full_name.removeprefix(gone.full_name)
        each.words = addressing.words_of(each.level, each.full_name)
        if each.building_id == gone.pk:
            each.building_id = kept.building_id
        if each.pk == child.pk:
            each.parent = kept
            each.version += 1
        each.save()
        if each.pk == child.pk:
            history.note(each, Kind.CHANGED, [Was("parent", gone)], by=by, now=now)


def _dwelling(kept: Dwelling, gone: Dwelling, by: Actor, now: datetime) -> None:
    """All who live in the one that goes live in the one that stays."""
    taken = set(Household.objects.filter(dwelling=kept).values_list("number", flat=True))
    for household in Household.objects.living().filter(dwelling=gone).order_by("number"):
        was = [Was("dwelling", gone)]
        if household.number in taken:
            was.append(Was("number", household.number))
            household.number = max(taken) + 1
        taken.add(household.number)
        household.dwelling = kept
        household.version += 1
        household.save()
        history.note(household, Kind.CHANGED, was, by=by, now=now)
    for person in Person.objects.living().filter(dwelling=gone):
        _put(person, "dwelling", kept, by, now)
    was = []
    risks = sorted({*kept.risks, *gone.risks})
    if risks != sorted(kept.risks):
        was.append(Was("risks", kept.risks))
        kept.risks = risks
    if kept.use == Dwelling.Use.UNKNOWN and gone.use != kept.use:
        was.append(Was("use", kept.use))
        kept.use = gone.use
    if kept.rooms is None and gone.rooms is not None:
        was.append(Was("rooms", None))
        kept.rooms = gone.rooms
    ended(gone, kept, by, now)
    kept.version += 1
    kept.save()
    history.note(kept, Kind.MERGED, was, by=by, now=now)
    point_to(kept, gone)


def _put(record: Any, name: str, value: Record, by: Actor, now: datetime) -> None:
    was = Was(name, getattr(record, name))
    setattr(record, name, value)
    record.version += 1
    record.save()
    history.note(record, Kind.CHANGED, [was], by=by, now=now)


def ended(gone: Any, kept: Record, by: Actor, now: datetime) -> None:
    """The record that goes has ended, is kept, and says into which it was merged."""
    gone.valid_until, gone.merged_into_id = timezone.localdate(now), kept.pk
    gone.version += 1
    gone.save()
    history.note(gone, Kind.MERGED, by=by, now=now)


def _called(kept: Address, gone: Address) -> None:
    """The names of the one that goes find the one that stays."""
    for alias in gone.aliases.all():
        addressing.call(kept, alias.name, alias.kind, until=alias.valid_until)
    if gone.full_name != kept.full_name:
        addressing.call(kept, gone.full_name, AddressAlias.Kind.ALIAS)


def point_to(kept: Record, gone: Record) -> None:
    """Lets what other parts keep of the record that goes be of the one that stays.

    Where they keep something of both, of which there can be only one, the other's stays with it.
    """
    for relation in type(gone)._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        if not (relation.auto_created and not relation.concrete and model is not None):
            continue
        if issubclass(model, Record) and model.__module__.startswith("huying.registry."):
            continue
        if model is AddressAlias:
            continue
        name = relation.field.name  # type: ignore[union-attr]
        for row in model._base_manager.filter(**{name: gone}):
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{name: kept})
            except IntegrityError:
                continue
