"""What was found of one thing: that it is well, or what is wrong with it and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """How bad it is. A fault keeps something from working, or from being safe."""

    WELL = "well"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence on one thing, and one on what to do; both in the language in force."""

    about: str
    grade: Grade
    what: str
    mend: str = ""


Findings = Iterator[Finding]


def well(about: str, what: Any) -> Finding:
    """Nothing to do."""
    return Finding(about, Grade.WELL, str(what))


def warning(about: str, what: Any, mend: Any) -> Finding:
    """Works, and should be seen to."""
    return Finding(about, Grade.WARNING, str(what), str(mend))


def fault(about: str, what: Any, mend: Any) -> Finding:
    """Must be mended."""
    return Finding(about, Grade.FAULT, str(what), str(mend))
