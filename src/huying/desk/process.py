"""The process picture: how cases really flowed, where they waited, and where they bounced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from huying.assessment.flow_reading import Span, flow_of, steps_of
from huying.assessment.flowing import Edge, Flow, Step, Way
from huying.cases import flow as table
from huying.cases.models import Case
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.desk import process_drawing, queue
from huying.desk.fields import items_by_category
from huying.desk.here import at, me
from huying.desk.patrol_forms import Day
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming

LONGEST_DAYS: Final = 366
LISTED: Final = 200


def may_look(actor: Actor) -> bool:
    """Desks and leaders look at the flow of their area."""
    return actor.role == Role.DISPATCHER or actor.is_leader


class SpanForm(forms.Form):
    """Whose flow is looked at, and of which days."""

    first = Day(label=_("Received from"))
    last = Day(label=_("to"))
    area = forms.ChoiceField(label=_("Place"), required=False)
    item = forms.ChoiceField(label=_("Item"), required=False)

    def __init__(self, data: Any, *, actor: Actor, now: datetime) -> None:
        super().__init__(data)
        self.fields["area"].choices = areas_of(actor)  # type: ignore[attr-defined]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", now_("every item")),
            *items_by_category(snapshot(now)),
        ]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name[-1] == "t" else "form-select"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", now_("The last day lies before the first."))
        elif first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last", now_("A year at most."))
        return given


def areas_of(actor: Actor) -> list[tuple[str, str]]:
    """The actor's area and the places in it that can be chosen."""
    own = actor.area_code
    found = [("", naming.own_name(own))]
    for town, rows in naming.towns(own[:6]):
        for code, name in rows:
            if code.startswith(own) and code != own:
                deeper = len(code) > 9 and len(own) < 9
                found.append((code, f"{town} {name}" if deeper else name))
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A span as it was asked for."""

    span: Span
    form: SpanForm
    wrong: bool

    def query(self, **more: str) -> str:
        """The address's query of the same span."""
        said = {
            "first": self.span.first.isoformat(),
            "last": self.span.last.isoformat(),
            "area": self.form.data.get("area", "") if not self.wrong else "",
            "item": self.span.item,
        } | more
        return urlencode({name: value for name, value in said.items() if value})


def asked(request: HttpRequest, actor: Actor, now: datetime) -> Asked:
    """What the address asks for; the last thirty days where it asks for nothing that can be."""
    today = timezone.localdate(now)
    given = {
        "first": request.GET.get("first") or (today - timedelta(days=29)).isoformat(),
        "last": request.GET.get("last") or today.isoformat(),
        "area": area if (area := request.GET.get("area", "")) != actor.area_code else "",
        "item": request.GET.get("item", ""),
    }
    form = SpanForm(given, actor=actor, now=now)
    if not form.is_valid():
        return Asked(Span(actor.area_code, today - timedelta(days=29), today), form, wrong=True)
    told = form.cleaned_data
    area = told["area"] or actor.area_code
    return Asked(Span(area, told["first"], told["last"], told["item"]), form, wrong=False)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that is often asked for."""

    words: Words
    first: date
    last: date


def periods(today: date) -> list[Period]:
    """The ones offered."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return [
        Period(pgettext_lazy("flow", "7 days"), today - timedelta(days=6), today),
        Period(pgettext_lazy("flow", "30 days"), today - timedelta(days=29), today),
        Period(pgettext_lazy("flow", "this month"), month, today),
        Period(pgettext_lazy("flow", "last month"), before.replace(day=1), before),
    ]


def words_of(way: Way) -> dict[str, str]:
    """A way in words."""
    return {
        "verb": str(table.ROWS[way.verb].label),
        "source": str(State(way.source).label) if way.source else "",
        "target": str(State(way.target).label),
    }


