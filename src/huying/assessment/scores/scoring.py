"""A score from figures, by a sheet. Pure: the same sheet and figures give the same score for ever.

Sums are exact fractions. A side's points and the total are rounded once, at the end, half up to
two decimals; a grade goes by the rounded total, so that nobody reads 90.00 and B. Bands and grades
are half-open: the lower edge belongs to the band.

A figure without a denominator is no figure (无数据): neither 0 nor 100. Its weight goes to the
sheet's other parts in proportion, unless the sheet states which share is given instead. Where not
one rate has a denominator there is no score.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from statistics import median
from typing import Final

HUNDRED: Final = Fraction(100)


class Why(StrEnum):
    """Why a part has the points that it has."""

    SHARE = "share"
    INVERTED = "inverted"
    BAND = "band"
    AGAINST = "against"
    EACH = "each"
    EMPTY_SPREAD = "empty_spread"
    EMPTY_GIVEN = "empty_given"


class Standard(StrEnum):
    """What a count is held against."""

    MEAN = "mean"
    MEDIAN = "median"
    NORM = "norm"


@dataclass(frozen=True, slots=True)
class Share:
    """The rate itself; one minus the rate where less is better."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Shares by half-open bands: from one edge, included, to the next, which is not.

    Attributes:
        edges: ascending; the first is 0.
        shares: of the weight, one for each edge.
    """

    edges: tuple[Fraction, ...]
    shares: tuple[Fraction, ...]

    def at(self, value: Fraction) -> int:
        """The number of the band that a value lies in."""
        return bisect_right(self.edges, value) - 1


@dataclass(frozen=True, slots=True)
class Against:
    """A count against a standard. More is better: its share of the standard, at most all of it.
    Less is better: all up to the standard, nothing from its double on, a straight line between."""

    standard: Standard
    norm: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """Points for each piece, beside the weights: a bonus above zero, a deduction below.

    Attributes:
        most: so many points at most, either way.
    """

    points: Fraction
    most: Fraction


Rule = Share | Bands | Against | Each


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a sheet.

    Attributes:
        measure: an indicator's code, or a count's.
        weight: points that can be had; 0 of a rule that goes by the piece.
        lower: whether less is better.
        empty: the share that is given where there is nothing to divide by; None: the weight goes
            to the other parts.
        source: whose practice it is.
    """

    measure: str
    weight: Fraction
    rule: Rule
    lower: bool = False
    empty: Fraction | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a kind of subject is scored.

    Attributes:
        others: the weight in hundredths of what the other side says (双向); the rest is the
            figures'.
        cap: a total is never more.
    """

    kind: str
    parts: tuple[Part, ...]
    others: Fraction = Fraction(0)
    cap: Fraction = HUNDRED

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(part.measure for part in self.parts)


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure: a rate with what it is divided by, or a count, which has nothing."""

    numerator: Fraction
    denominator: Fraction | None = None

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def value(self) -> Fraction | None:
        """None where there is nothing to divide by."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator > 0 else None


@dataclass(frozen=True, slots=True)
class Rated:
    """What the other side says: the mean of its ratings, from 0 to 100, and how many they are."""

    mean: Fraction
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """A part with its points, and everything that they were worked out from.

    Attributes:
        weight: with what came over from parts without data.
        share: of that weight; None where there is nothing to divide by or points go by the piece.
        band: the number of the band.
        standard: what the count was held against.
    """

    part: Part
    measured: Measured
    why: Why
    weight: Fraction
    share: Fraction | None
    points: Fraction
    band: int | None = None
    standard: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A total with its reasons.

    Attributes:
        figures: the sum of the lines, between 0 and the cap; None without data.
        rated: what the other side said; None where nobody did.
        others: the weight that this had in the end: none where nobody rated.
        vetoed: whether the period was put to zero; `total` is 0 then, the lines stay.
    """

    sheet: Sheet
    lines: tuple[Line, ...]
    figures: Decimal | None
    rated: Rated | None
    others: Fraction
    total: Decimal | None
    vetoed: bool = False

    @property
    def grade(self) -> str:
        """A to E; empty without a score."""
        return "" if self.total is None else grade(self.total)


_GRADES: Final = ((Decimal(90), "A"), (Decimal(75), "B"), (Decimal(60), "C"), (Decimal(40), "D"))


def grade(total: Decimal) -> str:
    """A from 90, B from 75, C from 60, D from 40, else E."""
    return next((name for edge, name in _GRADES if total >= edge), "E")


def rounded(exact: Fraction) -> Decimal:
    """Two decimals, half up, from the exact sum."""
    return Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)


def scored(
    sheet: Sheet,
    figures: Mapping[str, Measured],
    standards: Mapping[str, Fraction] | None = None,
    rated: Rated | None = None,
) -> Score:
    """The score by a sheet.

    Args:
        figures: by measure; one that is missing is a rate of nothing.
        standards: mean or median of each count that is held against one.
        rated: what the other side said.
    """
    known = standards or {}
    raw = [_line(part, figures.get(part.measure, _NOTHING), known) for part in sheet.parts]
    lines = tuple(_spread(raw) if _scores(raw) else raw)
    others = sheet.others if rated is not None else Fraction(0)
    own, total = _own(sheet, lines), _total(sheet, lines, rated, others)
    return Score(
        sheet=sheet,
        lines=lines,
        figures=None if own is None else rounded(own),
        rated=rated,
        others=others,
        total=None if total is None else rounded(total),
    )


