"""举措: the plan on one page, and each measure with its milestones and how it goes."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases import documents
from huying.cases.attaching import file_of
from huying.cases.models import Attachment
from huying.desk.duties import day_of, history, revision_of
from huying.desk.here import at, me
from huying.desk.measure_forms import MeasureForm, PlanForm
from huying.desk.neighbour_suggestions import staged
from huying.desk.neighbours import uuid_of
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotFound, Words
from huying.measures import planning
from huying.measures.models import Measure, MeasureFile, MeasurePlan
from huying.measures.progress import Stand, progress_of
from huying.measures.sight import keeps, may_read, reports
from huying.people.acting import Actor
from huying.people.models import Unit

STANDS: Final[dict[Stand, Words]] = {
    Stand.LATE: pgettext_lazy("measure", "overdue"),
    Stand.SOON: pgettext_lazy("measure", "due within a week"),
    Stand.GOING: pgettext_lazy("measure", "on its way"),
    Stand.DONE: pgettext_lazy("measure", "done"),
    Stand.UNSET: pgettext_lazy("measure", "without milestones"),
    Stand.DROPPED: pgettext_lazy("measure", "given up"),
}
BADGES: Final = {
    Stand.LATE: "badge-bad", Stand.SOON: "badge-warn", Stand.GOING: "s-accepted",
    Stand.DONE: "badge-good",
}  # fmt: skip
ICONS: Final = {
    Stand.LATE: "alert-octagon", Stand.SOON: "hourglass", Stand.GOING: "clock",
    Stand.DONE: "circle-check", Stand.UNSET: "list-check", Stand.DROPPED: "x",
}  # fmt: skip
STEPS: Final[dict[str, Words]] = {
    "add": pgettext_lazy("measure", "written down"),
    "change": pgettext_lazy("measure", "changed"),
    "point": pgettext_lazy("measure", "milestone set"),
    "reach": pgettext_lazy("measure", "milestone reached"),
    "take_back": pgettext_lazy("measure", "milestone taken back"),
    "say": pgettext_lazy("measure", "reported on"),
    "drop": pgettext_lazy("measure", "given up"),
}


def line_of(row: Measure, names: dict[int, str]) -> dict[str, Any]:
    """A measure as the plan's page has it; its milestones and reports are read already."""
    today = timezone.localdate()
    progress = progress_of(
        row.milestones.all(), row.due_on, today, dropped=row.dropped_at is not None
    )
    said = list(row.reports.all())
    return {
        "row": row,
        "progress": progress,
        "words": STANDS[progress.stand],
        "badge": BADGES.get(progress.stand, ""),
        "icon": ICONS[progress.stand],
        "helpers": [names[pk] for pk in row.helpers if pk in names],
        "said": said[0] if said else None,
    }


