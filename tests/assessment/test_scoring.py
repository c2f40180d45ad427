"""Points from figures: bands at every edge, nothing divided by nothing, both sides, grades."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from huying.assessment.scores import keeping, sheets
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.scoring import (
    Measured,
    Rated,
    Score,
    Sheet,
    Why,
    grade,
    rounded,
    scored,
    standards_of,
    unvetoed,
    vetoed,
)
from huying.assessment.scores.sheets import InvalidSheet, defaults, read

F = Fraction

WORKER = defaults()[Kind.WORKER]
UNIT = defaults()[Kind.UNIT]


def rate(above: int, below: int) -> Measured:
    return Measured(F(above), F(below))


def count(number: int) -> Measured:
    return Measured(F(number))


def one(rule: dict[str, Any], measure: str = "rework") -> Sheet:
    """A sheet of one part."""
    return read("unit", {"parts": [{"measure": measure, "weight": "100", **rule}]})


def points(score: Score) -> list[Decimal]:
    return [rounded(line.points) for line in score.lines]


def test_a_worker_by_the_published_sheet() -> None:
    figures = {
        "valid_reports": rate(18, 20),
        "missed": rate(1, 10),
        "verified_in_time": rate(3, 4),
        "checked_in_time": rate(5, 5),
    }
    score = scored(WORKER, figures)
    # 40 × 90 %, 20 × (1 - 10 %), 20 × 75 %, 20 × 100 %
    assert points(score) == [Decimal("36.00"), Decimal("18.00"), Decimal("15.00"), Decimal("20.00")]
    assert (score.total, score.grade) == (Decimal("89.00"), "B")
    assert [line.why for line in score.lines] == [Why.SHARE, Why.INVERTED, Why.SHARE, Why.SHARE]


def test_what_has_no_denominator_gives_its_weight_to_the_rest() -> None:
    figures = {"valid_reports": rate(1, 2), "missed": rate(0, 4)}
    score = scored(WORKER, figures)
    # 40 and 20 become 66.67 and 33.33: 33.33 + 33.33
    assert score.total == Decimal("66.67")
    assert [line.why for line in score.lines[2:]] == [Why.EMPTY_SPREAD] * 2
    assert sum(line.weight for line in score.lines) == 100


def test_nothing_at_all_is_no_score_and_neither_0_nor_100() -> None:
    empty = scored(WORKER, {})
    assert (empty.total, empty.grade, empty.figures) == (None, "", None)
    # A unit that got nothing: its count of nothing is no score either.
    idle = scored(UNIT, {"dispatched_cases": count(0)}, {"dispatched_cases": F(4)})
    assert idle.total is None


def test_a_sheet_may_state_what_is_given_without_data() -> None:
    data = {
        "parts": [
            {"measure": "closed", "weight": "50", "rule": "share"},
            {"measure": "rework", "weight": "50", "rule": "share", "empty": "0.6"},
        ]
    }
    score = scored(read("town", data), {"closed": rate(1, 1)})
    assert (score.total, score.lines[1].why) == (Decimal("80.00"), Why.EMPTY_GIVEN)
    for refused in ("0", "1", "1.2"):
        with override("en"), pytest.raises(InvalidSheet, match="between 0 and 1"):
            read("town", {"parts": [data["parts"][0], {**data["parts"][1], "empty": refused}]})


BANDS: dict[str, Any] = {
    "rule": "bands",
    "edges": ["0", "0.05", "0.1", "0.2"],
    "shares": ["1", "0.9", "0.5", "0"],
}
FALLING = {"measure": "rework", "weight": "100", **BANDS}


@pytest.mark.parametrize(
    ("above", "below", "share"),
    [
        (0, 100, "1"),
        (4999, 100_000, "1"),
        (5, 100, "0.9"),
        (5001, 100_000, "0.9"),
        (9999, 100_000, "0.9"),
        (10, 100, "0.5"),
        (19_999, 100_000, "0.5"),
        (20, 100, "0"),
        (100, 100, "0"),
    ],
)
def test_a_band_begins_with_its_edge_and_ends_before_the_next(
    above: int, below: int, share: str
) -> None:
    score = scored(one(BANDS), {"rework": rate(above, below)})
    assert score.lines[0].share == F(share)


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_every_value_lies_in_exactly_one_band(above: int, below: int) -> None:
    value, rule = F(above, below), one(BANDS).parts[0].rule
    edges = [*rule.edges, None]  # type: ignore[union-attr]
    fits = [
        n
        for n, (low, high) in enumerate(pairwise(edges))
        if low <= value and (high is None or value < high)  # type: ignore[operator]
    ]
    assert fits == [rule.at(value)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("total", "name"),
    [
        ("100", "A"),
        ("90.00", "A"),
        ("89.99", "B"),
        ("75.00", "B"),
        ("74.99", "C"),
        ("60.00", "C"),
        ("59.99", "D"),
        ("40.00", "D"),
        ("39.99", "E"),
        ("0", "E"),
    ],
)
def test_grades_at_every_edge(total: str, name: str) -> None:
    assert grade(Decimal(total)) == name


def test_a_grade_goes_by_the_rounded_total() -> None:
    sheet = one({"rule": "share"}, "closed")
    up = scored(sheet, {"closed": rate(89_995, 100_000)})
    down = scored(sheet, {"closed": rate(899_949, 1_000_000)})
    assert (up.total, up.grade) == (Decimal("90.00"), "A")
    assert (down.total, down.grade) == (Decimal("89.99"), "B")


@pytest.mark.parametrize(
    ("number", "more", "less"),
    [
        (0, "0", "1"),
        (5, "0.5", "1"),
        (10, "1", "1"),
        (15, "1", "0.5"),
        (20, "1", "0"),
        (99, "1", "0"),
    ],
)
def test_a_count_against_the_median(number: int, more: str, less: str) -> None:
    rule = {"rule": "against", "standard": "median"}
    standards = {"complaints": F(10)}
    higher = scored(one(rule, "complaints"), {"complaints": count(number)}, standards)
    lower = scored(
        one(rule | {"lower": True}, "complaints"), {"complaints": count(number)}, standards
    )
    assert (higher.lines[0].share, lower.lines[0].share) == (F(more), F(less))


def test_mean_median_and_norm_over_those_that_did_anything() -> None:
    def standard(**rule: Any) -> dict[str, F]:
        some = [{"accepted_cases": count(n), "closed": rate(1, 1)} for n in (2, 3, 10)]
        idle = {"accepted_cases": count(0), "closed": rate(0, 0)}
        return standards_of(one({"rule": "against", **rule}, "accepted_cases"), [*some, idle])

    assert standard(standard="mean") == {"accepted_cases": F(5)}
    assert standard(standard="median") == {"accepted_cases": F(3)}
    assert standard(standard="norm", norm="8") == {"accepted_cases": F(8)}
    nobody = standards_of(one({"rule": "against", "standard": "mean"}, "accepted_cases"), [])
    assert nobody == {}


def test_pieces_take_away_up_to_their_most_and_a_total_stays_within_its_cap() -> None:
    def town(pieces: int, *, each: str, cap: str = "100") -> Decimal | None:
        rule = {"measure": "reopened_cases", "rule": "each", "points": each, "most": "5"}
        closed = {"measure": "closed", "weight": "100", "rule": "share"}
        sheet = read("town", {"cap": cap, "parts": [closed, rule]})
        return scored(sheet, {"closed": rate(1, 1), "reopened_cases": count(pieces)}).total

    assert [town(n, each="-2") for n in (0, 1, 2, 3, 9)] == [100, 98, 96, 95, 95]
    assert [town(n, each="2") for n in (0, 9)] == [100, 100]
    assert [town(n, each="2", cap="103") for n in (1, 2)] == [102, 103]


def test_the_other_sides_weight_goes_back_to_the_figures_where_nobody_rated() -> None:
    figures = {
        "dispatched_cases": count(4),
        "handled": rate(4, 4),
        "handled_in_time": rate(2, 4),
        "rework": rate(0, 4),
    }
    standards = {"dispatched_cases": F(4)}
    alone = scored(UNIT, figures, standards)
    both = scored(UNIT, figures, standards, Rated(F(60), 3))
    assert (alone.total, alone.others) == (Decimal("85.00"), 0)
    assert (both.total, both.others) == (Decimal("80.00"), 20)  # 85 × 80 % + 60 × 20 %
    nothing = scored(UNIT, {}, standards, Rated(F(60), 3))
    assert nothing.total is None  # stars alone are no score


@given(
    st.dictionaries(
        st.sampled_from(UNIT.measures),
        st.tuples(st.integers(0, 50), st.integers(0, 50)),
    ),
    st.none() | st.tuples(st.integers(0, 100), st.integers(1, 9)),
)
def test_a_score_lies_within_its_bounds_and_is_kept_to_the_letter(
    raw: dict[str, tuple[int, int]], said: tuple[int, int] | None
) -> None:
    counts = {"dispatched_cases", "supervised_cases"}
    figures = {
        name: count(one) if name in counts else rate(min(one, two), two)
        for name, (one, two) in raw.items()
    }
    rated = None if said is None else Rated(F(said[0]), said[1])
    score = scored(UNIT, figures, {"dispatched_cases": F(7)}, rated)
    assert score.total is None or 0 <= score.total <= 100
    kept = keeping.read(sheets.read("unit", sheets.as_data(UNIT)), keeping.as_data(score))
    assert kept.lines == score.lines
    assert (kept.total, kept.figures, kept.rated) == (score.total, score.figures, score.rated)
    assert unvetoed(vetoed(kept)).total == score.total
    assert (vetoed(kept).total, vetoed(kept).grade) == (0, "E")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_default_sheet_scores_a_hundred_and_names_its_source(kind: Kind) -> None:
    sheet = defaults()[kind]
    assert sum(part.weight for part in sheet.parts) == 100
    assert all(part.source for part in sheet.parts)
    assert sheets.read(kind, sheets.as_data(sheet)) == sheet


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"measure": "closed", "weight": "99", "rule": "share"}, "must make 100"),
        ({"measure": "nonsense", "weight": "100", "rule": "share"}, "no measure"),
        ({"measure": "accepted_cases", "weight": "100", "rule": "share"}, "no rate"),
        ({"measure": "closed", "weight": "x", "rule": "share"}, "no number"),
        ({"measure": "closed", "weight": "NaN", "rule": "share"}, "no number"),
        ({"measure": "closed", "weight": "100", "rule": "magic"}, "no rule"),
        ({"measure": "closed", "weight": "100", "rule": "against", "standard": "mean"}, "a count"),
        (
            {"measure": "rework", "weight": "100", **BANDS, "edges": ["0", "0.2", "0.1", "1"]},
            "rise",
        ),
        ({"measure": "rework", "weight": "100", **BANDS, "edges": ["0.1", "0.2", "1"]}, "rise"),
        ({"weight": "100"}, "no score sheet"),
    ],
)
def test_a_sheet_that_cannot_score_is_refused_with_a_reason(part: Any, why: str) -> None:
    with override("en"), pytest.raises(InvalidSheet, match=why):
        read("town", {"parts": [part]})
