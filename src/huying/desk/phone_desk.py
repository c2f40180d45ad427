"""电话受理: a form for whoever answers the telephone, without a hand off the keyboard."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huying.cases.contacts import masked_phone, plain_phone
from huying.cases.models import Case, Channel
from huying.catalogue.danger import NUMBERS, danger
from huying.catalogue.versions import snapshot
from huying.desk import queue
from huying.desk.fields import Pick, Say
from huying.desk.here import at_desk, case_seen, is_htmx, me, sheet
from huying.desk.verb_form import dress
from huying.errors import HuyingError, NotFound
from huying.intake import telephone
from huying.intake.reporting import Told, alarming_words, suggestions
from huying.people.acting import Actor
from huying.places import naming
from huying.places.models import CODE_LENGTH, Level

OFFERED = 4
"""Items that are offered under a number key."""

LAST_CALLS = "last_calls"
MOST_SHOWN = 5
LONGEST = 2000
NAMED_AFTER = {
    "phone": "contact_phone",
    "name": "contact_name",
    "position": "address",
    "area": "address",
}
"""Fields whose faults are shown at another: they are hidden, or called otherwise."""


class Call(forms.Form):
    """What is asked in a call, in its order; only the words are needed."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    contact_phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=24)
    about = forms.CharField(required=False, max_length=25)
    sort = Pick(label=gettext_lazy("What the caller wants"), choices=telephone.Sort.choices)
    text = Say(label=gettext_lazy("What the caller says"), rows=4)
    item = forms.CharField(label=gettext_lazy("Item"), required=False, max_length=80)
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    area = forms.CharField(widget=forms.HiddenInput, required=False, max_length=15)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4().hex)
        for name in ("contact_phone", "contact_name", "address", "item"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["contact_phone"].widget.attrs["inputmode"] = "tel"
        dress(self)

    def told(self, actor: Actor) -> Told:
        given = self.cleaned_data
        pinned = given["lon"] is not None and given["lat"] is not None
        known = (CODE_LENGTH[Level.TOWN], CODE_LENGTH[Level.COMMUNITY])
        own = actor.area_code if len(actor.area_code) in known else ""
        return Told(
            channel=Channel.HOTLINE,
            text=given["text"],
            lon=given["lon"] if pinned else None,
            lat=given["lat"] if pinned else None,
            datum="cgcs2000",
            area="" if pinned else given["area"] or own,
            address=given["address"],
            item=given["item"].split(" ")[0],
            contact_name=given["contact_name"],
            contact_phone=given["contact_phone"],
        )


def _answering(request: HttpRequest) -> Actor:
    actor = me(request)
    if not telephone.may_answer(actor):
        raise PermissionDenied
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: the call is written down, and the form is empty for the next."""
    actor, now = _answering(request), timezone.now()
    if request.method != "POST":
        return _page(request, Call(), now)
    form = Call(request.POST)
    if not form.is_valid():
        return _page(request, form, now, status=422)
    given = form.cleaned_data
    key = given["key"] or uuid.uuid4().hex
    try:
        if given["about"]:
            sort = given["sort"] or telephone.Sort.MORE
            text = given["text"]
            case = telephone.add_to(
                given["about"], text=text, sort=sort, key=key, by=actor, now=now
            )
            said = _("Added to the case %(number)s.")
        else:
            case = telephone.take_call(form.told(actor), key=key, by=actor, now=now)
            said = _("Reported as case %(number)s.")
    except NotFound:
        form.add_error("about", _("This case is not in sight; please look at its number again."))
        return _page(request, form, now, status=404)
    except HuyingError as error:
        name = NAMED_AFTER.get(error.field or "", error.field)
        form.add_error(name if name in form.fields else None, str(error))
        dress(form)
        return _page(request, form, now, status=error.status)
    words = said % {"number": case.number}
    last = [{"number": case.number, "at": now.isoformat(), "added": bool(given["about"])}]
    request.session[LAST_CALLS] = (last + request.session.get(LAST_CALLS, []))[:MOST_SHOWN]
    if not is_htmx(request):
        messages.success(request, words)
        return redirect("new_call")
    return _page(request, Call(), now, done=words, number=case.number)


def _page(
    request: HttpRequest, form: Call, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    actor = me(request)
    area = form["area"].value() or actor.area_code
    context = {
        "actor": actor,
        "form": form,
        "items": [(each, each.holds_in(area)) for each in snapshot(now).active_in(actor.area_code)],
        "last": _last(request, actor),
        "open": queue.rows(_chosen(form, actor), now),
        "sorts": telephone.Sort.choices,
        "about": form.data.get("about", ""),
        **more,
    }
    page = "desk/calls/_call.html" if is_htmx(request) else "desk/calls/new.html"
    return sheet(render(request, page, context, status=status))


def _chosen(form: Call, actor: Actor) -> list[Case]:
    """The case that a refused form is about, so that the choice is not lost."""
    case = case_seen(form.data.get("about", ""), actor)
    return [case] if case is not None else []


def _last(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """The calls that this browser took last, as far as their cases are in sight."""
    kept = request.session.get(LAST_CALLS, [])
    cases = Case.objects.visible_to(actor).for_pages()
    found = {case.number: case for case in cases.filter(number__in=[c["number"] for c in kept])}
    return [
        {
            "case": found[call["number"]],
            "at": datetime.fromisoformat(call["at"]),
            "added": call["added"],
        }
        for call in kept
        if call["number"] in found
    ]


@require_POST
@at_desk
def caller(request: HttpRequest) -> HttpResponseBase:
    """What this phone reported before; nothing to choose from where all of it has ended."""
    actor, now = _answering(request), timezone.now()
    phone, bad, rows = request.POST.get("contact_phone", ""), "", []
    try:
        masked = masked_phone(plain_phone(phone))
        if masked:
            rows = queue.rows(telephone.earlier(phone, by=actor, now=now), now)
    except HuyingError as error:
        masked, bad = "", str(error)
    context = {
        "masked": masked,
        "bad": bad,
        "open": [row for row in rows if row.case.is_open],
        "ended": [row for row in rows if not row.case.is_open],
        "sorts": telephone.Sort.choices,
    }
    return render(request, "desk/calls/_caller.html", context)


@require_POST
@at_desk
def hints(request: HttpRequest) -> HttpResponseBase:
    """While somebody types: items under number keys, and whom to call when a life is in danger."""
    _answering(request)
    now, text = timezone.now(), request.POST.get("text", "")[:LONGEST].replace("\0", "")
    found = suggestions(text, now)[:OFFERED] if len(text.strip()) >= 2 else ()
    catalogue = snapshot(now)
    context = {
        "offered": [catalogue[each.item_code] for each in found],
        "words": alarming_words(text, catalogue.get(found[0].item_code)) if found else (),
        "danger": danger(text),
        "numbers": NUMBERS,
    }
    return render(request, "desk/calls/_hints.html", context)


@require_POST
@at_desk
def places(request: HttpRequest) -> HttpResponseBase:
    """Places and known addresses that a fragment, or pinyin initials, may mean."""
    actor = _answering(request)
    found = telephone.spots(request.POST.get("address", "")[:60], actor.area_code)
    lines = [(each, each.address or naming.own_name(each.area_code)) for each in found]
    return render(request, "desk/calls/_places.html", {"lines": lines})
