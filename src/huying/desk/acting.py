"""The pages that write: each verb has its own address, and calls its one function."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from huying.audit.revealing import OF_CASES
from huying.cases import documents, flow
from huying.cases.attaching import stage
from huying.cases.contacts import reveal
from huying.cases.models import Attachment, Case
from huying.desk.buttons import AT_ONCE, ICONS
from huying.desk.fields import Photos, photos_named
from huying.desk.forms import FORMS, VerbForm
from huying.desk.here import at_desk, case_or_404, go, is_htmx, me, sheet, way_back
from huying.desk.revealing import asked
from huying.desk.undoing import done_words, offer_undo
from huying.errors import HuyingError, Missing, StalePage
from huying.forms.rendering import PREFIX
from huying.intake.verbs import VERBS
from huying.people.acting import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def act(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """GET: the verb's form, or why it may not be done. POST: does it."""
    if verb not in FORMS or verb not in VERBS:
        raise Http404
    found = case_or_404(request, number)
    if request.method == "POST":
        return _do(request, found, verb)
    refusal = flow.ROWS[verb].why_not(me(request), found)
    if refusal is not None:
        return _refused(request, found, verb, refusal)
    asked = request.GET.dict()
    form = FORMS[verb](initial=asked, case=found, actor=me(request), now=timezone.now())
    return _form(request, found, verb, form)


def _do(request: HttpRequest, found: Case, verb: str) -> HttpResponseBase:
    actor, now = me(request), timezone.now()
    sent, trouble = _with_photos(request, FORMS[verb], actor)
    form = FORMS[verb](sent, case=found, actor=actor, now=now)
    if not form.is_valid() or trouble:
        for name, error in trouble:
            form.add_error(name, str(error))
        form.tell_all(flow.ROWS[verb].needs)
        return _form(request, found, verb, form, status=422)
    try:
        after = perform(verb, found, form, by=actor, now=now)
    except StalePage as stale:
        return _stale(request, number=found.number, verb=verb, form=form, stale=stale)
    except HuyingError as error:
        form.refused(error)
        form.add_error(_field(form, error), str(error))
        form.tell_all(flow.ROWS[verb].needs if isinstance(error, Missing) else ())
        return _form(request, found, verb, form, status=error.status)
    draft = draft_key(actor, found.number, verb)
    if after.shown_once:
        return _once(request, after, verb)
    words = done_words(after, verb)
    if not offer_undo(request, after, verb, words, draft):
        messages.success(request, words, extra_tags=f"draft:{draft}")
    target = way_back(request, reverse("case", args=[found.number]))
    if verb != "close" and not Case.objects.visible_to(actor).filter(pk=found.pk).exists():
        # The step took it out of the actor's sight: a returned case is the unit's no more.
        target = reverse("desk")
    return go(request, target)


def _once(request: HttpRequest, after: Case, verb: str) -> HttpResponse:
    """Shows a link's address in the very answer to its making: nothing keeps it, no session."""
    code = verb == "give_code"
    path = reverse("follow" if code else "outside_ask", args=[after.shown_once])
    context = {
        "actor": me(request),
        "case": after,
        "label": flow.ROWS[verb].label,
        "icon": ICONS.get(verb, "send"),
        "link": request.build_absolute_uri(path),
        "code": after.shown_once if code else "",
        "inner": "desk/verbs/shown_once.html",
    }
    part = is_htmx(request)
    template = "desk/verbs/shown_once.html" if part else "desk/verbs/page.html"
    return sheet(render(request, template, context))


def perform(verb: str, found: Case, form: VerbForm, *, by: Actor, now: datetime) -> Case:
    """Does what a valid form asks for, unless somebody acted since the page that it was on."""
    # The page's age is that of its own case; of another one nothing was shown that could be old.
    seen = form.cleaned_data["expect_seq"] if form.done_to == found.pk else None
    return VERBS[verb].do(form.done_to, by=by, now=now, expect_seq=seen, **form.inputs())


def _with_photos(
    request: HttpRequest, form_class: type[VerbForm], actor: Actor
) -> tuple[Any, list[tuple[str | None, HuyingError]]]:
    """What was sent, with the photos that came as files staged and named by their ids.

    Browsers with scripts send photos ahead, one by one; this is for those without.
    """
    sent = request.POST.copy()
    trouble: list[tuple[str | None, HuyingError]] = []
    for name, field in form_class.base_fields.items():
        if not isinstance(field, Photos):
            continue
        for upload in request.FILES.getlist(f"file_{name}"):
            try:
                kept = stage_upload(upload, kind=field.kind, by=actor)
                sent.appendlist(name, str(kept.pk))
            except HuyingError as error:
                trouble.append((name, error))
    if form_class.files_for_questions:
        for name in [name for name in request.FILES if name.startswith(f"file_{PREFIX}")]:
            for upload in request.FILES.getlist(name):
                try:
                    kept = stage_upload(upload, kind=Attachment.Kind.PHOTO_BEFORE, by=actor)
                    sent.appendlist(name.removeprefix("file_"), str(kept.pk))
                except HuyingError as error:
                    trouble.append((None, error))
    return sent, trouble


