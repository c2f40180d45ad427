"""职责清单: the list that holds, its versions, and what was declined as outside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases.models import Case, CaseEvent, CaseText, TextKind
from huying.cases.reasons import DeclineReason
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.clock.calendar import CIVIL_TZ
from huying.desk import offers
from huying.desk.duty_forms import EntryForm
from huying.desk.here import at, at_desk, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.duties import drafting, listing
from huying.duties.models import DutyList, DutyStep
from huying.duties.sight import may_draft, may_read
from huying.errors import HuyingError, NotFound, Words
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places import naming

MONTHS: Final = 6
MOST_LINES: Final = 500
STEPS: Final[dict[str, Words]] = {
    "begin": pgettext_lazy("duties", "begun"),
    "put": pgettext_lazy("duties", "written in"),
    "strike": pgettext_lazy("duties", "entry struck off"),
    "publish": pgettext_lazy("duties", "published"),
}


def revision_of(request: HttpRequest) -> int | None:
    return number_of(request.POST.get("revision", "")) or None


def number_of(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def areas_for(actor: Actor) -> list[tuple[str, str]]:
    """The district and its towns."""
    district = actor.area_code[:6]
    return [(district, naming.own_name(district)), *offers.areas_of(district)]


def who_of(steps: Iterable[Any]) -> dict[int, str]:
    """The names of those who took these steps, by their numbers."""
    ids = {each.actor_id for each in steps if each.actor_kind == "account"}
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))


def history(pk: UUID, words: dict[str, Words]) -> list[dict[str, Any]]:
    """What was done to a row, the newest first, as a page says it."""
    steps = list(DutyStep.objects.filter(subject_id=pk).order_by("-at", "-id")[:100])
    names = who_of(steps)
    return [
        {
            "words": words.get(each.verb, each.verb),
            "entry": each.data.get("entry"),
            "data": each.data,
            "who": names.get(each.actor_id or 0, "—"),
            "at": each.at,
        }
        for each in steps
    ]


def of_case(case: Case, now: datetime) -> dict[str, Any] | None:
    """Whether the case's item is on the list of its place; None while it has no item."""
    if not case.item_code:
        return None
    held = listing.holding(case.area_code or case.district_code, now)
    return {"held": held, "entries": held.of_item(case.item_code, timezone.localdate(now))}


