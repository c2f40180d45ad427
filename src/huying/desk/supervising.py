"""督办: the page of what is late and watched, and what the page of a case shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huying.cases.models import Case
from huying.cases.reading import CaseQuerySet
from huying.cases.timeline import Entry
from huying.clock.deadlines import Due
from huying.clock.explaining import rung_words
from huying.clock.ladder import Moment, Rung, moments
from huying.clock.reading import ladder_for
from huying.desk import queue
from huying.desk.here import at_desk, me
from huying.errors import Words
from huying.people.models import Role
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level
from huying.supervision.meeting import not_carried_out
from huying.supervision.models import Instruction, Meeting, Supervision

TABS: dict[str, Words] = {
    "soon": _("Due soon"),
    "overdue": _("Overdue"),
    "supervised": _("Formally supervised"),
    "instructions": _("Instructions open"),
    "meetings": _("Decisions open"),
}
MOST_GROUPS = 60
"""Desks and units that are listed, those with the most cases: more nobody reads."""


@dataclass(frozen=True, slots=True)
class Group:
    """How many cases of a tab lie with one desk, and one of its units; none: with the desk."""

    holder: str
    desk: str
    unit: str
    name: str
    count: int
    here: bool
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the page, with what watches over it."""

    row: queue.Row
    supervision: Supervision | None
    instruction: Instruction | None
    meeting: Meeting | None
    late: bool


def of_tab(tab: str, cases: CaseQuerySet, now: datetime) -> CaseQuerySet:
    """The open cases of one tab."""
    match tab:
        case "soon":
            return cases.open().filter(yellow_at__lte=now, due_at__gte=now)
        case "overdue":
            return cases.open().filter(due_at__lt=now)
        case "supervised":
            return cases.open().filter(supervised=True)
        case "instructions":
            return cases.open().filter(instruction_open=True)
        case _:
            return cases.open().filter(pk__in=not_carried_out().values("case"))


@require_safe
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """What is late and what is watched, as far as the post sees it, by level and unit."""
    actor, now = me(request), timezone.now()
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "overdue"
    seen: CaseQuerySet = Case.objects.visible_to(actor)
    here = of_tab(tab, seen, now)
    holder, unit = request.GET.get("holder", ""), request.GET.get("unit", "")
    chosen = here
    if holder.isdecimal() and len(holder) <= 12:
        chosen = chosen.filter(holder_code=holder)
    if unit == "0":
        chosen = chosen.filter(lead_unit=None)
    elif unit.isdecimal() and len(unit) < 19:
        chosen = chosen.filter(lead_unit=int(unit))
    found = queue.listed(chosen, now, request.GET.get("after", ""))
    context = {
        "actor": actor,
        "tab": tab,
        "tabs": [
            {
                "words": words,
                "here": name == tab,
                "query": f"tab={name}",
                "count": queue.in_words(queue.counted(of_tab(name, seen, now))),
            }
            for name, words in TABS.items()
        ],
        "levels": _levels(here, tab, holder, unit),
        "narrowed": chosen is not here,
        "lines": _lines(found.rows, now),
        "next": urlencode({"tab": tab, "holder": holder, "unit": unit, "after": found.next})
        if found.next
        else "",
        "after": request.GET.get("after", ""),
        "place": naming.own_name(actor.area_code) if actor.area_code else "",
        "of_unit": actor.role == Role.HANDLER,
        "now": now,
    }
    return render(request, "desk/supervision/page.html", context)


def _levels(
    cases: CaseQuerySet, tab: str, holder: str, unit: str
) -> list[tuple[Words, list[Group]]]:
    """Where the cases of a tab lie: by level, then by desk and unit, the most first."""
    counted = (
        cases.order_by()
        .values("holder_code", "lead_unit", "lead_unit__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "holder_code", "lead_unit")[:MOST_GROUPS]
    )
    groups = []
    for each in counted:
        code, of_unit = each["holder_code"], str(each["lead_unit"] or 0)
        groups.append(
            Group(
                holder=code,
                desk=naming.own_name(code),
                unit=of_unit,
                name=each["lead_unit__name"] or "",
                count=each["n"],
                here=(code, of_unit) == (holder, unit),
                query=urlencode({"tab": tab, "holder": code, "unit": of_unit}),
            )
        )
    return [
        (Level(level).label, of_level)
        for level in (Level.DISTRICT, Level.TOWN, Level.COMMUNITY)
        if (of_level := [each for each in groups if len(each.holder) == CODE_LENGTH[level]])
    ]


def _lines(rows: Sequence[queue.Row], now: datetime) -> list[Line]:
    cases = [row.case.pk for row in rows]
    supervisions = {
        each.case_id: each
        for each in Supervision.objects.filter(case__in=cases, lifted_at=None).select_related(
            "leader"
        )
    }
    instructions: dict[Any, Instruction] = {}
    waiting = Instruction.objects.filter(case__in=cases, answered_at=None)
    # Of several the one that is to be answered first.
    for given in waiting.select_related("leader").order_by(F("due_at").asc(nulls_last=True), "seq"):
        instructions.setdefault(given.case_id, given)
    decisions = not_carried_out().filter(case__in=cases).select_related("lead")
    meetings = {met.case_id: met for met in decisions}
    lines = []
    for row in rows:
        pk = row.case.pk
        watch = (supervisions.get(pk), instructions.get(pk), meetings.get(pk))
        late = any(each and each.due_at is not None and each.due_at < now for each in watch)
        lines.append(Line(row, *watch, late))
    return lines


# --- the page of a case


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the present step's ladder, for its page."""

    moment: Moment
    words: str
    climbed: bool


def rungs(found: Case, current: Due | None) -> list[Step]:
    """The ladder of the step that a case waits for; nothing where no clock climbs it."""
    if current is None or not found.is_open or not found.alarms:
        return []
    return [
        Step(each, rung_words(each), each.rung <= found.rung)
        for each in moments(current, ladder_for(found.district_code))
        if not (found.supervised and each.rung is Rung.SUPERVISE and each.rung > found.rung)
    ]


@dataclass(frozen=True, slots=True)
class Record:
    """A supervision, instruction or meeting, with the words that came with it."""

    what: Supervision | Instruction | Meeting
    words: list[str | None]
    answer: list[str | None]
    late: bool = False


def records(found: Case, entries: Sequence[Entry], now: datetime) -> dict[str, list[Record]]:
    """What stands on a case of supervision, instructions and meetings, the latest first."""
    said = {entry.seq: [body for _kind, body in entry.texts] for entry in entries}
    verbs = {entry.verb for entry in entries}
    kept: dict[str, list[Record]] = {"supervisions": [], "instructions": [], "meetings": []}
    if "supervise" in verbs:
        kept["supervisions"] = [
            Record(each, said.get(each.seq, []), said.get(each.lifted_seq or 0, []))
            for each in Supervision.objects.filter(case=found)
            .select_related("leader", "unit")
            .order_by("-opened_at")
        ]
    if "instruct" in verbs:
        kept["instructions"] = [
            Record(each, said.get(each.seq, []), said.get(each.answer_seq or 0, []))
            for each in Instruction.objects.filter(case=found)
            .select_related("leader", "answered_by")
            .order_by("-given_at")
        ]
    if "meet" in verbs:
        open_ = not_carried_out().filter(case=found).exists()
        kept["meetings"] = [
            Record(each, said.get(each.seq, []), [], late=each.due_at < now and open_)
            for each in Meeting.objects.filter(case=found)
            .select_related("lead")
            .prefetch_related("members")
            .order_by("-held_at")
        ]
    return kept
