"""What an auditor is shown of people's reading, and why."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from huying.audit.unusual import Look, Sign, Thresholds, unusual

LIMITS = Thresholds(
    per_hour=3,
    night_from=time(22),
    night_until=time(6),
    per_night=2,
    readers=3,
    same_person=4,
    same_purpose=6,
    same_words=3,
)
NOON = datetime(2019, 7, 11, 12, tzinfo=UTC)
TOWN = "440113120"


def look(minutes: float = 0, **more: Any) -> Look:
    given = {
        "id": uuid.uuid4(), "at": NOON + timedelta(minutes=minutes), "account": 1, "area": TOWN,
        "subject": uuid.uuid4().hex, "place": f"{TOWN}213001", "occasion": "case", "person": "",
    } | more  # fmt: skip
    return Look(**{**given, "person": given["person"] or given["subject"]})


def signs(*looks: Look) -> list[tuple[Sign, int]]:
    return [(each.sign, len(each.looks)) for each in unusual(looks, LIMITS, lambda at: at)]


def test_an_ordinary_day_shows_nothing() -> None:
    assert signs(*(look(n * 30) for n in range(8))) == []
    assert signs() == []


def test_more_looks_in_an_hour_than_the_threshold() -> None:
    assert signs(*(look(n) for n in range(3)), look(61)) == []
    assert signs(*(look(n * 15) for n in range(4))) == [(Sign.MANY, 4)]
    # Of another account each has its own count.
    assert signs(*(look(n, account=n) for n in range(4))) == []


@pytest.mark.parametrize(
    ("hours", "found"),
    [((9.5, 9.75), []), ((10, 17.9), [(Sign.NIGHT, 2)]), ((10, 35), []), ((18, 18.1), [])],
)
def test_a_night_runs_from_evening_to_morning(
    hours: tuple[float, ...], found: list[tuple[Sign, int]]
) -> None:
    assert signs(*(look(hour * 60) for hour in hours)) == found


def test_outside_is_neither_within_nor_around_ones_area() -> None:
    assert signs(look(place="440113102001001")) == [(Sign.OUTSIDE, 1)]
    assert signs(look(place="440113"), look(place=""), look(area="")) == []


def test_without_an_occasion_only_what_was_revealed_counts() -> None:
    assert signs(look(occasion="")) == [(Sign.NO_OCCASION, 1)]
    assert signs(look(occasion="", reveals=False)) == []


def test_one_record_by_many_and_one_person_again_and_again() -> None:
    assert signs(*(look(n * 90, account=n, subject="a") for n in range(3))) == [(Sign.BY_MANY, 3)]
    # The same person in four different cases: the mark tells, not the case.
    assert signs(*(look(n * 90, person="mark") for n in range(4))) == [(Sign.SAME_PERSON, 4)]


def test_one_person_read_by_many_in_whatever_records() -> None:
    found = signs(*(look(n * 90, account=n, person="mark") for n in range(3)))
    assert found == [(Sign.BY_MANY, 3)]
    # Where record and person say the same it is told once.
    both = [look(n * 90, account=n, subject="a", person="mark") for n in range(3)]
    assert signs(*both) == [(Sign.BY_MANY, 3)]
    assert signs(*both, look(400, account=1, subject="b", person="mark")) == [
        (Sign.BY_MANY, 4), (Sign.BY_MANY, 3),
    ]  # fmt: skip


def test_one_purpose_for_very_many_people_in_a_day() -> None:
    day = [look(n * 25, purpose="meet", occasion=f"case-{n}") for n in range(6)]
    assert signs(*day) == [(Sign.SAME_REASON, 6)]
    assert signs(*day[:5]) == []
    # Two purposes, or two days, are not one; nor is the sheet of one person with many records.
    assert signs(*day[:3], *(look(75 + n * 25, purpose="visit") for n in range(3))) == []
    apart = [look(n * 60 * 24, purpose="meet", occasion=f"case-{n}") for n in range(6)]
    assert signs(*apart) == []
    sheet = [look(n * 25, purpose="own_request", occasion="request") for n in range(8)]
    assert signs(*sheet) == []
    # Searches have no purpose, and say nothing by it.
    assert signs(*(look(n * 25, occasion=f"c{n}", reveals=False) for n in range(8))) == []


def test_the_same_words_for_several_people_whenever_that_was() -> None:
    weeks = [
        look(n * 60 * 24 * 7, purpose="other", words="d1", occasion=f"case-{n}") for n in range(3)
    ]
    assert signs(*weeks) == [(Sign.SAME_REASON, 3)]
    other = look(60 * 24 * 7 * 4, purpose="other", words="d2", occasion="case-9")
    assert signs(*weeks[:2], other) == []
    # The same person for the same reason is one person.
    again = [look(n * 600, purpose="other", words="d1", person="mark") for n in range(3)]
    assert signs(*again) == []
