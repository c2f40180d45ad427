"""The visits of a plan as an Excel file: a row a visit, a column a question of its checklists."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from huying.audit import access
from huying.desk.here import at_desk
from huying.desk.patrol import looking, plan_or_404, said_on
from huying.desk.task_export import XLSX, as_excel, column_kind, once_each
from huying.desk.workbook import Kind, write
from huying.forms.definition import Question, read
from huying.patrol.models import PatrolPlace, PatrolPlan, PatrolVisit
from huying.people.acting import Actor
from huying.places import naming

MOST: Final = 20_000
"""Visits in one file, the newest."""


@require_safe
@at_desk
def fetch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, of the places that the post sees; that it was fetched is recorded first."""
    actor, now = looking(request), timezone.now()
    found = plan_or_404(pk, actor)
    access.record(now=now, by=actor, action="export_visits", subject_type="plan", subject_id=pk)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "visits.xlsx"
        write(path, iter([orjson.dumps(line) for line in _lines(found, actor, now)]))
        body = path.read_bytes()
    response = HttpResponse(body, content_type=XLSX)
    name = f"{found.title}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _lines(found: PatrolPlan, actor: Actor, now: datetime) -> list[Any]:
    """As `workbook.write` reads them: both sheets' names, a row a visit, the second sheet."""
    places = PatrolPlace.objects.visible_to(actor).filter(plan=found)
    rows = PatrolVisit.objects.filter(place__in=places).select_related("place", "account", "form")
    visits = list(rows.prefetch_related("found__case")[:MOST])
    asks: dict[str, Question] = {}
    # What goes on meaning the same has its old id: a column for each, called as it is now.
    for visit in reversed(visits):
        if visit.form is not None:
            asks |= {each.id: each for each in read(visit.form.definition).asks}
    columns = [
        (pgettext("task", "Grid"), 20, Kind.TEXT),
        (pgettext("patrol", "Place"), 20, Kind.TEXT),
        (_("Grid worker"), 12, Kind.TEXT),
        (_("Visited at"), 20, Kind.TIME),
        (_("Metres from the place"), 12, Kind.NUMBER),
        (_("Not good"), 30, Kind.TEXT),
        (_("Remark"), 30, Kind.TEXT),
        (_("Cases found"), 30, Kind.TEXT),
        *((each.label, 20, column_kind(each)) for each in asks.values()),
    ]
    titles = once_each([title for title, _width, _kind in columns])
    about = [
        [_("About"), _("Value")],
        [_("Title"), found.title],
        [_("Item"), found.item_code],
        [_("As of"), f"{timezone.localtime(now):%Y-%m-%d %H:%M}"],
    ]
    first = {
        "title": pgettext("patrol", "Visits"),
        "about": _("About"),
        "columns": [
            (title, width, str(kind))
            for title, (_title, width, kind) in zip(titles, columns, strict=True)
        ],
    }
    return [first, *(_row(visit, asks) for visit in visits), {"rows": about}]


def _row(visit: PatrolVisit, asks: dict[str, Question]) -> list[Any]:
    said: dict[str, Any] = {each.id: each.words for each in said_on(visit)}
    said |= {
        name: visit.said[name]
        for name, each in asks.items()
        if column_kind(each) == Kind.NUMBER and name in visit.said
    }
    points = zip(visit.points, visit.answers, strict=False)
    return [
        naming.own_name(visit.grid_code),
        visit.place.name,
        visit.account.name,
        as_excel(visit.at),
        round(visit.distance_m) if visit.distance_m is not None else None,
        "、".join(point for point, good in points if good is False),
        visit.words,
        " ".join(link.case.number for link in visit.found.all()),
        *(said.get(name, "") for name in asks),
    ]
