"""The entries of a register or survey as an Excel file: a row an entry, a column a question."""

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
from huying.desk.surveys import SHOWN, entries_of, looking_at, names_of, survey_or_404
from huying.desk.task_export import XLSX, as_excel, column_kind, once_each
from huying.desk.workbook import Kind, write
from huying.forms.definition import Question
from huying.people.acting import Actor
from huying.places import naming
from huying.surveys.answers import definition_of, latest_of, said_of
from huying.surveys.models import Survey, SurveyAnswers, SurveyEntry, position

MOST: Final = 20_000
"""Entries in one file, the newest."""


@require_safe
@at_desk
def fetch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, of what the post sees, masked; that it was fetched is recorded first."""
    actor, now = looking_at(request), timezone.now()
    found, show = survey_or_404(pk, actor), request.GET.get("show", "")
    access.record(now=now, by=actor, action="export_survey", subject_type="survey", subject_id=pk)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "entries.xlsx"
        lines = _lines(found, actor, show if show in SHOWN else "", now)
        write(path, iter([orjson.dumps(line) for line in lines]))
        body = path.read_bytes()
    response = HttpResponse(body, content_type=XLSX)
    name = f"{found.title}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _lines(found: Survey, actor: Actor, show: str, now: datetime) -> list[Any]:
    """As `workbook.write` reads them: both sheets' names, a row an entry, the second sheet."""
    rows = entries_of(found, actor, show, now)
    entries = list(rows.select_related("address__building", "survey")[:MOST])
    answers = latest_of(entries)
    asks: dict[str, Question] = {}
    # What goes on meaning the same has its old id: a column for each, called as it is now.
    for row in sorted(answers.values(), key=lambda row: row.form_id):
        asks |= {each.id: each for each in definition_of(row).asks}
    columns = [
        (_("Community"), 16, Kind.TEXT),
        (pgettext("task", "Grid"), 20, Kind.TEXT),
        (pgettext("entry", "Name"), 24, Kind.TEXT),
        (_("Place"), 28, Kind.TEXT),
        (_("Longitude"), 12, Kind.NUMBER),
        (_("Latitude"), 12, Kind.NUMBER),
        (_("State"), 12, Kind.TEXT),
        (_("Entered by"), 12, Kind.TEXT),
        (_("Entered at"), 20, Kind.TIME),
        (_("Looked at by"), 12, Kind.TEXT),
        *((each.label, 20, column_kind(each)) for each in asks.values()),
    ]
    titles = once_each([title for title, _width, _kind in columns])
    names = names_of([name for each in entries for name in (each.told_by, each.looked_by)])
    about = [
        [_("About"), _("Value")],
        [_("Title"), found.title],
        [_("What it is"), str(found.get_kind_display())],
        [_("Area"), naming.names(actor.area_code)],
        [_("As of"), f"{timezone.localtime(now):%Y-%m-%d %H:%M}"],
        [_("Personal data"), _("masked")],
    ]
    first = {
        "title": pgettext("survey", "Entries"),
        "about": _("About"),
        "columns": [
            (title, width, str(kind))
            for title, (_title, width, kind) in zip(titles, columns, strict=True)
        ],
    }
    body = [_row(each, answers[each.pk], asks, names) for each in entries]
    return [first, *body, {"rows": about}]


def _row(
    entry: SurveyEntry, row: SurveyAnswers, asks: dict[str, Question], names: dict[int, str]
) -> list[Any]:
    said: dict[str, Any] = {each.id: each.words for each in said_of(row)}
    said |= {
        name: row.plain[name]
        for name, each in asks.items()
        if column_kind(each) == Kind.NUMBER and name in row.plain
    }
    lon, lat = position(entry) or (None, None)
    return [
        naming.own_name(entry.area_code[:12]),
        naming.own_name(entry.area_code),
        entry.name,
        entry.place,
        lon,
        lat,
        str(entry.get_state_display()),
        names.get(entry.told_by, ""),
        as_excel(entry.told_at),
        names.get(entry.looked_by or 0, ""),
        *(said.get(name) for name in asks),
    ]
