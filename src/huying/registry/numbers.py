"""Numbers that carry their own check: of people (GB 11643), of organisations (GB 32100). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Sex = Literal["male", "female"]

_ID: Final = re.compile(r"\d{17}[\dX]")
_ID_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_ID_CHECKS: Final = "10X98765432"

_CODE_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z, which are taken for others."""
_CODE: Final = re.compile(f"[{_CODE_LETTERS}]{{18}}")
_CODE_WEIGHTS: Final = tuple(pow(3, power, 31) for power in range(17))

GROWN_UP: Final = 18


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A citizen's number that is right, and what it says."""

    number: str
    born: date
    sex: Sex


def upright(typed: str) -> str:
    """A number as it is kept: without blanks, letters as capitals, full-width ones narrowed."""
    narrow = "".join(
        chr(ord(each) - 0xFEE0) if 0xFF01 <= ord(each) <= 0xFF5E else each for each in typed
    )
    return "".join(narrow.split()).upper()


def id_check(first: str) -> str:
    """The last character of a citizen's number, from the seventeen digits before it."""
    total = sum(int(each) * weight for each, weight in zip(first, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def looks_like_id(typed: str) -> bool:
    """Whether somebody meant a citizen's number, be it right or not."""
    return bool(_ID.fullmatch(upright(typed)))


def read_id(typed: str, today: date) -> IdNumber | None:
    """What a citizen's number says; None where it is none: shape, birthday or check are wrong."""
    number = upright(typed)
    if not _ID.fullmatch(number) or not number.isascii() or number[17] != id_check(number[:17]):
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    if not date(1850, 1, 1) <= born <= today:
        return None
    return IdNumber(number, born, "male" if int(number[16]) % 2 else "female")


def code_check(first: str) -> str:
    """The last character of a unified social credit code, from the seventeen before it."""
    total = sum(
        _CODE_LETTERS.index(each) * weight
        for each, weight in zip(first, _CODE_WEIGHTS, strict=True)
    )
    return _CODE_LETTERS[-total % 31]


def read_credit_code(typed: str) -> str | None:
    """A unified social credit code as it is kept; None where it is none."""
    code = upright(typed)
    if not _CODE.fullmatch(code) or code[17] != code_check(code[:17]):
        return None
    return code


def is_minor(birth_year: int | None, today: date) -> bool:
    """Whether somebody born in that year counts as a minor on this day.

    Only the year is kept in clear: whoever turns eighteen this year is protected to its end.
    """
    return birth_year is not None and today.year - birth_year <= GROWN_UP
