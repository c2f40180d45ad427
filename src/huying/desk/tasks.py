"""任务下达: tasks that a town or the district gives its grids, and how far each grid is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases import documents
from huying.cases.attaching import file_of
from huying.cases.models import Attachment, Case
from huying.desk.acting import kept_before, stage_upload
from huying.desk.fields import photos_named
from huying.desk.here import at_desk, me
from huying.desk.resent import once_for_form
from huying.desk.task_forms import NewTask, Reason
from huying.dispatch.standing import Standing
from huying.errors import HuyingError, NotAllowed, NotFound, Words
from huying.forms.definition import read
from huying.forms.saying import Said, said
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level
from huying.tasks import checking, issuing
from huying.tasks.concerned import worker_names
from huying.tasks.models import LOOKING, WAITING, GridTask, State, Task, TaskCase, TaskStep
from huying.tasks.photos import seen as photo_seen
from huying.tasks.standing import progress, progress_by_area, standing

ON_A_PAGE = 50
MOST_ROWS = 300
FILES = (("documents", "document"), ("photos", "other"))

SHOWN: dict[str, Words] = {
    "": gettext_lazy("all grids"),
    "late": gettext_lazy("late"),
    "todo": gettext_lazy("to do"),
    "look": gettext_lazy("drawn for a look"),
    "done": pgettext_lazy("task", "done"),
    "back": gettext_lazy("given back"),
}
STEP_WORDS: dict[str, Words] = {
    "issue": gettext_lazy("issued"),
    "complete": pgettext_lazy("task", "done"),
    "give_back": gettext_lazy("given back"),
    "again": gettext_lazy("asked for again"),
    "pass": gettext_lazy("looked at and good"),
    "recall": gettext_lazy("recalled"),
    "found": gettext_lazy("reported a case"),
    "climb": gettext_lazy("deadline told of"),
}


def looking(request: HttpRequest) -> Actor:
    actor = me(request)
    if actor.role not in LOOKING:
        raise PermissionDenied
    return actor


def task_or_404(pk: UUID, actor: Actor) -> Task:
    found = Task.objects.visible_to(actor).select_related("item_version", "issued_by", "form")
    task = found.filter(pk=pk).first()
    if task is None:
        raise Http404
    return task


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """The tasks of the area: those that run, or those that have ended."""
    actor, now = looking(request), timezone.now()
    ended = request.GET.get("tab") == "ended"
    parts = GridTask.objects.visible_to(actor).filter(state__in=sorted(WAITING))
    found = Task.objects.visible_to(actor).select_related("item_version")
    running = found.filter(pk__in=parts.values("task"))
    rows = found.exclude(pk__in=running.values("pk")) if ended else running.order_by("due_at")
    tasks = list(rows[:ON_A_PAGE])
    how = progress([task.pk for task in tasks], actor, now)
    context = {
        "actor": actor,
        "lines": [(task, how.get(task.pk)) for task in tasks],
        "ended": ended,
        "running": running.count(),
        "may_issue": issuing.may_issue(actor),
        "now": now,
    }
    return render(request, "desk/tasks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: the task is issued."""
    actor, now = looking(request), timezone.now()
    if not issuing.may_issue(actor):
        raise PermissionDenied
    if request.method != "POST":
        return _new_page(request, NewTask(actor=actor, now=now))
    sent, trouble = request.POST.copy(), []
    for field, kind in FILES:
        for upload in request.FILES.getlist(f"file_{field}"):
            try:
                sent.appendlist(field, str(stage_upload(upload, kind=kind, by=actor).pk))
            except HuyingError as error:
                trouble.append((field, str(error)))
    form = NewTask(sent, actor=actor, now=now)
    if not form.is_valid() or trouble:
        for field, words in trouble:
            form.add_error(field, words)
        return _new_page(request, form, status=422)
    given = form.cleaned_data
    try:
        task = issuing.issue(
            by=actor,
            now=now,
            item=given["item"],
            title=given["title"],
            words=given["words"],
            areas=sorted(form.chosen),
            due_at=given["due_at"],
            photos_least=1 if given["photos_least"] is None else given["photos_least"],
            questions=form.asked,
            sheets=given["documents"] + given["photos"],
        )
    except HuyingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _new_page(request, form, status=error.status)
    messages.success(request, _("Issued to %(n)s grids.") % {"n": task.parts.count()})
    return redirect("task", task.pk)


