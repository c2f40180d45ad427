"""Which household goes to which member: households divided by members, the nearest first. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from huying.places.measure import metres_between, metres_per_degree

NEAREST: Final = "nearest"
DOORS: Final = "doors"


@dataclass(frozen=True, slots=True)
class Home:
    """A household and where it is; without a position it counts as in the middle of the others."""

    id: Hashable
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """A member, where they live, and how many households they have already."""

    id: Hashable
    lon: float | None = None
    lat: float | None = None
    load: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How many more each member takes: up to ``level`` in all, and ``extra`` of them one more."""

    level: int
    extra: int


def room(loads: Sequence[int], number: int) -> Room:
    """The most even way to add ``number`` households to what members have: filled from below."""
    low, high = 0, max(loads, default=0) + number
    while low < high:
        middle = (low + high + 1) // 2
        if sum(max(0, middle - load) for load in loads) <= number:
            low = middle
        else:
            high = middle - 1
    return Room(low, number - sum(max(0, low - load) for load in loads))


def share(
    homes: Sequence[Home], helpers: Sequence[Helper], *, way: str = NEAREST, most: int | None = None
) -> dict[Hashable, Hashable]:
    """A member for each household, and as many for each member as for any other, or one more.

    What members have already is counted. With ``nearest`` the two that live closest are put
    together first; with ``doors`` each member gets neighbours door by door, in the order in which
    the homes are given. Equal distances go by the order of what is given, so that the same asks
    always get the same answer. With ``most`` nobody gets more in all; who is farthest, or last,
    stays without.
    """
    loads = [each.load for each in helpers]
    if not homes or not helpers:
        return {}
    number = len(homes)
    if most is not None:
        number = min(number, sum(max(0, most - load) for load in loads))
    free = room(loads, number)
    pairs = _by_doors if way == DOORS else _by_distance
    return {homes[home].id: helpers[helper].id for home, helper in pairs(homes, helpers, free)}


def _by_distance(
    homes: Sequence[Home], helpers: Sequence[Helper], free: Room
) -> list[tuple[int, int]]:
    away = _distances(homes, helpers)
    order = np.argsort(away, axis=None, kind="stable")
    sizes, extra = [each.load for each in helpers], free.extra
    placed, found = [False] * len(homes), []
    left = sum(max(0, free.level - size) for size in sizes) + extra
    width = len(helpers)
    for place in order.tolist():
        if not left:
            break
        home, helper = divmod(place, width)
        if placed[home] or sizes[helper] > free.level:
            continue
        if sizes[helper] == free.level:
            if not extra:
                continue
            extra -= 1
        placed[home] = True
        sizes[helper] += 1
        left -= 1
        found.append((home, helper))
    return found


def _by_doors(
    homes: Sequence[Home], helpers: Sequence[Helper], free: Room
) -> list[tuple[int, int]]:
    nearest = _distances(homes, helpers).argmin(axis=0)
    order = sorted(range(len(helpers)), key=lambda each: (int(nearest[each]), each))
    extra, found, at = free.extra, [], 0
    for helper in order:
        load = helpers[helper].load
        takes = max(0, free.level - load)
        if extra and load <= free.level:
            takes, extra = takes + 1, extra - 1
        found += [(home, helper) for home in range(at, min(at + takes, len(homes)))]
        at += takes
    return found


def _distances(homes: Sequence[Home], helpers: Sequence[Helper]) -> Any:
    """Decimetres from each home to each member, as whole numbers: no rounding decides."""
    everybody: list[Any] = [*homes, *helpers]
    known = [(each.lon, each.lat) for each in everybody if each.lon is not None]
    middle = np.array(known, dtype=float).mean(axis=0) if known else np.zeros(2)
    scale = np.array(metres_per_degree(float(middle[1])))

    def flat(spots: Sequence[Any]) -> Any:
        told = [
            (each.lon, each.lat) if each.lon is not None and each.lat is not None else middle
            for each in spots
        ]
        return (np.array(told, dtype=float) - middle) * scale

    one, other = flat(homes), flat(helpers)
    gaps = one[:, None, :] - other[None, :, :]
    return np.rint(np.sqrt((gaps**2).sum(axis=2)) * 10).astype(np.int64)


def metres(home: Home, helper: Helper) -> int | None:
    """How far apart the two live; None where that is not known."""
    if home.lon is None or home.lat is None or helper.lon is None or helper.lat is None:
        return None
    return round(metres_between(home.lon, home.lat, helper.lon, helper.lat))
