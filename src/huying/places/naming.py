"""Codes as words: 440113120213003 → 番禺区 石碁镇 小龙村 第3网格."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from huying.places.freshness import Fresh
from huying.places.models import CODE_LENGTH, Division, Grid, Level

_LENGTHS = sorted(CODE_LENGTH.values())


def _load(using: str) -> Mapping[str, str]:
    names = dict(Division.objects.using(using).values_list("code", "short_name"))
    # Voided grids keep their name: old cases lie in them.
    for code, name in Grid.objects.using(using).values_list("code", "name"):
        names[code] = name
    return names


_names: Fresh[Mapping[str, str]] = Fresh(_load)


def own_name(code: str) -> str:
    """The name of the place itself: 小龙村, 小龙村第3网格; an unknown code stays a code."""
    return _names.get().get(code, code)


def is_place(code: str) -> bool:
    """Whether a division or grid has this code."""
    return code in _names.get()


def codes() -> tuple[str, ...]:
    """The codes of all places, ascending."""
    return tuple(sorted(_names.get()))


def within(code: str, length: int) -> tuple[tuple[str, str], ...]:
    """The places in this one whose codes are so long, by code, with their own names."""
    found = (each for each in _names.get().items() if len(each[0]) == length)
    return tuple(sorted(each for each in found if each[0].startswith(code)))


def named(fits: Callable[[str], bool]) -> tuple[str, ...]:
    """The codes of the towns, communities and grids whose own name ``fits``.

    A place within one that is listed is not listed itself. The district is not looked at: there,
    every case is in it.
    """
    found: list[str] = []
    for code, name in sorted(_names.get().items()):
        within = bool(found) and code.startswith(found[-1])
        if len(code) > CODE_LENGTH[Level.DISTRICT] and not within and fits(name):
            found.append(code)
    return tuple(found)


def parts(code: str) -> tuple[str, ...]:
    """The names from the district down to the place, without repeating one in the next."""
    known = _names.get()
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
    _names.forget()


def refresh() -> None:
    """Look at the database now rather than within a second."""
    _names.refresh()
