"""The event log of an area for process mining: XES (IEEE 1849-2016) and CSV.

Who did a step stands in it as an opaque id, the same in every export of this installation and of no
use to anybody else, and as the role of the post; no names, no words, no places finer than a grid.
A case has all its events, in the order of its log, whenever they happened; the days that are asked
for are those on which it was received. Written case by case: however long the log, only some
hundred cases are in memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import IO, Any, Final
from uuid import UUID
from xml.sax.saxutils import quoteattr

from django.db.models import Q

from huying.audit import crypto
from huying.audit.keys import KeyPurpose
from huying.cases.models import Case, CaseEvent
from huying.cases.states import END_STATES
from huying.clock.calendar import CIVIL_TZ
from huying.people.models import Post, Unit

BATCH: Final = 500
"""Cases whose events are in memory at a time."""

COLUMNS: Final = (
    "case", "activity", "timestamp", "lifecycle", "resource", "role", "group", "from_state",
    "to_state", "area", "item", "channel",
)  # fmt: skip

_OF_A_CASE: Final = ("pk", "received_at", "number", "area_code", "item_code", "channel")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are exported.

    Attributes:
        area: a division or grid; the case lies there now.
        first, last: civil days of receipt, both included.
        at: events that were written later are not known yet.
        ended: only cases that have ended by then; an open one has no final state.
    """

    area: str
    first: date
    last: date
    at: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One event as the world may see it."""

    activity: str
    at: datetime
    resource: str
    role: str
    group: str
    from_state: str
    to_state: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One case with all its steps in order."""

    number: str
    area: str
    item: str
    channel: str
    steps: tuple[Step, ...]


def traces(wanted: Wanted) -> Iterator[Trace]:
    """The cases one after the other, by receipt."""
    first, last = (
        datetime.combine(wanted.first, time.min, CIVIL_TZ),
        datetime.combine(wanted.last, time.max, CIVIL_TZ),
    )
    cases = Case.objects.filter(
        district_code=wanted.area[:6],
        area_code__startswith=wanted.area,
        received_at__gte=first,
        received_at__lte=last,
    ).order_by("received_at", "pk")
    who = _Whose()
    after: tuple[datetime, UUID] | None = None
    while True:
        page = cases
        if after is not None:
            page = page.filter(
                Q(received_at__gt=after[0]) | Q(received_at=after[0], pk__gt=after[1])
            )
        rows = list(
            page[:BATCH].values("pk", "received_at", "number", "area_code", "item_code", "channel")
        )
        if not rows:
            return
        after = (rows[-1]["received_at"], rows[-1]["pk"])
        logs = _logs([row["pk"] for row in rows], wanted.at)
        for row in rows:
            log = logs.get(row["pk"], [])
            if not log or (wanted.ended and log[-1].to_state not in END_STATES):
                continue
            yield Trace(
                row["number"],
                row["area_code"],
                row["item_code"],
                row["channel"],
                tuple(who.step(event) for event in log),
            )


def _logs(ids: list[UUID], at: datetime) -> dict[UUID, list[CaseEvent]]:
    events = (
        CaseEvent.objects.filter(case_id__in=ids, written_at__lte=at)
        .defer("data", "prev", "hash")
        .order_by("case_id", "seq")
    )
    return {case: list(log) for case, log in groupby(events, key=lambda event: event.case_id)}


class _Whose:
    """Who did a step, as far as it is told."""

    def __init__(self) -> None:
        units = dict(Unit.objects.values_list("pk", "name"))
        self._groups: dict[int | None, str] = {
            pk: units.get(unit) or area
            for pk, unit, area in Post.objects.values_list("pk", "unit_id", "area_code")
        }
        self._known: dict[tuple[str, int | None], str] = {}

    def step(self, event: CaseEvent) -> Step:
        return Step(
            event.verb,
            event.at,
            self._resource(event.actor_kind, event.actor_id),
            event.role or "",
            self._groups.get(event.post_id, ""),
            event.from_state or "",
            event.to_state,
        )

    def _resource(self, kind: str, number: int | None) -> str:
        if number is None:
            return kind
        if (kind, number) not in self._known:
            about = f"event log {kind} {number}".encode()
            code = crypto.provider().keyed_digest(KeyPurpose.INDEX, about)
            self._known[kind, number] = f"{kind}-{code.hex()[:12]}"
        return self._known[kind, number]


_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
 <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
 <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
 <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
 <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
 <global scope="trace">
  <string key="concept:name" value=""/>
  <string key="area" value=""/>
  <string key="item" value=""/>
  <string key="channel" value=""/>
 </global>
 <global scope="event">
  <string key="concept:name" value=""/>
  <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
  <string key="lifecycle:transition" value="complete"/>
  <string key="org:resource" value=""/>
  <string key="to_state" value=""/>
 </global>
 <classifier name="Verb" keys="concept:name"/>
 <classifier name="Verb and state" keys="concept:name to_state"/>
"""


def write_xes(wanted: Wanted, out: IO[str]) -> tuple[int, int]:
    """Writes the log; returns how many cases and events it has."""
    cases = events = 0
    out.write(_HEAD)
    days = f"{wanted.first.isoformat()}/{wanted.last.isoformat()}"
    out.write(_string(" ", "concept:name", f"huying {wanted.area} {days}"))
    out.write(_string(" ", "lifecycle:model", "standard"))
    for trace in traces(wanted):
        cases, events = cases + 1, events + len(trace.steps)
        out.write(" <trace>\n")
        for key, value in (
            ("concept:name", trace.number),
            ("area", trace.area),
            ("item", trace.item),
            ("channel", trace.channel),
        ):
            out.write(_string("  ", key, value))
        for step in trace.steps:
            out.write("  <event>\n")
            for key, value in _attributes(step):
                out.write(_string("   ", key, value))
            at = step.at.astimezone(CIVIL_TZ).isoformat(timespec="milliseconds")
            out.write(f'   <date key="time:timestamp" value="{at}"/>\n  </event>\n')
        out.write(" </trace>\n")
    out.write("</log>\n")
    return cases, events


def _attributes(step: Step) -> Iterator[tuple[str, str]]:
    yield "concept:name", step.activity
    yield "lifecycle:transition", "complete"
    yield "org:resource", step.resource
    for key, value in (
        ("org:role", step.role),
        ("org:group", step.group),
        ("from_state", step.from_state),
    ):
        if value:
            yield key, value
    yield "to_state", step.to_state


def _string(indent: str, key: str, value: str) -> str:
    return f'{indent}<string key="{key}" value={quoteattr(value)}/>\n'


def write_csv(wanted: Wanted, out: IO[str]) -> tuple[int, int]:
    """Writes the log as a table, one line an event; returns how many cases and events it has."""
    cases = events = 0
    table: Any = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for trace in traces(wanted):
        cases, events = cases + 1, events + len(trace.steps)
        for step in trace.steps:
            at = step.at.astimezone(CIVIL_TZ).isoformat(timespec="milliseconds")
            table.writerow(
                (trace.number, step.activity, at, "complete", step.resource, step.role,
                 step.group, step.from_state, step.to_state, trace.area, trace.item, trace.channel)
            )  # fmt: skip
    return cases, events
