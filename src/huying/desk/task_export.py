"""A task with all of its grids as an Excel file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from huying.audit import access
from huying.desk import tasks
from huying.desk.here import at_desk
from huying.desk.workbook import Kind, write
from huying.desk.writing import DAY, DAY_ZERO
from huying.forms.definition import Kind as Asked
from huying.forms.definition import Question, read
from huying.people.acting import Actor
from huying.places import naming
from huying.tasks.models import GridTask, Task

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@at_desk
def fetch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, of the grids that the post sees; that it was fetched is recorded first."""
    actor, now = tasks.looking(request), timezone.now()
    found = tasks.task_or_404(pk, actor)
    access.record(now=now, by=actor, action="export_task", subject_type="task", subject_id=pk)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "task.xlsx"
        write(path, iter([orjson.dumps(line) for line in _lines(found, actor, now)]))
        body = path.read_bytes()
    response = HttpResponse(body, content_type=XLSX)
    name = f"{found.title}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _lines(found: Task, actor: Actor, now: datetime) -> list[Any]:
    """As `workbook.write` reads them: both sheets' names, a row a grid, the second sheet."""
    asks = list(read(found.form.definition).asks) if found.form is not None else []
    columns = [
        (_("Community"), 16, Kind.TEXT),
        (pgettext("task", "Grid"), 20, Kind.TEXT),
        (_("Grid code"), 18, Kind.TEXT),
        (_("Grid worker"), 12, Kind.TEXT),
        (_("State"), 14, Kind.TEXT),
        (_("Light"), 10, Kind.TEXT),
        (_("To be done by"), 20, Kind.TIME),
        (_("Done at"), 20, Kind.TIME),
        (_("What was done"), 40, Kind.TEXT),
        (_("Photos"), 8, Kind.NUMBER),
        (_("Cases found"), 30, Kind.TEXT),
        *((each.label, 20, column_kind(each)) for each in asks),
    ]
    titles = once_each([title for title, _width, _kind in columns])
    rows = GridTask.objects.visible_to(actor).filter(task=found).select_related("task__form")
    parts = list(rows.prefetch_related("files"))
    body = []
    for line in tasks.lines(parts, now):
        part = line.part
        said = {each.id: each.words for each in tasks.answers_of(part)}
        said |= {
            each.id: part.answers.get(each.id) for each in asks if column_kind(each) == Kind.NUMBER
        }
        body.append(
            [
                naming.own_name(part.grid_code[:12]),
                naming.own_name(part.grid_code),
                part.grid_code,
                line.worker,
                str(part.get_state_display()),
                line.standing.word,
                as_excel(part.due_at),
                as_excel(part.done_at),
                part.words,
                sum(file.round == part.round for file in part.files.all()),
                " ".join(line.cases),
                *(said.get(each.id, "") for each in asks),
            ]
        )
    about = [
        [_("About"), _("Value")],
        [_("Title"), found.title],
        [_("Item"), f"{found.item_code} {found.item_version.name}"],
        [_("Issued by"), naming.own_name(found.issuer_code)],
        [_("What the grids are to do"), found.words],
        [_("As of"), f"{timezone.localtime(now):%Y-%m-%d %H:%M}"],
    ]
    first = {
        "title": _("Grids"),
        "about": _("About"),
        "columns": [
            (title, width, str(kind))
            for title, (_title, width, kind) in zip(titles, columns, strict=True)
        ],
    }
    return [first, *body, {"rows": about}]


def column_kind(question: Question) -> Kind:
    """Numbers stay numbers, so that they can be summed up."""
    return Kind.NUMBER if question.kind == Asked.NUMBER else Kind.TEXT


def once_each(titles: list[str]) -> list[str]:
    """Titles of which no two are the same: a question may be called like a column."""
    found: list[str] = []
    for title in titles:
        again, n = title, 2
        while again in found:
            again, n = f"{title} {n}", n + 1
        found.append(again)
    return found


def as_excel(moment: datetime | None) -> float | None:
    """A moment as Excel keeps it, in the time of the pages."""
    if moment is None:
        return None
    local = timezone.localtime(moment).replace(tzinfo=None, microsecond=0)
    return (local - DAY_ZERO) / DAY
