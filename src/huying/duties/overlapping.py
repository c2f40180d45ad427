"""Which items an application may overlap with, and by which words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from huying.catalogue.snapshots import ItemSnapshot

MOST: Final = 5
ENOUGH: Final = 2
"""So many pairs of characters in common speak for it."""

_COMMON: Final = frozenset(
    {"问题", "隐患", "巡查", "采集", "登记", "信息", "变更", "核实", "处置", "检查"}
)
_SPLIT: Final = re.compile(r"[^\w]+|[和及或与的等]")


@dataclass(frozen=True, slots=True)
class Overlap:
    """An item that says partly the same.

    Attributes:
        shared: what both say, the longest first.
        same_department: one department would lead both.
    """

    item: ItemSnapshot
    shared: tuple[str, ...]
    same_department: bool


def pairs(text: str) -> frozenset[str]:
    """Every two characters that stand together in it, but for what is said everywhere."""
    found: set[str] = set()
    for part in _SPLIT.split(text):
        found.update(part[n : n + 2] for n in range(len(part) - 1))
    return frozenset(found - _COMMON)


def overlapping(
    name: str, description: str, department: str, items: Iterable[ItemSnapshot]
) -> list[Overlap]:
    """The items that share most of the name and description, the likeliest first."""
    asked = pairs(f"{name} {description}")
    named = pairs(name)
    found: list[tuple[int, Overlap]] = []
    for item in items:
        theirs = pairs(f"{item.name} {item.description}")
        shared = asked & theirs
        weight = len(shared) + len(named & theirs)
        same = item.lead_department == department
        if len(shared) >= ENOUGH or (same and named & theirs):
            words = tuple(sorted(shared, key=lambda pair: (pair not in named, pair)))
            found.append((weight + same, Overlap(item, words[:6], same)))
    found.sort(key=lambda each: (-each[0], each[1].item.code))
    return [each for _weight, each in found[:MOST]]
