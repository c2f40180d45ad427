"""意见建议: the desk sorts, answers and adopts what residents and members suggest."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.codes import readable
from huying.audit.revealing import OF_CASES
from huying.cases.attaching import MOST_AT_ONCE, stage
from huying.cases.models import Attachment, Channel
from huying.desk import resent
from huying.desk.here import at, at_desk, me
from huying.desk.neighbour_forms import SuggestionForm, WishForm, communities
from huying.desk.neighbours import looking, sure, uuid_of, version_of
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import HuyingError, KeyReused, NotAllowed, NotFound, StalePage, TooMany
from huying.intake.reporting import Told, take
from huying.neighbours import figures, forgetting, photos, sorting, suggesting
from huying.neighbours.models import Suggestion, SuggestionTopic, Wish
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.models.wishes import WishState
from huying.neighbours.sight import may_help, may_keep, may_look
from huying.neighbours.suggesting import Said
from huying.people.acting import Actor

ON_A_PAGE: Final = 50
BEFORE, AFTER = Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.PHOTO_AFTER


def staged(request: HttpRequest, name: str, kind: str, by: Actor) -> list[UUID]:
    """The photos that came in a field of the form.

    Raises:
        TooMany: more than nine.
        BadInput, TooLarge: one is no picture, or too large.
    """
    uploads = request.FILES.getlist(name)
    if len(uploads) > MOST_AT_ONCE:
        raise TooMany(_("Nine photos at once at most."))
    return [
        stage(each.file, kind=kind, by=by, now=timezone.now()).pk
        for each in uploads
        if each.file is not None
    ]


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """What was suggested, by state and topic, the newest first."""
    actor = looking(request)
    state, topic = request.GET.get("state", "new"), request.GET.get("topic", "")
    rows = Suggestion.objects.visible_to(actor).select_related("topic", "wish", "case")
    if state in SuggestionState.values:
        rows = rows.filter(state=state)
    else:
        state = "all"
    if topic:
        rows = rows.filter(topic__name=topic[:20])
    page = request.GET.get("page", "")
    start = int(page) * ON_A_PAGE if page.isascii() and page.isdigit() and len(page) < 5 else 0
    found = list(rows[start : start + ON_A_PAGE + 1])
    context = {
        "actor": actor,
        "rows": found[:ON_A_PAGE],
        "more": start // ON_A_PAGE + 1 if len(found) > ON_A_PAGE else 0,
        "states": SuggestionState.choices,
        "state": state,
        "topics": figures.by_topic(actor.area_code),
        "topic": topic,
        "whole": figures.of_area(actor.area_code),
        "keeps": may_keep(actor, actor.area_code),
    }
    return render(request, "desk/neighbours/suggestions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(lambda actor: may_look(actor) or may_help(actor))
def new(request: HttpRequest) -> HttpResponseBase:
    """A suggestion told at the desk, or made by a member; the answer shows the code once."""
    actor, now = me(request), timezone.now()
    if may_look(actor) and not may_keep(actor, actor.area_code):
        raise PermissionDenied
    if request.method != "POST":
        return _new_page(request, actor, SuggestionForm(actor=actor))
    form = SuggestionForm(request.POST, actor=actor)
    if not form.is_valid():
        return _new_page(request, actor, form, 422)
    given = form.cleaned_data
    try:
        found = staged(request, "photos", BEFORE, actor)
        sheet = resent.sheet_of(request)
        said = Said(given["area"], given["words"], given["spot"], given["phone"], found, sheet)
        made, code = suggesting.collect(said, by=actor, now=now)
    except KeyReused:
        return resent.another(request)
    except NotAllowed:
        raise PermissionDenied from None
    except HuyingError as error:
        return _new_page(request, actor, blamed(form, error), error.status)
    context = {"actor": actor, "made": made, "code": readable(code), "looks": may_look(actor)}
    return render(request, "desk/neighbours/suggested.html", context)


def _new_page(
    request: HttpRequest, actor: Actor, form: SuggestionForm, status: int = 200
) -> HttpResponse:
    context = {"actor": actor, "form": form, "looks": may_look(actor)}
    return render(request, "desk/neighbours/new_suggestion.html", context, status=status)


def suggestion_or_404(pk: UUID, actor: Actor) -> Suggestion:
    rows = Suggestion.objects.visible_to(actor).select_related("topic", "wish", "case", "account")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at_desk
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One suggestion, and what may be done with it."""
    actor = looking(request)
    return _page(request, suggestion_or_404(pk, actor))


