"""Figures in milliseconds: the very counts of `counting`, read from their sums by day.

They are as new as the follower is (`following.behind_by`). A moment of the past is answered from
the facts: by what was held then. A span that is a closed period stands as it was closed, unless a
moment is asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from huying.assessment.beside import OF_PLACES, OF_SURVEYS, lines_beside
from huying.assessment.counting import Asked, By, subject, team_numbers
from huying.assessment.duties import About
from huying.assessment.following import behind_by
from huying.assessment.left_out import LeftOut, LeftOuts
from huying.assessment.models import ClosedPeriod
from huying.assessment.recurring import again, lines_again
from huying.assessment.tallies import Line, Tally
from huying.places.models import CODE_LENGTH, Division, Level

__all__ = ["behind", "behind_by", "lines_held", "rolled"]

AGAIN: Final = frozenset({Tally.WATCHED, Tally.RECURRED})
BESIDE: Final = AGAIN | OF_PLACES | OF_SURVEYS
"""What no case's own course counts."""

_LEVELS: Final = {By.TOWN: Level.TOWN, By.COMMUNITY: Level.COMMUNITY, By.GRID: Level.GRID}
_WIDE: Final = CODE_LENGTH[Level.TOWN]
"""Down to a town, subjects that are no places have sums; below, the facts are few enough."""


def rolled(
    area: str,
    first: date,
    last: date,
    by: By = By.ALL,
    *,
    at: datetime | None = None,
    tallies: Collection[Tally] | None = None,
) -> dict[str, Counter[Tally]]:
    """Counts by subject, as `counting.counted` has them; "" where the subject is not known.

    Args:
        area: a division or grid, by its whole code.
        first, last: civil days, both included.
        at: as it was known at this moment; without one as it is known now, and of a closed period
            as it was when that was closed.
        tallies: only these; fewer are quicker, and those in `BESIDE` have no sums but in a closed
            period: what came back is looked for among the facts, the rest by its own part.
    """
    wanted = frozenset(Tally) if tallies is None else frozenset(tallies)
    period = None if at is not None else closed(area, first, last)
    if by is By.TEAM:
        return _teams(rolled(area, first, last, By.UNIT, at=at, tallies=wanted))
    if period is not None and not has_sums(area, by):
        at, period = period.as_of, None
    if period is not None:
        return _of_courses(area, first, last, by, None, sorted(wanted), period)
    found = _of_courses(area, first, last, by, at, sorted(wanted - BESIDE), None)
    if at is None and has_sums(area, by):
        _take_out(found, _left_out(area, first, last, by, sorted(wanted - BESIDE)))
    beside = _beside(Asked(area, first, last, at or timezone.now()), by, wanted & BESIDE)
    for name, counts in beside.items():
        found.setdefault(name, Counter()).update(counts)
    return found


def has_sums(area: str, by: By) -> bool:
    """Whether there are sums of an area by this; else the facts themselves are counted."""
    return len(area) <= _WIDE or by in _LEVELS or by is By.ALL


def _of_courses(
    area: str,
    first: date,
    last: date,
    by: By,
    at: datetime | None,
    tallies: list[Tally],
    period: ClosedPeriod | None,
) -> dict[str, Counter[Tally]]:
    """What cases' own events make count."""
    if at is not None or not has_sums(area, by):
        return _from_facts(area, first, last, by, at, tallies)
    if by in _LEVELS:
        return _by_place(area, first, last, _LEVELS[by], tallies, period)
    if by is not By.ALL:
        return _sums(by.value, [area], first, last, tallies, period)
    level = level_of(area)
    found = _sums(str(level), [holder_of(area, level)], first, last, tallies, period, only=[area])
    return {"": found[area]} if area in found else {}


def _teams(units: dict[str, Counter[Tally]]) -> dict[str, Counter[Tally]]:
    """Of counts by unit those of the teams; all others are of no team."""
    teams, found = team_numbers(), defaultdict[str, Counter[Tally]](Counter)
    for name, counts in units.items():
        found[name if name in teams else ""].update(counts)
    return dict(found)


def closed(area: str, first: date, last: date) -> ClosedPeriod | None:
    """The closed period that a span is in this area, if it is one."""
    return ClosedPeriod.objects.filter(district_code=area[:6], first=first, last=last).first()


