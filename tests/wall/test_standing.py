"""Lights, classes of warmth and curves, from counts alone."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huying.wall.standing import WARMTHS, Counts, Stand, stand_of, warmth_from
from huying.wall.trend import BOTTOM, HEIGHT, TOP, Day, curve


def test_a_place_stands_in_alarm_when_a_fifth_is_late() -> None:
    assert stand_of(Counts()) is Stand.CALM
    assert stand_of(Counts(open=100, overdue=4)) is Stand.CALM
    assert stand_of(Counts(open=100, overdue=5)) is Stand.WATCH
    assert stand_of(Counts(open=100, overdue=19)) is Stand.WATCH
    assert stand_of(Counts(open=100, overdue=20)) is Stand.ALARM
    assert stand_of(Counts(open=3, unsigned=1)) is Stand.WATCH
    assert stand_of(Counts(open=100, overdue=1, unsigned=1)) is Stand.WATCH


@given(st.lists(st.integers(0, 5000), max_size=40))
def test_every_grid_has_a_class_and_the_classes_grow(counts: list[int]) -> None:
    scale = warmth_from(counts)
    assert len(scale) == WARMTHS
    assert scale[0] == 1
    assert list(scale) == sorted(set(scale))
    assert max(counts, default=0) < 2 * scale[-1]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=40))
def test_a_curve_stays_within_its_frame_and_its_scale_has_few_lines(
    counts: list[tuple[int, int]],
) -> None:
    first = date(2026, 11, 1)
    drawn = curve([Day(first + timedelta(days=n), *each) for n, each in enumerate(counts)])
    for line in (drawn.reported, drawn.closed):
        points = [tuple(map(float, each.split(","))) for each in line.split()]
        assert len(points) == len(counts)
        assert all(TOP <= y <= HEIGHT - BOTTOM for _x, y in points)
    assert 2 <= len(drawn.lines) <= 5
    assert drawn.lines[-1][1] >= max(map(max, counts))
    assert drawn.days[-1][1] == first + timedelta(days=len(counts) - 1)