@require_safe
@at(may_read)
def page(request: HttpRequest) -> HttpResponseBase:
    """The whole plan: each measure, who answers for it, how far it is, what was said last."""
    actor = me(request)
    plans = list(MeasurePlan.objects.visible_to(actor))
    chosen = uuid_of(request.GET.get("plan", ""))
    plan = next((each for each in plans if each.pk == chosen), plans[0] if plans else None)
    stand, unit = request.GET.get("stand", ""), request.GET.get("unit", "")
    lines: list[dict[str, Any]] = []
    if plan is not None:
        rows = plan.measures.select_related("unit").prefetch_related("milestones", "reports")
        ids = {pk for row in rows for pk in (row.unit_id, *row.helpers)}
        names = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))
        lines = [line_of(row, names) for row in rows]
    counts = Counter(str(line["progress"].stand) for line in lines)
    units = {line["row"].unit_id: line["row"].unit.name for line in lines}
    context = {
        "actor": actor,
        "plans": plans,
        "plan": plan,
        "lines": [
            line
            for line in lines
            if stand in ("", str(line["progress"].stand))
            and (not unit or unit in map(str, (line["row"].unit_id, *line["row"].helpers)))
        ],
        "of": len(lines),
        "stands": [(str(each), words, counts[str(each)]) for each, words in STANDS.items()],
        "stand": stand,
        "units": sorted(units.items(), key=lambda each: each[1]),
        "unit": unit,
        "keeps": keeps(actor),
        "reached": sum(line["progress"].reached for line in lines),
        "points": sum(line["progress"].of for line in lines),
    }
    return render(request, "desk/measures/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_read)
@once_for_form()
def new_plan(request: HttpRequest) -> HttpResponseBase:
    """A new plan of the district."""
    actor, status = me(request), 200
    if not keeps(actor):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = PlanForm(sent)
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                made = planning.make_plan(**form.cleaned_data, by=actor, now=timezone.now())
                return redirect("new_measure", made.pk)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
    context = {"actor": actor, "form": form, "plan": None}
    return render(request, "desk/measures/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_read)
@once_for_form()
def new(request: HttpRequest, plan: UUID) -> HttpResponseBase:
    """A new measure of a plan."""
    actor, status = me(request), 200
    if not keeps(actor):
        raise PermissionDenied
    found = MeasurePlan.objects.visible_to(actor).filter(pk=plan).first()
    if found is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = MeasureForm(sent, district=actor.area_code)
    if sent is None:
        form.initial["number"] = found.measures.count() + 1
        form.initial["due_on"] = found.ends_on
    elif form.is_valid():
        try:
            made = planning.add(plan, form.told, by=actor, now=timezone.now())
            return redirect("measure", made.pk)
        except HuyingError as error:
            blamed(form, error)
            status = error.status
    else:
        status = 422
    context = {"actor": actor, "form": form, "plan": found}
    return render(request, "desk/measures/form.html", context, status=status)


def row_or_404(pk: UUID, actor: Actor) -> Measure:
    rows = Measure.objects.visible_to(actor).select_related("unit", "plan")
    found: Measure | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_read)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One measure: its milestones with what shows them, how it goes, who did what."""
    return _page(request, row_or_404(pk, me(request)))


def _page(
    request: HttpRequest,
    row: Measure,
    form: MeasureForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    runs = row.dropped_at is None
    kept = runs and keeps(actor)
    names = dict(Unit.objects.filter(pk__in=row.helpers).values_list("pk", "name"))
    milestones = row.milestones.select_related("reached_by").prefetch_related("files__attachment")
    context = {
        "actor": actor,
        **line_of(row, names),
        "milestones": milestones,
        "reports": row.reports.select_related("account"),
        "steps": history(row.pk, STEPS),
        "today": timezone.localdate(),
        "keeps": kept,
        "tells": runs and reports(actor, row),
        "form": form or (MeasureForm(district=row.district_code, row=row) if kept else None),
        "editing": form is not None,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/measures/measure.html", context, status=status)


@require_POST
@at(may_read)
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Changes it or gives it up, sets, reaches and takes back milestones, says how it goes."""
    actor, sent, now = me(request), request.POST, timezone.now()
    row = row_or_404(pk, actor)
    if not reports(actor, row):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now, "revision": revision_of(request)}
    form = MeasureForm(sent, district=row.district_code) if step == "save" else None
    if form is not None and not form.is_valid():
        return _page(request, row, form, bad_at=step, status=422)
    milestone = uuid_of(sent.get("milestone", ""))
    words = sent.get("words", "")
    try:
        if form is not None:
            planning.change(pk, form.told, **told)
        elif step == "point":
            planning.plan_point(pk, sent.get("title", ""), day_of(sent.get("day", "")), **told)
        elif step == "reach" and milestone is not None:
            files = _files(request, actor)
            planning.reach(pk, milestone, words, files=files, **told)
        elif step == "take-back" and milestone is not None:
            planning.take_back(pk, milestone, **told)
        elif step == "say":
            planning.say(pk, words, **told)
        elif step == "drop":
            planning.drop(pk, words, **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if form is not None:
            blamed(form, error)
        at_step = str(milestone) if milestone is not None else step
        return _page(request, row_or_404(pk, actor), form, str(error), at_step, error.status)
    return redirect("measure", pk)


def _files(request: HttpRequest, by: Actor) -> list[UUID]:
    """The photos and documents that came with it."""
    found = staged(request, "photos", Attachment.Kind.PHOTO_AFTER, by)
    for each in request.FILES.getlist("papers")[:9]:
        if each.file is not None:
            paper = documents.stage(each.file, name=each.name or "", by=by, now=timezone.now())
            found.append(paper.pk)
    return found


@require_safe
@at(may_read)
def file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What shows a milestone: a photo, or a document to save."""
    measures = Measure.objects.visible_to(me(request))
    found = (
        MeasureFile.objects.filter(pk=pk, milestone__measure__in=measures)
        .select_related("attachment")
        .first()
    )
    if found is None:
        raise Http404
    if found.attachment.kind == Attachment.Kind.DOCUMENT:
        return documents.download(found.attachment)
    path = file_of(found.attachment_id)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
