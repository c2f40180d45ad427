"""A new case, told by phone, at the counter, or seen by the desk itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huying.cases.models import Attachment, Case, Channel
from huying.cases.reporting import may_report
from huying.catalogue.danger import NUMBERS, danger
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.acting import kept_before, stage_upload
from huying.desk.asking import answers_sent
from huying.desk.fields import (
    Documents,
    List,
    Photos,
    Pick,
    Say,
    When,
    items_by_category,
    photos_named,
)
from huying.desk.here import at_desk, me
from huying.desk.resent import once_for_form
from huying.desk.verb_form import dress, offer
from huying.dispatch import duplicates
from huying.errors import BadInput, HuyingError
from huying.forms.answering import Trouble, WrongAnswers, check
from huying.forms.rendering import on_page
from huying.forms.versions import Form, in_force
from huying.intake.reporting import Told, alarming_words, owner_of, suggestions, take
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming
from huying.places.locating import locate
from huying.places.models import CODE_LENGTH, Level

DESK_CHANNELS = (Channel.HOTLINE, Channel.WALK_IN, Channel.DESK)
DRAFT = "new"
COMMUNITY = CODE_LENGTH[Level.COMMUNITY]


class NewCase(forms.Form):
    """What a caller says, in the order in which it is asked."""

    channel = Pick(label=gettext_lazy("Came by"), choices=())
    text = Say(label=gettext_lazy("What happened"), rows=4)
    item = List(label=gettext_lazy("Item"), empty=gettext_lazy("left to the desk to choose"))
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    area = List(label=gettext_lazy("Community"), empty=gettext_lazy("not known yet"))
    lon = forms.FloatField(label=gettext_lazy("Longitude"), required=False)
    lat = forms.FloatField(label=gettext_lazy("Latitude"), required=False)
    contact_name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=40)
    contact_phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=24)
    occurred_at = When(label=gettext_lazy("When it happened, as told"))
    photos = Photos(label=gettext_lazy("Photos"), kind=str(Attachment.Kind.PHOTO_BEFORE))
    documents = Documents(label=gettext_lazy("Documents"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = channels_of(actor)
        offer(self, "channel", [(str(each), each.label) for each in channels])
        self.initial.setdefault("channel", str(channels[0]))
        offer(self, "item", items_by_category(snapshot(timezone.now()), actor.area_code))
        offer(self, "area", naming.towns(actor.area_code[:6]))
        if len(actor.area_code) in (9, 12):
            self.initial.setdefault("area", actor.area_code)
        for name in ("contact_name", "contact_phone"):
            # Names and numbers are not left behind in a browser's storage, nor its suggestions.
            self.fields[name].widget.attrs |= {"data-no-draft": "", "autocomplete": "off"}
        self.fields["contact_phone"].widget.attrs["inputmode"] = "tel"
        dress(self)

    def told(self, answers: dict[str, Any] | None) -> Told:
        given = self.cleaned_data
        return Told(
            channel=Channel(given["channel"] or self.initial["channel"]),
            text=given["text"],
            lon=given["lon"],
            lat=given["lat"],
            area="" if given["lon"] is not None else given["area"],
            address=given["address"],
            item=given["item"],
            occurred_at=given["occurred_at"],
            contact_name=given["contact_name"],
            contact_phone=given["contact_phone"],
            photos=given["photos"] + given["documents"],
            answers=answers,
        )


FILES = (
    ("photos", str(Attachment.Kind.PHOTO_BEFORE)),
    ("documents", str(Attachment.Kind.DOCUMENT)),
)
"""The fields that files come in, and as what."""


def channels_of(actor: Actor) -> tuple[Channel, ...]:
    """The doors that a post stands at."""
    if actor.role in ON_FOOT:
        return (Channel.PATROL,)
    return DESK_CHANNELS


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form(draft=DRAFT)
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: the report goes in by the one door."""
    actor = me(request)
    may_report(actor)
    if request.method != "POST":
        chosen = request.GET.get("item", "")[:4]
        form = NewCase(actor=actor, initial={"item": chosen} if chosen else None)
        return _page(request, form, asks=in_force(owner_of(chosen)) if chosen else None)
    sent = request.POST.copy()
    trouble = []
    for field, kind in FILES:
        for upload in request.FILES.getlist(f"file_{field}"):
            try:
                sent.appendlist(field, str(stage_upload(upload, kind=kind, by=actor).pk))
            except HuyingError as error:
                trouble.append((field, error))
    asks = in_force(owner_of(sent.get("item", "")))
    answers = answers_sent(request, asks, by=actor) if asks is not None else None
    form = NewCase(sent, actor=actor)
    if not form.is_valid() or trouble:
        for field, each in trouble:
            form.add_error(field, str(each))
        found = check(asks.definition, answers).troubles if asks and answers is not None else {}
        return _page(request, form, status=422, asks=asks, given=answers, troubles=found)
    try:
        made = take(form.told(answers), by=actor, now=timezone.now())
    except WrongAnswers as error:
        form.add_error(None, _("Not sent yet: please look at the questions of the item."))
        return _page(request, form, status=422, asks=asks, given=answers, troubles=error.troubles)
    except HuyingError as error:
        names = {"position": "lon", "phone": "contact_phone", "name": "contact_name"}
        name = names.get(error.field or "", error.field)
        form.add_error(name if name in form.fields else None, str(error))
        return _page(request, form, status=error.status, asks=asks, given=answers)
    messages.success(
        request,
        _("Reported as case %(number)s.") % {"number": made.number},
        extra_tags=f"draft:{actor.account_id}.{DRAFT}",
    )
    if Case.objects.visible_to(actor).filter(pk=made.pk).exists():
        return redirect("case", made.number)
    return redirect("desk")


