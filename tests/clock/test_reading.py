"""The calendar in the database: seeding it, reading it, seeing it change."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from huying.clock import reading
from huying.clock.loading import load_calendar
from huying.clock.models import CalendarDay, CalendarYear, WorkingHours
from huying.clock.reading import calendar_for, forget_calendars

pytestmark = pytest.mark.django_db

DISTRICT = "440199"
OTHER = "440198"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_calendars()
    yield
    forget_calendars()


@pytest.fixture
def always_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a second had passed between any two uses."""
    monkeypatch.setattr(reading, "CHECK_EVERY_S", -1.0)


def test_loading_gives_known_years_days_and_hours() -> None:
    loaded = load_calendar(DISTRICT)
    assert loaded.years == tuple(range(2017, 2027))
    assert loaded.days == 351
    assert loaded.hours == 2
    calendar = calendar_for(DISTRICT)
    assert calendar.day_length == timedelta(hours=7)
    assert calendar.known_years == frozenset(range(2017, 2027))
    assert not calendar.is_work_day(date(2019, 10, 1))
    assert calendar.is_work_day(date(2019, 10, 12))


def test_loading_again_adds_nothing_and_keeps_what_was_edited() -> None:
    load_calendar(DISTRICT)
    CalendarDay.objects.filter(district_code=DISTRICT, day=date(2019, 10, 12)).delete()
    CalendarDay.objects.filter(district_code=DISTRICT, day=date(2019, 10, 7)).update(name="本地假")
    WorkingHours.objects.filter(district_code=DISTRICT, starts=time(8, 30)).update(starts=time(9))
    again = load_calendar(DISTRICT)
    assert (again.years, again.days, again.hours) == ((), 0, 0)
    calendar = calendar_for(DISTRICT)
    assert not calendar.is_work_day(date(2019, 10, 12))
    assert calendar.days[date(2019, 10, 7)].name == "本地假"
    assert calendar.day_length == timedelta(hours=6, minutes=30)


def test_days_entered_ahead_of_their_year_survive_its_loading() -> None:
    CalendarDay.objects.create(
        district_code=DISTRICT, day=date(2026, 10, 1), kind="work", name="值守"
    )
    load_calendar(DISTRICT)
    assert calendar_for(DISTRICT).is_work_day(date(2026, 10, 1))


def test_a_district_without_rows_counts_plain_weekdays() -> None:
    calendar = calendar_for(OTHER)
    assert calendar.day_length == timedelta(hours=7)
    assert calendar.is_work_day(date(2019, 10, 1))
    assert calendar.known_years == frozenset()


def test_any_area_of_the_district_has_its_calendar() -> None:
    assert calendar_for(f"{DISTRICT}120213001") is calendar_for(DISTRICT)


@pytest.mark.usefixtures("always_asking")
def test_every_kind_of_edit_is_seen() -> None:
    load_calendar(DISTRICT)
    before = calendar_for(DISTRICT)
    assert calendar_for(DISTRICT) is before
    # Past the models' own save, as another process or the database's console would.
    CalendarDay.objects.filter(district_code=DISTRICT, day=date(2019, 10, 12)).update(
        kind="holiday"
    )
    assert not calendar_for(DISTRICT).is_work_day(date(2019, 10, 12))
    CalendarYear.objects.filter(district_code=DISTRICT, year=2026).delete()
    assert 2026 not in calendar_for(DISTRICT).known_years
    WorkingHours.objects.filter(district_code=DISTRICT, starts=time(14)).update(ends=time(18))
    assert calendar_for(DISTRICT).day_length == timedelta(hours=7, minutes=30)


def test_within_a_second_nothing_is_asked(django_assert_num_queries: object) -> None:
    load_calendar(DISTRICT)
    calendar_for(DISTRICT)
    with django_assert_num_queries(0):  # type: ignore[operator]
        calendar_for(DISTRICT)


@pytest.mark.usefixtures("always_asking")
def test_an_unchanged_calendar_costs_one_query(django_assert_num_queries: object) -> None:
    load_calendar(DISTRICT)
    calendar_for(DISTRICT)
    with django_assert_num_queries(1):  # type: ignore[operator]
        calendar_for(DISTRICT)


def test_overlapping_hours_are_refused_by_the_form_and_joined_when_read() -> None:
    load_calendar(DISTRICT)
    overlap = WorkingHours(district_code=DISTRICT, starts=time(11), ends=time(15))
    with pytest.raises(ValidationError):
        overlap.full_clean()
    WorkingHours(district_code=DISTRICT, starts=time(19), ends=time(21)).full_clean()
    overlap.save()
    assert calendar_for(DISTRICT).hours == ((time(8, 30), time(17, 30)),)


@pytest.mark.parametrize(
    "row",
    [
        CalendarDay(district_code=DISTRICT, day=date(2019, 10, 1), kind="maybe"),
        CalendarYear(district_code=DISTRICT, year=19),
        WorkingHours(district_code=DISTRICT, starts=time(12), ends=time(8)),
    ],
    ids=["kind", "year", "hours"],
)
def test_the_database_refuses_nonsense(row: CalendarDay | CalendarYear | WorkingHours) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
