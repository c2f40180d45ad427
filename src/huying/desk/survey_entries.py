"""One entry of a register or survey: what it says, its history, a look at it, and corrections."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.identifiers import new_id
from huying.audit.revealing import OF_RECORDS
from huying.cases.answers import softened
from huying.cases.attaching import file_of
from huying.desk import offers
from huying.desk.asking import answers_sent
from huying.desk.here import at_desk, is_htmx, me, sheet
from huying.desk.revealing import asked
from huying.desk.survey_forms import LookForm, PlaceForm
from huying.desk.surveys import looking_at, may_add, names_of, survey_or_404
from huying.errors import HuyingError, NotAllowed, NotFound, Words
from huying.forms import versions
from huying.forms.answering import Trouble, WrongAnswers
from huying.forms.rendering import on_page
from huying.forms.versions import Form
from huying.people.acting import Actor
from huying.registry.models import Source
from huying.registry.sight import may_write
from huying.surveys import answers, collecting, looking
from huying.surveys.collecting import Spot
from huying.surveys.models import State, Survey, SurveyAnswers, SurveyEntry, SurveyPhoto, position

STEP_WORDS: dict[str, Words] = {
    "enter": pgettext_lazy("entry", "entered"),
    "correct": pgettext_lazy("entry", "corrected"),
    "confirm": pgettext_lazy("entry", "found as it is"),
    "pass": pgettext_lazy("entry", "looked at and good"),
    "send_back": pgettext_lazy("entry", "sent back"),
    "end": pgettext_lazy("entry", "ended"),
    "forget": pgettext_lazy("entry", "a person's answers were erased"),
    "merge": pgettext_lazy("entry", "made one with another"),
}


def entry_or_404(pk: UUID, actor: Actor) -> SurveyEntry:
    rows = SurveyEntry.objects.visible_to(actor).select_related(
        "survey", "target", "address__building", "enterprise", "merged_into"
    )
    found: SurveyEntry | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def entry(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What it says, masked where it tells of a person; how it came to be; and a look at it."""
    return _page(request, entry_or_404(pk, looking_at(request)), LookForm())


