"""Years of a district for the dashboards: cases with whole lives, their facts and sums.

A life is told once for each hour of the two years and walked through by the very fold that the
follower uses (`facts.learned`); the database lays it out over the grids: so many cases of an hour
lie in each of some grids. Events, facts and sums therefore fit each other, which a recount of some
of them proves afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from huying.assessment.course import Walk
from huying.assessment.duties import Owed
from huying.assessment.facts import Event, learned
from huying.assessment.reading import versions
from huying.assessment.standing import Versions
from huying.assessment.statements import STATEMENTS
from huying.benchmarks.bed import Bed
from huying.cli import say
from huying.clock.calendar import WorkingCalendar
from huying.clock.reading import calendar_for

SQL: Final = Path(__file__).resolve().parent.parent / "sql" / "bench_dashboard.sql"
DISTRICT: Final = "440113"
HOURS: Final = 24 * 730
ALIKE: Final = 50
"""Cases of one hour in one grid, or a tenth of the cases where there are few."""

# Stand in for what differs from grid to grid; the database puts the right one there.
_AREA, _HOLDER = "440113000000000", "440113000"
_WORKER, _DESK, _HANDLER, _CHECKER, _UNIT = -1, -2, -3, -4, -5


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    version: int
    pk: int
    kind: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Size:
    """How the cases lie: so many hours, grids in each hour, and cases in each of these."""

    hours: int
    grids: int
    alike: int

    @property
    def cases(self) -> int:
        return self.hours * self.grids * self.alike


def size(rows: int) -> Size:
    hours = HOURS if rows >= 1_000_000 else max(24 * 35, min(HOURS, rows // 20))
    grids = max(1, rows // (hours * ALIKE))
    return Size(hours, grids, max(1, -(-rows // (hours * grids))))


def fill(bed: Bed, rows: int, now: datetime) -> Size:
    """Fills the present database as the superuser; how it was laid out."""
    how, began = size(rows), perf_counter()
    say(f"Telling {how.hours:,} lives for {how.cases:,} cases …")
    lives = list(_lives(how.hours, now))
    say(f"… in {perf_counter() - began:,.0f} s; writing them")
    parts = dict(_statements())
    with bed.admin() as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        connection.execute(parts["tables"])
        _copy(connection, lives)
        connection.execute(parts["places"] % {"grids": how.grids})
        indexes = connection.execute(parts["indexes"]).fetchall()
        for name, _definition in indexes:
            connection.execute(f"DROP INDEX {name}")
        values = {"alike": how.alike, "now": now.isoformat()}
        for name in ("cases", "facts"):
            for low in range(0, how.hours, 1000):
                span = {"low": low, "high": low + 1000}
                connection.execute(parts[name] % (values | span))
            say(f"… {name} after {perf_counter() - began:,.0f} s")
        made = [month for (month,) in connection.execute(parts["months"]).fetchall()]
        for month in made:
            connection.execute(parts["month"] % {"month": month, **values})
        connection.execute(parts["rest"] % {"made": ",".join(made), **values})
        say(f"… events after {perf_counter() - began:,.0f} s")
        for _name, definition in indexes:
            connection.execute(definition)
        for name in ("counted", "sums", "cursor"):
            connection.execute(
                parts[name] % values
                if name != "sums"
                else parts[name].replace("{keys}", STATEMENTS["keys"]) % values
            )
        connection.execute("DROP TABLE bench_case, bench_event, bench_fact, bench_place")
        connection.execute("ALTER SYSTEM RESET max_wal_size")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    say(f"… all after {perf_counter() - began:,.0f} s")
    return how


def _statements() -> Iterator[tuple[str, str]]:
    for part in SQL.read_text("utf-8").split("-- name: ")[1:]:
        name, _, text = part.partition("\n")
        lines = [line for line in text.splitlines() if not line.startswith("--")]
        yield name.strip(), "\n".join(lines)


def _lives(hours: int, now: datetime) -> Iterator[tuple[int, datetime, Item, list[Event], Any]]:
    from huying.catalogue.models import ItemVersion

    items = [
        Item(each.item_id, each.version, each.pk, each.kind, each.kind == "simple")
        for each in ItemVersion.objects.order_by("item_id", "version").exclude(kind="emergency")
    ]
    quick = [each for each in items if each.settled]
    slow = [each for each in items if not each.settled]
    find, calendar = versions(), calendar_for(DISTRICT)
    for hour in range(hours):
        received = (now - timedelta(hours=hours - hour) + timedelta(minutes=hour % 50)).replace(
            microsecond=0
        )
        simple = hour % 10 < 7
        some = quick if simple else slow
        item = some[hour * 31 % len(some)]
        events = [each for each in _told(hour, received, item, simple=simple) if each.at <= now]
        yield hour, received, item, events, _folded(events, find, calendar)


def _told(hour: int, at: datetime, item: Item, *, simple: bool) -> Iterator[Event]:
    """A worker settles it on the spot; or it goes the whole way, some late, a few never."""

    def event(
        seq: int, minutes: int, verb: str, who: int, role: str, states: tuple[str | None, str],
        **data: Any,
    ) -> Event:  # fmt: skip
        moment = at + timedelta(minutes=minutes)
        return Event(seq, moment, moment, verb, "account", who, role, *states, data)

    about = {"item": item.code, "version": item.version}
    yield event(
        1, 0, "report", _WORKER, "grid_worker", (None, "reported"),
        area=_AREA, holder=_HOLDER, channel="patrol", item=item.code,
    )  # fmt: skip
    if simple:
        states = ("reported", "closed")
        yield event(2, 20 + hour % 60, "settle", _WORKER, "grid_worker", states, **about)
        return
    late = hour % 10 == 9
    yield event(2, 9, "accept", _DESK, "dispatcher", ("reported", "accepted"), **about)
    yield event(3, 20, "dispatch", _DESK, "dispatcher", ("accepted", "dispatched"), unit=_UNIT)
    yield event(4, 50, "sign_for", _HANDLER, "handler", ("dispatched", "handling"))
    if hour % 500 == 9:
        return
    done = (1 + hour % 2) * 1440 if not late else (4 + hour % 9) * 1440
    yield event(5, done, "handle", _HANDLER, "handler", ("handling", "handled"))
    yield event(6, done + 60, "check_pass", _CHECKER, "checker", ("handled", "checked"))
    yield event(7, done + 90, "close", _DESK, "dispatcher", ("checked", "closed"))


def _folded(events: list[Event], find: Versions, calendar: WorkingCalendar) -> Any:
    walk = Walk(find, calendar)
    for each in events:
        walk.take(each)
    owed = {
        "reported": Owed.ACCEPT, "accepted": Owed.TOTAL, "dispatched": Owed.SIGN,
        "handling": Owed.HANDLE, "handled": Owed.CHECK, "checked": Owed.TOTAL,
    }.get(events[-1].to_state)  # fmt: skip
    due = None if owed is None else walk.due(owed)
    return due, learned(events, versions=find, calendar=calendar).added


def _copy(connection: Any, lives: list[tuple[int, datetime, Item, list[Event], Any]]) -> None:
    cursor = connection.cursor()
    with cursor.copy(
        "COPY bench_case (hour, received_at, state, item_code, item_version_id, kind, accepted_at,"
        " dispatched_at, ended_at, due_at, seq, unit) FROM STDIN"
    ) as copy:
        for hour, received, item, events, (due, _facts) in lives:
            at = {each.verb: each.at for each in events}
            state = events[-1].to_state
            copy.write_row(
                (
                    hour,
                    received,
                    state,
                    item.code,
                    item.pk,
                    item.kind,
                    at.get("accept") or at.get("settle"),
                    at.get("dispatch"),
                    events[-1].at if state == "closed" else None,
                    due,
                    len(events),
                    "dispatch" in at,
                )
            )
    with cursor.copy(
        "COPY bench_event (hour, seq, at, verb, who, role, from_state, to_state, data, unit)"
        " FROM STDIN"
    ) as copy:
        for hour, _received, _item, events, _end in lives:
            for each in events:
                data = {k: v for k, v in each.data.items() if k not in ("area", "holder", "unit")}
                copy.write_row(
                    (
                        hour,
                        each.seq,
                        each.at,
                        each.verb,
                        each.actor_id,
                        each.role,
                        each.from_state,
                        each.to_state,
                        json.dumps(data),
                        "unit" in each.data,
                    )
                )
    with cursor.copy(
        "COPY bench_fact (hour, number, seq, tallies, day, due, from_at, until_at, item_code,"
        " channel, kind, unit, who, reporter) FROM STDIN"
    ) as copy:
        for hour, _received, _item, _events, (_due, facts) in lives:
            for number, what, from_at, until_at in facts:
                copy.write_row(
                    (
                        hour,
                        number,
                        what.seq,
                        list(what.tallies),
                        what.day,
                        what.due,
                        from_at,
                        until_at,
                        what.item,
                        what.channel,
                        what.kind,
                        what.unit is not None,
                        what.account,
                        what.reporter is not None,
                    )
                )
