"""Indicators 指标: what is divided by what, as data. Formulas are sums of tallies.

    handle_due - handle_done            超期待处置率's numerator
    satisfied + 0.9 * fairly_satisfied  a weight stands before its tally

The definitions are in `data/indicators.csv`, with their source. Nothing to divide by is no figure:
"无数据", neither 0 nor 100.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Final

from django.utils.translation import get_language

from huying.assessment.tallies import Tally

_TERM: Final = re.compile(r"\s*([+-])?\s*(?:(\d+(?:\.\d+)?)\s*\*\s*)?([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A weighted sum of tallies."""

    terms: tuple[tuple[Fraction, Tally], ...]

    @classmethod
    def read(cls, text: str) -> Formula:
        """Reads a formula.

        Raises:
            ValueError: it is none, or names no tally.
        """
        terms: list[tuple[Fraction, Tally]] = []
        text, at = text.strip(), 0
        while at < len(text):
            found = _TERM.match(text, at)
            if found is None or (terms and not found[1]):
                raise ValueError(f"no formula: {text!r}")
            weight = Fraction(found[2] or 1) * (-1 if found[1] == "-" else 1)
            terms.append((weight, Tally(found[3])))
            at = found.end()
        if not terms:
            raise ValueError("an empty formula")
        return cls(tuple(terms))

    def of(self, counts: Mapping[Tally, int]) -> Fraction:
        """The sum."""
        return sum((weight * counts.get(tally, 0) for weight, tally in self.terms), Fraction(0))

    @property
    def tallies(self) -> frozenset[Tally]:
        return frozenset(tally for _weight, tally in self.terms)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A rate.

    Attributes:
        better: "higher" or "lower".
        source: the standard or practice that it comes from.
    """

    code: str
    zh: str
    en: str
    numerator: Formula
    denominator: Formula
    better: str
    source: str

    @property
    def name(self) -> str:
        """In the language of the page."""
        return self.en if (get_language() or "").startswith("en") else self.zh

    @property
    def tallies(self) -> frozenset[Tally]:
        """What has to be counted for it."""
        return self.numerator.tallies | self.denominator.tallies

    def figure(self, counts: Mapping[Tally, int]) -> Figure:
        """What it is by these counts."""
        return Figure(self, self.numerator.of(counts), self.denominator.of(counts))


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator's value, with what it was divided from."""

    indicator: Indicator
    numerator: Fraction
    denominator: Fraction

    @property
    def value(self) -> Fraction | None:
        """Between 0 and 1; None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator > 0 else None

    @property
    def over(self) -> str:
        """What was divided by what: 2/3; weighted sums with one decimal, 2.9/3."""
        return "/".join(
            f"{float(each):.4g}" if each.denominator > 1 else str(each)
            for each in (self.numerator, self.denominator)
        )

    @property
    def percent(self) -> str:
        """Two decimals, half up: 66.67 %; empty without a value."""
        if self.value is None:
            return ""
        hundredths = int(self.value * 10_000 + Fraction(1, 2))
        return f"{hundredths // 100}.{hundredths % 100:02} %"


@cache
def indicators() -> Mapping[str, Indicator]:
    """All of them by their codes, in the order of the list.

    Raises:
        ValueError: the list has a formula that is none.
    """
    text = (files("huying") / "data" / "indicators.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Indicator(
            code=row["code"],
            zh=row["name"],
            en=row["name_en"],
            numerator=Formula.read(row["numerator"]),
            denominator=Formula.read(row["denominator"]),
            better=row["better"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }
