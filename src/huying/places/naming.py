"""Codes as words: 440113120213003 → 番禺区 石碁镇 小龙村 第3网格."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from itertools import groupby, islice, takewhile
from typing import NamedTuple

from huying.places.freshness import Fresh
from huying.places.models import CODE_LENGTH, Division, Grid, Level

_LENGTHS = sorted(CODE_LENGTH.values())


Named = tuple[tuple[str, str], ...]
"""Places by code, with their own names."""

Towns = tuple[tuple[str, Named], ...]
"""Towns by name, with themselves and their communities."""


class _Known(NamedTuple):
    names: Mapping[str, str]
    """Those of all places, by code in order."""

    towns: Mapping[str, Towns]
    """Those of each district."""

    all_said: str
    """All names, in small letters."""

    by_length: Mapping[int, Named]
    """Those whose codes are so long, in order."""


def _load(using: str) -> _Known:
    names = dict(Division.objects.using(using).values_list("code", "short_name"))
    below = sorted(each for each in names.items() if len(each[0]) > CODE_LENGTH[Level.DISTRICT])
    towns: dict[str, Towns] = {}
    for town, found in groupby(below, key=lambda each: each[0][: CODE_LENGTH[Level.TOWN]]):
        rows, district = tuple(found), town[: CODE_LENGTH[Level.DISTRICT]]
        towns[district] = (*towns.get(district, ()), (rows[0][1], rows))
    # Voided grids keep their name: old cases lie in them.
    names |= Grid.objects.using(using).values_list("code", "name")
    in_order = sorted(names.items())
    by_length: dict[int, list[tuple[str, str]]] = {}
    for code, name in in_order:
        by_length.setdefault(len(code), []).append((code, name))
    return _Known(
        dict(in_order),
        towns,
        "\n".join(names.values()).lower(),
        {length: tuple(rows) for length, rows in by_length.items()},
    )


_known: Fresh[_Known] = Fresh(_load)


def own_name(code: str) -> str:
    """The name of the place itself: 小龙村, 小龙村第3网格; an unknown code stays a code."""
    return _known.get().names.get(code, code)


def is_place(code: str) -> bool:
    """Whether a division or grid has this code."""
    return code in _known.get().names


def codes() -> tuple[str, ...]:
    """The codes of all places, ascending."""
    return tuple(_known.get().names)


def towns(district_code: str) -> Towns:
    """The towns of a district with their communities under them, by code."""
    return _known.get().towns.get(district_code, ())


def within(code: str, length: int) -> Named:
    """The places in this one whose codes are so long, by code, with their own names."""
    rows = _known.get().by_length.get(length, ())
    beginning = islice(rows, bisect_left(rows, (code,)), None)
    return tuple(takewhile(lambda each: each[0].startswith(code), beginning))


def is_said(piece: str) -> bool:
    """Whether any place has this, in small letters, in its name."""
    return piece in _known.get().all_said


def named(fits: Callable[[str], bool]) -> tuple[str, ...]:
    """The codes of the towns, communities and grids whose own name ``fits``.

    A place within one that is listed is not listed itself. The district is not looked at: there,
    every case is in it.
    """
    found: list[str] = []
    for code, name in _known.get().names.items():
        within = bool(found) and code.startswith(found[-1])
        if len(code) > CODE_LENGTH[Level.DISTRICT] and not within and fits(name):
            found.append(code)
    return tuple(found)


def parts(code: str) -> tuple[str, ...]:
    """The names from the district down to the place, without repeating one in the next."""
    known = _known.get().names
    found: list[str] = []
    for length in _LENGTHS:
        if length > len(code):
            break
        name = known.get(code[:length])
        if name is None:
            found.append(code)
            break
        above = found[-1] if found else ""
        found.append(name.removeprefix(above) or name)
    return tuple(found)


def names(code: str) -> str:
    """The full name of a place, the district first, a space between the levels."""
    return " ".join(parts(code))


def forget() -> None:
    """Hold nothing of the database that was used until now."""
    _known.forget()


def refresh() -> None:
    """Look at the database now rather than within a second."""
    _known.refresh()
