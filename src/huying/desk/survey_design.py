"""Designing a register or survey: what it says of itself, its questions, what is to be visited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from huying.desk import question_form
from huying.desk.here import me
from huying.desk.questions import previewed, seen_at
from huying.desk.resent import once_for_form
from huying.desk.survey_forms import SurveyForm, TargetsForm
from huying.desk.surveys import at_surveys, names_of, survey_or_404, targets_of
from huying.errors import HuyingError, NotAllowed, NotFound, StalePage
from huying.forms import versions
from huying.forms.definition import Kind, faults_of, read
from huying.people.acting import Actor
from huying.surveys import designing, targeting
from huying.surveys.models import LOOKING, State, Survey

MOST_TARGETS = 200


def _designer(request: HttpRequest) -> Actor:
    actor = me(request)
    if not designing.may_make(actor):
        raise PermissionDenied
    return actor


def own_or_404(pk: UUID, actor: Actor) -> Survey:
    """One that the actor sees and may change."""
    found = survey_or_404(pk, actor)
    if not designing.may_change(found, actor):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_surveys
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: a draft, whose questions come next."""
    actor, now = _designer(request), timezone.now()
    if request.method != "POST":
        return _new_page(request, SurveyForm(actor=actor, now=now))
    form = SurveyForm(request.POST, actor=actor, now=now)
    if not form.is_valid():
        return _new_page(request, form, 422)
    try:
        like = form.cleaned_data["like"]
        made = designing.make(form.told, by=actor, now=now, like=UUID(like) if like else None)
    except HuyingError as error:
        return _new_page(request, _blamed(form, error), error.status)
    messages.success(request, _("The draft is there; now its questions."))
    return redirect("survey_questions", made.pk)


def _new_page(request: HttpRequest, form: SurveyForm, status: int = 200) -> HttpResponse:
    context = {"actor": me(request), "form": form}
    return render(request, "desk/surveys/new.html", context, status=status)


