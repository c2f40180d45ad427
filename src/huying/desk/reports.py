"""通报: the reports of an area, read on the page, downloaded, and made when somebody asks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huying.assessment.counting import By
from huying.desk.fields import List
from huying.desk.here import at, me
from huying.desk.patrol import blamed
from huying.desk.patrol_forms import Day
from huying.desk.resent import once_for_form
from huying.desk.verb_form import dress, offer
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.people.turns import QUIET
from huying.places.models import Division
from huying.reports import making
from huying.reports.keeping import Form, keep
from huying.reports.letters import praise, praised
from huying.reports.models import MadeReport
from huying.reports.opening import BEFORE, CASE, DAY, YEAR_BEFORE, Mark, Opens, opens
from huying.reports.report import Chart, Column, Series, Table
from huying.reports.sight import may_look
from huying.reports.spans import Kind

MOST: Final = 100

KINDS: Final = {
    Form.PDF: "application/pdf",
    Form.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class AskForm(forms.Form):
    """Of which place, and on which week or month."""

    area = List(label=pgettext_lazy("report", "Of"))
    kind = forms.ChoiceField(label=_("Week or month"), choices=Kind.choices)
    day = Day(label=_("A day in it"), required=False)

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        today = timezone.localdate()
        first = {"area": actor.area_code, "kind": Kind.MONTHLY, "day": today}
        super().__init__(data, initial=first)
        inside = Division.objects.filter(code__startswith=actor.area_code).order_by("code")
        offer(self, "area", inside.values_list("code", "short_name"))
        dress(self)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_look)
@once_for_form()
def listed(request: HttpRequest) -> HttpResponseBase:
    """GET: the reports that the post may see. POST: has one made."""
    actor = me(request)
    form = AskForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            making.ask(given["area"], given["kind"], given["day"], by=actor, now=timezone.now())
            return redirect("reports")
        except HuyingError as error:
            blamed(form, error)
    return _list_page(request, form, 422 if form.is_bound else 200)


def _list_page(request: HttpRequest, form: AskForm, status: int) -> HttpResponse:
    actor, now = me(request), timezone.now()
    kind = request.GET.get("kind", "")
    rows = MadeReport.objects.visible_to(actor).select_related("asked_by").defer("content")
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    shown = [
        {
            "made": each,
            "number": each.span.number,
            "quiet": each.state in making.UNFINISHED and now - each.touched_at > QUIET,
        }
        for each in rows[:MOST]
    ]
    busy = any(each["made"].state in making.UNFINISHED for each in shown)  # type: ignore[attr-defined]
    context = {
        "actor": actor,
        "lines": shown,
        "busy": busy,
        "form": form,
        "kinds": Kind.choices,
        "chosen": kind,
        "steps": MadeReport.STEPS,
    }
    page = "desk/reports/_list.html" if "rows" in request.GET else "desk/reports/list.html"
    return render(request, page, context, status=status)


def _made(request: HttpRequest, pk: UUID) -> MadeReport:
    """A report that is there to be read, if the post may see it."""
    found = MadeReport.objects.visible_to(me(request)).filter(pk=pk, state=MadeReport.State.READY)
    made = found.first()
    if made is None:
        raise Http404
    return made


@require_safe
@at(may_look)
def shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One report as a page: the same words and figures as its files."""
    made = _made(request, pk)
    report = made.report
    context = {
        "actor": me(request),
        "made": made,
        "report": report,
        "praised": praised(report),
        "sections": [
            {
                "heading": section.heading,
                "paragraphs": [
                    # Reports that were kept before figures led anywhere have no marks.
                    pieces(words, section.marks[at] if section.marks else (), made)
                    for at, words in enumerate(section.paragraphs)
                ],
                "charts": [drawn(chart, made) for chart in section.charts],
                "tables": [
                    {
                        "table": table,
                        "rows": [_cells(table, at, made) for at in range(len(table.rows))],
                    }
                    for table in section.tables
                ],
            }
            for section in report.sections
        ],
    }
    return render(request, "desk/reports/report.html", context)


