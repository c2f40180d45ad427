"""个人信息请求: taken at a desk, decided record by record, answered on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.fields import Pick, Say
from huying.desk.here import at, me
from huying.desk.resent import once_for_form
from huying.desk.verb_form import dress
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places import naming
from huying.requests import deciding, narrowing, taking
from huying.requests.models import (
    DESKS,
    FITTING,
    SAID_AT_FIRST,
    Ground,
    Kind,
    Outcome,
    PersonRequest,
    State,
)
from huying.requests.sources import SOURCES
from huying.requests.watching import standing

ON_A_PAGE = 50
TABS = {
    "open": pgettext_lazy("request", "To do"),
    "answered": pgettext_lazy("request", "answered"),
}
DECISIONS = {
    Outcome.GIVEN: pgettext_lazy("request", "Give it"),
    Outcome.CORRECTED: pgettext_lazy("request", "Was corrected"),
    Outcome.ERASED: pgettext_lazy("request", "Erase it now"),
    Outcome.REFUSED: pgettext_lazy("request", "Refuse"),
}
STEPS = {
    "taken": pgettext_lazy("request", "taken"),
    "found": pgettext_lazy("request", "looked for again"),
    "tried": pgettext_lazy("request", "asked who it is, and not one alone fitted"),
    "narrowed": pgettext_lazy("request", "it is known who it is"),
    "decided": pgettext_lazy("request", "a record was decided"),
    "done": pgettext_lazy("request", "all is decided"),
    "sheet": pgettext_lazy("request", "a sheet was made"),
    "answered": pgettext_lazy("request", "answered"),
}


def may_look(actor: Actor) -> bool:
    """Dispatchers take requests, leaders decide them."""
    return actor.role in DESKS or actor.is_leader


class NewRequest(forms.Form):
    """Who asks, how that is known, and what for."""

    kind = Pick(label=gettext_lazy("What does the person ask?"), choices=Kind.choices)
    known = Pick(
        label=gettext_lazy("How do you know that it is the person?"),
        choices=[(str(each), each.label) for each in SAID_AT_FIRST],
        help_text=gettext_lazy(
            "With a name alone nothing is looked up before it is known who of that name it is."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=taking.LONGEST_NAME
    )
    id_number = forms.CharField(label=gettext_lazy("Id number"), required=False, max_length=24)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=24)
    words = Say(
        label=gettext_lazy("What is asked for"),
        help_text=gettext_lazy(
            "Whole numbers above are looked up; each find is recorded. Numbers in these words are "
            "masked for good: what is right goes straight into the record."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for name in ("name", "id_number", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"


class Narrower(forms.Form):
    """What a person of whom there is a name alone says besides."""

    address = forms.CharField(
        label=gettext_lazy("Address where they live or are registered"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("As it is written, with the number of the house."),
    )
    born = forms.CharField(
        label=gettext_lazy("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    id_number = forms.CharField(
        label=gettext_lazy("Id number on a paper that is shown"),
        required=False,
        max_length=24,
        help_text=gettext_lazy("Id card, household book, driving licence: what bears the number."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


@require_safe
@at(may_look)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The requests of the area: those to do, the most urgent first, or those answered."""
    actor, now = me(request), timezone.now()
    tab = request.GET.get("tab", "open")
    if tab not in TABS:
        raise Http404
    rows = PersonRequest.objects.visible_to(actor)
    if tab == "open":
        rows = rows.exclude(state=State.ANSWERED).order_by("due_at")
    else:
        rows = rows.filter(state=State.ANSWERED)
    lines = [
        {"row": each, "standing": standing(each, now), "place": naming.own_name(each.area_code)}
        for each in rows[:ON_A_PAGE]
    ]
    context = {
        "actor": actor,
        "lines": lines,
        "tab": tab,
        "tabs": TABS,
        "may_take": taking.may_take(actor),
    }
    return render(request, "desk/requests/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(taking.may_take)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """Takes a request."""
    actor = me(request)
    form = NewRequest(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        form.is_valid()
        try:
            made = taking.take(
                taking.Told(**{name: request.POST.get(name, "") for name in form.fields}),
                by=actor,
                now=timezone.now(),
            )
            return redirect("person_request", made.pk)
        except HuyingError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
    return render(request, "desk/requests/new.html", {"actor": actor, "form": form}, status=status)


def _row(request: HttpRequest, pk: UUID) -> PersonRequest:
    row = PersonRequest.objects.visible_to(me(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_safe
@at(may_look)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A request with what was found, what was decided, and every step."""
    return _page(request, _row(request, pk))


def _page(
    request: HttpRequest,
    row: PersonRequest,
    bad: HuyingError | None = None,
    narrower: Narrower | None = None,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    records = list(row.records.select_related("decided_by"))
    lines = [
        {
            "record": each,
            "label": SOURCES[each.subject].label,
            "told": SOURCES[each.subject].line(each.subject_id),
            "ground": _ground(each.subject, each.subject_id) if not each.outcome else "",
            "bad": bad if bad and request.POST.get("record") == str(each.pk) else None,
        }
        for each in records
    ]
    steps = list(row.steps.all())
    names = dict(
        Account.objects.filter(pk__in=[each.by_account for each in steps]).values_list("pk", "name")
    )
    context = {
        "actor": actor,
        "row": row,
        "standing": standing(row, now),
        "place": naming.names(row.area_code),
        "lines": lines,
        "steps": [(each, STEPS.get(each.verb, each.verb)) for each in steps],
        "names": names,
        "sheets": sum(each.verb == deciding.SHEETS for each in steps),
        "may_take": taking.may_take(actor),
        "may_decide": deciding.may_decide(row, actor),
        "outcomes": [(str(each), DECISIONS[each]) for each in FITTING[Kind(row.kind)]],
        "grounds": Ground.choices,
        "waits": narrowing.waits(row) and row.state == State.OPEN,
        "holders": narrowing.holders(row) if narrowing.waits(row) else None,
        "narrower": narrower or Narrower(),
        "granted": any(each.outcome == Outcome.GIVEN for each in records),
        "sent": request.POST,
        "bad": bad if bad and not any(line["bad"] for line in lines) else None,
    }
    status = bad.status if bad is not None else 422 if narrower is not None else 200
    return render(request, "desk/requests/one.html", context, status=status)


def _ground(subject: str, key: UUID) -> str:
    """What forbids erasing the record now, in words."""
    source = SOURCES[subject]
    if source.line(key) is None:
        return ""
    found = source.not_erasable(key)
    return str(Ground(found).label) if found is not None else ""


@require_POST
@at(may_look)
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponseBase:
    """Decides a record, looks again, hands out a sheet, or notes that the person has the answer."""
    row, actor, now = _row(request, pk), me(request), timezone.now()
    typed = request.POST.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1
    try:
        if what == "decide":
            deciding.decide(
                row.pk,
                UUID(request.POST.get("record", "")),
                outcome=request.POST.get("outcome", ""),
                reason=request.POST.get("reason", ""),
                version=version,
                by=actor,
                now=now,
            )
        elif what == "nothing":
            deciding.decide_nothing_found(row.pk, version=version, by=actor, now=now)
        elif what == "again":
            found = taking.find_again(row.pk, by=actor, now=now)
            messages.success(request, _("New records found: %(n)s.") % {"n": found})
        elif what == "narrow":
            return _narrow(request, row, version)
        elif what == "sheet":
            return _sheet(request, row)
        elif what == "answered":
            deciding.answer(row.pk, version=version, by=actor, now=now)
        else:
            raise Http404
    except ValueError:
        raise Http404 from None
    except HuyingError as error:
        row.refresh_from_db()
        return _page(request, row, error)
    return redirect("person_request", row.pk)


def _narrow(request: HttpRequest, row: PersonRequest, version: int) -> HttpResponse:
    """Who of that name it is; what was typed stays in its fields where it is not one alone."""
    form = Narrower(request.POST)
    form.is_valid()
    told = narrowing.Told(**{name: request.POST.get(name, "") for name in form.fields})
    try:
        row, fits = narrowing.narrow(
            row.pk, told, version=version, by=me(request), now=timezone.now()
        )
    except HuyingError as error:
        if error.field not in form.fields:
            raise
        form.add_error(error.field, str(error))
        return _page(request, row, narrower=form)
    if fits == 1:
        messages.success(request, _("It is known who asks; their records were looked up."))
        return redirect("person_request", row.pk)
    said = (
        _("%(n)s people of this name fit still; please ask for more.") % {"n": fits}
        if fits
        else _("Nobody of this name fits; please ask again, or for a paper.")
    )
    form.add_error("address" if told.address.strip() else "born", said)
    return _page(request, row, narrower=form)


def _sheet(request: HttpRequest, row: PersonRequest) -> HttpResponse:
    """What is kept of the person, in clear, made for this occasion alone: it stays in no cache."""
    actor, now = me(request), timezone.now()
    row, given = deciding.hand_out(row.pk, by=actor, now=now)
    at = f"{timezone.localtime(now):%Y-%m-%d %H:%M}"
    mark = f"{actor.name} {at} {row.number} · {given.copy}"
    context = {"actor": actor, "row": row, "given": given, "mark": mark, "now": now,
               "desk": naming.own_name(row.area_code), "marks": range(24)}  # fmt: skip
    return render(request, "desk/requests/sheet.html", context)


@require_safe
@at(may_look)
def answer_sheet(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The answer on paper: what was decided and why, without what is kept."""
    row = _row(request, pk)
    if row.state == State.OPEN:
        raise Http404
    lines = [
        (SOURCES[each.subject].label, SOURCES[each.subject].line(each.subject_id), each)
        for each in row.records.all()
    ]
    context = {
        "actor": me(request),
        "row": row,
        "lines": lines,
        "desk": naming.own_name(row.area_code),
        "now": timezone.now(),
    }
    return render(request, "desk/requests/answer.html", context)
