"""A report without an account: words, a place, photos, and if one likes a phone number."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases.attaching import MOST_AT_ONCE
from huying.cases.models import Attachment, Channel
from huying.catalogue.danger import NUMBERS, danger
from huying.catalogue.versions import snapshot
from huying.errors import HuyingError, KeyReused, NotFound, TooMany
from huying.forms.answering import Trouble, WrongAnswers
from huying.forms.definition import Kind
from huying.forms.rendering import PREFIX, given_by, on_page
from huying.forms.versions import Form, in_force
from huying.intake.reporting import Told, default_district, owner_of, suggestions
from huying.intake.residents import take_from_resident
from huying.places.outlines import centre_of, geojson, read_box
from huying.public import guarding
from huying.public.asking import checked
from huying.public.photos import Photos, sent
from huying.public.report_form import ReportForm, area_of, blank, items_at
from huying.unkept import unkept

_KEPT = "huying.public.kept"
"""Photos that were sent with a form that was refused are named by their signed ids."""


def quiet(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing of the address goes on to other sites or into an index."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def busy(request: HttpRequest) -> HttpResponseBase:
    """Too many requests of this address."""
    return quiet(render(request, "public/busy.html", status=429))


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: the report goes in by the one door, and its page follows."""
    sending = request.method == "POST"
    try:
        most = guarding.REPORTS if sending else guarding.LOOKS
        guarding.count(request, "public-reports" if sending else "public-looks", most)
    except TooMany:
        return busy(request)
    if not sending:
        chosen = request.GET.get("item", "")[:4]
        return _page(request, blank(chosen), asks=in_force(owner_of(chosen)) if chosen else None)
    with sent(request) as photos:
        return _take(request, photos)


report.lets_files_in = guarding.lets_files_in  # type: ignore[attr-defined]


def first_photos(
    request: HttpRequest, form: BaseForm, photos: Photos, kept: list[uuid.UUID]
) -> list[uuid.UUID]:
    """Those kept from before and those that came now, unless a program sent the form; what speaks
    against it or them is said on the form."""
    given = request.POST
    try:
        guarding.at_the_door(given.get("ticket", ""), trap=given.get("website", ""))
        room = MOST_AT_ONCE - len(kept)
        return kept + photos.stage("photos", Attachment.Kind.PHOTO_BEFORE, room=room)
    except HuyingError as error:
        form.add_error(None, str(error))
        if request.FILES:
            form.add_error(None, guarding.NOT_KEPT)
        return kept


def _take(request: HttpRequest, photos: Photos) -> HttpResponseBase:
    given, form = request.POST, ReportForm(request.POST)
    before, troubles = _kept(given.get("kept", "")), {}
    chosen = first_photos(request, form, photos, before)
    asks = in_force(owner_of(given.get("item", "")[:4]))
    answers = given_by(asks.definition, given) if asks is not None else None
    status, anew = 422, False
    if form.is_valid():
        try:
            ticket = checked(request)
            if asks is not None:
                answers = answers_sent(request, asks, photos)
            _case, code = take_from_resident(
                _told(form, chosen, answers), form=ticket.number, now=timezone.now()
            )
            return quiet(redirect("follow", code))
        except WrongAnswers as error:
            form.add_error(None, _("Not sent yet: please look at the questions of the item."))
            troubles = error.troubles
        except HuyingError as error:
            names = {"position": "lon", "phone": "contact_phone", "name": "contact_name"}
            name = names.get(error.field or "", error.field)
            form.add_error(name if name in form.fields else None, str(error))
            # Sent before with other words: what is sent now is another report.
            status, anew = error.status, isinstance(error, KeyReused)
    if not photos.keep(chosen):
        chosen = before
        form.add_error(None, guarding.NOT_KEPT)
    if asks is not None and answers is not None:
        answers |= without_photos(asks)
    return _page(
        request, form, status, asks=asks, given=answers, troubles=troubles, photos=chosen, anew=anew
    )


def _told(form: ReportForm, photos: list[uuid.UUID], answers: dict[str, Any] | None) -> Told:
    given = form.cleaned_data
    return Told(
        channel=Channel.RESIDENT,
        text=given["text"],
        lon=given["lon"],
        lat=given["lat"],
        area="" if given["lon"] is not None else given["area"],
        address=given["address"],
        item=given["item"],
        contact_name=given["contact_name"],
        contact_phone=given["contact_phone"],
        photos=photos,
        answers=answers,
    )