def level_of(area: str) -> Level:
    """Of a whole code.

    Raises:
        ValueError: it is none.
    """
    for level, length in CODE_LENGTH.items():
        if len(area) == length:
            return Level(level)
    raise ValueError(f"no whole code: {area!r}")


def holder_of(area: str, level: Level) -> str:
    """Under which division a place's sums stand."""
    above = {Level.COMMUNITY: Level.TOWN, Level.GRID: Level.COMMUNITY}.get(level, Level.DISTRICT)
    return area[: CODE_LENGTH[above]]


def _by_place(
    area: str,
    first: date,
    last: date,
    level: Level,
    tallies: list[Tally],
    period: ClosedPeriod | None,
) -> dict[str, Counter[Tally]]:
    whole = _of_courses(area, first, last, By.ALL, None, tallies, period).get("", Counter())
    length = CODE_LENGTH[level]
    if len(area) >= length:
        return {area[:length]: whole} if whole else {}
    above = holder_of("0" * length, level)
    holders = _divisions(area, len(above))
    found = _sums(str(level), holders, first, last, tallies, period)
    for code in [each for each in found if not each.startswith(area)]:
        del found[code]
    rest = Counter(whole)
    for counts in found.values():
        rest.subtract(counts)
    if rest := +rest:
        found[""] = rest
    return found


def _divisions(area: str, length: int) -> list[str]:
    """The codes of this length at or under an area."""
    if len(area) >= length:
        return [area[:length]]
    found = Division.objects.filter(code__startswith=area)
    return [code for code in found.values_list("code", flat=True) if len(code) == length]


def _sums(
    by: str,
    areas: list[str],
    first: date,
    last: date,
    tallies: list[Tally],
    period: ClosedPeriod | None,
    *,
    only: list[str] | None = None,
) -> dict[str, Counter[Tally]]:
    values: list[Any]
    if period is not None:
        where, values = "closed_figure WHERE period_id = %s", [period.pk]
    else:
        where, values = "rolled_tally WHERE day BETWEEN %s AND %s", [first, last]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, tally, sum(n) FROM {where} AND by = %s AND area = ANY(%s)"  # noqa: S608
            f" AND tally = ANY(%s){'' if only is None else ' AND subject = ANY(%s)'}"
            " GROUP BY 1, 2 HAVING sum(n) <> 0",
            [
                *values,
                by,
                areas,
                [str(each) for each in tallies],
                *([] if only is None else [only]),
            ],
        )
        return _counters(cursor.fetchall())


def _counters(rows: Iterable[tuple[str, str, int]]) -> dict[str, Counter[Tally]]:
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for name, tally, n in rows:
        found[name][Tally(tally)] += int(n)
    return dict(found)


# What is asked of the facts themselves.

_SUBJECT: Final = {
    By.ALL: "''",
    By.TOWN: "CASE WHEN length(area_code) >= 9 THEN left(area_code, 9) ELSE '' END",
    By.COMMUNITY: "CASE WHEN length(area_code) >= 12 THEN left(area_code, 12) ELSE '' END",
    By.GRID: "CASE WHEN length(area_code) >= 15 THEN area_code ELSE '' END",
    By.HOLDER: "holder_code",
    By.UNIT: "coalesce(unit_id::text, '')",
    By.TEAM: "CASE WHEN unit_id IN (SELECT id FROM unit WHERE kind = 'team')"
    " THEN unit_id::text ELSE '' END",
    By.REPORTER: "coalesce(reporter_id::text, '')",
    By.ACCOUNT: "coalesce(account_id::text, '')",
    By.ITEM: "item_code",
    By.CHANNEL: "channel",
}


def _where(area: str, first: date, last: date, at: datetime | None) -> tuple[str, list[Any]]:
    """Facts of an area's days that were held at a moment, or are held now."""
    where = (
        f"{_THERE} AND from_at <= coalesce(%s, clock_timestamp())"
        " AND (until_at IS NULL OR until_at > %s)"
    )
    return where, [places(area), len(area), area, first, last, at, at]


_THERE: Final = (
    "left(area_code, 12) = ANY(%s) AND left(area_code, %s) = %s AND day BETWEEN %s AND %s"
)


