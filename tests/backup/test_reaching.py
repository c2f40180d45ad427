"""Which base and which segments lead to a moment: told without any database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.backup import reaching
from huying.backup.basing import Base, segment_name, segment_of
from huying.backup.reaching import NotReachable, Timeline

NOON = datetime(2026, 11, 29, 4, tzinfo=UTC)


def base(minutes: int, segment: int, timeline: int = 1) -> Base:
    at = NOON + timedelta(minutes=minutes)
    return Base(
        name=f"b{minutes}", huying="1", system="7", server_version=180000, timeline=timeline,
        start=f"0/{segment:X}000028", end=f"0/{segment:X}000120", started_at=at.isoformat(),
        stopped_at=at.isoformat(), keys=[], key=None, sha256="", bytes=1, cluster_bytes=1,
        seconds=1.0,
    )  # fmt: skip


def closed(numbers: range, timeline: int = 1, minute: int = 0) -> dict[str, float]:
    """Segments that end one a minute, the first a minute after `minute`."""
    return {
        segment_name(timeline, number): (NOON + timedelta(minutes=minute + at)).timestamp()
        for at, number in enumerate(numbers, 1)
    }


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@given(st.floats(0, 9), st.integers(0, 8))
def test_the_way_covers_the_moment_and_has_no_gap(minutes: float, second_base: int) -> None:
    bases = [base(0, 5), base(second_base, 5 + second_base)]
    way = reaching.choose(after(minutes), bases, closed(range(5, 16)), [])
    assert way.base.reaches_from <= after(minutes)
    numbers = [int(name[16:], 16) for name in way.segments]
    assert numbers == list(range(way.base.first_segment, numbers[-1] + 1))
    assert way.reaches >= after(minutes)


def test_a_moment_before_the_oldest_base_says_from_when_on() -> None:
    with pytest.raises(NotReachable, match="oldest base backup leads to 2026-11-29 12:00:00"):
        reaching.choose(after(-1), [base(0, 5)], closed(range(5, 9)), [])


def test_a_moment_after_the_log_says_until_when() -> None:
    with pytest.raises(NotReachable, match="leads to 2026-11-29 12:04:00 and not yet to"):
        reaching.choose(after(30), [base(0, 5)], closed(range(5, 9)), [])


def test_a_gap_is_named_and_does_not_hide_what_lies_behind_the_next_base() -> None:
    segments = closed(range(5, 16))
    del segments[segment_name(1, 8)]
    with pytest.raises(NotReachable, match=r"gap: its segment 0+10+8 is missing.*until 2026-11-29"):
        reaching.choose(after(6), [base(0, 5)], segments, [])
    assert reaching.choose(after(2), [base(0, 5)], segments, []).reaches >= after(2)
    assert reaching.choose(after(6), [base(0, 5), base(5, 9)], segments, []).base.name == "b5"


def test_after_a_restore_the_time_before_it_and_the_time_since_are_both_there() -> None:
    """At 12:10 it went back to what was written by segment 7; what was undone stays reachable."""
    left = Timeline.read("00000002.history", after(10).timestamp(), "1\t0/7000100\tbefore …\n")
    segments = closed(range(5, 16)) | closed(range(7, 12), timeline=2, minute=10)
    undone = reaching.choose(after(8), [base(0, 5)], segments, [left])
    assert {name[:8] for name in undone.segments} == {"00000001"}
    since = reaching.choose(after(13), [base(0, 5)], segments, [left])
    assert [name[:8] for name in since.segments][:3] == ["00000001", "00000001", "00000002"]
    # A base of what was undone leads nowhere that was done since.
    with pytest.raises(NotReachable):
        reaching.choose(after(13), [base(6, 11)], segments, [left])


def test_positions_and_segments() -> None:
    assert segment_of("0/5000028") == 5
    assert segment_of("1/0") == 256
    assert segment_name(1, 256) == "000000010000000100000000"
