"""What a draft of rules would have done to the cases of a period, beside the rules in force.

Each accepted case is decided by both books from what was known of it, and both choose a unit as the
desk would be proposed one: among equals the one that the replay has given less. Where both leave
the same choice, both choose the same, so a difference always comes from the rules. A second is
enough for some ten thousand cases, because cases that the rules cannot tell apart are decided once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from time import perf_counter
from typing import Any, Final, NamedTuple

from django.utils import timezone

from huying.cases.models import Case, CaseText, TextKind
from huying.catalogue.escalating import hits
from huying.catalogue.models import ItemVersion, Kind
from huying.clock.calendar import CIVIL_TZ, WorkingCalendar
from huying.clock.reading import calendar_for
from huying.dispatch.routing import Candidate, Matter, best, rank
from huying.dispatch.rules import Outcome, Rule
from huying.dispatch.ruling import Book, Facts, day_type, decide, minute_of, moment_bit
from huying.people.models import Unit, UnitKind
from huying.places.models import CODE_LENGTH, Level

CHUNK: Final = 2_000
MOST_SAMPLES: Final = 500
COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]

Advance = Callable[[int], bool]
"""Told of each chunk; False ends the run."""


class Row(NamedTuple):
    """What is read of a case."""

    id: Any
    item_version_id: int
    area_code: str
    channel: str
    emergency: bool
    received_at: datetime
    lead_unit_id: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What one book makes of a case: the rule, and the units that are equally fit to lead."""

    code: str
    then: Outcome
    units: tuple[int, ...]


@dataclass
class Tally:
    """What came of it. Numbers by unit, and some of the cases that would have gone elsewhere."""

    cases: int = 0
    moved: int = 0
    level: int = 0
    limit: int = 0
    without_before: int = 0
    without_after: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    actual: Counter[int] = field(default_factory=Counter)
    before: Counter[int] = field(default_factory=Counter)
    after: Counter[int] = field(default_factory=Counter)
    moves: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    samples: list[tuple[str, int | None, int | None, str, str]] = field(default_factory=list)


def cases_of(district_code: str, since: date, until: date) -> Any:
    """The accepted cases that came in from one day to another, the last included."""
    begin = timezone.make_aware(datetime.combine(since, datetime.min.time()), CIVIL_TZ)
    end = timezone.make_aware(
        datetime.combine(until + timedelta(days=1), datetime.min.time()), CIVIL_TZ
    )
    return Case.objects.filter(
        district_code=district_code,
        received_at__gte=begin,
        received_at__lt=end,
        accepted_at__isnull=False,
        item_version__isnull=False,
    )


def run(
    district_code: str,
    draft: Sequence[Rule],
    base: Book,
    since: date,
    until: date,
    *,
    advance: Advance = lambda cases: True,
) -> dict[str, Any] | None:
    """The comparison, as plain data; None when ``advance`` ended it."""
    started = perf_counter()
    calendar = calendar_for(district_code)
    replay = _Replay(
        base, Book(tuple(draft), tuple(calendar.hours)), calendar, _Roster(district_code)
    )
    for chunk in _chunks(district_code, since, until):
        texts = _texts(chunk) if replay.has_words else {}
        for row in chunk:
            replay.take(row, texts.get(row.id, ""))
        if not advance(len(chunk)):
            return None
    return replay.result(perf_counter() - started)


def _chunks(district_code: str, since: date, until: date) -> Iterator[list[Row]]:
    rows = (
        cases_of(district_code, since, until)
        .order_by("received_at", "id")
        .values_list(*Row._fields)
        .iterator(chunk_size=CHUNK)
    )
    while chunk := [Row._make(row) for row in islice(rows, CHUNK)]:
        yield chunk


def _texts(chunk: Sequence[Row]) -> dict[Any, str]:
    found = CaseText.objects.filter(case__in=[row.id for row in chunk], kind=TextKind.DESCRIPTION)
    return dict(found.values_list("case_id", "body"))


class _Roster:
    """The units that can be given work, by where they work."""

    def __init__(self, district_code: str) -> None:
        self.names: dict[int, str] = {}
        self._by_area: dict[str, list[Candidate]] = defaultdict(list)
        units = Unit.objects.filter(
            district_code=district_code,
            active=True,
            kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM],
        )
        for unit in units:
            self.names[unit.pk] = unit.name
            known = Candidate(
                unit.pk,
                unit.name,
                unit.department,
                Level(unit.level),
                0,
                unit.duty,
                unit.code,
                unit.area_code,
            )
            self._by_area[unit.area_code].append(known)

    def near(self, area_code: str) -> list[Candidate]:
        """Those that work in the place, or in all of what it may be in."""
        areas = [area_code[:n] for n in (6, 9, 12) if n <= len(area_code)]
        if len(area_code) < COMMUNITY:
            areas += [
                code for code in self._by_area if code.startswith(area_code) and code != area_code
            ]
        return [unit for code in areas for unit in self._by_area.get(code, ())]


