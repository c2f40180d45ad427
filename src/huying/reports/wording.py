"""Sentences and cells from figures: more, less, the same, or nothing to hold it against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from huying.assessment.indicators import Figure, indicators
from huying.assessment.tallies import Tally
from huying.reports.report import NO_DATA, percent

T = TypeVar("T")


def hundredths(value: Fraction | None) -> int | None:
    """A rate as hundredths of a percent, half up; None without a figure."""
    return None if value is None else int(value * 10_000 + Fraction(1, 2))


def rate(code: str, counts: Mapping[Tally, int]) -> int | None:
    """An indicator's value by these counts."""
    return hundredths(figure(code, counts).value)


def figure(code: str, counts: Mapping[Tally, int]) -> Figure:
    return indicators()[code].figure(counts)


def rate_said(value: int | None) -> str:
    return NO_DATA if value is None else percent(value)


def change_of_count(now: int, before: int | None) -> str:
    """上升12.50%, 下降3宗…; without an earlier figure there is nothing to say."""
    if before is None:
        return NO_DATA
    if now == before:
        return "持平"
    word = "上升" if now > before else "下降"
    if before == 0:
        return f"增加{now}宗"
    change = hundredths(Fraction(abs(now - before), before))
    return word + percent(change or 0)


def change_of_rate(now: int | None, before: int | None) -> str:
    """上升1.20个百分点; nothing where either has no figure."""
    if now is None or before is None:
        return NO_DATA
    if now == before:
        return "持平"
    points = percent(abs(now - before)).rstrip("%")
    return f"{'上升' if now > before else '下降'}{points}个百分点"


def ranked(
    rows: Iterable[T], value: Callable[[T], int | None], tie: Callable[[T], tuple[object, ...]]
) -> list[tuple[int | None, T]]:
    """Rows in their order, each with its rank: the same figure, the same rank.

    Who has no figure has no rank, and stands last. ``tie`` orders what ranks alike.
    """
    found = [(value(row), row) for row in rows]
    found.sort(key=lambda each: (each[0] is None, -(each[0] or 0), *tie(each[1])))
    given: list[tuple[int | None, T]] = []
    for place, (at, row) in enumerate(found, 1):
        alike = place > 1 and found[place - 2][0] == at
        given.append((None if at is None else given[-1][0] if alike else place, row))
    return given


def listed(words: Sequence[str]) -> str:
    """甲、乙、丙."""
    return "、".join(words)