def _blamed(form: Any, error: HuyingError) -> Any:
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@at_surveys
def design(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: what it says of itself, and what is left to do before it opens. POST: said anew."""
    actor, now = _designer(request), timezone.now()
    found = own_or_404(pk, actor)
    if request.method != "POST":
        return _design_page(request, found, SurveyForm(actor=actor, now=now, survey=found))
    form = SurveyForm(request.POST, actor=actor, now=now, survey=found)
    if not form.is_valid():
        return _design_page(request, found, form, 422)
    try:
        version = form.cleaned_data["version"]
        designing.change(pk, form.told, by=actor, now=now, version=version)
    except HuyingError as error:
        return _design_page(request, found, _blamed(form, error), error.status)
    messages.success(request, _("Saved."))
    return redirect("survey_design", pk)


def _design_page(
    request: HttpRequest, found: Survey, form: SurveyForm, status: int = 200, bad: str = ""
) -> HttpResponse:
    actor = me(request)
    asked, draft = versions.in_force(found.owner), versions.draft_of(found.owner)
    shown = draft.definition if draft is not None else (asked.written if asked else None)
    context = {
        "actor": actor,
        "survey": found,
        "form": form,
        "asked": asked,
        "asks": sum(1 for _each in asked.definition.asks) if asked else 0,
        "draft": draft,
        "faults": len(faults_of(draft.definition)) if draft is not None else 0,
        "targets": found.targets.count(),
        "ready": len(shown["questions"]) if shown else 0,
        "sees": actor.role in LOOKING,
        "bad": bad,
    }
    return render(request, "desk/surveys/design.html", context, status=status)


@require_POST
@at_surveys
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Opens it, closes it, or takes a draft away."""
    actor, now = _designer(request), timezone.now()
    found = own_or_404(pk, actor)
    try:
        if step == "open":
            designing.open_(pk, by=actor, now=now)
            messages.success(request, _("It is open, and on the phones of its grids."))
        elif step == "close":
            designing.close(pk, by=actor, now=now)
            messages.success(request, _("It is closed; what was entered stays."))
        elif step == "discard":
            designing.discard(pk, by=actor)
            messages.success(request, _("The draft is gone."))
            return redirect("surveys")
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        form = SurveyForm(actor=actor, now=now, survey=found)
        return _design_page(request, found, form, error.status, str(error))
    return redirect("survey_design", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@at_surveys
def questions(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the draft of the questions as fields. POST: saves it, changes it, publishes it."""
    actor, now = _designer(request), timezone.now()
    found = own_or_404(pk, actor)
    if request.method != "POST":
        return _questions_page(request, found, None)
    what = request.POST.get("do", "save")
    try:
        if what == "discard":
            designing.discard_questions(pk, by=actor)
            messages.success(request, _("The draft is gone."))
            return redirect("survey_questions", pk)
        written, at = question_form.changed(question_form.sent(request.POST), what)
        designing.write_questions(pk, written, by=actor, now=now, seen=seen_at(request))
        if what == "publish":
            made = designing.publish_questions(pk, by=actor, now=now)
            said = _("Version %(number)s is in force.") % {"number": made.version}
            messages.success(request, said)
            return redirect("survey_design", pk)
    except StalePage as error:
        return _questions_page(request, found, written, bad=str(error), status=error.status)
    except HuyingError as error:
        kept = question_form.sent(request.POST)
        return _questions_page(request, found, kept, bad=str(error), status=error.status)
    if what in ("save", "done"):
        messages.success(request, _("The draft is saved."))
        return redirect("survey_questions" if what == "save" else "survey_design", pk)
    return redirect(f"{reverse('survey_questions', args=[pk])}?at={at}#card-{at}")


def _questions_page(
    request: HttpRequest,
    found: Survey,
    written: dict[str, Any] | None,
    *,
    bad: str = "",
    status: int = 200,
) -> HttpResponse:
    past, draft = versions.history(found.owner), versions.draft_of(found.owner)
    if written is None:
        current = draft or (past[0] if past else None)
        written = current.definition if current is not None else versions.EMPTY
    faults, at = faults_of(written), request.GET.get("at", "")
    context = {
        "actor": me(request),
        "survey": found,
        "cards": [
            card | {"faults": [each for each in faults if each.place == place]}
            for place, card in enumerate(question_form.cards(written))
        ],
        "kinds": Kind.choices,
        "signs": question_form.SIGNS,
        "draft": draft,
        "past": [(row, sum(1 for _each in read(row.definition).asks)) for row in past],
        "names": names_of({row.published_by for row in past} | {draft and draft.changed_by}),
        "bad": bad,
        "at": int(at) if at.isascii() and at.isdecimal() and len(at) < 4 else None,
        **previewed(written, faults),
    }
    return render(request, "desk/surveys/questions.html", context, status=status)


@require_POST
@at_surveys
def preview(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """While somebody writes: how the questions will look, and what is wrong. Keeps nothing."""
    own_or_404(pk, _designer(request))
    context = previewed(question_form.sent(request.POST))
    return render(request, "desk/questions/_preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_surveys
def targets(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: what is to be visited and how that stands. POST: more of it, or one less."""
    actor = me(request)
    found = survey_or_404(pk, actor)
    # Of a draft an administrator sees the list that is designed, and of no other one.
    if actor.role not in LOOKING and found.state != State.DRAFT:
        raise PermissionDenied
    if request.method != "POST":
        return _targets_page(request, found, TargetsForm())
    own_or_404(pk, actor)
    form, now = TargetsForm(request.POST), timezone.now()
    try:
        if one := request.POST.get("remove"):
            targeting.remove(UUID(one), by=actor)
            messages.success(request, _("It is no longer to be visited."))
            return redirect("survey_targets", pk)
        if not form.is_valid():
            return _targets_page(request, found, form, 422)
        source, lines = form.cleaned_data["source"], form.cleaned_data["lines"]
        if source:
            n = targeting.take(pk, source, by=actor, now=now)
        else:
            n = targeting.add_lines(pk, lines, by=actor, now=now)
    except (NotFound, ValueError):
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        form.is_valid()
        return _targets_page(request, found, _blamed(form, error), error.status)
    words = ngettext("%(n)s place more to visit.", "%(n)s places more to visit.", n)
    messages.success(request, words % {"n": n})
    return redirect("survey_targets", pk)


def _targets_page(
    request: HttpRequest, found: Survey, form: TargetsForm, status: int = 200
) -> HttpResponse:
    actor = me(request)
    show = request.GET.get("show", "")
    rows = targets_of(found, actor, show)
    context = {
        "actor": actor,
        "survey": found,
        "form": form,
        "show": show,
        "total": rows.count(),
        "rows": list(rows[:MOST_TARGETS]),
        "may_design": designing.may_change(found, actor),
        "may_change": designing.may_change(found, actor) and found.state != State.CLOSED,
        "sees": actor.role in LOOKING,
    }
    return render(request, "desk/surveys/targets.html", context, status=status)
