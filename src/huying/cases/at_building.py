"""Which building of the registers a case is at, what is there, and the cases of a building.

Nothing is kept of it: a case that is pinned elsewhere, or a building, is simply at another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from huying.cases.models import Case
from huying.people.acting import Actor
from huying.places import naming
from huying.places.measure import metres_between, metres_per_degree
from huying.registry.address_text import Level, building_in, parse, plain
from huying.registry.models import (
    Address,
    AddressAlias,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Person,
    Risk,
)
from huying.registry.sight import may_look

NEAR_M: Final = 60.0
"""A case is at the nearest building within so many metres, of its own community."""
AROUND_M: Final = 120.0
MOST: Final = 12
MOST_LOOKED_AT: Final = 80
_BUILDINGS: Final = (Level.PLATE, Level.BUILDING)


@dataclass(frozen=True)
class There:
    """What whoever is sent to a case must know of the building, and nothing of who lives in it.

    Attributes:
        by_text: the case's address names it; else it is the nearest.
        metres: from the case's position, where both have one.
        open: the reader may open the record itself.
        units: each with the words of its risks.
    """

    building: Address
    by_text: bool
    metres: float | None
    open: bool
    dwellings: int
    households: int
    people: int
    units: list[tuple[Enterprise, list[str]]] = field(default_factory=list)
    more_units: int = 0
    risks: list[tuple[str, int]] = field(default_factory=list)
    nearby: list[tuple[Facility, float]] = field(default_factory=list)


def building_of(case: Case) -> tuple[Address, bool] | None:
    """The building that a case's address names, else the nearest; and whether it was named."""
    return building_at(case.area_code[:12], case.address, case.lon, case.lat)


def building_at(
    community: str, address: str, lon: float | None, lat: float | None
) -> tuple[Address, bool] | None:
    """`building_of` for anything with an address in words, a position, or both."""
    if len(community) < 12:
        return None
    said = _said(community, address)
    named = _named(community, [said]) if said else {}
    if named:
        return named[said], True
    if lon is None or lat is None:
        return None
    nearest = _nearest(lon, lat, _around(community, lon, lat, NEAR_M))
    return (nearest, False) if nearest else None


def there(case: Case, actor: Actor) -> There | None:
    """What is at the place of a case that the actor sees; None where no building is known."""
    found = building_of(case)
    if found is None:
        return None
    building, by_text = found
    dwellings = Dwelling.objects.living().filter(address__building=building)
    enterprises = Enterprise.objects.living().filter(address__building=building)
    units = list(enterprises)
    units.sort(key=lambda unit: (-len(unit.risks), unit.name))
    words = {str(risk): str(risk.label) for risk in Risk}
    return There(
        building=building,
        by_text=by_text,
        metres=_apart(case, building),
        open=may_look(actor) and actor.covers(building.area_code),
        dwellings=dwellings.count(),
        households=Household.objects.living().filter(dwelling__in=dwellings).count(),
        people=Person.objects.living().filter(dwelling__in=dwellings).count(),
        units=[(unit, [words[risk] for risk in unit.risks]) for unit in units[:MOST]],
        more_units=max(0, len(units) - MOST),
        risks=_counted(dwellings.exclude(risks=[]).values_list("risks", flat=True), words),
        nearby=_facilities(case, building),
    )


def _counted(lists: Iterable[Sequence[str]], words: dict[str, str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for risks in lists:
        for risk in risks:
            counts[risk] = counts.get(risk, 0) + 1
    return [(words[risk], n) for risk, n in sorted(counts.items(), key=lambda each: -each[1])]


def cases_at(building: Address, actor: Actor, most: int = 20) -> list[Case]:
    """The cases at a building that the actor may see, the latest first."""
    if building.level not in _BUILDINGS:
        return []
    near = Q(address__contains=parse(building.full_name).parts[0][1])
    around: list[Address] = []
    if building.lon is not None and building.lat is not None:
        near |= Q(**_box(building.lon, building.lat, NEAR_M))
        around = _around(building.community_code, building.lon, building.lat, AROUND_M)
    seen = Case.objects.visible_to(actor).filter(area_code__startswith=building.community_code)
    cases = list(seen.filter(near).for_pages().order_by("-received_at")[:MOST_LOOKED_AT])
    said = [_said(building.community_code, case.address) for case in cases]
    named = _named(building.community_code, {name for name in said if name})
    found = []
    for case, name in zip(cases, said, strict=True):
        # As `building_of` finds it: 东街12号 is not 东街12号之2, though it begins like it.
        at = named.get(name)
        if at is None and case.lon is not None and case.lat is not None:
            at = _nearest(case.lon, case.lat, around)
        if at == building:
            found.append(case)
    return found[:most]


def _said(community: str, address: str) -> str:
    """The building that an address in a community says; "" where it says none."""
    text = plain(address)
    for code in (community[:6], community[:9], community):
        text = text.removeprefix(naming.own_name(code))
    return building_in(text)


def _named(community: str, names: Collection[str]) -> dict[str, Address]:
    """The living buildings that are called so, else those that were, by these names."""
    living: Any = Address.objects.living().filter(
        community_code=community, level__in=_BUILDINGS, full_name__in=names
    )
    found: dict[str, Address] = {each.full_name: each for each in living}
    if others := set(names) - set(found):
        called = AddressAlias.objects.filter(
            name__in=others,
            address__community_code=community,
            address__level__in=_BUILDINGS,
            address__valid_until=None,
        )
        for alias in called.select_related("address"):
            found.setdefault(alias.name, alias.address)
    return found


def _around(community: str, lon: float, lat: float, metres: float) -> list[Address]:
    found: Any = Address.objects.living().filter(
        community_code=community, level__in=_BUILDINGS, **_box(lon, lat, metres)
    )
    return list(found)


def _box(lon: float, lat: float, metres: float) -> dict[str, tuple[float, float]]:
    east, north = metres_per_degree(lat)
    return {
        "lon__range": (lon - metres / east, lon + metres / east),
        "lat__range": (lat - metres / north, lat + metres / north),
    }


def _nearest(lon: float, lat: float, buildings: Sequence[Address]) -> Address | None:
    """The nearest within `NEAR_M`; of two at the same spot the one with the lower name. Pure."""
    ranked = sorted(
        (metres_between(lon, lat, each.lon, each.lat), each.full_name, at)
        for at, each in enumerate(buildings)
        if each.lon is not None and each.lat is not None
    )
    return buildings[ranked[0][2]] if ranked and ranked[0][0] <= NEAR_M else None


def _apart(case: Case, building: Address) -> float | None:
    spots: tuple[Any, ...] = (case.lon, case.lat, building.lon, building.lat)
    if None in spots:
        return None
    return metres_between(*spots)


def _facilities(case: Case, building: Address) -> list[tuple[Facility, float]]:
    """The nearest facilities with a position of their own: hydrants, chargers, cameras."""
    lon, lat = (building.lon, building.lat) if case.lon is None else (case.lon, case.lat)
    if lon is None or lat is None:
        return []
    near = Facility.objects.living().filter(**_box(lon, lat, AROUND_M))
    ranked = [
        (metres_between(lon, lat, each.lon, each.lat), each)
        for each in near[:100]
        if each.lon is not None and each.lat is not None
    ]
    ranked.sort(key=lambda pair: (pair[0], pair[1].name))
    return [(each, metres) for metres, each in ranked if metres <= AROUND_M][:4]
