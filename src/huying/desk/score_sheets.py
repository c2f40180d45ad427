"""Score sheets: what holds for each kind, in words; a draft written by one, approved by another."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from huying.assessment.indicators import indicators
from huying.assessment.scores import publishing, saying, sheets
from huying.assessment.scores.kinds import COUNTS, Kind, name_of
from huying.assessment.scores.models import ScoreSheet
from huying.assessment.scores.publishing import State
from huying.assessment.scores.scoring import Sheet
from huying.assessment.scores.subjects import after, first_of
from huying.desk.here import at, me
from huying.errors import HuyingError, Words
from huying.people.acting import Actor
from huying.people.models import Account

MOST_PARTS: Final = 12
ADDED: Final = 2
"""Empty lines at the end of the form."""

RULES: Final[tuple[tuple[str, Words], ...]] = (
    ("share", gettext_lazy("rate × weight")),
    ("bands", gettext_lazy("bands")),
    ("against", gettext_lazy("a count against its like")),
    ("each", gettext_lazy("for each piece")),
)
STANDARDS: Final[tuple[tuple[str, Words], ...]] = (
    ("median", gettext_lazy("median")),
    ("mean", gettext_lazy("mean")),
    ("norm", gettext_lazy("norm")),
)


@require_safe
@at(publishing.may_read)
def listed(request: HttpRequest) -> HttpResponseBase:
    """Every kind with the sheet that holds this month."""
    actor, now = me(request), timezone.now()
    district, month = actor.area_code[:6], first_of(timezone.localdate(now))
    making = {
        each.kind: each
        for each in ScoreSheet.objects.filter(district_code=district).exclude(state=State.APPROVED)
    }
    rows = [_row(kind, district, month, making.get(kind)) for kind in Kind]
    context = {
        "actor": actor,
        "rows": rows,
        "month": month,
        "next": after(month),
        "may_change": publishing.may_change(actor),
    }
    return render(request, "desk/scores/sheets.html", context)


def _row(kind: Kind, district: str, month: date, making: ScoreSheet | None) -> dict[str, Any]:
    held = publishing.held(kind, district, month)
    return {
        "kind": kind,
        "held": held,
        "coming": publishing.held(kind, district, after(month)),
        "making": making,
        "lines": lines_of(held.sheet),
        "others": saying.others_words(held.sheet),
    }


def lines_of(sheet: Sheet) -> list[dict[str, Any]]:
    """A sheet's parts in words."""
    return [
        {
            "measure": part.measure,
            "name": name_of(part.measure),
            "weight": saying.plain(part.weight),
            "rule": saying.rule_words(part),
            "empty": saying.empty_words(part),
            "source": part.source,
        }
        for part in sheet.parts
    ]


@require_safe
@at(publishing.may_read)
def one(request: HttpRequest, kind: str) -> HttpResponseBase:
    """One kind's sheet in all its versions, and the draft's form."""
    return _page(request, _kind(kind))


def _kind(said: str) -> Kind:
    try:
        return Kind(said)
    except ValueError:
        raise Http404 from None


def _page(request: HttpRequest, kind: Kind, bad: HuyingError | None = None) -> HttpResponse:
    actor, now = me(request), timezone.now()
    district, month = actor.area_code[:6], first_of(timezone.localdate(now))
    rows = list(
        ScoreSheet.objects.filter(district_code=district, kind=kind).select_related(
            "proposed_by", "approved_by"
        )
    )
    making = next((row for row in rows if row.state != State.APPROVED), None)
    held, may = publishing.held(kind, district, month), publishing.may_change(actor)
    writes = may and making is not None and making.state == State.DRAFT
    body = making.body if making is not None else None
    if bad is not None and making is not None:
        body = _body(request.POST)
    context = {
        "actor": actor,
        "kind": kind,
        "held": held,
        "lines": lines_of(held.sheet),
        "others": saying.others_words(held.sheet),
        "cap": saying.plain(held.sheet.cap),
        "making": making,
        "proposed": lines_of(sheets.read(kind, making.body))
        if making is not None and not writes
        else [],
        "proposed_others": saying.others_words(sheets.read(kind, making.body)) if making else "",
        "form": _form(body) if writes and body is not None else None,
        "body": body,
        "may_change": may,
        "may_approve": _may_approve(making, actor),
        "editors": _names(making),
        "versions": [
            {"row": row, "lines": lines_of(sheets.read(kind, row.body))}
            for row in rows
            if row.state == State.APPROVED
        ],
        "months": _coming(month),
        "month": month,
        "rules": RULES,
        "standards": STANDARDS,
        "measures": [(code, name_of(code)) for code in (*indicators(), *COUNTS)],
        "bad": bad,
    }
    status = bad.status if bad is not None else 200
    return render(request, "desk/scores/sheet.html", context, status=status)