def _page(
    request: HttpRequest,
    form: NewCase,
    status: int = 200,
    *,
    asks: Form | None = None,
    given: dict[str, Any] | None = None,
    troubles: Mapping[str, Trouble] | None = None,
) -> HttpResponse:
    actor = me(request)
    context = {
        "actor": actor,
        "form": form,
        "questions": on_page(asks.definition, given, troubles) if asks is not None else None,
        "draft": f"{actor.account_id}.{DRAFT}",
        "centre": offers.centre_of(actor.area_code),
        "kept_photos": kept_before(
            [each for field, _kind in FILES for each in photos_named(form, field)], actor
        ),
        "worker": actor.role in ON_FOOT,
    }
    return render(request, "desk/new.html", context, status=status)


@require_safe
@at_desk
def hints(request: HttpRequest) -> HttpResponseBase:
    """While somebody types: which item it may be, what raises an alarm, what is open nearby."""
    actor, now = me(request), timezone.now()
    text = request.GET.get("text", "")[:2000]
    found = suggestions(text, now)[:3] if len(text.strip()) >= 4 else ()
    chosen = request.GET.get("item", "") or (found[0].item_code if found else "")
    catalogue = snapshot(now)
    words = alarming_words(text, catalogue.get(chosen))
    context = {
        "suggestions": [(each, catalogue[each.item_code]) for each in found],
        "words": words,
        "danger": danger(text),
        "numbers": NUMBERS,
        "near": _near(request, actor, text, chosen),
    }
    return render(request, "desk/_hints.html", context)


def _near(request: HttpRequest, actor: Actor, text: str, item: str) -> list[offers.Same]:
    """Open cases that may be the same matter: perhaps it is known already."""
    now = timezone.now()
    lon, lat, area = None, None, request.GET.get("area", "")
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
        area = locate(lon, lat).grid_code or area
    except (ValueError, BadInput):
        lon = lat = None
    if not area.startswith(actor.area_code[:6]) or (lon is None and len(area) < COMMUNITY):
        return []  # a town's or district's words alone are too many to compare
    told = duplicates.Told(lon, lat, area, item, text, now)
    return [
        offers.Same(case, duplicates.reason_words(each))
        for case, each in duplicates.likely(told, by=actor)
    ]
