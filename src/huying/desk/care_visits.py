"""关爱走访: a visit written down, what is sealed shown, the week's plan, and the figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from huying.audit import access
from huying.audit.revealing import OF_RECORDS
from huying.care import figures, planning, revealing
from huying.care.due import Outcome
from huying.care.models import CarePerson
from huying.catalogue.danger import NUMBERS
from huying.desk.care import (
    care_or_404,
    lines_of,
    looking,
    may_look,
    may_visit,
)
from huying.desk.care_forms import VisitForm
from huying.desk.here import at, at_desk, is_htmx, me, sheet
from huying.desk.patrol import blamed
from huying.desk.revealing import asked
from huying.desk.task_export import XLSX
from huying.desk.workbook import Kind, write
from huying.errors import HuyingError, NotAllowed
from huying.intake import visit_alarms
from huying.people.acting import Actor
from huying.places import naming

SPANS = (7, 30, 90)
WEEKS = 4
MOST_MINE = 200


@require_safe
@at(may_visit)
def mine(request: HttpRequest) -> HttpResponseBase:
    """Whom the actor visits, who is due first; made for a phone."""
    actor, now = me(request), timezone.now()
    found = CarePerson.objects.visible_to(actor).standing().for_pages()[:MOST_MINE]
    lines = lines_of(list(found), now, {})
    due = [each for each in lines if each["days"] >= 0]
    context = {
        "actor": actor,
        "due": due,
        "rest": [each for each in lines if each["days"] < 0],
        "today": timezone.localdate(now),
        "may_look": may_look(actor),
    }
    return render(request, "desk/care/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_visit)
def visit(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the form of a visit. POST: it is written down, and an emergency becomes a case."""
    actor, now = me(request), timezone.now()
    care = care_or_404(pk, actor)
    if care.ended_on is not None:
        raise Http404
    form = VisitForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            if form.is_valid():
                told, sort = form.told(care), form.cleaned_data["sort"]
                made = visit_alarms.record(told, sort=sort, by=actor, now=now)
                _said(request, made)
                return redirect("care_person" if may_look(actor) else "my_care", *_at(actor, pk))
            status = 422
        except NotAllowed:
            raise PermissionDenied from None
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    (line,) = lines_of([care], now, {})
    context = {
        "actor": actor,
        "care": care,
        "line": line,
        "form": form,
        "numbers": NUMBERS,
        "may_look": may_look(actor),
    }
    return render(request, "desk/care/visit.html", context, status=status)


def _at(actor: Actor, pk: UUID) -> list[UUID]:
    return [pk] if may_look(actor) else []


def _said(request: HttpRequest, made: visit_alarms.Recorded) -> None:
    if made.case is not None:
        said = _("Written down, and reported as case %(number)s: the desk knows.")
        messages.success(request, said % {"number": made.case.number})
    elif made.visit.outcome != Outcome.NOT_MET and not made.visit.counts:
        messages.success(
            request, _("Written down. It does not count: after a call somebody must come.")
        )
    else:
        messages.success(request, pgettext("care", "Written down."))


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_visit)
def shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What is sealed: asks what for, then shows it once, recorded before."""
    actor = me(request)
    care = care_or_404(pk, actor)
    if not revealing.may_reveal(care, actor):
        raise PermissionDenied
    back = "care_person" if may_look(actor) else "care_visit"
    context: dict[str, Any] = {
        "actor": actor,
        "care": care,
        "back": back,
        **asked(request, OF_RECORDS),
    }
    status = 200
    if request.method == "POST":
        try:
            values = revealing.reveal(
                care,
                by=actor,
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
            context["shown"] = [
                (revealing.LABELS[name], name, value) for name, value in values.items()
            ]
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    part = "_reveal.html" if is_htmx(request) else "reveal.html"
    return sheet(render(request, f"desk/care/{part}", context, status=status))


@require_safe
@at_desk
def plan(request: HttpRequest) -> HttpResponseBase:
    """A week's visits by who makes them; this one and the next three can be seen."""
    actor, now = looking(request), timezone.now()
    this = planning.first_day(timezone.localdate(now))
    told = request.GET.get("week", "")
    ahead = int(told) if told.isascii() and told.isdecimal() and len(told) == 1 else 0
    ahead = min(ahead, WEEKS - 1)
    monday = this + timedelta(weeks=ahead)
    context = {
        "actor": actor,
        "weeks": planning.week_of(actor, monday, now),
        "days": [monday + timedelta(days=n) for n in range(7)],
        "today": timezone.localdate(now),
        "ahead": ahead,
        "offered": [(n, this + timedelta(weeks=n)) for n in range(WEEKS)],
    }
    return render(request, "desk/care/plan.html", context)


