"""Where something may be kept of a person: how it is found, told on a sheet, and erased.

A new table with what tells of people gets a place here: a module with its ``SOURCES``, in the list
below; or, where nobody can be found in it, its name and the reason in `passed.PASSED`.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

from huying.requests.sources import (
    accounts,
    branches,
    care,
    cases,
    earlier,
    neighbours,
    platforms,
    registers,
    surveys,
    volunteers,
)
from huying.requests.sources.source import Line, Marks, Source, Told, marks_of

__all__ = ["SOURCES", "Line", "Marks", "Source", "Told", "marks_of"]

SOURCES: Final[dict[str, Source]] = {
    each.code: each
    for each in chain(
        cases.SOURCES,
        registers.SOURCES,
        care.SOURCES,
        surveys.SOURCES,
        branches.SOURCES,
        neighbours.SOURCES,
        volunteers.SOURCES,
        platforms.SOURCES,
        accounts.SOURCES,
        earlier.SOURCES,
    )
}