class _Decider:
    """One book, asked once about all cases that it cannot tell apart."""

    def __init__(self, book: Book, calendar: WorkingCalendar, roster: _Roster) -> None:
        self.book, self.calendar, self.roster = book, calendar, roster
        self.words = tuple(dict.fromkeys(r.when.words for r in book.rules if r.when.words))
        self._masks = tuple(dict.fromkeys(book.masks))
        self._grids = {
            code for rule in book.rules for code in rule.when.areas if len(code) > COMMUNITY
        }
        self._known: dict[Any, Choice] = {}
        self._units: dict[Any, tuple[int, ...]] = {}

    def choose(self, row: Row, item: ItemVersion, moment: int, text: str) -> Choice:
        area = row.area_code if row.area_code in self._grids else row.area_code[:COMMUNITY]
        kind = str(Kind.EMERGENCY) if row.emergency else item.kind
        when = sum(1 << at for at, mask in enumerate(self._masks) if mask & moment)
        told = tuple(bool(text and hits(text, words)) for words in self.words)
        key = (item.pk, area, row.channel, kind, when, told)
        if (known := self._known.get(key)) is None:
            facts = Facts(item.item_id, row.area_code, row.channel, kind, row.received_at, text)
            rule = decide(self.book, facts, self.calendar).rule
            then = rule.then if rule is not None else Outcome()
            code = rule.code if rule is not None else ""
            known = Choice(code, then, self._fit(code, then, item, row.area_code[:COMMUNITY]))
            self._known[key] = known
        return known

    def _fit(self, code: str, then: Outcome, item: ItemVersion, area: str) -> tuple[int, ...]:
        """The units that no other is fitter than; none while it takes the place to tell."""
        key = (code, item.pk, area)
        if key not in self._units:
            matter = Matter(
                item_code=item.item_id,
                level=then.level or Level(item.default_level),
                area_code=area,
                lead_department=item.lead_department,
                assisting_departments=tuple(item.assisting_departments),
                lead=then.lead,
                assist=then.assist,
            )
            ranked = rank(matter, self.roster.near(area))
            first = best(ranked)
            self._units[key] = (
                tuple(
                    each.candidate.unit_id
                    for each in ranked
                    if each.certain and each.score == first.score
                )
                if first is not None
                else ()
            )
        return self._units[key]


class _Replay:
    """Both books, case by case in the order in which they came in."""

    def __init__(self, base: Book, draft: Book, calendar: WorkingCalendar, roster: _Roster) -> None:
        self.base = _Decider(base, calendar, roster)
        self.draft = _Decider(draft, calendar, roster)
        self.calendar, self.roster = calendar, roster
        self.items = {item.pk: item for item in ItemVersion.objects.all()}
        self.has_words = base.has_words or draft.has_words
        self.tally = Tally()

    def take(self, row: Row, text: str) -> None:
        tally, item = self.tally, self.items[row.item_version_id]
        calendar = self.calendar
        moment = moment_bit(
            day_type(row.received_at, calendar), minute_of(row.received_at, calendar)
        )
        old = self.base.choose(row, item, moment, text)
        new = self.draft.choose(row, item, moment, text)
        before = _least(old.units, tally.before)
        same = set(old.units) == set(new.units)
        after = before if same else _least(new.units, tally.after)
        tally.cases += 1
        tally.rules[new.code] += 1
        if row.lead_unit_id is not None:
            tally.actual[row.lead_unit_id] += 1
        for unit, counter in ((before, tally.before), (after, tally.after)):
            if unit is not None:
                counter[unit] += 1
        tally.without_before += before is None
        tally.without_after += after is None
        level = (each.then.level or item.default_level for each in (old, new))
        tally.level += next(level) != next(level)
        tally.limit += old.then.allowed != new.then.allowed
        if before != after:
            tally.moved += 1
            tally.items[item.item_id] += 1
            tally.moves[before, after] += 1
            if len(tally.samples) < MOST_SAMPLES:
                tally.samples.append((str(row.id), before, after, old.code, new.code))

    def result(self, seconds: float) -> dict[str, Any]:
        """As JSON keeps it: the units whose load changes most come first."""
        tally, names = self.tally, dict(self.roster.names)
        gone = set(tally.actual) - set(names)
        names |= dict(Unit.objects.filter(pk__in=gone).values_list("pk", "name"))
        units = {*tally.actual, *tally.before, *tally.after}
        lines: list[dict[str, Any]] = [
            {
                "unit": pk,
                "name": names.get(pk, ""),
                "actual": tally.actual[pk],
                "before": tally.before[pk],
                "after": tally.after[pk],
            }
            for pk in units
        ]
        lines.sort(
            key=lambda each: (
                -abs(each["after"] - each["before"]),
                -each["after"],
                each["unit"],
            )
        )

        def name(pk: int | None) -> str:
            return "" if pk is None else names.get(pk, "")

        return {
            "cases": tally.cases,
            "moved": tally.moved,
            "level_changed": tally.level,
            "limit_changed": tally.limit,
            "without_unit_before": tally.without_before,
            "without_unit_after": tally.without_after,
            "rules": [{"rule": code, "cases": n} for code, n in tally.rules.most_common()],
            "items": [{"item": code, "moved": n} for code, n in tally.items.most_common()],
            "moves": [
                {"from": name(old), "to": name(new), "cases": n}
                for (old, new), n in tally.moves.most_common(50)
            ],
            "units": lines,
            "samples": [
                {"case": case, "from": name(old), "to": name(new), "was": was, "rule": rule}
                for case, old, new, was, rule in tally.samples
            ],
            "seconds": round(seconds, 1),
        }


def _least(units: Sequence[int], given: Counter[int]) -> int | None:
    return min(units, key=lambda unit: (given[unit], unit), default=None)
