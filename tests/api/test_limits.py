"""Rate limits: shared by all processes of a machine, kept by a leaky bucket a caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once_and_then_no_more(tmp_path: Path) -> None:
    from huying.errors import TooMany
    from huying.limiting import Limits

    clock = Clock()
    limits = Limits(tmp_path / "limits", clock)
    for _time in range(60):
        limits.take(1, 1, 60)
    with pytest.raises(TooMany) as refused:
        limits.take(1, 1, 60)
    assert refused.value.extra["retry_after"] == 1
    clock.now += 1
    limits.take(1, 1, 60)
    with pytest.raises(TooMany):
        limits.take(1, 1, 60)
    limits.take(2, 1, 60)  # another caller's bucket


def test_another_process_counts_in_the_same_bucket(tmp_path: Path) -> None:
    from huying.errors import TooMany
    from huying.limiting import Limits

    clock = Clock()
    one, other = (Limits(tmp_path / "limits", clock) for _process in range(2))
    one.take(7, 10, 10)
    with pytest.raises(TooMany):
        other.take(7, 1, 10)


def test_a_batch_counts_its_reports(tmp_path: Path) -> None:
    from huying.errors import TooMany
    from huying.limiting import Limits

    limits = Limits(tmp_path / "limits", Clock())
    limits.take(1, 8, 10)
    with pytest.raises(TooMany) as refused:
        limits.take(1, 3, 10)
    assert refused.value.extra["retry_after"] == 6
    limits.take(1, 2, 10)


def test_a_door_may_count_for_longer_than_a_minute(tmp_path: Path) -> None:
    from huying.errors import TooMany
    from huying.limiting import Limits

    clock = Clock()
    limits = Limits(tmp_path / "limits", clock, window=86_400)
    limits.take(1, 100, 100)
    clock.now += 863
    with pytest.raises(TooMany) as refused:
        limits.take(1, 1, 100)
    assert refused.value.extra["retry_after"] == 1
    clock.now += 1
    limits.take(1, 1, 100)


def test_a_batch_larger_than_the_limit_is_taken_when_nothing_else_is(tmp_path: Path) -> None:
    from huying.errors import TooMany
    from huying.limiting import Limits

    clock = Clock()
    limits = Limits(tmp_path / "limits", clock)
    limits.take(1, 500, 100)
    with pytest.raises(TooMany):
        limits.take(1, 1, 100)
    clock.now += 60
    limits.take(1, 500, 100)


def test_a_clock_that_was_set_back_locks_nobody_out(tmp_path: Path) -> None:
    from huying.limiting import Limits

    clock = Clock()
    limits = Limits(tmp_path / "limits", clock)
    clock.now = 50_000
    limits.take(1, 10, 10)
    clock.now = 1_000
    limits.take(1, 10, 10)


def test_the_interface_says_when_to_come_again(
    district: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    few = settings.HUYING.model_copy(update={"api_writes_per_minute": 2})
    monkeypatch.setattr(settings, "HUYING", few)
    assert [district.report().status_code for _time in range(3)] == [201, 201, 429]
    answer = district.report()
    assert answer.json()["code"] == "too_many"
    assert 0 < int(answer["Retry-After"]) <= 60
    assert district.get("/cases").status_code == 200  # reads have a bucket of their own
