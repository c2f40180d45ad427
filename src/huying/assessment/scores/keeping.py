"""Scores as they are kept of a closed month, and read again to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from huying.assessment.scores.scoring import (
    Line,
    Measured,
    Rated,
    Score,
    Sheet,
    Why,
)


def as_data(score: Score) -> dict[str, Any]:
    """Everything of a score but its sheet, which is kept once for all."""
    return {
        "lines": [_line_data(line) for line in score.lines],
        "figures": None if score.figures is None else str(score.figures),
        "rated": None if score.rated is None else [str(score.rated.mean), score.rated.number],
        "others": str(score.others),
        "total": None if score.total is None else str(score.total),
        "vetoed": score.vetoed,
    }


def _line_data(line: Line) -> dict[str, Any]:
    below = line.measured.denominator
    return {
        "above": str(line.measured.numerator),
        "below": None if below is None else str(below),
        "why": str(line.why),
        "weight": str(line.weight),
        "share": None if line.share is None else str(line.share),
        "points": str(line.points),
        "band": line.band,
        "standard": None if line.standard is None else str(line.standard),
    }


def read(sheet: Sheet, data: Mapping[str, Any]) -> Score:
    """The score as it was kept, by the sheet that held then."""
    rated = data["rated"]
    return Score(
        sheet=sheet,
        lines=tuple(
            Line(
                part=part,
                measured=Measured(Fraction(each["above"]), _exact(each["below"])),
                why=Why(each["why"]),
                weight=Fraction(each["weight"]),
                share=_exact(each["share"]),
                points=Fraction(each["points"]),
                band=each["band"],
                standard=_exact(each["standard"]),
            )
            for part, each in zip(sheet.parts, data["lines"], strict=True)
        ),
        figures=_decimal(data["figures"]),
        rated=None if rated is None else Rated(Fraction(rated[0]), rated[1]),
        others=Fraction(data["others"]),
        total=_decimal(data["total"]),
        vetoed=data["vetoed"],
    )


def _exact(said: str | None) -> Fraction | None:
    return None if said is None else Fraction(said)


def _decimal(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)
