"""基础台账: searched, looked at, added to, corrected; doubles decided on; sealed values shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.revealing import OF_RECORDS
from huying.care.models import CarePerson
from huying.care.steps import may_keep
from huying.cases.at_building import cases_at
from huying.desk import offers
from huying.desk.here import at_desk, is_htmx, me, sheet
from huying.desk.register_forms import FORMS, AddressForm, AliasForm, RecordForm
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Account
from huying.registry import addressing, doubles, history, recording
from huying.registry.address_text import Level
from huying.registry.counting import many
from huying.registry.models import (
    Address,
    Dwelling,
    Enterprise,
    Facility,
    Person,
    Record,
    Register,
)
from huying.registry.revealing import SHOWN, may_reveal, reveal
from huying.registry.searching import search
from huying.registry.sight import may_look, may_write
from huying.surveys.models import SurveyEntry

MODELS: dict[str, Any] = {
    Register.ADDRESS: Address,
    Register.DWELLING: Dwelling,
    Register.PERSON: Person,
    Register.ENTERPRISE: Enterprise,
    Register.FACILITY: Facility,
}
ICONS = {
    Register.ADDRESS: "map-pin", Register.DWELLING: "home", Register.PERSON: "users",
    Register.ENTERPRISE: "building-store", Register.FACILITY: "droplet",
}  # fmt: skip
MOST_LISTED = 60
LONGEST_TYPED = 80
NARROW = 12
"""From a community down what there is can be listed; a town is searched."""


def looking(request: HttpRequest) -> Actor:
    actor = me(request)
    if not may_look(actor):
        raise PermissionDenied
    return actor


def record_or_404(register: str, pk: UUID, actor: Actor) -> Any:
    model = MODELS.get(register)
    if model is None:
        raise Http404
    found = model.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def registers(request: HttpRequest) -> HttpResponseBase:
    """GET: what there is. POST: what was typed, which never gets into an address or a log."""
    actor, now = looking(request), timezone.now()
    context: dict[str, Any] = {"actor": actor, "may_add": may_write(actor, actor.area_code)}
    status = 200
    if request.method == "POST":
        typed = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST_TYPED]
        context["q"] = typed
        try:
            context["found"] = search(typed, by=actor, now=now)
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    if "found" not in context:
        context |= _there(actor, now)
    return render(request, "desk/registers/index.html", context, status=status)


def _there(actor: Actor, now: datetime) -> dict[str, Any]:
    """How much there is in the area, and of a community or grid its buildings."""
    found: dict[str, Any] = {
        "counts": [
            (Register(code).label, ICONS[Register(code)], many(_of(model, actor)))
            for code, model in MODELS.items()
        ]
    }
    if len(actor.area_code) >= NARROW:
        found["buildings"] = _buildings(actor)
        found["stale"] = [
            each for rows in (Enterprise, Dwelling) for each in _stale(rows, actor, now)
        ]
    return found


def _of(model: Any, actor: Actor) -> Any:
    return model.objects.visible_to(actor).living()


def _buildings(actor: Actor) -> list[Address]:
    """The first buildings of a community or grid, each with the number of its dwellings."""
    rows = _of(Address, actor).filter(
        community_code=actor.area_code[:NARROW], level__in=addressing.BUILDINGS
    )
    found = list(rows.order_by("full_name")[:MOST_LISTED])
    counts = dict(
        Dwelling.objects.living()
        .filter(address__building__in=found)
        .order_by()
        .values_list("address__building")
        .annotate(n=Count("pk"))
    )
    for each in found:
        each.n = counts.get(each.pk, 0)
    return found


def _stale(model: Any, actor: Actor, now: datetime) -> list[Record]:
    rows = _of(model, actor).select_related("address")
    rows = rows.order_by(Coalesce("checked_at", "made_at"))
    return [each for each in rows[:8] if each.is_stale(now)]


@require_safe
@at_desk
def record(request: HttpRequest, register: str, pk: UUID) -> HttpResponseBase:
    """One record: what it says, masked; what hangs on it; its history and its cases."""
    actor = looking(request)
    return _record_page(request, record_or_404(register, pk, actor), actor)


def _record_page(
    request: HttpRequest,
    found: Any,
    actor: Actor,
    alias: AliasForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    lines = history.of(found, timezone.localdate(now))
    by = [each.change.by_account for each in lines] + [found.checked_by, found.made_by]
    context = {
        "actor": actor,
        "record": found,
        "register": Register(found.REGISTER),
        "icon": ICONS[found.REGISTER],
        "now": now,
        "stale": found.is_stale(now),
        "history": lines,
        "names": dict(
            Account.objects.filter(pk__in=[pk for pk in by if pk]).values_list("pk", "name")
        ),
        "may_write": found.is_living and may_write(actor, found.area_code),
        "may_reveal": type(found) in SHOWN and may_reveal(found, actor),
        "alias": alias or AliasForm(),
        "surveyed": entered_at(found, actor),
        **_hanging(found, actor, now),
    }
    return render(request, f"desk/registers/{found.REGISTER}.html", context, status=status)


def entered_at(found: Any, actor: Actor) -> list[SurveyEntry]:
    """What registers and surveys hold of a unit, or of an address and what is in it."""
    rows = SurveyEntry.objects.visible_to(actor).living().select_related("survey")
    if isinstance(found, Enterprise):
        rows = rows.filter(enterprise=found)
    elif isinstance(found, Address):
        rows = rows.filter(Q(address=found) | Q(address__building=found))
    else:
        return []
    return list(rows[:MOST_LISTED])


def _hanging(found: Any, actor: Actor, now: datetime) -> dict[str, Any]:
    """What is at an address, who lives in a dwelling, and the cases of the building."""
    today = timezone.localdate(now)
    if isinstance(found, Person):
        where = found.dwelling.address if found.dwelling else None
        listed = CarePerson.objects.visible_to(actor).standing().filter(person=found)
        return {
            "care": listed.select_related("level").first(),
            "may_list": found.is_living and may_keep(actor, found.area_code),
            "minor": found.is_minor(today),
            "place": where,
            "building": where and where.building,
        }
    place: Address | None = found if isinstance(found, Address) else found.address
    building = (place.building or place) if place else None
    more: dict[str, Any] = {"place": place, "building": building}
    if building is not None and building.level in addressing.BUILDINGS:
        more["cases"] = cases_at(building, actor)
    if isinstance(found, Dwelling):
        people = Person.objects.visible_to(actor).living().filter(dwelling=found)
        more["people"] = [
            (each, each.is_minor(today))
            for each in people.select_related("household").order_by("household__number", "made_at")
        ]
    if isinstance(found, Address):
        more |= _at_address(found, actor)
    return more


def _at_address(found: Address, actor: Actor) -> dict[str, Any]:
    within = Q(address=found)
    if found.level in addressing.BUILDINGS:
        within |= Q(address__building=found)
    dwellings = Dwelling.objects.visible_to(actor).living().filter(within)
    living = Q(people__valid_until=None)
    units = Enterprise.objects.visible_to(actor).living().filter(within)
    above: list[Address] = []
    node = found.parent
    while node is not None:
        above.insert(0, node)
        node = node.parent
    return {
        "above": above,
        "aliases": found.aliases.all(),
        "children": Address.objects.visible_to(actor)
        .living()
        .filter(parent=found)
        .exclude(level=Level.ROOM)
        .order_by("full_name")[:MOST_LISTED],
        "dwellings": dwellings.select_related("address")
        .annotate(n=Count("people", filter=living))
        .order_by("address__full_name")[:200],
        "units": units.select_related("address"),
        "facilities": Facility.objects.visible_to(actor).living().filter(within),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest, register: str) -> HttpResponseBase:
    """GET: the form, at an address where one is named. POST: the record."""
    actor = looking(request)
    if register not in FORMS:
        raise Http404
    if not may_write(actor, actor.area_code):
        raise PermissionDenied
    at = _named_place(request.GET.get("at", ""), actor)
    if request.method != "POST":
        return _form_page(request, register, FORMS[register](actor=actor, at=at))
    return _saved(request, register, FORMS[register](request.POST, actor=actor, at=at))


def _named_place(told: str, actor: Actor) -> Address | None:
    try:
        pk = UUID(told)
    except ValueError:
        return None
    found: Address | None = Address.objects.visible_to(actor).living().filter(pk=pk).first()
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def edit(request: HttpRequest, register: str, pk: UUID) -> HttpResponseBase:
    """GET: the form with what the record says, but for what is sealed. POST: the correction."""
    actor = looking(request)
    found = record_or_404(register, pk, actor)
    if not (found.is_living and may_write(actor, found.area_code)):
        raise PermissionDenied
    if request.method != "POST":
        return _form_page(request, register, FORMS[register](actor=actor, record=found))
    return _saved(request, register, FORMS[register](request.POST, actor=actor, record=found))


def _saved(request: HttpRequest, register: str, form: RecordForm) -> HttpResponse:
    actor, now = me(request), timezone.now()
    if not form.is_valid():
        return _form_page(request, register, form, 422)
    try:
        with transaction.atomic():
            if isinstance(form, AddressForm):
                made: Any = form.save(now)
            elif form.record is None:
                made = recording.add(form.told(now), by=actor, now=now, source=form.source)
            else:
                version = form.cleaned_data["version"]
                made = recording.correct(
                    form.record.pk, form.told(now), by=actor, now=now, version=version
                )
    except NotAllowed:
        form.add_error(None, _("This place is not in your area, or needs a pin to lie in it."))
        return _form_page(request, register, form, 422)
    except HuyingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form_page(request, register, form, error.status)
    except IntegrityError:
        # What the database refuses after all checks is what somebody saved at the same moment.
        form.add_error(None, _("Somebody has just saved the same; please search for it."))
        return _form_page(request, register, form, 409)
    messages.success(request, _("Saved in the register."))
    return redirect("register_record", register, made.pk)


def _form_page(
    request: HttpRequest, register: str, form: RecordForm, status: int = 200
) -> HttpResponse:
    actor = me(request)
    context = {
        "actor": actor,
        "register": Register(register),
        "record": form.record,
        "form": form,
        "plain": [field for field in form if field.name not in ("lon", "lat", "version")],
        "centre": offers.centre_of(actor.area_code),
    }
    return render(request, "desk/registers/form.html", context, status=status)


@require_POST
@at_desk
def step(request: HttpRequest, register: str, pk: UUID, step: str) -> HttpResponseBase:
    """Found as it is, ended, or an address called by another name too."""
    actor, now = looking(request), timezone.now()
    found = record_or_404(register, pk, actor)
    if step not in ("check", "end", "alias") or (step == "alias" and register != "address"):
        raise Http404
    alias = AliasForm(request.POST) if step == "alias" else None
    try:
        if step == "check":
            recording.check(found, by=actor, now=now)
            messages.success(request, _("Noted: it is as the record says."))
        elif step == "end":
            recording.end(found, by=actor, now=now)
            messages.success(request, _("The record has ended."))
        elif alias is not None:
            if not alias.is_valid():
                return _record_page(request, found, actor, alias, 422)
            told = alias.cleaned_data
            addressing.add_alias(found.pk, told["name"], told["kind"], by=actor, now=now)
            messages.success(request, _("Changed."))
    except NotAllowed:
        raise PermissionDenied from None
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        if alias is not None:
            alias.add_error("name", str(error))
            return _record_page(request, found, actor, alias, error.status)
        messages.error(request, str(error))
    return redirect("register_record", register, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def shown(request: HttpRequest, register: str, pk: UUID) -> HttpResponseBase:
    """What is sealed of a record: asks what for, then shows it once, recorded before."""
    actor = looking(request)
    found = record_or_404(register, pk, actor)
    if type(found) not in SHOWN:
        raise Http404
    if not may_reveal(found, actor):
        raise PermissionDenied
    context: dict[str, Any] = {
        "actor": actor,
        "record": found,
        "register": Register(register),
        **asked(request, OF_RECORDS),
    }
    status = 200
    if request.method == "POST":
        try:
            values = reveal(
                found,
                by=actor,
                purpose=context["chosen"],
                words=context["given_words"],
                now=timezone.now(),
            )
            context["shown"] = [
                (found._meta.get_field(f"{name}_masked").verbose_name, name, value, before)
                for name, (value, *before) in values.items()
            ]
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    part = "_reveal.html" if is_htmx(request) else "reveal.html"
    return sheet(render(request, f"desk/registers/{part}", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def doubles_page(request: HttpRequest) -> HttpResponseBase:
    """Pairs that may be one; a person says which stays, or that they are two."""
    actor, now = looking(request), timezone.now()
    if not may_write(actor, actor.area_code):
        raise PermissionDenied
    status = 200
    context: dict[str, Any] = {"actor": actor, "wide": len(actor.area_code) < doubles.WIDEST}
    if request.method == "POST":
        try:
            _decide(request, actor, now)
            return redirect("register_doubles")
        except (HuyingError, ValueError, KeyError) as error:
            context["bad"], status = _said(error), getattr(error, "status", 422)
    context["pairs"] = [(pair, ICONS[Register(pair.register)]) for pair in doubles.proposed(actor)]
    return render(request, "desk/registers/doubles.html", context, status=status)


def _decide(request: HttpRequest, actor: Actor, now: datetime) -> None:
    register = request.POST["register"]
    one, other = UUID(request.POST["one"]), UUID(request.POST["other"])
    if request.POST.get("apart"):
        doubles.keep_apart(register, one, other, by=actor, now=now)
        messages.success(request, _("They are two, and are not proposed again."))
        return
    stays = UUID(request.POST["stays"])
    goes = other if stays == one else one
    doubles.merge(register, stays, goes, by=actor, now=now)
    messages.success(request, _("The two records are one now."))


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, HuyingError) else _("Please choose two records.")
