"""The calendar and the moments that the clock's tests speak of."""

import csv
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

from hypothesis import strategies as st

from huying.clock.calendar import CIVIL_TZ, Day, DayKind, WorkingCalendar
from huying.clock.limits import Clock, Limit, Pause


def shipped_days() -> dict[date, Day]:
    """The days of the package's data."""
    text = (files("huying") / "data" / "calendar.csv").read_text(encoding="utf-8")
    return {
        date.fromisoformat(row["day"]): Day(DayKind(row["kind"]), row["name"])
        for row in csv.DictReader(text.splitlines())
    }


CALENDAR = WorkingCalendar(days=shipped_days(), known_years=frozenset(range(2017, 2027)))
NOTHING = timedelta(0)
LONG = timedelta(days=20)
PLAIN = WorkingCalendar(known_years=frozenset(range(2017, 2027)))


def shanghai(text: str) -> datetime:
    """A moment told in Chinese civil time: `shanghai("2019-07-11 10:00")`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL_TZ).astimezone(UTC)


def told(moment: datetime | None) -> str | None:
    """The same, back."""
    return None if moment is None else f"{moment.astimezone(CIVIL_TZ):%Y-%m-%d %H:%M}"


moments = st.datetimes(
    min_value=datetime(2017, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2028, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
clocks = st.sampled_from(Clock)
limits = st.builds(
    Limit,
    st.one_of(st.integers(0, 60), st.fractions(min_value=0, max_value=300, max_denominator=60)),
    clocks,
)


@st.composite
def pauses_near(draw: st.DrawFn, start: datetime) -> list[Pause]:
    """Up to four pauses, overlapping or not, around and after a start."""
    offsets = st.timedeltas(min_value=-LONG / 4, max_value=LONG)
    lengths = st.timedeltas(min_value=NOTHING, max_value=LONG / 2)
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begins = start + draw(offsets)
        found.append(Pause(begins, begins + draw(lengths)))
    return found