def address(opens: Opens, made: MadeReport, day: str = "") -> str:
    """The page of the cases that a figure of a report counts, as they were when it was made."""
    span = {"": made.span, BEFORE: made.span.before, YEAR_BEFORE: made.span.year_before}[opens.span]
    first, last = (day, day) if day else (span.first.isoformat(), span.last.isoformat())
    asked = {
        "area": made.area_code, "period": "days", "first": first, "last": last,
        "as_of": "" if made.at is None else made.at.isoformat(),
        "by": opens.by, "subject": opens.key, "indicator": opens.indicator, "part": opens.part,
    }  # fmt: skip
    return f"{reverse('figure_cases')}?{urlencode(asked)}"


def pieces(words: str, marks: Sequence[Mark], made: MadeReport) -> list[tuple[str, str]]:
    """A sentence in pieces, each with what it opens: its figures, and the words between them."""
    found, begun = [], 0
    for mark in marks:
        found.append((words[begun : mark.first], ""))
        found.append((words[mark.first : mark.last], address(mark.opens, made)))
        begun = mark.last
    return [*found, (words[begun:], "")]


def _cells(table: Table, at: int, made: MadeReport) -> list[tuple[Column, str, bool, str]]:
    """A row: of each cell its column, its words, whether there is no figure, and what it opens."""
    found = []
    key = table.keys[at] if table.keys else ""
    for column, cell in zip(table.columns, table.rows[at], strict=True):
        where = opens(column.opens, table.by, key) if table.keys else None
        leads = "" if where is None or cell is None else address(where, made)
        if column.opens == CASE:
            leads = reverse("case", args=[cell])
        found.append((column, column.said(cell), cell is None, leads))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart, as points of its picture."""

    name: str
    points: str
    number: int


WIDTH, HEIGHT, LEFT, FOOT = 640, 200, 34, 20


def drawn(chart: Chart, made: MadeReport) -> dict[str, Any]:
    """A chart as the page draws it: bars by themselves, lines on a scale."""
    leads = [_leads(each, chart, made) for each in chart.series]
    most = max((value for each in chart.series for value in each.values), default=0) or 1
    if chart.kind == "bars":
        bars = zip(chart.labels, chart.series[0].values, leads[0], strict=True)
        return {"chart": chart, "bars": list(bars), "most": most}
    count = len(chart.labels)

    def x(at: int) -> float:
        return LEFT + (WIDTH - LEFT - 24) * (at / (count - 1) if count > 1 else 0.5)

    def y(value: int) -> float:
        return 8 + (HEIGHT - FOOT - 8) * (1 - value / most)

    lines = [
        Line(
            each.name,
            " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(each.values)),
            number,
        )
        for number, each in enumerate(chart.series)
    ]
    skip = max(1, -(-count // 16))
    labels = [(f"{x(at):.1f}", label) for at, label in enumerate(chart.labels) if at % skip == 0]
    scale = [(f"{y(value):.1f}", value) for value in sorted({0, most // 2, most})]
    told = (
        zip(each.values, ways, strict=True) for each, ways in zip(chart.series, leads, strict=True)
    )
    table = zip(chart.labels, *told, strict=True)
    return {"chart": chart, "lines": lines, "labels": labels, "scale": scale, "rows": list(table)}


def _leads(series: Series, chart: Chart, made: MadeReport) -> list[str]:
    """What each value of a line or of bars opens; empty for those of reports made long ago."""
    if not chart.keys:
        return [""] * len(series.values)
    daily = chart.by == DAY
    found = [
        opens(series.opens, str(By.ALL) if daily else chart.by, "" if daily else key)
        for key in chart.keys
    ]
    days = chart.keys if daily else [""] * len(chart.keys)
    return [
        "" if each is None else address(each, made, day)
        for each, day in zip(found, days, strict=True)
    ]


def pdf_of(content: bytes, name: str) -> FileResponse:
    """A sheet that is made when it is asked for, as a file to save."""
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type=KINDS[Form.PDF]
    )


@require_safe
@at(may_look)
def fetch(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The PDF or the Excel file; or the letter that praises who did best."""
    made = _made(request, pk)
    if form == "praise" and praised(made.report) is not None:
        return pdf_of(praise(made.report), f"{made.report.short}表扬通报.pdf")
    if form not in list(Form):
        raise Http404
    path = keep(made, Form(form))
    name = f"{made.report.short}.{form}"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=KINDS[Form(form)]
    )
