"""Which grid a record lies in: derived from positions, and anew whenever the grids change.

A process that draws or voids grids raises its district's version (`places.freshness`). Once a
minute `follow` looks for districts whose version the registers have not followed yet, and moves
what lies elsewhere now. Only what moved is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.places import locating
from huying.places.freshness import versions
from huying.places.locating import GridIndex
from huying.registry.models import Address, DerivedGrids, Facility, Level

_SQL: Final = Path(__file__).resolve().parent.parent / "sql"
_FOLLOWING: Final = (_SQL / "registry_derive.sql").read_text("utf-8").split(";\n")
_BELOW: Final = (_SQL / "registry_below.sql").read_text("utf-8")
_CHUNK: Final = 5000


def area_at(community: str, lon: float | None, lat: float | None) -> str:
    """The grid that holds a position in a community; the community where there is none.

    Raises:
        BadInput: the position lies in a grid of another community, or is none.
    """
    if lon is None or lat is None:
        return community
    found = locating.locate(lon, lat)
    if found.grid_code is None:
        return community
    if not found.grid_code.startswith(community):
        raise BadInput(_("The pin lies in another community than the address."), field="lon")
    return found.grid_code


def areas_of(grids: GridIndex, spots: Sequence[tuple[float, float, str]]) -> list[str]:
    """The areas of many positions, each with the community to fall back on. Pure."""
    return [grids.at(lon, lat) or community for lon, lat, community in spots]


def areas_within(grids: GridIndex, spots: Sequence[tuple[float, float, str]]) -> list[str]:
    """As `areas_of`, for what belongs to its community whatever is drawn around it. Pure."""
    return [
        area if area.startswith(spot[2]) else spot[2]
        for area, spot in zip(areas_of(grids, spots), spots, strict=True)
    ]


def below(top: UUID) -> list[UUID]:
    """An address and all below it."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"top": top})
        return [pk for (pk,) in cursor.fetchall()]


def spread(address: Address) -> int:
    """Lets all that lies at an address, or below it, take its grid over; how many rows moved."""
    return _spread(address.district_code, below(address.pk))


def follow(*, now: datetime) -> int:
    """Derives the grids of districts whose outlines changed; how many rows moved."""
    done = dict(DerivedGrids.objects.values_list("district_code", "version"))
    changed = [(code, version) for code, version in versions() if done.get(code) != version]
    if not changed:
        return 0
    grids = locating.refreshed()
    moved = 0
    for district, version in changed:
        with transaction.atomic():
            moved += derive(district, grids)
            # The version was read before the grids were: what came between is followed next.
            DerivedGrids.objects.update_or_create(
                district_code=district, defaults={"version": version}
            )
    return moved


def derive(district: str, grids: GridIndex) -> int:
    """Derives every grid of a district's registers; how many rows moved."""
    addresses = Address.objects.filter(district_code=district, lon__isnull=False)
    # An address hangs on its community; a facility is where it stands.
    moved = _move(addresses, "community_code", grids, areas_within)
    facilities = Facility.objects.filter(district_code=district, lon__isnull=False)
    moved += _move(facilities, "area_code", grids, areas_of)
    return moved + _spread(district, None)


def _move(
    pinned: models.QuerySet[Any], community: str, grids: GridIndex, areas: Callable[..., list[str]]
) -> int:
    moved = []
    rows = pinned.only("pk", "lon", "lat", "area_code", community).order_by("pk")
    for row in rows.iterator(_CHUNK):
        (area,) = areas(grids, [(row.lon, row.lat, getattr(row, community)[:12])])
        if area != row.area_code:
            row.area_code = area
            moved.append(row)
    pinned.model._default_manager.bulk_update(moved, ["area_code"], batch_size=_CHUNK)
    return len(moved)


def _spread(district: str, ids: list[UUID] | None) -> int:
    addresses, *records = _FOLLOWING
    moved = 0
    with connection.cursor() as cursor:
        for level in Level.values[1:]:
            cursor.execute(addresses, {"district": district, "ids": ids, "level": level})
            moved += cursor.rowcount
        for statement in records:
            cursor.execute(statement, {"district": district, "ids": ids})
            moved += cursor.rowcount
    return moved