def places(area: str) -> list[str]:
    """The communities of an area; what is known no finer stands under its town or the district."""
    found = _divisions(area, CODE_LENGTH[Level.COMMUNITY])
    if len(area) < CODE_LENGTH[Level.COMMUNITY]:
        found += [area, *_divisions(area, _WIDE)]
    return sorted(set(found))


def _from_facts(
    area: str,
    first: date,
    last: date,
    by: By,
    at: datetime | None,
    tallies: list[Tally],
) -> dict[str, Counter[Tally]]:
    where, values = _where(area, first, last, at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SUBJECT[by]}, t.tally, count(*) FROM tally_fact,"  # noqa: S608
            f" unnest(tallies) AS t (tally) WHERE {where} AND t.tally = ANY(%s)"
            f" AND NOT {_LEFT_OUT.format(tally='t.tally')} GROUP BY 1, 2",
            [*values, [str(each) for each in tallies], at, at],
        )
        return _counters(cursor.fetchall())


_LEFT_OUT: Final = (
    "EXISTS (SELECT 1 FROM left_out l WHERE l.case_id = tally_fact.case_id"
    " AND l.seq IN (0, tally_fact.seq) AND (l.unit_id IS NULL OR l.unit_id = tally_fact.unit_id)"
    " AND {tally} = ANY(l.tallies) AND l.since <= coalesce(%s, clock_timestamp())"
    " AND (l.until IS NULL OR l.until > coalesce(%s, clock_timestamp())))"
)
"""What was granted on appeal or confirmed as unusual by a moment, as `left_out` has it."""


def _left_out(
    area: str, first: date, last: date, by: By, tallies: list[Tally]
) -> dict[str, Counter[Tally]]:
    """What the sums have and does not count now; there is little of it."""
    cases = LeftOut.objects.held(timezone.now()).filter(district_code=area[:6])
    some = list(cases.values_list("case", flat=True).distinct())
    if not some:
        return {}
    where, values = _where(area, first, last, None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SUBJECT[by]}, t.tally, count(*) FROM tally_fact,"  # noqa: S608
            f" unnest(tallies) AS t (tally) WHERE case_id = ANY(%s) AND {where}"
            f" AND t.tally = ANY(%s) AND {_LEFT_OUT.format(tally='t.tally')} GROUP BY 1, 2",
            [some, *values, [str(each) for each in tallies], None, None],
        )
        return _counters(cursor.fetchall())


def _take_out(found: dict[str, Counter[Tally]], left: dict[str, Counter[Tally]]) -> None:
    for name, counts in left.items():
        if rest := +(found.get(name, Counter()) - counts):
            found[name] = rest
        else:
            found.pop(name, None)


