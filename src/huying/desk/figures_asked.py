"""What figures somebody looks at: read from the address, and no more than their post may see."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huying.assessment import answering
from huying.assessment.counting import Asked, By, Counted
from huying.assessment.indicators import Indicator, indicators
from huying.assessment.tallies import Tally
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Role
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level

MONTHS, WEEKS = 13, 8
LONGEST: Final = timedelta(days=366)

BY_WORDS: Final[dict[By, Words]] = {
    By.ALL: pgettext_lazy("figures", "all together"),
    By.TOWN: pgettext_lazy("figures", "by town"),
    By.COMMUNITY: pgettext_lazy("figures", "by community"),
    By.GRID: pgettext_lazy("figures", "by grid"),
    By.HOLDER: pgettext_lazy("figures", "by desk"),
    By.UNIT: pgettext_lazy("figures", "by unit"),
    By.TEAM: pgettext_lazy("figures", "by team"),
    By.REPORTER: pgettext_lazy("figures", "by who reported"),
    By.ACCOUNT: pgettext_lazy("figures", "by who did it"),
    By.ITEM: pgettext_lazy("figures", "by item"),
    By.CHANNEL: pgettext_lazy("figures", "by channel"),
}

GROUPS: Final[dict[str, tuple[Words, tuple[str, ...]]]] = {
    "closing": (
        pgettext_lazy("figures", "Closing"),
        ("closed", "closed_in_time", "within_a_day", "reopened", "recurred", "supervised"),
    ),
    "handling": (
        pgettext_lazy("figures", "Handling"),
        ("handled", "handled_in_time", "waiting_late", "rework", "extended", "returned_near",
         "came_in_time"),
    ),
    "desk": (
        pgettext_lazy("figures", "Accepting and dispatching"),
        ("accepted_in_time", "accepted_rightly", "dispatched_in_time", "dispatched_rightly",
         "returned", "returned_again", "outside_list"),
    ),
    "grid": (
        pgettext_lazy("figures", "Reports and patrol"),
        ("valid_reports", "missed", "verified_in_time", "checked_in_time", "patrol_covered",
         "collected"),
    ),
    "residents": (
        pgettext_lazy("figures", "Residents"),
        ("responded", "solved", "satisfied"),
    ),
}  # fmt: skip
"""The indicators side by side on one page; every one is in one group (tested)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What of the figures a post may look at.

    Attributes:
        area: where; it may be narrowed down.
        own: of which dimensions and whom there; None: everything of the area.
    """

    area: str
    own: Mapping[By, str] | None = None

    @property
    def dimensions(self) -> tuple[By, ...]:
        return tuple(By) if self.own is None else tuple(self.own)

    def sees(self, by: By, subject: str) -> bool:
        return self.own is None or self.own.get(by) == subject


TOWN: Final = CODE_LENGTH[Level.TOWN]


def reach_of(actor: Actor) -> Reach:
    """Desks and leaders see the figures of their area; everybody else those of themselves."""
    if actor.role == Role.DISPATCHER or actor.is_leader:
        return Reach(actor.area_code)
    own: dict[By, str] = {}
    if actor.role == Role.HANDLER and actor.unit_id is not None:
        own[By.UNIT] = str(actor.unit_id)
    if actor.role in ON_FOOT:
        own[By.REPORTER] = str(actor.account_id)
        if len(actor.area_code) == CODE_LENGTH[Level.GRID]:
            own[By.GRID] = actor.area_code
    own[By.ACCOUNT] = str(actor.account_id)
    return Reach(actor.area_code[:TOWN], own)


@dataclass(frozen=True, slots=True)
class Look:
    """One table of figures.

    Attributes:
        period: "2026-11", "2026-W48", or "days" for the span from ``first`` to ``last``.
        sort: an indicator's code, or "" for the names.
        at: as the log was at this moment, such as that of a report; None: as it is now.
    """

    area: str
    period: str
    first: date
    last: date
    by: By
    group: str
    sort: str = ""
    falling: bool = False
    at: datetime | None = None

    @classmethod
    def read(cls, query: QueryDict, actor: Actor, today: date) -> Look:
        """Unknown values are dropped, never an error."""
        reach = reach_of(actor)
        area, by = query.get("area", ""), query.get("by", "")
        if not (area.startswith(reach.area) and naming.is_place(area)):
            area = reach.area
        if by not in reach.dimensions:
            by = _usual(area, reach)
        period, first, last = _period(query, today)
        group, sort = query.get("group", ""), query.get("sort", "")
        group = group if group in GROUPS else next(iter(GROUPS))
        return cls(
            area=area,
            period=period,
            first=first,
            last=last,
            by=By(by),
            group=group,
            sort=sort if sort in GROUPS[group][1] else "",
            falling=query.get("falling") == "1",
            at=_moment(query.get("as_of", "")),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The indicators of this table; where nothing is told apart, all."""
        return tuple(indicators()) if self.by is By.ALL else GROUPS[self.group][1]

    def query(self, **changes: str) -> str:
        """The address's query of this look, with some of it changed."""
        pairs = {
            "area": self.area,
            "period": self.period,
            "by": str(self.by),
            "group": self.group,
            "sort": self.sort,
            "falling": "1" if self.falling else "",
            "as_of": "" if self.at is None else self.at.isoformat(),
        }
        if self.period == "days":
            pairs |= {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return urlencode({name: value for name, value in (pairs | changes).items() if value})

    def asked(self, now: datetime) -> Asked:
        return Asked(self.area, self.first, self.last, self.at or now)


def _usual(area: str, reach: Reach) -> By:
    if reach.own is not None:
        return next(iter(reach.own))
    usual = {6: By.TOWN, 9: By.COMMUNITY, 12: By.GRID}
    return usual.get(len(area), By.ALL)


def _period(query: QueryDict, today: date) -> tuple[str, date, date]:
    period = query.get("period", "")
    try:
        if period == "days":
            first, last = (date.fromisoformat(query.get(name, "")) for name in ("first", "last"))
            if date(2000, 1, 1) <= first <= last <= first + LONGEST:
                return period, first, last
        elif "W" in period:
            first = date.fromisoformat(f"{period}-1")
            return period, first, first + timedelta(days=6)
        elif period:
            first = date.fromisoformat(f"{period}-01")
            return period, first, _end(first)
    except ValueError:
        pass
    first = today.replace(day=1)
    return f"{first:%Y-%m}", first, _end(first)


def _moment(told: str) -> datetime | None:
    """A moment that is over, with its zone."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return None
    return found if found.tzinfo is not None and found <= timezone.now() else None


def _end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def periods(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """The months and weeks that are offered, the present one first."""
    months, first = [], today.replace(day=1)
    for _n in range(MONTHS):
        months.append((f"{first:%Y-%m}", f"{first:%Y-%m}"))
        first = (first - timedelta(days=1)).replace(day=1)
    weeks, monday = [], today - timedelta(days=today.weekday())
    for _n in range(WEEKS):
        year, week, _day = monday.isocalendar()
        sunday = monday + timedelta(days=6)
        weeks.append((f"{year}-W{week:02}", f"{monday:%m-%d} – {sunday:%m-%d}"))
        monday -= timedelta(days=7)
    return [(_("Month"), months), (_("Week"), weeks)]


PART_WORDS: Final[dict[str, Words]] = {
    "denominator": gettext_lazy("All that counted"),
    "numerator": gettext_lazy("Of it in the numerator"),
    "rest": gettext_lazy("Of it not in the numerator"),
    "left": gettext_lazy("Left out: by appeal or as unusual"),
}


def counts(look: Look) -> dict[str, Counter[Tally]]:
    """The counts of each subject; of a closed period as it was closed."""
    wanted = {tally for code in look.codes for tally in indicators()[code].tallies}
    return answering.counts(look.area, look.first, look.last, look.by, tallies=wanted, at=look.at)


def opened(look: Look, subject: str, indicator: Indicator) -> Counted:
    """The cases, places and surveys behind one subject's figure, and what was left out of it."""
    span = look.area, look.first, look.last
    return answering.opened(*span, look.by, subject, indicator.tallies, at=look.at)