def _kept(signed: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(each) for each in signing.loads(signed, salt=_KEPT, max_age=86_400)]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def without_photos(asks: Form) -> dict[str, Any]:
    """No photos to the questions. Which there are the server says: ids from a stranger's form are
    not believed, so that they are chosen again when a form comes back."""
    return {each.id: [] for each in asks.definition.asks if each.kind == Kind.PHOTO}


def answers_sent(request: HttpRequest, asks: Form, photos: Photos) -> dict[str, Any]:
    """What a stranger's form holds for the questions; its photos are staged."""
    given = given_by(asks.definition, request.POST) | without_photos(asks)
    for question in asks.definition.asks:
        if question.kind != Kind.PHOTO:
            continue
        try:
            found = photos.stage(f"file_{PREFIX}{question.id}", Attachment.Kind.PHOTO_BEFORE)
            given[question.id] = [str(each) for each in found]
        except HuyingError:
            given[question.id] = [""]  # no photo: the check says so at the question
    return given


def _page(
    request: HttpRequest,
    form: ReportForm,
    status: int = 200,
    *,
    asks: Form | None = None,
    given: Mapping[str, Any] | None = None,
    troubles: Mapping[str, Trouble] | None = None,
    photos: list[uuid.UUID] | None = None,
    anew: bool = False,
) -> HttpResponseBase:
    kept = photos or []
    # A form that was refused keeps its number while it is good: sent twice, it is still one.
    ticket = request.POST.get("ticket", "")
    if anew or guarding.read_ticket(ticket) is None:
        ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    context = {
        "form": form,
        "blank": form if asks is None and not form.is_bound else None,
        "questions": on_page(asks.definition, given, troubles) if asks is not None else None,
        "ticket": ticket,
        "number": read.number if read is not None else "",
        "bits": guarding.WORK_BITS,
        "centre": centre_of(default_district()),
        "kept": signing.dumps([str(each) for each in kept], salt=_KEPT) if kept else "",
        "kept_count": len(kept),
        "most": MOST_AT_ONCE,
        "danger": danger(request.POST.get("text", "")),
        "numbers": NUMBERS,
    }
    return quiet(render(request, "public/report.html", context, status=status))


def looking(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Counts what a form asks while somebody fills it in; 429 where one address asks too often."""

    @wraps(view)
    def counted(request: HttpRequest) -> HttpResponseBase:
        try:
            guarding.count(request, "public-looks", guarding.LOOKS)
        except TooMany:
            return HttpResponse(status=429)
        return view(request)

    return counted


@require_safe
@looking
def hints(request: HttpRequest) -> HttpResponseBase:
    """While somebody types: danger to life, and which item it may be."""
    text, now = request.GET.get("text", "")[:2000], timezone.now()
    found = suggestions(text, now)[:3] if len(text.strip()) >= 4 else ()
    catalogue = snapshot(now)
    context = {
        "danger": danger(text),
        "numbers": NUMBERS,
        "suggestions": [catalogue[each.item_code] for each in found],
    }
    return render(request, "public/_hints.html", context)


@require_POST
@looking
def items(request: HttpRequest) -> HttpResponseBase:
    """What may be chosen at the place that was just named. By POST: a pin is in no address."""
    given = request.POST
    offered = items_at(area_of(*(given.get(name, "") for name in ("lon", "lat", "area"))))
    context = {"items": offered, "chosen": given.get("item", "")}
    return quiet(render(request, "public/_items.html", context))


@require_safe
@looking
def questions(request: HttpRequest) -> HttpResponseBase:
    """What the item asks that was just chosen; nothing when it asks nothing."""
    asks = in_force(owner_of(request.GET.get("item", "")[:4]))
    shown = on_page(asks.definition) if asks is not None else None
    return render(request, "components/questions.html", {"questions": shown})


@unkept
@require_safe
def picture(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """The sum that is asked where the browser does no work."""
    found = guarding.read_ticket(ticket)
    try:
        guarding.count(request, "public-looks", guarding.LOOKS)
        if found is None:
            raise NotFound
    except HuyingError as error:
        return HttpResponse(status=error.status)
    return quiet(HttpResponse(guarding.picture(found), content_type="image/png"))


@require_safe
@looking
def grids(request: HttpRequest) -> HttpResponseBase:
    """Outlines of the grids in view; they are no secret."""
    box = read_box(request.GET.get("box", ""))
    if box is None:
        return JsonResponse({"detail": "box=west,south,east,north"}, status=422)
    response = HttpResponse(geojson(box), content_type="application/geo+json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What is kept of who reports, why, how long, and how to have it erased."""
    return render(request, "public/privacy.html")