@require_safe
@at_desk
def numbers(request: HttpRequest) -> HttpResponseBase:
    """How many are visited, what was due, done and missed; by grid, or by community of a town."""
    actor, now = looking(request), timezone.now()
    first, last, days = _stretch(request, now)
    length = _length(actor)
    sums = figures.by_area(actor, first, last, now, length)
    context = {
        "actor": actor,
        "days": days,
        "spans": SPANS,
        "first": first,
        "last": last,
        "sums": sums.items(),
        "whole": figures.whole(sums),
        "kinds": figures.by_kind(actor),
        "levels": figures.by_level(actor),
    }
    return render(request, "desk/care/figures.html", context)


def _stretch(request: HttpRequest, now: datetime) -> tuple[date, date, int]:
    told = request.GET.get("days", "")
    days = next((each for each in SPANS if str(each) == told), SPANS[1])
    last = timezone.localdate(now)
    return last - timedelta(days=days - 1), last, days


def _length(actor: Actor) -> int:
    """Grids of a community, communities of a town, towns of a district."""
    return {6: 9, 9: 12}.get(len(actor.area_code), 15)


@require_safe
@at_desk
def file(request: HttpRequest) -> HttpResponseBase:
    """The figures as an Excel file; it names nobody who is visited."""
    actor, now = looking(request), timezone.now()
    first, last, _days = _stretch(request, now)
    about = actor.area_code
    access.record(now=now, by=actor, action="export_care", subject_type="area", subject_id=about)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "care.xlsx"
        lines = _lines(actor, first, last, now)
        write(path, iter([orjson.dumps(line) for line in lines]))
        body = path.read_bytes()
    response = HttpResponse(body, content_type=XLSX)
    name = f"{_('Care visits')}-{naming.own_name(actor.area_code)}-{last:%Y%m%d}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _lines(actor: Actor, first: date, last: date, now: datetime) -> list[Any]:
    """As `workbook.write` reads them."""
    columns = [
        (_("Area"), 24),
        (_("Code"), 18),
        (pgettext("care", "People"), 10),
        (pgettext("care", "Due"), 10),
        (pgettext("care", "In time"), 10),
        (pgettext("care", "Late"), 10),
        (pgettext("care", "Not made"), 10),
        (pgettext("care", "In time, %"), 12),
        (pgettext("care", "Not met"), 10),
        (pgettext("care", "Emergencies"), 10),
    ]
    kinds = [Kind.TEXT, Kind.TEXT, *[Kind.NUMBER] * 8]
    sums = figures.by_area(actor, first, last, now, _length(actor))
    rows = [
        [
            naming.names(code),
            code,
            each.people,
            each.due,
            each.done,
            each.late,
            each.open,
            each.ratio,
            each.not_met,
            each.alarms,
        ]
        for code, each in sums.items()
    ]
    about = [
        [_("About"), _("Value")],
        [pgettext("care", "Days"), f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"],
        [_("As of"), f"{timezone.localtime(now):%Y-%m-%d %H:%M}"],
        *([name, str(n)] for name, n in figures.by_kind(actor)),
    ]
    head = {
        "title": _("Care visits"),
        "about": _("About"),
        "columns": [
            (title, width, str(kind)) for (title, width), kind in zip(columns, kinds, strict=True)
        ],
    }
    return [head, *rows, {"rows": about}]
