"""The questions of an item on the desk's pages: asked with a new case, and shown in clear."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from huying.audit.revealing import OF_CASES
from huying.cases.answers import reveal_answers
from huying.cases.models import Attachment
from huying.cases.showing_words import reveal_words
from huying.desk.acting import stage_upload
from huying.desk.here import at_desk, case_or_404, is_htmx, me, sheet
from huying.desk.revealing import asked
from huying.errors import HuyingError
from huying.forms.definition import Kind
from huying.forms.rendering import PREFIX, given_by, on_page
from huying.forms.versions import Form, in_force
from huying.intake.reporting import owner_of
from huying.people.acting import Actor


@require_safe
@at_desk
def questions(request: HttpRequest) -> HttpResponseBase:
    """What the item asks that was just chosen; nothing when it asks nothing."""
    asks = in_force(owner_of(request.GET.get("item", "")[:4]))
    shown = on_page(asks.definition) if asks is not None else None
    return render(request, "components/questions.html", {"questions": shown})


def answers_sent(request: HttpRequest, asks: Form, *, by: Actor) -> dict[str, Any]:
    """What a page's form holds for the questions; photos that came with it are staged first."""
    given = given_by(asks.definition, request.POST)
    for question in asks.definition.asks:
        if question.kind != Kind.PHOTO:
            continue
        for upload in request.FILES.getlist(f"file_{PREFIX}{question.id}"):
            try:
                kind = str(Attachment.Kind.PHOTO_BEFORE)
                given[question.id].append(str(stage_upload(upload, kind=kind, by=by).pk))
            except HuyingError:
                given[question.id].append("")  # no photo: the check says so at the question
    return given


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def words(request: HttpRequest, number: str) -> HttpResponseBase:
    """Numbers masked in the case's words: asks what for, then shows the words once."""
    found = case_or_404(request, number)
    context: dict[str, Any] = {
        "case": found,
        "actor": me(request),
        **asked(request, OF_CASES),
        "inner": "desk/verbs/words.html",
    }
    status = 200
    if request.method == "POST":
        try:
            context["shown"] = reveal_words(
                found,
                by=me(request),
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    template = context["inner"] if is_htmx(request) else "desk/verbs/page.html"
    return sheet(render(request, template, context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def answers(request: HttpRequest, number: str) -> HttpResponseBase:
    """The masked answers: asks what for, then shows them once. Each look is recorded before."""
    found = case_or_404(request, number)
    context: dict[str, Any] = {
        "case": found,
        "actor": me(request),
        **asked(request, OF_CASES),
        "inner": "desk/verbs/answers.html",
    }
    status = 200
    if request.method == "POST":
        try:
            context["shown"] = reveal_answers(
                found,
                by=me(request),
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    template = context["inner"] if is_htmx(request) else "desk/verbs/page.html"
    return sheet(render(request, template, context, status=status))