@require_safe
@at(may_read)
def page(request: HttpRequest) -> HttpResponseBase:
    """The list that holds in a place, by department."""
    actor, now = me(request), timezone.now()
    areas = areas_for(actor)
    asked = request.GET.get("area", "")
    own = actor.area_code[: listing.TOWN] if len(actor.area_code) >= listing.TOWN else areas[0][0]
    area = asked if asked in [code for code, _name in areas] else own
    held = listing.holding(area, now)
    department, sought = request.GET.get("department", ""), request.GET.get("q", "")[:60]
    today = timezone.localdate(now)
    found = [
        each
        for each in held.entries
        if each.holds_on(today)
        and department in ("", each.department)
        and (not sought or each.says(sought))
    ]
    context = {
        "actor": actor,
        "area": area,
        "areas": areas,
        "held": held,
        "groups": listing.by_department(found),
        "departments": listing.departments_of(held.entries),
        "department": department,
        "q": sought,
    }
    return render(request, "desk/duties/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_read)
@once_for_form()
def versions(request: HttpRequest) -> HttpResponseBase:
    """Every version that the post may read; a new draft for the own area."""
    actor, bad, status = me(request), "", 200
    drafts = may_draft(actor, actor.area_code)
    if request.method == "POST":
        if not drafts:
            raise PermissionDenied
        try:
            made = drafting.begin(actor.area_code, by=actor, now=timezone.now())
            return redirect("duty_version", made.pk)
        except HuyingError as error:
            bad, status = str(error), error.status
    rows = DutyList.objects.visible_to(actor).select_related("published_by")
    context = {"actor": actor, "rows": rows, "drafts": drafts, "bad": bad}
    return render(request, "desk/duties/versions.html", context, status=status)


def version_or_404(pk: UUID, actor: Actor) -> DutyList:
    found = DutyList.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(may_read)
def version(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One version; a draft with the form that changes an entry."""
    return _version(request, version_or_404(pk, me(request)))


def _version(
    request: HttpRequest,
    row: DutyList,
    form: EntryForm | None = None,
    number: int = 0,
    bad: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    entries = listing.entries_of(row)
    works = row.state == DutyList.State.DRAFT and may_draft(actor, row.area_code)
    if form is None and works:
        number = number_of(request.GET.get("entry", ""))
        entry = next((each for each in entries if each.number == number), None)
        number = number if entry is not None else 0
        form = EntryForm(entry=entry, at=now)
    context = {
        "actor": actor,
        "row": row,
        "groups": listing.by_department(entries),
        "works": works,
        "may_publish": works and actor.account_id not in (row.begun_by_id, *row.editors),
        "form": form,
        "number": number,
        "since": parse_date(request.POST.get("since", "")) or timezone.localdate(now),
        "steps": history(row.pk, STEPS),
        "bad": bad,
    }
    return render(request, "desk/duties/version.html", context, status=status)


@require_POST
@at(may_read)
@once_for_form()
def version_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Writes an entry into a draft or strikes it off; publishes or discards the draft."""
    actor, sent, now = me(request), request.POST, timezone.now()
    row = version_or_404(pk, actor)
    if not may_draft(actor, row.area_code):
        raise PermissionDenied
    told: dict[str, Any] = {"by": actor, "now": now, "revision": revision_of(request)}
    number = number_of(sent.get("number", ""))
    form = EntryForm(sent, at=now) if step == "put" else None
    if form is not None and not form.is_valid():
        return _version(request, row, form, number, status=422)
    try:
        if form is not None:
            drafting.put(pk, form.told(number), **told)
        elif step == "strike":
            drafting.strike(pk, number, **told)
        elif step == "publish":
            drafting.publish(pk, day_of(sent.get("since", "")), **told)
        elif step == "discard":
            drafting.discard(pk, **told)
            return redirect("duty_versions")
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        row = version_or_404(pk, actor)
        if form is not None:
            blamed(form, error)
        return _version(request, row, form, number, str(error), error.status)
    return redirect("duty_version", pk)


def day_of(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


@require_safe
@at_desk
def declined(request: HttpRequest) -> HttpResponseBase:
    """What was declined in a month as outside the list: by town, item and department."""
    from huying.desk.figures_asked import reach_of

    actor, now = me(request), timezone.now()
    months = _months(timezone.localdate(now))
    month = request.GET.get("month", "")
    month = month if month in months else months[0]
    lines = _declined(actor, month, now)
    grouped: dict[tuple[str, str, str], list[Case]] = {}
    for each in lines:
        key = (each["case"].area_code[:9], each["case"].item_code, each["department"])
        grouped.setdefault(key, []).append(each["case"])
    context = {
        "actor": actor,
        "month": month,
        "months": months,
        "lines": lines,
        "groups": [
            {"town": town, "item": item, "department": department, "cases": cases}
            for (town, item, department), cases in sorted(grouped.items())
        ],
        "to_figure": reach_of(actor).own is None,
    }
    return render(request, "desk/duties/declined.html", context)


def _months(today: date) -> list[str]:
    found, first = [], today.replace(day=1)
    for _n in range(MONTHS):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _declined(actor: Actor, month: str, now: datetime) -> list[dict[str, Any]]:
    """The month's cases whose last word is that they are outside the list, the newest first."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime.combine(each, time.min, CIVIL_TZ) for each in (first, after))
    seen = Case.objects.visible_to(actor).for_pages()
    seen = seen.filter(state=State.DECLINED, ended_at__gte=begins, ended_at__lt=ends)
    events = CaseEvent.objects.filter(
        case__in=seen.values("pk"), verb="decline", at__gte=begins, at__lt=ends
    )
    # A decision that was undone is not the last one of its case.
    last: dict[UUID, CaseEvent] = {}
    for event in events.order_by("at", "seq"):
        last[event.case_id] = event
    ours = [e for e in last.values() if e.data.get("reason_code") == DeclineReason.OUTSIDE_LIST]
    ours = sorted(ours, key=lambda event: event.at, reverse=True)[:MOST_LINES]
    cases = seen.in_bulk([event.case_id for event in ours])
    said: dict[UUID, list[str]] = {}
    texts = CaseText.objects.filter(case_id__in=cases, kind=TextKind.BASIS)
    for text in texts:
        said.setdefault(text.case_id, []).append(text.body)
    catalogue = snapshot(now)
    return [
        {
            "case": cases[event.case_id],
            "at": event.at,
            "basis": said.get(event.case_id, []),
            "department": _department(event, cases[event.case_id], catalogue),
        }
        for event in ours
        if event.case_id in cases
    ]


def _department(event: CaseEvent, case: Case, catalogue: Any) -> str:
    """Of the entry that was quoted, else of the item that was reported."""
    if "entry" in event.data and "list" in event.data:
        area, number = event.data["list"]
        row = DutyList.objects.filter(area_code=area, version=number).first()
        entries = listing.entries_of(row) if row is not None else listing.of_catalogue(catalogue)
        found = next((each for each in entries if each.number == event.data["entry"]), None)
        if found is not None:
            return found.department
    item = catalogue.get(case.item_code)
    return item.lead_department if item is not None else ""
