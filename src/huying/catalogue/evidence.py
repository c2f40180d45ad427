"""Evidence: what an item wants to see before its matter counts as dealt with. Pure.

Grammar, in words: demands joined by ``;``, each ``kind`` or, for photos, ``kind>=n``::

    evidence = "" | demand (";" demand)*
    demand   = "gps" | "form" | ("photo_before" | "photo_after") [">=" 1..99]

Evidence is due where work is shown, at ``handle`` and ``settle``. Nobody who merely tells of a
matter (a resident, a caller, an import) is asked for any; a grid worker who reports, standing on
the spot, is asked for a position and a photo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class EvidenceKind(StrEnum):
    """What can be shown: a position, a filled form, a photo from before or after the work."""

    GPS = "gps"
    FORM = "form"
    PHOTO_BEFORE = "photo_before"
    PHOTO_AFTER = "photo_after"


COUNTED: Final = frozenset({EvidenceKind.PHOTO_BEFORE, EvidenceKind.PHOTO_AFTER})
"""Kinds of which more than one may be asked."""

MOST: Final = 99
"""The largest number of photos a demand may ask for."""

_ZH: Final = {
    EvidenceKind.GPS: "定位",
    EvidenceKind.FORM: "登记表",
    EvidenceKind.PHOTO_BEFORE: "处置前照片",
    EvidenceKind.PHOTO_AFTER: "处置后照片",
}
_EN: Final = {
    EvidenceKind.GPS: "the position",
    EvidenceKind.FORM: "the form",
    EvidenceKind.PHOTO_BEFORE: "photo from before the work",
    EvidenceKind.PHOTO_AFTER: "photo from after the work",
}


class EvidenceError(ValueError):
    """An evidence rule that can't be read.

    Attributes:
        position: the character at fault, counted from 1.
        zh, en: the reason as a sentence.
    """

    def __init__(self, position: int, zh: str, en: str) -> None:
        self.position = position
        self.zh = f"第 {position} 个字符：{zh}"
        self.en = f"character {position}: {en}"
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class Missing:
    """A demand that is not met yet: ``least`` are needed, ``have`` are there."""

    kind: EvidenceKind
    least: int
    have: int

    @property
    def zh(self) -> str:
        if self.kind not in COUNTED:
            return f"缺少{_ZH[self.kind]}"
        return f"{_ZH[self.kind]}还差 {self.least - self.have} 张（至少 {self.least} 张）"

    @property
    def en(self) -> str:
        if self.kind not in COUNTED:
            return f"{_EN[self.kind]} is missing"
        more = self.least - self.have
        noun = _EN[self.kind] if more == 1 else _EN[self.kind].replace("photo", "photos", 1)
        return f"{more} more {noun} (at least {self.least})"


@dataclass(frozen=True, slots=True)
class Demand:
    """At least so many of one kind."""

    kind: EvidenceKind
    least: int = 1

    def __str__(self) -> str:
        return f"{self.kind}>={self.least}" if self.kind in COUNTED else str(self.kind)

    @property
    def zh(self) -> str:
        return f"{_ZH[self.kind]}至少 {self.least} 张" if self.kind in COUNTED else _ZH[self.kind]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is demanded, each kind at most once, in the order it was written."""

    demands: tuple[Demand, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.demands)

    @property
    def photos(self) -> bool:
        """Whether any are demanded."""
        return any(each.kind in COUNTED for each in self.demands)

    def __str__(self) -> str:
        """The rule in its canonical form; ``parse(str(e)) == e``."""
        return ";".join(str(demand) for demand in self.demands)

    @property
    def zh(self) -> str:
        """The whole demand in words, for people."""
        return "、".join(demand.zh for demand in self.demands) or "无"

    def missing(self, have: Mapping[str, int]) -> tuple[Missing, ...]:
        """What is still lacking, given how many of each kind there are; empty if all is there."""
        return tuple(
            Missing(demand.kind, demand.least, there)
            for demand in self.demands
            if (there := max(0, have.get(demand.kind, 0))) < demand.least
        )


NOTHING: Final = Evidence()
OF_A_WORKERS_REPORT: Final = Evidence((Demand(EvidenceKind.GPS), Demand(EvidenceKind.PHOTO_BEFORE)))
DUE_AT: Final = frozenset({"handle", "settle"})
"""The verbs at which an item's evidence is due."""

_DEMAND = re.compile(r"(?P<kind>[A-Za-z_]+)(?:(?P<op>>=)(?P<least>\d+))?")
_LOOKALIKES: Final = {"；": ";", "≥": ">=", "＞": ">", "，": ";", ",": ";", "、": ";"}


def parse(text: str) -> Evidence:
    """Read a rule such as ``photo_before>=1;photo_after>=1;gps``; blanks between parts are let be.

    Raises:
        EvidenceError: with the position of the character at fault.
    """
    if not text.strip():
        return NOTHING
    demands: list[Demand] = []
    start = 0
    for part in text.split(";"):
        offset = start + len(part) - len(part.lstrip())
        demands.append(_demand(part.strip(), offset + 1, {each.kind for each in demands}))
        start += len(part) + 1
    return Evidence(tuple(demands))


def due(verb: str, item: Evidence, *, grid_worker: bool = False) -> Evidence:
    """The evidence that is due at a verb.

    Args:
        verb: the flow table's name of the verb.
        item: what the case's item demands.
        grid_worker: whether a grid worker acts; only then does a report ask for anything.
    """
    if verb in DUE_AT:
        return item
    if verb == "report" and grid_worker:
        return OF_A_WORKERS_REPORT
    return NOTHING


def _demand(part: str, position: int, seen: set[EvidenceKind]) -> Demand:
    if not part:
        raise EvidenceError(position, "缺少一项要求", "a demand is missing here")
    match = _DEMAND.match(part)
    if match is None:
        raise EvidenceError(position, *_stray(part[0]))
    try:
        kind = EvidenceKind(match["kind"])
    except ValueError:
        known = "、".join(EvidenceKind), ", ".join(EvidenceKind)
        raise EvidenceError(
            position,
            f"没有“{match['kind']}”这一种；可用：{known[0]}",
            f"there is no kind {match['kind']!r}; known are {known[1]}",
        ) from None
    if match.end() != len(part):
        raise EvidenceError(position + match.end(), *_stray(part[match.end()]))
    if kind in seen:
        raise EvidenceError(position, f"“{kind}”写了两次", f"{kind} stands here twice")
    if match["least"] is None:
        return Demand(kind)
    at = position + match.start("op")
    if kind not in COUNTED:
        raise EvidenceError(at, f"“{kind}”不能带数量", f"{kind} can't have a number")
    least = int(match["least"]) if len(match["least"]) <= 3 else MOST + 1
    if not 1 <= least <= MOST:
        raise EvidenceError(
            position + match.start("least"),
            f"数量应在 1 到 {MOST} 之间",
            f"the number must be between 1 and {MOST}",
        )
    return Demand(kind, least)


def _stray(character: str) -> tuple[str, str]:
    meant = _LOOKALIKES.get(character)
    if meant is not None:
        return f"“{character}”应写作“{meant}”", f"write {meant!r} for {character!r}"
    return f"“{character}”不应出现在这里", f"{character!r} does not belong here"