def vetoed(score: Score) -> Score:
    """The same with the period put to zero (一票否决), whatever it was, and without data too."""
    return replace(score, total=Decimal("0.00"), vetoed=True)


def unvetoed(score: Score) -> Score:
    """The same without the veto, worked out again from what it was made of."""
    exact = _total(score.sheet, score.lines, score.rated, score.others)
    return replace(score, total=None if exact is None else rounded(exact), vetoed=False)


def _total(
    sheet: Sheet, lines: Iterable[Line], rated: Rated | None, others: Fraction
) -> Fraction | None:
    """Both sides together; None where there are no figures to score by."""
    own = _own(sheet, lines)
    if own is None or rated is None:
        return own
    return (own * (HUNDRED - others) + rated.mean * others) / HUNDRED


def _own(sheet: Sheet, lines: Iterable[Line]) -> Fraction | None:
    """What the figures make."""
    known = list(lines)
    if not _scores(known):
        return None
    return _within(sum(line.points for line in known), sheet.cap)


def standards_of(sheet: Sheet, subjects: Iterable[Mapping[str, Measured]]) -> dict[str, Fraction]:
    """What counts are held against: mean or median over the subjects that have any figure at all.

    A standard of zero is none: nothing can be a share of it.
    """
    live = [each for each in subjects if any(_has(measured) for measured in each.values())]
    found: dict[str, Fraction] = {}
    for part in sheet.parts:
        if not isinstance(part.rule, Against):
            continue
        counts = [each[part.measure].numerator for each in live if part.measure in each]
        match part.rule.standard:
            case Standard.NORM:
                standard = part.rule.norm
            case Standard.MEAN:
                standard = Fraction(sum(counts), len(counts)) if counts else None
            case Standard.MEDIAN:
                standard = Fraction(median(counts)) if counts else None
        if standard:
            found[part.measure] = standard
    return found


_NOTHING: Final = Measured(Fraction(0), Fraction(0))


def _has(measured: Measured) -> bool:
    return measured.denominator > 0 if measured.denominator is not None else measured.numerator > 0


def _within(exact: Fraction | int, cap: Fraction) -> Fraction:
    return min(max(Fraction(exact), Fraction(0)), cap)


def _line(part: Part, measured: Measured, standards: Mapping[str, Fraction]) -> Line:
    """A line before the weights of what has no data were spread."""
    value, rule = measured.value, part.rule
    if isinstance(rule, Each):
        pieces = measured.numerator
        points = max(-rule.most, min(rule.most, rule.points * pieces))
        return Line(part, measured, Why.EACH, Fraction(0), None, points)
    if isinstance(rule, Against):
        standard = standards.get(part.measure)
        if value is None or not standard:
            return _empty(part, measured)
        share = _against(value / standard, lower=part.lower)
        return _with(Line(part, measured, Why.AGAINST, part.weight, share, Fraction(0),
                          standard=standard))  # fmt: skip
    if value is None:
        return _empty(part, measured)
    if isinstance(rule, Bands):
        band = rule.at(value)
        return _with(Line(part, measured, Why.BAND, part.weight, rule.shares[band], Fraction(0),
                          band=band))  # fmt: skip
    share = min(max(1 - value if part.lower else value, Fraction(0)), Fraction(1))
    why = Why.INVERTED if part.lower else Why.SHARE
    return _with(Line(part, measured, why, part.weight, share, Fraction(0)))


def _against(ratio: Fraction, *, lower: bool) -> Fraction:
    if not lower:
        return min(ratio, Fraction(1))
    return min(max(2 - ratio, Fraction(0)), Fraction(1))


def _empty(part: Part, measured: Measured) -> Line:
    if part.empty is not None:
        given = Line(part, measured, Why.EMPTY_GIVEN, part.weight, part.empty, Fraction(0))
        return _with(given)
    return Line(part, measured, Why.EMPTY_SPREAD, Fraction(0), None, Fraction(0))


def _with(line: Line) -> Line:
    assert line.share is not None
    return replace(line, points=line.weight * line.share)


def _scores(lines: Iterable[Line]) -> bool:
    """Whether there is anything to score by: some weight, and a rate with a denominator if any."""
    weighed = [line for line in lines if line.part.weight]
    rates = [line for line in weighed if line.measured.is_rate]
    alive = any(line.why is not Why.EMPTY_SPREAD for line in weighed)
    return alive and not (rates and all(line.measured.value is None for line in rates))


def _spread(lines: list[Line]) -> list[Line]:
    """The weights of what has no data given to the rest in proportion."""
    whole = sum((line.part.weight for line in lines), Fraction(0))
    left = sum((line.part.weight for line in lines if line.share is not None), Fraction(0))
    factor = whole / left
    return [
        line if line.share is None else _with(replace(line, weight=line.weight * factor))
        for line in lines
    ]