def _new_page(request: HttpRequest, form: NewTask, status: int = 200) -> HttpResponse:
    actor = me(request)
    kept = [each for field, _kind in FILES for each in photos_named(form, field)]
    context = {"actor": actor, "form": form, "kept_photos": kept_before(kept, actor)}
    return render(request, "desk/tasks/new.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Line:
    """One grid of a task."""

    part: GridTask
    standing: Standing
    worker: str
    cases: list[str]


@require_safe
@at_desk
def task(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One task, with a line for each grid."""
    actor = looking(request)
    return _page(request, task_or_404(pk, actor), Reason())


def _page(request: HttpRequest, found: Task, form: Reason, status: int = 200) -> HttpResponse:
    actor, now = me(request), timezone.now()
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    area = request.GET.get("area", "")
    rows = _rows(found, actor, show, now)
    if area.isdigit() and area.isascii():
        rows = rows.filter(grid_code__startswith=area)
    parts = list(rows[: MOST_ROWS + 1])
    own = actor.area_code == found.issuer_code
    length = CODE_LENGTH[Level.TOWN if len(actor.area_code) == 6 else Level.COMMUNITY]
    context = {
        "actor": actor,
        "task": found,
        "progress": progress([found.pk], actor, now).get(found.pk),
        "areas": [
            (code, naming.own_name(code), each)
            for code, each in progress_by_area(found.pk, actor, now, length).items()
        ],
        "area": area,
        "lines": lines(parts[:MOST_ROWS], now),
        "more": len(parts) > MOST_ROWS,
        "show": show,
        "shown": list(SHOWN.items()),
        "sheets": [each.attachment for each in _sheets(found)],
        "asked": read(found.form.definition).asks if found.form is not None else (),
        "office": own and issuing.may_issue(actor) and found.cancelled_at is None,
        "form": form,
        "now": now,
    }
    return render(request, "desk/tasks/task.html", context, status=status)


def _sheets(found: Task) -> QuerySet[Any]:
    return found.files.filter(part=None).select_related("attachment")


def _rows(found: Task, actor: Actor, show: str, now: datetime) -> QuerySet[GridTask]:
    rows = GridTask.objects.visible_to(actor).filter(task=found)
    match show:
        case "late":
            return rows.late(now)
        case "todo":
            return rows.filter(state=State.OPEN)
        case "look":
            return rows.filter(state=State.DONE, sampled=True)
        case "done":
            return rows.filter(state__in=[State.DONE, State.PASSED])
        case "back":
            return rows.filter(state=State.GIVEN_BACK)
    return rows


def lines(parts: list[GridTask], now: datetime) -> list[Line]:
    """The parts with their lights, their workers and what was found; two queries."""
    names = worker_names([part.grid_code for part in parts], now)
    cases: dict[UUID, list[str]] = {}
    for pk, number in TaskCase.objects.filter(part__in=[part.pk for part in parts]).values_list(
        "part", "case__number"
    ):
        cases.setdefault(pk, []).append(number)
    return [
        Line(part, standing(part, now), names.get(part.grid_code, ""), cases.get(part.pk, []))
        for part in parts
    ]


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Presses all who are not done, or recalls the task."""
    actor, now = looking(request), timezone.now()
    found = task_or_404(pk, actor)
    form = Reason(request.POST)
    try:
        if step == "urge":
            n = issuing.urge(pk, by=actor, now=now)
            words = ngettext("%(n)s grid was pressed.", "%(n)s grids were pressed.", n)
        elif step == "recall":
            n = issuing.recall(pk, by=actor, now=now, reason=request.POST.get("reason", ""))
            words = ngettext("Recalled in %(n)s grid.", "Recalled in %(n)s grids.", n)
        else:
            raise Http404
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        form.is_valid()
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, found, form, status=error.status)
    messages.success(request, words % {"n": n})
    return redirect("task", pk)


def _part_or_404(pk: UUID, actor: Actor) -> GridTask:
    found = GridTask.objects.visible_to(actor).filter(pk=pk)
    part = found.select_related("task__item_version", "task__form", "done_by", "checked_by").first()
    if part is None:
        raise Http404
    return part


@require_safe
@at_desk
def part(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One grid's part: what shows that it was done, and what became of it."""
    return _part_page(request, _part_or_404(pk, looking(request)), Reason())


def _part_page(request: HttpRequest, found: GridTask, form: Reason, status: int = 200) -> Any:
    actor, now = me(request), timezone.now()
    photos = found.files.filter(round=found.round).select_related("attachment")
    after = GridTask.objects.visible_to(actor).filter(
        task=found.task_id, state=State.DONE, grid_code__gt=found.grid_code
    )
    context = {
        "actor": actor,
        "part": found,
        "task": found.task,
        "standing": standing(found, now),
        "worker": worker_names([found.grid_code], now).get(found.grid_code, ""),
        "answers": answers_of(found),
        "photos": [each.attachment for each in photos],
        "cases": list(Case.objects.visible_to(actor).for_pages().filter(found_by_task__part=found)),
        "log": _log(found),
        "may_look": found.state == State.DONE and actor.account_id != found.done_by_id,
        "may_ask": found.state in (State.DONE, State.GIVEN_BACK),
        "may_recall": found.state in WAITING
        and actor.area_code == found.issuer_code
        and issuing.may_issue(actor),
        "next": after.first(),
        "form": form,
    }
    return render(request, "desk/tasks/part.html", context, status=status)


def answers_of(found: GridTask) -> list[Said]:
    """The answers to the task's questions, in words."""
    form = found.task.form
    return said(read(form.definition), found.answers) if form is not None else []


def _log(found: GridTask) -> list[dict[str, Any]]:
    steps = list(TaskStep.objects.filter(part=found).order_by("seq"))
    accounts = {each.actor_id for each in steps if each.actor_kind == "account"} - {None}
    known = Account.objects.filter(pk__in=list(accounts))
    names: dict[int | None, str] = dict(known.values_list("pk", "name"))
    words = dict(found.texts.values_list("seq", "body"))
    return [
        {
            "label": STEP_WORDS.get(each.verb, each.verb),
            "at": each.at,
            "by": names.get(each.actor_id, "") if each.actor_kind == "account" else "",
            "words": words.get(each.seq, ""),
            "percent": {1: 75, 2: 100, 3: 200}.get(each.data.get("rung", 0), 0),
        }
        for each in steps
    ]


@require_POST
@at_desk
def part_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Lets a part pass, asks for it again, or recalls it; then the next one."""
    actor, now = looking(request), timezone.now()
    found = _part_or_404(pk, actor)
    form = Reason(request.POST)
    reason = request.POST.get("reason", "")
    try:
        if not form.is_valid():
            return _part_page(request, found, form, status=422)
        if step == "pass":
            checking.let_pass(pk, by=actor, now=now, words=reason)
            words = _("Looked at and good.")
        elif step == "again":
            until = form.cleaned_data["until"]
            checking.ask_again(pk, by=actor, now=now, reason=reason, until=until)
            words = _("Asked for again.")
        elif step == "recall":
            issuing.recall(found.task_id, by=actor, now=now, reason=reason, part=pk)
            words = _("Recalled in this grid.")
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _part_page(request, found, form, status=error.status)
    messages.success(request, words)
    after = GridTask.objects.visible_to(actor).filter(
        task=found.task_id, state=State.DONE, grid_code__gt=found.grid_code
    )
    following = after.first() if step == "pass" else None
    return redirect("task_part", following.pk) if following else redirect("task", found.task_id)


@require_safe
@at_desk
def photo(request: HttpRequest, pk: UUID, thumb: bool = False) -> HttpResponseBase:
    """A photo or sheet of a task, for who may see its part, on foot or at a desk."""
    found = photo_seen(pk, me(request))
    if found is None:
        raise Http404
    if found.kind == Attachment.Kind.DOCUMENT:
        if thumb:
            raise Http404
        return documents.download(found)
    path = file_of(found.pk, thumb=thumb)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")


def found_by(case: Case, actor: Actor) -> dict[str, Any] | None:
    """The task that somebody did when they found the case, and whether the reader may open it."""
    link = TaskCase.objects.filter(case=case).select_related("part__task__item_version").first()
    if link is None:
        return None
    seen = GridTask.objects.visible_to(actor).filter(pk=link.part_id)
    return {"part": link.part, "seen": actor.role in LOOKING and seen.exists()}
