"""How alike the problems of any two reports of one place are: all pairs at once. Pure.

A busy town has a million pairs. They are kept as columns of numbers, one for each side of a pair.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from huying.places.measure import metres_between_each
from huying.topics.reading import Read, Report
from huying.topics.vectors import Numbers

NEAR_M: Final = 300.0
"""Metres within which two positions are one place."""
APART_M: Final = 1500.0
"""Metres beyond which they are two, whatever the words name."""
ITEM: Final = 0.06
"""What the same item adds to two reports' likeness, and another takes."""
MOST_OF_A_NAME: Final = 400
"""Reports of a name, or around a spot, that are compared with each other: the last ones."""
_CELL: Final = 0.004
"""Degrees; more than `NEAR_M` in both directions."""

Pairs = tuple[Numbers, Numbers]


def compare(known: Read) -> list[tuple[int, int, float]]:
    """Any two reports of one place whose problems are alike, and how much they are.

    The items of both speak for it or against it, where they are known.
    """
    one, other = _of_one_place(known)
    values = known.vectors.likeness(one, other)
    codes = {code: n for n, code in enumerate(sorted({each.item for each in known.reports} - {""}))}
    items = np.array([codes.get(each.item, -1) for each in known.reports])
    both = (items[one] >= 0) & (items[other] >= 0)
    values += np.where(both, np.where(items[one] == items[other], ITEM, -ITEM), 0.0)
    alike = values > 0
    return list(
        zip(one[alike].tolist(), other[alike].tolist(), values[alike].tolist(), strict=True)
    )


def _of_one_place(known: Read) -> Pairs:
    """The pairs that share a name or lie near each other, and do not lie apart."""
    names: dict[str, list[int]] = defaultdict(list)
    for n, each in enumerate(known.names):
        for name in each:
            names[name].append(n)
    size = len(known.reports)
    named = _pairs(names.values(), size)
    near = np.setdiff1d(_pairs(_around(known.reports), size), named, assume_unique=True)
    shares = np.zeros(len(near), dtype=bool)
    for members in names.values():
        if len(members) > MOST_OF_A_NAME:  # What is near may share it with an older one.
            holds = np.zeros(size, dtype=bool)
            holds[members] = True
            shares |= holds[near // size] & holds[near % size]
    pairs = np.concatenate([named, near])
    within = np.where(np.concatenate([np.ones(len(named), dtype=bool), shares]), APART_M, NEAR_M)
    one, other = pairs // size, pairs % size
    lon, lat = (
        np.array([getattr(each, side) for each in known.reports], dtype=float)
        for side in ("lon", "lat")
    )
    # Who has no position is nowhere (NaN), and so not apart from anybody.
    metres = metres_between_each(lon[one], lat[one], lon[other], lat[other])
    pairs = np.sort(pairs[~(metres > within)])
    return pairs // size, pairs % size


def _around(reports: Sequence[Report]) -> Collection[list[int]]:
    """The reports of each four cells that meet: a pair across their border is near as well."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, report in enumerate(reports):
        if report.lon is not None and report.lat is not None:
            x, y = math.floor(report.lon / _CELL), math.floor(report.lat / _CELL)
            for cell in ((x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)):
                cells[cell].append(n)
    return cells.values()


def _pairs(groups: Iterable[Sequence[int]], size: int) -> Numbers:
    """Any two of the last of each group, the first one first, as one number; each pair once."""
    found = [np.empty(0, dtype=np.int64)]
    for members in groups:
        last = np.array(members[-MOST_OF_A_NAME:])
        one, other = two_of(len(last))
        found.append(last[one] * size + last[other])
    pairs = np.sort(np.concatenate(found))  # np.unique takes ten times as long.
    return pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]


@lru_cache(maxsize=64)
def two_of(many: int) -> tuple[Any, Any]:
    """The places of any two of so many, the first one first."""
    return np.triu_indices(many, 1)