def short_words(time: timedelta) -> str:
    """How long something took, in one unit: 54 分钟, 13.2 小时, 1.8 天."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 100:
        return pgettext("flow", "%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return pgettext("flow", "%(n)s h") % {"n": f"{minutes / 60:.1f}"}
    return pgettext("flow", "%(n)s days") % {"n": f"{minutes / 1440:.1f}"}


def key_of(way: Way) -> str:
    """A way as an address names it."""
    return "-".join(way)


@dataclass(frozen=True, slots=True)
class Row:
    """A way as a line of the table, and as the words beside its line in the picture."""

    edge: Edge
    verb: str
    source: str
    target: str
    query: str
    median: str
    most: str
    bounce: bool

    @property
    def spoken(self) -> str:
        return f"{self.source} → {self.target}" if self.source else self.target


@require_safe
@at(may_look)
def page(request: HttpRequest) -> HttpResponseBase:
    """The picture, the ways and the states as tables."""
    actor, now = me(request), timezone.now()
    want = asked(request, actor, now)
    context: dict[str, Any] = {
        "form": want.form,
        "wrong": want.wrong,
        "place": naming.own_name(want.span.area),
        "span": want.span,
        "periods": [
            (
                each.words,
                want.query(first=each.first.isoformat(), last=each.last.isoformat()),
                (each.first, each.last) == (want.span.first, want.span.last),
            )
            for each in periods(timezone.localdate(now))
        ],
    }
    if not want.wrong and (flow := flow_of(want.span, now)).cases:
        context |= _picture(flow, want)
    return render(request, "desk/process/page.html", context, status=422 if want.wrong else 200)


def _picture(flow: Flow, want: Asked) -> dict[str, Any]:
    rows = {way: _row(edge, want) for way, edge in flow.edges.items()}
    drawing = process_drawing.drawn(flow)
    waiting = [
        {
            "state": State(each.state),
            "came": each.came,
            "still": each.still,
            "median": short_words(each.median) if each.left else "—",
            "most": short_words(each.most) if each.left else "—",
            "total": each.total.days,
            "longest": each.total == max(w.total for w in flow.waiting.values()),
        }
        for each in flow.waiting.values()
        if each.state in _OPEN
    ]
    closed = flow.waiting.get(State.CLOSED)
    return {
        "flow": flow,
        "drawing": drawing,
        "lines": [(line, rows[line.edge.way]) for line in drawing.lines],
        "boxes": [(box, _inside(box)) for box in drawing.boxes],
        "rows": list(rows.values()),
        "bounces": sorted(
            (row for row in rows.values() if row.bounce), key=lambda row: -row.edge.count
        ),
        "waiting": waiting,
        "open": sum(each.still for each in flow.waiting.values() if each.state in _OPEN),
        "closed": 0 if closed is None else closed.still,
        "per_hundred": round(100 * flow.bounced / flow.cases, 1),
    }


_OPEN: Final = frozenset(str(state) for state in process_drawing.LINE) - {State.CLOSED}


def _inside(box: process_drawing.Box) -> str:
    """What stands in a state's box below its name."""
    waiting = box.waiting
    if waiting is None:
        return now_("nobody came")
    if box.state not in _OPEN:
        return str(waiting.still)
    return now_("%(n)s there now") % {"n": waiting.still}


def _row(edge: Edge, want: Asked) -> Row:
    way = edge.way
    return Row(
        edge=edge,
        **words_of(way),
        query=want.query(way=key_of(way)),
        median=short_words(edge.median) if way.source else "",
        most=short_words(edge.most) if way.source else "",
        bounce=way.is_bounce,
    )


@require_safe
@at(may_look)
def cases(request: HttpRequest) -> HttpResponseBase:
    """The cases that went one way, those that took longest first."""
    actor, now = me(request), timezone.now()
    want = asked(request, actor, now)
    if want.wrong:
        raise Http404
    way = Way(*parts) if len(parts := request.GET.get("way", "").split("-")) == 3 else None
    edge = None if way is None else flow_of(want.span, now).edges.get(way)
    if edge is None:
        raise Http404
    steps, many = steps_of(want.span, edge.way, LISTED)
    context = {
        "row": _row(edge, want),
        "place": naming.own_name(want.span.area),
        "span": want.span,
        "back": want.query(),
        "lines": _lines(edge.way, steps, actor),
        "more": max(many - LISTED, 0),
    }
    return render(request, "desk/process/cases.html", context)


def _lines(way: Way, steps: Sequence[Step], actor: Actor) -> Sequence[dict[str, Any]]:
    seen = Case.objects.visible_to(actor).for_pages()
    by_id = seen.in_bulk([step.case for step in steps])
    return [
        {
            "case": by_id[step.case],
            "place": queue.short_place(by_id[step.case].area_code),
            "at": step.at,
            "took": short_words(step.took) if way.source else "",
        }
        for step in steps
        if step.case in by_id
    ]