def _page(
    request: HttpRequest,
    found: Suggestion,
    *,
    form: WishForm | None = None,
    bad: str = "",
    bad_at: str = "",
    clear: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    running = Wish.objects.filter(
        area_code=found.area_code, state__in=[WishState.DRAFT, WishState.OPEN]
    )
    became = found.wish is not None or found.case is not None
    context = {
        "actor": actor,
        "found": found,
        "photos": found.photos.all(),
        "keeps": may_keep(actor, found.area_code),
        "fresh": found.state == SuggestionState.NEW,
        "may_become": found.state in (SuggestionState.NEW, SuggestionState.ADOPTED) and not became,
        "may_finish": found.state in (SuggestionState.ADOPTED, SuggestionState.DONE),
        "topics": [each for each in sorting.ensure(found.area_code) if each.active],
        "running": running,
        "form": form or WishForm(actor=actor, suggestion=found),
        "making": form is not None,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        "clear": clear,
        **asked(request, OF_CASES),
    }
    return render(request, "desk/neighbours/suggestion.html", context, status=status)


@require_POST
@at_desk
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Sorts it, answers it, adopts it, makes something of it, says what was done."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    found = suggestion_or_404(pk, actor)
    if not may_keep(actor, found.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now, "version": version_of(request)}
    form = WishForm(sent, actor=actor, suggestion=found) if step == "wish" else None
    try:
        if form is not None:
            if not form.is_valid():
                return _page(request, found, form=form, status=422)
            made = suggesting.to_wish(pk, form.told, **told)
            messages.success(request, _("Written down. Publish it when it is right."))
            return redirect("neighbours_wish", made.pk)
        if step == "reveal":
            clear = suggesting.reveal(
                pk,
                purpose=sent.get("purpose", ""),
                words=sent.get("words", ""),
                by=actor,
                now=now,
            )
            return _page(request, found, clear=clear)
        if step == "case":
            _to_case(found, actor, now, told)
        elif step in _STEPS:
            _STEPS[step](request, pk, told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except StalePage as error:
        found = suggestion_or_404(pk, actor)
        return _page(request, found, form=form, bad=str(error), bad_at=step, status=error.status)
    except HuyingError as error:
        if form is not None:
            return _page(request, found, form=blamed(form, error), status=error.status)
        return _page(request, found, bad=str(error), bad_at=step, status=error.status)
    return redirect("neighbours_suggestion", pk)


@transaction.atomic
def _to_case(found: Suggestion, actor: Actor, now: datetime, told: dict[str, Any]) -> None:
    """By the one door in, and tied to the suggestion, or neither."""
    case = take(
        Told(
            channel=Channel.DESK,
            text=found.words,
            area=found.area_code,
            address=found.spot,
            contact_phone=suggesting.phone_for_case(found),
        ),
        by=actor,
        now=now,
    )
    suggesting.to_case(found.pk, case.pk, **told)


def _sort(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    suggesting.sort(pk, uuid_of(request.POST.get("topic", "")), **told)


def _answer(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    suggesting.answer(pk, request.POST.get("answer", ""), **told)


def _adopt(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    suggesting.adopt(pk, request.POST.get("answer", ""), **told)


def _join(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    wish = uuid_of(request.POST.get("wish", ""))
    suggesting.join(pk, wish or pk, **told)


def _done(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    by: Actor = told["by"]
    suggesting.carry_out(
        pk,
        request.POST.get("done_words", ""),
        before=staged(request, "before", BEFORE, by),
        after=staged(request, "after", AFTER, by),
        **told,
    )


def _forget(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    sure(request)
    forgetting.forget(pk, by=told["by"], now=told["now"])


def _photo(request: HttpRequest, pk: UUID, told: dict[str, Any]) -> None:
    one = uuid_of(request.POST.get("photo", ""))
    if one is None or not Suggestion.objects.filter(pk=pk, photos=one).exists():
        raise NotFound
    photos.show(one, request.POST.get("shown") == "yes", by=told["by"], now=told["now"])


_STEPS = {
    "sort": _sort,
    "answer": _answer,
    "adopt": _adopt,
    "join": _join,
    "done": _done,
    "photo": _photo,
    "forget": _forget,
}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def topics(request: HttpRequest) -> HttpResponseBase:
    """The community's own topics, and the words that they are known by."""
    actor, now, sent = looking(request), timezone.now(), request.POST
    known = communities(actor)
    wanted = sent.get("area") or request.GET.get("area", "") or (known[0][0] if known else "")
    if wanted not in dict(known):
        raise Http404
    bad, status = "", 200
    if request.method == "POST":
        pk = uuid_of(sent.get("topic", ""))
        try:
            sorting.put(
                wanted,
                sent.get("name", ""),
                sorting.signs_of(sent.get("signs", "")),
                by=actor,
                now=now,
                pk=pk,
                active=pk is None or sent.get("active") == "on",
            )
        except NotAllowed:
            raise PermissionDenied from None
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            bad, status = str(error), error.status
        else:
            messages.success(request, _("Changed."))
            return redirect(f"{request.path}?area={wanted}")
    sorting.ensure(wanted)
    context = {
        "actor": actor,
        "communities": known,
        "area": wanted,
        "rows": SuggestionTopic.objects.filter(area_code=wanted),
        "keeps": may_keep(actor, wanted),
        "bad": bad,
        "sent": sent,
    }
    return render(request, "desk/neighbours/topics.html", context, status=status)
