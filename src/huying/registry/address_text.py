"""Addresses as people write them, taken apart into the levels of the tree. Pure.

东街十二号３栋502 → 街路巷 东街, 门牌 12号, 楼栋 3栋, 房 502
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """The levels of the tree below the community; those above are the divisions."""

    STREET = 4
    PLATE = 5
    BUILDING = 6
    UNIT = 7
    FLOOR = 8
    ROOM = 9


LONGEST: Final = 40
"""No part of an address is longer."""

_DIGITS: Final = {each: value for value, each in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_NUMERAL: Final = re.compile(r"[零〇一二两三四五六七八九十百]+(?=号|栋|幢|单元|楼|层|房|室)")
_SUB_PLATE: Final = re.compile(r"(?<=号之)[1-9]\d?(?!\d)")
_DROPPED: Final = re.compile(r"[\s,，.。、;；:：#＃]+")
_BETWEEN_NUMBERS: Final = re.compile(
    r"(?<=\d)[\s,，.。、;；:：#＃]+(?=\d|[A-Z]+(?:栋|幢|座|号楼|单元|梯))"
)
_ENDED: Final = (
    (re.compile(r"单元|梯"), "楼"),
    (re.compile(r"栋|幢|座|号楼"), "单元"),
    (re.compile(r"\d号"), "栋"),
    (re.compile(r""), "号"),
)
"""The ending of a bare number after what has come before it, the narrowest first."""
_SHAPE: Final = re.compile(
    r"(?P<STREET>.*?)"
    r"(?P<PLATE>\d+(?:-\d+)*号(?:之(?:\d+|[一二三四五六七八九十]+))?)?"
    r"(?P<BUILDING>[0-9A-Z]+(?:栋|幢|座|号楼))?"
    r"(?P<UNIT>[0-9A-Z]+(?:单元|梯))?"
    r"(?P<FLOOR>\d+(?:楼|层))?"
    r"(?P<ROOM>(?:\d{1,5}[A-Z]?|[A-Z]\d{1,4})(?:房|室|号房)?)?"
)

_BUILDING: Final = re.compile(
    r".*?(?:\d号(?!楼)(?:之(?:\d+|[一二三四五六七八九十]+))?(?:[0-9A-Z]+(?:栋|幢|座|号楼))?|[0-9A-Z]+(?:栋|幢|座|号楼))"
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An address by its parts, the widest first."""

    parts: tuple[tuple[Level, str], ...]

    @property
    def text(self) -> str:
        return "".join(name for _level, name in self.parts)

    @property
    def room(self) -> str:
        """The room's number, "" where none is said."""
        level, name = self.parts[-1] if self.parts else (Level.STREET, "")
        return name if level is Level.ROOM else ""

    def down_to(self, level: Level) -> Parsed:
        """The same without what is narrower than this level."""
        return Parsed(tuple(each for each in self.parts if each[0] <= level))


def plain(text: str) -> str:
    """As it is kept and compared: narrow letters, capitals, no blanks, digits for numerals.

    東街　十二號 is not turned into simplified characters; 十二号 becomes 12号. A sub-plate is a
    numeral (8号之二), so that a room may follow it: 8号之二301.
    """
    return _DROPPED.sub("", _narrow(text))


def _narrow(text: str) -> str:
    """`plain` with blanks where two numbers stand side by side: there they tell them apart."""
    narrow = "".join(
        chr(ord(each) - 0xFEE0) if 0xFF01 <= ord(each) <= 0xFF5E else each for each in text
    )
    narrow = narrow.replace("—", "-").replace("號", "号").upper()
    numbers = _BETWEEN_NUMBERS.sub("\0", _NUMERAL.sub(lambda found: _number(found[0]), narrow))
    numbers = _DROPPED.sub("", numbers).replace("\0", " ")
    numbers = _NUMERAL.sub(lambda found: _number(found[0]), numbers)
    return _SUB_PLATE.sub(lambda found: _numeral(int(found[0])), numbers)


def _told_apart(text: str) -> str:
    """`plain` for taking apart: a number that another follows after a blank gets its ending.

    东街12 502 is 东街12号502 and 东街12号3 502 is 东街12号3栋502, never 东街12502.
    """
    whole, *others = _narrow(text).split(" ")
    for other in others:
        if whole[-1:].isdecimal():  # a sub-plate is a numeral by now
            whole += next(ending for before, ending in _ENDED if before.search(whole))
        whole += other
    return whole


def parse(text: str) -> Parsed:
    """Takes an address apart. What comes before the first number is the street."""
    found = _SHAPE.fullmatch(_told_apart(text))
    assert found is not None  # the street takes whatever fits nothing else
    return Parsed(tuple((level, found[level.name]) for level in Level if found[level.name]))


def building_in(text: str) -> str:
    """The building that a text begins with: 东街12号楼下 is at 东街12号; "" where it names none."""
    found = _BUILDING.match(_told_apart(text))
    return found[0] if found else ""


def same_room(name: str) -> tuple[str, ...]:
    """How a room with this name may be written: 502 is 502房 and 502室."""
    bare = re.sub(r"(号房|房|室)$", "", plain(name))
    return (bare, f"{bare}房", f"{bare}室", f"{bare}号房")


def _numeral(number: int) -> str:
    """A number below a hundred in Chinese: 2 is 二, 12 is 十二, 20 is 二十."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{'零一二三四五六七八九'[tens]}十"
    return ten + ("零一二三四五六七八九"[ones] if ones else "")


def _number(numeral: str) -> str:
    if not set(numeral) & {"十", "百"}:
        return "".join(str(_DIGITS[each]) for each in numeral)
    total, held = 0, 0
    for each in numeral:
        if each == "百":
            total, held = total + (held or 1) * 100, 0
        elif each == "十":
            total, held = total + (held or 1) * 10, 0
        else:
            held = _DIGITS[each]
    return str(total + held)
