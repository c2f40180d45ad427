"""Public figures: nobody can be found in them, nor between them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from huying.response.figures import LEAST, REST, coarse, due_month, totals

TOWNS = ("440113120", "440113102", "440113103", "440113104")
ITEMS = ("0101", "0203", "0211", "0306", REST)
counts = st.dictionaries(
    st.tuples(st.sampled_from(TOWNS), st.sampled_from(ITEMS)), st.integers(0, 14)
)


@given(counts)
def test_no_published_number_and_no_difference_of_two_is_of_few(
    found: dict[tuple[str, str], int],
) -> None:
    cells = coarse(found)
    # What is published: cells, sums by town, and the sum of all, each with the cells behind it.
    published = [({each}, each.closed) for each in cells]
    for town, number in totals(cells).items():
        published.append(({each for each in cells if each.town == town}, number))
    published.append((set(cells), sum(each.closed for each in cells)))
    assert len(set(cells)) == len(cells)
    for behind, number in published:
        assert number >= LEAST or not behind
    for (one, few), (other, many) in combinations(published, 2):
        if one < other or other < one:
            assert abs(many - few) >= LEAST


@given(counts)
def test_every_case_is_in_one_cell_and_a_named_cell_is_true(
    found: dict[tuple[str, str], int],
) -> None:
    cells = coarse(found)
    everything = sum(found.values())
    assert sum(each.closed for each in cells) == (everything if everything >= LEAST else 0)
    places = Counter((each.town, each.item) for each in cells)
    assert not [place for place, number in places.items() if number > 1]
    for each in cells:
        if REST not in (each.town, each.item):
            assert each.closed == found[each.town, each.item]


def test_a_month_is_out_half_a_month_after_its_end() -> None:
    assert due_month(date(2026, 11, 14)) == date(2026, 9, 1)
    assert due_month(date(2026, 11, 16)) == date(2026, 10, 1)
