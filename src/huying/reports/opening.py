"""What a figure of a report opens into: the cases that it counts, as they were counted. Pure.

A figure is told by five words: the indicator, its part, of which span, told apart by what, and of
whom. A column or a line of a chart says the first three, its row or label the rest; a figure in a
sentence is marked with all of them while the sentence is made, and the marks are read off it after.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from huying.assessment.counting import By
from huying.assessment.opening import Part

BEFORE: Final = "before"
YEAR_BEFORE: Final = "year_before"
"""The spans that a report is held against; "" is its own."""

OWN: Final = "*"
"""Of a column: the indicator is the one that the row is about."""
CASE: Final = "case"
"""Of a column: its cells are numbers of cases."""
DAY: Final = "day"
"""Of a chart: its labels are days."""

_MARKED: Final = re.compile("\x02([^\x03]*)\x03([^\x04]*)\x04")


class Opens(NamedTuple):
    """A figure, so that it can be asked for again."""

    indicator: str
    part: str = str(Part.DENOMINATOR)
    span: str = ""
    by: str = str(By.ALL)
    key: str = ""


class Mark(NamedTuple):
    """Where in a sentence a figure stands, and what it is."""

    first: int
    last: int
    opens: Opens


def of(indicator: str, part: Part = Part.DENOMINATOR, span: str = "") -> str:
    """What a column's or a line's figures are, whosever."""
    return ":".join((indicator, part, span))


def opens(what: str, by: str, key: str) -> Opens | None:
    """What a cell or point opens into; None where its column is no figure."""
    if not what or what == CASE:
        return None
    indicator, part, span = what.split(":")
    if indicator == OWN:
        return Opens(key, part, span)
    return Opens(indicator, part, span, by, key)


def figure(
    said: object,
    indicator: str,
    part: Part = Part.DENOMINATOR,
    by: By = By.ALL,
    key: str = "",
) -> str:
    """A figure as a sentence in the making has it."""
    words = ":".join((indicator, part, "", by, key))
    return f"\x02{words}\x03{said}\x04"


def read_marks(sentence: str) -> tuple[str, tuple[Mark, ...]]:
    """The sentence as people read it, and what the figures in it are."""
    plain, marks, begun = "", [], 0
    for found in _MARKED.finditer(sentence):
        plain += sentence[begun : found.start()]
        begun, first = found.end(), len(plain)
        plain += found[2]
        marks.append(Mark(first, len(plain), Opens(*found[1].split(":"))))
    return plain + sentence[begun:], tuple(marks)