def behind(
    area: str,
    first: date,
    last: date,
    by: By,
    name: str,
    tally: Tally,
    *,
    at: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[UUID]:
    """The cases behind one count of a subject, the newest day first, one page of them.

    Each as often as it counts. Behind patrols are places, behind surveys surveys.
    """
    if at is None and (period := closed(area, first, last)) is not None:
        at = period.as_of
    if tally in BESIDE:
        asked = Asked(area, first, last, at or timezone.now())
        lines = [
            (line.day, ref)
            for ref, line in _lines_beside(asked, [tally])
            if _name(line.about, by) == name
        ]
        lines.sort(key=lambda each: (-each[0].toordinal(), each[1]))
        return [ref for _day, ref in lines[offset : offset + limit]]
    where, values = _where(area, first, last, at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT case_id FROM tally_fact WHERE {where} AND {_SUBJECT[by]} = %s"  # noqa: S608
            f" AND %s = ANY(tallies) AND NOT {_LEFT_OUT.format(tally='%s')}"
            " ORDER BY day DESC, case_id, number OFFSET %s LIMIT %s",
            [*values, name, str(tally), str(tally), at, at, offset, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _name(about: About, by: By) -> str:
    name = subject(about, by)
    return name if by is not By.TEAM or name in team_numbers() else ""


# What is counted beside the courses of cases.


def _beside(asked: Asked, by: By, tallies: Collection[Tally]) -> dict[str, Counter[Tally]]:
    found: dict[str, Counter[Tally]] = defaultdict(Counter)
    for _ref, line in _lines_beside(asked, tallies):
        found[subject(line.about, by)][line.tally] += 1
    return dict(found)


def _lines_beside(asked: Asked, tallies: Collection[Tally]) -> Iterator[tuple[UUID, Line]]:
    if not tallies:
        return
    sources: list[Iterable[tuple[UUID, Line]]] = []
    if AGAIN.intersection(tallies):
        sources.append(again(asked, _lines_again))
    if BESIDE.difference(AGAIN).intersection(tallies):
        sources.append(lines_beside(asked, but=lines_again))
    left_out = LeftOuts(asked.area, asked.at)
    for ref, line in left_out.counting(chain.from_iterable(sources)):
        if line.tally in tallies:
            yield ref, line


def _lines_again(asked: Asked, cases: Collection[UUID] | None) -> Iterator[tuple[UUID, Line]]:
    """Closings and acceptances of an area, of all its cases or of some, from the facts."""
    return _lines_of_facts(asked, [Tally.CLOSINGS, Tally.ACCEPTED], cases)


def lines_held(asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """What `counting.lines_of` gives, in another order: read from the facts that were held.

    What was left out of cases' own lines is still in.
    """
    yield from _lines_of_facts(asked, sorted(frozenset(Tally) - BESIDE))
    yield from _lines_beside(asked, BESIDE)


def _lines_of_facts(
    asked: Asked, tallies: Iterable[Tally], cases: Collection[UUID] | None = None
) -> Iterator[tuple[UUID, Line]]:
    where, values = _where(asked.area, asked.first, asked.last, asked.at)
    if cases is not None:
        where, values = f"{where} AND case_id = ANY(%s)", [*values, list(cases)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, t.tally, day, seq, area_code, holder_code, item_code, channel, kind,"  # noqa: S608
            " unit_id, account_id, reporter_id FROM tally_fact, unnest(tallies) AS t (tally)"
            f" WHERE {where} AND t.tally = ANY(%s)",
            [*values, [str(each) for each in tallies]],
        )
        for case, tally, day, seq, area, holder, item, channel, kind, *who in cursor.fetchall():
            unit, account, reporter = who
            about = About(
                area=area, holder=holder, item=item, channel=channel, kind=kind,
                unit=unit, account=account, reporter=reporter,
            )  # fmt: skip
            yield case, Line(Tally(tally), day, seq, about)


def beside_keys(
    district: str, first: date, last: date, at: datetime
) -> Iterator[tuple[str, str, str, str]]:
    """Under which sums each line stands that no case's own course makes, as the facts do:
    by what, where, the tally, and the subject."""
    for _ref, line in _lines_beside(Asked(district, first, last, at), BESIDE):
        about = line.about
        for level, length in CODE_LENGTH.items():
            if len(about.area) >= length:
                code = about.area[:length]
                yield str(level), holder_of(code, Level(level)), str(line.tally), code
        for by in (By.HOLDER, By.UNIT, By.REPORTER, By.ACCOUNT, By.ITEM, By.CHANNEL):
            for area in {about.area[:6], about.area[:_WIDE]}:
                if len(area) in (6, _WIDE):
                    yield by.value, area, str(line.tally), subject(about, by)


def changed(
    area: str, first: date, last: date, by: By, name: str, since: datetime
) -> Iterator[tuple[Tally, UUID, bool]]:
    """What of a subject counts now and did not at a moment (True), or the other way (False)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tally, case_id, now FROM (SELECT t.tally, case_id,"  # noqa: S608
            " until_at IS NULL AND from_at <= clock_timestamp()"
            f" AND NOT {_LEFT_OUT.format(tally='t.tally')} AS now,"
            " from_at <= %s AND (until_at IS NULL OR until_at > %s)"
            f" AND NOT {_LEFT_OUT.format(tally='t.tally')} AS before"
            f" FROM tally_fact, unnest(tallies) AS t (tally) WHERE {_THERE}"
            # The rest is as it was: nearly all.
            " AND (from_at > %s OR until_at > %s OR case_id IN (SELECT case_id FROM left_out"
            "  WHERE district_code = %s))"
            f" AND {_SUBJECT[by]} = %s) AS each WHERE now <> before ORDER BY 1, 2",
            [
                None,
                None,
                *[since] * 4,
                places(area),
                len(area),
                area,
                first,
                last,
                since,
                since,
                area[:6],
                name,
            ],
        )
        for tally, case, more in cursor.fetchall():
            yield Tally(tally), case, more
