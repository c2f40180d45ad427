"""The words of many reports as columns of numbers, and how alike they are. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]

_AT_ONCE: Final = 4096
"""Pairs whose words lie side by side in memory: some megabytes of long letters."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """What weighs how much in each report, one report behind the other.

    Attributes:
        begins, many: where the terms of each report begin, and how many they are.
        terms, weights: of all reports, a term as its number.
        known: how many terms there are.
    """

    begins: Numbers
    many: Numbers
    terms: Numbers
    weights: Weights
    known: int

    @classmethod
    def of(cls, counted: Sequence[Mapping[str, int]]) -> Vectors:
        """How often each report holds each term: one that few hold weighs more (TF-IDF)."""
        numbers: dict[str, int] = {}
        terms = np.array(
            [numbers.setdefault(term, len(numbers)) for each in counted for term in each],
            dtype=np.int64,
        )
        counts = np.array([count for each in counted for count in each.values()], dtype=np.int64)
        many = np.array([len(each) for each in counted], dtype=np.int64)
        reports = np.repeat(np.arange(len(counted)), many)
        held = np.bincount(terms, minlength=len(numbers))
        shared = held[terms] > 1  # What no other report holds can be alike to none.
        terms, counts, reports = terms[shared], counts[shared], reports[shared]
        rarity = np.array([math.log(len(counted) / number + 1) for number in held.tolist()])
        most = int(counts.max(initial=0))
        often = np.array([0.0, *(1 + math.log(count) for count in range(1, most + 1))])
        weights = often[counts] * rarity[terms]
        norms = np.sqrt(np.bincount(reports, weights * weights, minlength=len(counted)))
        many = np.bincount(reports, minlength=len(counted))
        return cls(
            begins=np.cumsum(many) - many,
            many=many,
            terms=terms,
            weights=weights / norms[reports],
            known=len(numbers),
        )

    def likeness(self, one: Numbers, other: Numbers) -> Weights:
        """The cosine of the words of each two: 0 (nothing) to 1 (the same)."""
        found = np.zeros(len(one))
        swapped = self.many[one] > self.many[other]
        read, held = np.where(swapped, other, one), np.where(swapped, one, other)
        order = np.argsort(held, kind="stable")
        row = np.zeros(self.known)
        for first in range(0, len(order), _AT_ONCE):
            some = order[first : first + _AT_ONCE]
            found[some] = self._some(read[some], held[some], row)
        return found

    def _some(self, read: Numbers, held: Numbers, row: Weights) -> Weights:
        """The shorter of each two is read; the longer, by which they are sorted, held against it.

        Args:
            row: a place for each term, all zero.
        """
        many = self.many[read]
        ends = np.cumsum(many)
        places = np.repeat(self.begins[read] - ends + many, many) + np.arange(many.sum())
        terms, products = self.terms[places], self.weights[places]
        changes = np.flatnonzero(np.diff(held, prepend=-1))
        begin = 0
        for each, end in zip(
            held[changes].tolist(), ends[[*(changes[1:] - 1), -1]].tolist(), strict=True
        ):
            mine = self._of(each)
            row[self.terms[mine]] = self.weights[mine]
            products[begin:end] *= row[terms[begin:end]]
            row[self.terms[mine]] = 0
            begin = end
        pairs = np.repeat(np.arange(len(read)), many)
        # What is summed up with weights are no whole numbers, as the types of numpy would have it.
        return cast("Weights", np.bincount(pairs, products, minlength=len(read)))

    def _of(self, report: int) -> slice:
        begin = self.begins[report]
        return slice(begin, begin + self.many[report])