def _may_approve(making: ScoreSheet | None, actor: Actor) -> bool:
    return (
        making is not None
        and making.state == State.PROPOSED
        and publishing.may_change(actor)
        and actor.account_id not in (*making.edited_by, making.proposed_by_id)
    )


def _names(making: ScoreSheet | None) -> list[str]:
    if making is None:
        return []
    found = Account.objects.filter(pk__in=making.edited_by)
    return list(found.order_by("pk").values_list("name", flat=True))


def _coming(month: date) -> list[date]:
    found = [after(month)]
    while len(found) < 3:
        found.append(after(found[-1]))
    return found


_FIELDS: Final = ("measure", "rule", "weight", "standard", "norm", "points", "most", "empty")


def _form(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The draft's lines as the form has them, and some empty ones."""
    parts = [{"rule": "share", **part} for part in body["parts"]]
    parts += [{"rule": "share"}] * min(ADDED, MOST_PARTS - len(parts))
    return [
        {
            **{name: part.get(name, "") for name in (*_FIELDS, "source")},
            "edges": " ".join(part.get("edges", ())),
            "shares": " ".join(part.get("shares", ())),
            "lower": bool(part.get("lower")),
        }
        for part in parts
    ]


def _body(sent: QueryDict) -> dict[str, Any]:
    """The sheet as it was sent: lines without a measure are none."""
    parts = []
    for n in range(MOST_PARTS + ADDED):
        given = {name: sent.get(f"{name}-{n}", "").strip() for name in (*_FIELDS, "source")}
        if not given["measure"]:
            continue
        part: dict[str, Any] = {name: said for name, said in given.items() if said}
        part |= {"rule": given["rule"], "weight": given["weight"] or "0"}
        if given["rule"] == "bands":
            part |= {name: sent.get(f"{name}-{n}", "").split() for name in ("edges", "shares")}
        if given["rule"] != "against" or given["standard"] != "norm":
            part.pop("norm", None)
        if sent.get(f"lower-{n}"):
            part["lower"] = True
        parts.append(part)
    return {
        "others": sent.get("others", "").strip() or "0",
        "cap": sent.get("cap", "").strip() or "100",
        "parts": parts,
    }


@require_POST
@at(publishing.may_change)
def step(request: HttpRequest, kind: str, step: str) -> HttpResponseBase:
    """Moves the sheet in the making on."""
    actor, now, wanted = me(request), timezone.now(), _kind(kind)
    district = actor.area_code[:6]
    making = (
        ScoreSheet.objects.filter(district_code=district, kind=wanted)
        .exclude(state=State.APPROVED)
        .first()
    )
    try:
        if step == "begin":
            publishing.begin(wanted, district, by=actor, now=now)
            return redirect("score_sheet", kind)
        if making is None:
            raise Http404
        match step:
            case "save":
                publishing.write(making.pk, _body(request.POST), by=actor, now=now)
                messages.success(request, _("The draft is saved."))
            case "propose":
                since = _day(request.POST.get("since", ""))
                publishing.propose(making.pk, by=actor, now=now, since=since)
                messages.success(request, _("Proposed. Another administrator can approve it now."))
            case "take_back":
                publishing.take_back(making.pk, by=actor, now=now)
            case "approve":
                publishing.approve(making.pk, by=actor, now=now)
                messages.success(request, _("Approved."))
            case "discard":
                publishing.discard(making.pk, by=actor)
            case _:
                raise Http404
    except HuyingError as error:
        return _page(request, wanted, error)
    return redirect("score_sheet", kind)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return None
