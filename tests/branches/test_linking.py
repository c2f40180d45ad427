"""The rule that deals households out: everybody once, as many for one as for another."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from huying.branches.linking import DOORS, NEAREST, Helper, Home, share

LON, LAT = 113.4, 22.95
spots = st.one_of(
    st.none(),
    st.tuples(st.integers(-200, 200), st.integers(-200, 200)).map(
        lambda xy: (LON + xy[0] / 1e5, LAT + xy[1] / 1e5)
    ),
)
homes_of = st.lists(spots, max_size=40).map(
    lambda found: [Home(n, *(spot or (None, None))) for n, spot in enumerate(found)]
)
ways = st.sampled_from([NEAREST, DOORS])


def helpers_of(loads: st.SearchStrategy[int]) -> st.SearchStrategy[list[Helper]]:
    return st.lists(st.tuples(spots, loads), min_size=1, max_size=9).map(
        lambda found: [
            Helper(f"m{n}", *(spot or (None, None)), load) for n, (spot, load) in enumerate(found)
        ]
    )


@given(homes_of, helpers_of(st.just(0)), ways)
def test_every_household_once_and_sizes_differ_at_most_by_one(
    homes: list[Home], helpers: list[Helper], way: str
) -> None:
    dealt = share(homes, helpers, way=way)
    assert set(dealt) == {home.id for home in homes}
    sizes = [list(dealt.values()).count(helper.id) for helper in helpers]
    assert max(sizes) - min(sizes) <= 1
    assert share(homes, helpers, way=way) == dealt


@given(homes_of, helpers_of(st.integers(0, 12)), ways)
def test_who_has_fewer_is_filled_up_first(
    homes: list[Home], helpers: list[Helper], way: str
) -> None:
    dealt = share(homes, helpers, way=way)
    assert set(dealt) == {home.id for home in homes}
    got = {helper.id: list(dealt.values()).count(helper.id) for helper in helpers}
    after = [helper.load + got[helper.id] for helper in helpers]
    # Nobody was given one while somebody else stayed two below them.
    for helper in helpers:
        if got[helper.id]:
            assert helper.load + got[helper.id] - min(after) <= 1


@given(homes_of, helpers_of(st.integers(0, 5)), ways, st.integers(1, 6))
def test_nobody_gets_more_than_the_most(
    homes: list[Home], helpers: list[Helper], way: str, most: int
) -> None:
    dealt = share(homes, helpers, way=way, most=most)
    room = sum(max(0, most - helper.load) for helper in helpers)
    assert len(dealt) == min(len(homes), room)
    for helper in helpers:
        got = list(dealt.values()).count(helper.id)
        assert not got or helper.load + got <= most


def test_the_nearest_are_put_together() -> None:
    homes = [Home("west", LON, LAT), Home("east", LON + 0.01, LAT)]
    helpers = [Helper("of the east", LON + 0.011, LAT), Helper("of the west", LON - 0.001, LAT)]
    assert share(homes, helpers) == {"west": "of the west", "east": "of the east"}


def test_door_by_door_each_gets_neighbours() -> None:
    homes = [Home(n, LON + n / 1000, LAT) for n in range(6)]
    helpers = [Helper("far", LON + 0.005, LAT), Helper("near", LON, LAT)]
    dealt = share(homes, helpers, way=DOORS)
    assert [dealt[n] for n in range(6)] == ["near"] * 3 + ["far"] * 3


def test_a_community_is_dealt_out_in_seconds() -> None:
    homes = [Home(n, LON + n % 60 / 1e4, LAT + n // 60 / 1e4) for n in range(3000)]
    helpers = [Helper(n, LON + n % 20 / 3e3, LAT + n // 20 / 3e3) for n in range(378)]
    began = time.monotonic()
    dealt = share(homes, helpers)
    assert time.monotonic() - began < 10
    sizes = {list(dealt.values()).count(helper.id) for helper in helpers}
    assert sizes == {7, 8}
    assert len(dealt) == 3000