def _page(
    request: HttpRequest, found: SurveyEntry, form: LookForm, status: int = 200
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    rows = list(found.answers.select_related("form").order_by("seq"))
    keeps = found.is_living and may_write(actor, found.area_code)
    building = found.address and (found.address.building or found.address)
    context = {
        "actor": actor,
        "entry": found,
        "survey": found.survey,
        "said": answers.said_of(rows[-1]),
        "hidden": rows[-1].sealed is not None and answers.may_reveal(found, actor),
        "history": _history(found, rows),
        "names": names_of([found.told_by, found.checked_by, found.made_by, found.looked_by]),
        "stale": found.is_stale(now),
        "at": position(found),
        "building": building,
        "may_correct": keeps and found.survey.state == State.OPEN and not actor.is_leader,
        "may_keep": keeps,
        "may_look": looking.may_look_at(found, actor),
        "why": _why(found),
        "next": looking.queue(found.survey_id, actor).exclude(pk=found.pk).first(),
        "form": form,
    }
    return render(request, "desk/surveys/entry.html", context, status=status)


def _why(found: SurveyEntry) -> str:
    """Why it was sent back, while it is."""
    if found.state != SurveyEntry.State.SENT_BACK:
        return ""
    last = found.texts.order_by("seq").last()
    return last.body if last is not None else ""


def _history(found: SurveyEntry, rows: list[SurveyAnswers]) -> list[dict[str, Any]]:
    """What was done, the latest first, with the answers that became others."""
    steps = list(found.steps.order_by("seq"))
    words = dict(found.texts.values_list("seq", "body"))
    names = names_of(each.by_account for each in steps)
    by_seq = {row.seq: (before, row) for before, row in zip([None, *rows], rows, strict=False)}
    lines = []
    for each in steps:
        before, row = by_seq.get(each.seq, (None, None))
        lines.append(
            {
                "label": STEP_WORDS.get(each.verb, each.verb),
                "at": each.at,
                "by": names.get(each.by_account or 0, ""),
                "words": words.get(each.seq, ""),
                "changed": answers.changed(before, row) if before and row else [],
            }
        )
    return lines[::-1]


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """A look at it (pass, back), found as it is (confirm), or its end."""
    actor, now = looking_at(request), timezone.now()
    found = entry_or_404(pk, actor)
    form = LookForm(request.POST)
    said = request.POST.get("version", "")
    version = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else None
    try:
        if step == "pass":
            looking.let_pass(pk, by=actor, now=now, version=version)
            messages.success(request, _("Looked at and good."))
        elif step == "back":
            reason = request.POST.get("reason", "")
            looking.send_back(pk, by=actor, now=now, reason=reason, version=version)
            messages.success(request, _("Sent back; who entered it is told."))
        elif step == "confirm":
            collecting.confirm(pk, by=actor, now=now)
            messages.success(request, _("Noted: it is as the record says."))
        elif step == "end":
            collecting.end(pk, by=actor, now=now, version=version)
            messages.success(request, _("The record has ended."))
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        form.is_valid()
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, found, form, error.status)
    if step in ("pass", "back"):
        following = looking.queue(found.survey_id, actor).first()
        if following is not None:
            return redirect("survey_entry", following.pk)
        return redirect("survey_look", found.survey_id)
    return redirect("survey_entry", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the questions and a map. POST: an entry made at the desk."""
    actor = looking_at(request)
    found = survey_or_404(pk, actor)
    if not may_add(actor) or found.state != State.OPEN:
        raise PermissionDenied
    return _form(request, found, None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def edit(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the questions with what is there, but for what is sealed. POST: answered anew."""
    actor = looking_at(request)
    found = entry_or_404(pk, actor)
    if not (found.is_living and may_write(actor, found.area_code)):
        raise PermissionDenied
    if found.survey.state != State.OPEN:
        raise PermissionDenied
    return _form(request, found.survey, found)


def _form(request: HttpRequest, survey: Survey, entry: SurveyEntry | None) -> HttpResponseBase:
    actor, now = me(request), timezone.now()
    used = versions.in_force(survey.owner)
    if used is None:
        raise Http404
    if request.method != "POST":
        return _form_page(request, survey, entry, used, _place(entry))
    given, place = answers_sent(request, used, by=actor), _place(entry, request.POST)
    if not place.is_valid():
        return _form_page(request, survey, entry, used, place, given=given, status=422)
    told = place.cleaned_data
    said = request.POST.get("version", "")
    try:
        made = collecting.collect(
            survey.pk,
            entry=entry.pk if entry is not None else _named(request),
            answers=_named(request, "answers"),
            by=actor,
            now=now,
            given=given,
            form=used.id,
            spot=Spot(told["lon"], told["lat"], told["place"]),
            version=int(said) if entry and said.isdecimal() and len(said) < 9 else None,
            source=Source.DESK,
        )
    except WrongAnswers as error:
        troubles = error.troubles
        return _form_page(request, survey, entry, used, place, given, troubles, error.status)
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        place.add_error(error.field if error.field in place.fields else None, str(error))
        return _form_page(request, survey, entry, used, place, given, status=error.status)
    messages.success(request, _("Saved in the register."))
    return redirect("survey_entry", made.pk)


def _named(request: HttpRequest, name: str = "entry") -> UUID:
    """The id that the page was given for what it makes: sent twice it makes one."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return new_id()


def _place(entry: SurveyEntry | None, sent: Any = None) -> PlaceForm:
    if entry is None:
        return PlaceForm(sent)
    initial = {"place": entry.place, "lon": entry.lon, "lat": entry.lat}
    return PlaceForm(sent, initial=initial)


def _form_page(
    request: HttpRequest,
    survey: Survey,
    entry: SurveyEntry | None,
    used: Form,
    place: PlaceForm,
    given: dict[str, Any] | None = None,
    troubles: dict[str, Trouble] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    row = answers.latest(entry) if entry is not None else None
    kept = answers.staying(row) if row is not None else {}
    if given is None:
        before = row.plain if row is not None else {}
        given = {name: value for name, value in before.items() if name not in kept}
    context = {
        "actor": actor,
        "survey": survey,
        "entry": entry,
        "form": place,
        "questions": on_page(softened(used.definition, kept), given, troubles),
        "troubles": troubles,
        "centre": offers.centre_of(entry.area_code if entry is not None else actor.area_code),
        "new_entry": request.POST.get("entry") or new_id(),
        "new_answers": request.POST.get("answers") or new_id(),
    }
    return render(request, "desk/surveys/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What is sealed of it: asks what for, then shows it once, recorded before."""
    actor = looking_at(request)
    found = entry_or_404(pk, actor)
    if not answers.may_reveal(found, actor):
        raise PermissionDenied
    context: dict[str, Any] = {"actor": actor, "entry": found, **asked(request, OF_RECORDS)}
    status = 200
    if request.method == "POST":
        try:
            context["shown"] = answers.reveal(
                found,
                by=actor,
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    part = "_reveal.html" if is_htmx(request) else "reveal.html"
    return sheet(render(request, f"desk/surveys/{part}", context, status=status))


@require_safe
@at_desk
def photo(request: HttpRequest, pk: UUID, thumb: bool = False) -> HttpResponseBase:
    """A photo of an entry, for who may see the entry."""
    seen = SurveyEntry.objects.visible_to(me(request))
    if not SurveyPhoto.objects.filter(attachment=pk, entry__in=seen).exists():
        raise Http404
    path = file_of(pk, thumb=thumb)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