def stage_upload(upload: UploadedFile, *, kind: str, by: Actor) -> Attachment:
    """A photo or document from a form or from the page's own upload, kept for a verb."""
    assert upload.file is not None
    if kind == Attachment.Kind.DOCUMENT:
        return documents.stage(upload.file, name=upload.name or "", by=by, now=timezone.now())
    return stage(upload.file, kind=kind, by=by, now=timezone.now())


def _field(form: VerbForm, error: HuyingError) -> str | None:
    """The form's field that an error speaks of; some inputs have another name here."""
    name = {"into": "number", "photos": "photos_after", "position": "lon"}.get(
        error.field or "", error.field
    )
    if error.field in form.fields:
        name = error.field
    return name if name in form.fields else None


def draft_key(actor: Actor, number: str, verb: str) -> str:
    """Under which name a browser keeps what was typed: another account finds another draft."""
    return f"{actor.account_id}.{number}.{verb}"


def _form(
    request: HttpRequest,
    found: Case,
    verb: str,
    form: VerbForm,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    actor = me(request)
    photos = [
        photo
        for name, field in form.fields.items()
        if isinstance(field, Photos)
        for photo in photos_named(form, name)
    ]
    context = {
        "actor": actor,
        "case": found,
        "verb": verb,
        "label": flow.ROWS[verb].label,
        "icon": ICONS.get(verb, "circle-check"),
        "form": form,
        "at_once": verb in AT_ONCE,
        "draft": draft_key(actor, found.number, verb),
        "kept_photos": kept_before(photos, actor),
        "next": request.POST.get("next", request.GET.get("next", "")),
        **more,
    }
    part = is_htmx(request)
    template = form.template if part else "desk/verbs/page.html"
    return sheet(render(request, template, context | {"inner": form.template}, status=status))


def kept_before(ids: list[str], actor: Actor) -> dict[str, list[dict[str, str]]]:
    """Photos that a refused form had already sent up, by kind, so that none is sent twice."""
    known = []
    for each in ids:
        try:
            known.append(UUID(each))
        except ValueError:
            continue
    kept: dict[str, list[dict[str, str]]] = {}
    for photo in Attachment.objects.filter(
        pk__in=known, case=None, uploader_kind=str(actor.kind), uploader_id=actor.account_id
    ):
        kept.setdefault(photo.kind, []).append(
            {
                "key": str(photo.pk),
                "id": str(photo.pk),
                "src": reverse("thumb", args=[photo.pk]),
                "name": photo.name,
            }
        )
    return kept


def _stale(
    request: HttpRequest, *, number: str, verb: str, form: VerbForm, stale: StalePage
) -> HttpResponse:
    """Somebody acted meanwhile: says who and what, keeps every word, and offers to send again."""
    now_there = case_or_404(request, number)
    assert isinstance(form.data, QueryDict)
    form.data = form.data.copy()
    form.data["expect_seq"] = str(now_there.last_seq)
    refusal = flow.ROWS[verb].why_not(me(request), now_there)
    return _form(
        request,
        now_there,
        verb,
        form,
        status=stale.status,
        stale=stale.extra.get("since", []),
        refusal=refusal,
    )


def _refused(request: HttpRequest, found: Case, verb: str, refusal: Any) -> HttpResponse:
    context = {
        "case": found,
        "actor": me(request),
        "label": flow.ROWS[verb].label,
        "icon": ICONS.get(verb, "circle-check"),
        "refusal": refusal,
        "inner": "desk/verbs/refused.html",
    }
    part = is_htmx(request)
    template = "desk/verbs/refused.html" if part else "desk/verbs/page.html"
    return sheet(render(request, template, context, status=409))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def contact(request: HttpRequest, number: str) -> HttpResponseBase:
    """Who reported: asks what for, then shows it once. Each look is recorded before it is shown."""
    found = case_or_404(request, number)
    context: dict[str, Any] = {
        "case": found,
        "actor": me(request),
        **asked(request, OF_CASES),
        "record": _record_seq(request),
        "inner": "desk/verbs/contact.html",
    }
    status = 200
    if request.method == "POST":
        try:
            context["shown"] = reveal(
                found,
                by=me(request),
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
                record_seq=_record_seq(request),
            )
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    template = "desk/verbs/contact.html" if is_htmx(request) else "desk/verbs/page.html"
    return sheet(render(request, template, context, status=status))


def _record_seq(request: HttpRequest) -> int | None:
    """Of which handling record the party is meant; None for who reported."""
    asked = request.GET.get("record", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
