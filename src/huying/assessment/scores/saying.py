"""A score in words: where each point comes from, and what a sheet asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huying.assessment.scores.kinds import Kind, name_of
from huying.assessment.scores.rating import RATED_BY
from huying.assessment.scores.scoring import (
    HUNDRED,
    Against,
    Bands,
    Each,
    Line,
    Measured,
    Part,
    Score,
    Share,
    Sheet,
    Standard,
    Why,
    rounded,
    unvetoed,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A line as a page shows it.

    Attributes:
        figure: the figure with what it was divided from; "no data" without one.
        points: two decimals.
        weight: as far as it counted in the end.
        why: one sentence.
        low: whether it cost something, so that one looks at it first.
    """

    measure: str
    name: str
    figure: str
    points: str
    weight: str
    why: str
    low: bool
    source: str


def lines_of(score: Score) -> list[Said]:
    """All lines of a score in words."""
    return [_said(line) for line in score.lines]


def _said(line: Line) -> Said:
    return Said(
        measure=line.part.measure,
        name=str(name_of(line.part.measure)),
        figure=figure_words(line.measured),
        points="—" if line.why is Why.EMPTY_SPREAD else number(line.points),
        weight=number(line.weight) if line.share is not None else "",
        why=why_words(line),
        low=line.points < 0 or (line.share is not None and line.share < Fraction(9, 10)),
        source=line.part.source,
    )


def figure_words(measured: Measured) -> str:
    """9 / 12 = 75.00 %; a count alone; or that there is no data."""
    above, below = plain(measured.numerator), measured.denominator
    if below is None:
        return above
    if measured.value is None:
        return pgettext("score", "no data")
    return f"{above} / {plain(below)} = {percent(measured.value)}"


def why_words(line: Line) -> str:
    """One sentence that says how the points came about."""
    weight, points, part = number(line.weight), number(line.points), line.part
    value, rule = line.measured.value, part.rule
    match line.why:
        case Why.EMPTY_SPREAD:
            return _(
                "Nothing to divide by, or nothing to compare with: the weight of %(n)s went to the "
                "other parts."
            ) % {"n": number(part.weight)}
        case Why.EMPTY_GIVEN:
            return _("Nothing to divide by: the sheet gives %(share)s of %(weight)s.") % {
                "share": percent(line.share),
                "weight": weight,
            }
        case Why.SHARE:
            return f"{percent(value)} × {weight} = {points}"
        case Why.INVERTED:
            return _("less is better: (1 − %(value)s) × %(weight)s = %(points)s") % {
                "value": percent(value),
                "weight": weight,
                "points": points,
            }
        case Why.BAND:
            assert isinstance(rule, Bands)
            assert line.band is not None
            return _("in the band %(band)s: %(share)s × %(weight)s = %(points)s") % {
                "band": band_words(rule, line.band, rate=line.measured.is_rate),
                "share": percent(line.share),
                "weight": weight,
                "points": points,
            }
        case Why.AGAINST:
            assert isinstance(rule, Against)
            return _("%(standard)s %(n)s: %(share)s × %(weight)s = %(points)s") % {
                "standard": standard_words(rule.standard),
                "n": plain(line.standard or Fraction(0)),
                "share": percent(line.share),
                "weight": weight,
                "points": points,
            }
        case Why.EACH:
            assert isinstance(rule, Each)
            return each_words(rule)


def band_words(rule: Bands, band: int, *, rate: bool) -> str:
    """[5 %, 10 %): the lower edge belongs to it."""
    show = percent if rate else plain
    low = show(rule.edges[band])
    if band + 1 == len(rule.edges):
        return _("from %(low)s") % {"low": low}
    return f"[{low}, {show(rule.edges[band + 1])})"


def standard_words(standard: Standard) -> str:
    return {
        Standard.MEAN: pgettext("standard", "mean"),
        Standard.MEDIAN: pgettext("standard", "median"),
        Standard.NORM: pgettext("standard", "norm"),
    }[standard]


def each_words(rule: Each) -> str:
    points = number(rule.points)
    return _("%(points)s for each, %(most)s at most") % {
        "points": points if rule.points < 0 else f"+{points}",
        "most": number(rule.most),
    }


def sides_words(score: Score) -> Iterator[str]:
    """What both sides made of it: figures, ratings, and the rounding at the end."""
    kind = Kind(score.sheet.kind)
    if score.figures is None:
        yield _("Nothing was due or decided in these days: there is no score.")
        return
    if score.sheet.others == 0:
        return
    if score.rated is None:
        yield _(
            "%(who)s rated nobody here in this month: their weight of %(n)s %% went back to the "
            "figures."
        ) % {"who": RATED_BY[kind], "n": plain(score.sheet.others)}
        return
    yield _(
        "Figures %(figures)s × %(own)s %% + %(who)s %(mean)s (%(n)s ratings) × %(others)s %% = "
        "%(total)s"
    ) % {
        "figures": score.figures,
        "own": plain(HUNDRED - score.others),
        "who": RATED_BY[kind],
        "mean": number(score.rated.mean),
        "n": score.rated.number,
        "others": plain(score.others),
        "total": unvetoed(score).total,
    }


def rule_words(part: Part) -> str:
    """What a sheet's part asks for."""
    match part.rule:
        case Share():
            if part.lower:
                return _("one minus the rate, times the weight")
            return _("the rate, times the weight")
        case Bands() as rule:
            rate = True
            return "；".join(
                f"{band_words(rule, n, rate=rate)} → {percent(share)}"
                for n, share in enumerate(rule.shares)
            )
        case Against(standard, norm):
            told = standard_words(standard) + ("" if norm is None else f" {plain(norm)}")
            if part.lower:
                return _(
                    "up to the %(standard)s of its like all, from twice as many on nothing, "
                    "between them in a straight line"
                ) % {"standard": told}
            return _("its share of the %(standard)s of its like, at most all") % {"standard": told}
        case Each() as rule:
            return each_words(rule)


def empty_words(part: Part) -> str:
    """What happens where there is nothing to divide by."""
    if isinstance(part.rule, Each):
        return ""
    if part.empty is None:
        return _("without data: the weight goes to the other parts")
    return _("without data: %(share)s of the weight") % {"share": percent(part.empty)}


def others_words(sheet: Sheet) -> str:
    """Who the other side is and what it weighs."""
    kind = Kind(sheet.kind)
    if kind not in RATED_BY:
        return ""
    return _("%(who)s: %(n)s %% of the score; without ratings it goes back to the figures.") % {
        "who": RATED_BY[kind],
        "n": plain(sheet.others),
    }


def number(exact: Fraction) -> str:
    """Two decimals, half up."""
    return f"{rounded(exact)}"


def plain(exact: Fraction) -> str:
    """Whole numbers without decimals, others with two at most."""
    if exact.denominator == 1:
        return str(exact.numerator)
    return format(rounded(exact).normalize(), "f")


def percent(value: Fraction | None) -> str:
    """66.67 %; whole ones without decimals."""
    return "" if value is None else f"{plain(value * 100)} %"
