"""Id and mobile numbers that somebody typed into words: found, masked, and put back. Pure.

Found are numbers of resident identity cards (18 places, with a date where theirs is) and mobile
numbers of the mainland (11 digits from 13 to 19, also after a 0), also with blanks or hyphens in
the usual places and in full-width digits. Decimals, as of a position, stay. Not found are land
lines, old ids of 15 digits, passports, numbers spelled in Chinese characters, and names.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ")
_GAP: Final = "[ -]?"
_ID: Final = re.compile(
    rf"(?<!\d)[1-9]\d{{5}}{_GAP}"
    rf"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}[\dXx](?![0-9A-Za-z])"
)
_MOBILE: Final = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{_GAP}|0)?(?P<number>1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}})(?!\d)"
)


class Found(NamedTuple):
    """A number in words: where it begins, and as it was written."""

    start: int
    written: str


class Hidden(NamedTuple):
    """Words with their numbers masked place by place, and what the numbers were."""

    words: str
    found: tuple[Found, ...]


def hide(words: str) -> Hidden:
    """``words`` with each number masked: 440*************18, 138****0000. Their length stays."""
    plain = words.translate(_FULL_WIDTH)
    found: list[Found] = []
    letters = list(words)
    for start, end in [match.span() for match in _ID.finditer(plain)]:
        found.append(_mask(words, letters, start, end, first=3, last=2))
    masked = "".join(letters).translate(_FULL_WIDTH)
    for start, end in [match.span("number") for match in _MOBILE.finditer(masked)]:
        found.append(_mask(words, letters, start, end, first=3, last=4))
    return Hidden("".join(letters), tuple(sorted(found)))


def plain(words: str) -> list[str]:
    """The numbers in ``words`` as they are looked up: half-width, without blanks or hyphens."""
    return [
        re.sub("[ -]", "", each.written.translate(_FULL_WIDTH)).upper()
        for each in hide(words).found
    ]


def _mask(words: str, letters: list[str], start: int, end: int, *, first: int, last: int) -> Found:
    places = [place for place in range(start, end) if words[place].isalnum()]
    for place in places[first:-last]:
        letters[place] = "*"
    return Found(start, words[start:end])


def put_back(words: str, found: tuple[Found, ...] | list[Found]) -> str:
    """The words as they were written."""
    letters = list(words)
    for start, written in found:
        letters[start : start + len(written)] = written
    return "".join(letters)
