"""Official sheets: 交办单, which goes to the unit, and 结案单, which goes into the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from huying.cases.answers import answers_of, said_of
from huying.cases.deadlines import dues_of
from huying.cases.models import Attachment, Case, CaseContact, CaseParty
from huying.cases.states import State
from huying.cases.timeline import Entry, timeline
from huying.cases.words import item_name
from huying.clock.explaining import explain_stages
from huying.desk.here import at_desk, case_or_404, me
from huying.desk.parts import records_of
from huying.desk.photos import before_after
from huying.desk.reports import pdf_of
from huying.errors import Words
from huying.places import naming
from huying.reports.collecting import CENTRE
from huying.reports.letters import Supervised, supervision
from huying.response.models import RecordKind
from huying.supervision.models import Supervision


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of sheet: its title, when a case has one, and what to say when it has none."""

    title: Words
    there: Callable[[Case], bool]
    not_yet: Words
    template: str


SHEETS: dict[str, Sheet] = {
    "order": Sheet(
        _("Dispatch order"),
        lambda case: case.lead_unit_id is not None and case.dispatched_at is not None,
        _("There is a dispatch order from the time on that the case is with a unit."),
        "desk/sheets/order.html",
    ),
    "closing": Sheet(
        _("Closing sheet"),
        lambda case: case.state == State.CLOSED,
        _("There is a closing sheet once the case is closed."),
        "desk/sheets/closing.html",
    ),
    "supervision": Sheet(
        _("Notice of supervision"),
        lambda case: Supervision.objects.filter(case=case).exists(),
        _("There is a notice from the time on that the case is formally supervised."),
        "desk/sheets/supervision.html",
    ),
}


RECORD_TITLES: dict[str, Words] = {
    RecordKind.INSPECTION: _("Record of an inspection"),
    RecordKind.CORRECTION: _("Notice of an order to correct"),
    RecordKind.SEIZURE: _("List of seized goods"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A line of the table of deadlines. ``kept`` is None while nobody can say."""

    words: str
    due: datetime | None
    done: datetime | None
    kept: bool | None


def sheets_of(case: Case, *, supervised: bool) -> list[tuple[str, Words]]:
    """The sheets that a case has now, as (kind, title); ``supervised``: now, or ever before."""
    return [
        (kind, sheet.title)
        for kind, sheet in SHEETS.items()
        if (supervised if kind == "supervision" else sheet.there(case))
    ]


def _recorded(case: Case, request: HttpRequest) -> HttpResponseBase:
    """The sheet of one handling record, named by its event."""
    seq = request.GET.get("seq", "")
    records = [each for each in records_of(case) if str(each.record.seq) == seq]
    if not records:
        raise Http404
    context = {
        "case": case,
        "now": timezone.now(),
        "printed_by": request.user,
        "desk": records[0].record.unit.name,
        "place": naming.names(case.area_code),
        "each": records[0],
        "sheet": {"title": RECORD_TITLES[records[0].record.kind]},
    }
    return render(request, "desk/sheets/record.html", context)


@require_safe
@at_desk
def printed(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    """A sheet as a page that prints on A4. Names and phones stay masked on paper."""
    found = case_or_404(request, number)
    if kind == "record":
        return _recorded(found, request)
    if kind not in SHEETS:
        raise Http404
    sheet = SHEETS[kind]
    if not sheet.there(found):
        return render(request, "desk/sheets/none.html", {"case": found, "sheet": sheet}, status=409)
    entries = timeline(found)
    facts = _facts(found, entries, request) | {"sheet": sheet}
    if kind == "supervision":
        facts |= _supervision(found, entries)
        if "pdf" in request.GET:
            return _notice(found, facts)
    return render(request, sheet.template, facts)


def _supervision(case: Case, entries: Sequence[Entry]) -> dict[str, Any]:
    """The latest supervision of a case, with the words that ordered and lifted it."""
    made = (
        Supervision.objects.filter(case=case).select_related("leader", "unit").latest("opened_at")
    )
    at = {entry.seq: entry for entry in entries}
    return {
        "supervision": made,
        "required": _words(at.get(made.seq), "reason"),
        "lifted": _words(at.get(made.lifted_seq or 0), "reason"),
    }


def _notice(case: Case, facts: dict[str, Any]) -> HttpResponseBase:
    """The notice of supervision as a PDF file. Names of residents are not in it."""
    made: Supervision = facts["supervision"]
    with override(settings.LANGUAGE_CODE):
        said = Supervised(
            number=case.number,
            title=str(made.title),
            item=item_name(case),
            place=facts["place"],
            to=made.unit.name if made.unit is not None else facts["desk"],
            issuer=f"{naming.own_name(made.office)}{CENTRE}",
            cause=str(made.get_cause_display()),
            leader=made.leader.name if made.leader is not None else "",
            opened_at=made.opened_at,
            step_due=made.step_due,
            due_at=made.due_at,
            required=facts["required"],
        )
    return pdf_of(supervision(said, made.opened_at), f"督办通知单{case.number}.pdf")


def _facts(case: Case, entries: Sequence[Entry], request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    before, after = before_after(list(Attachment.objects.filter(case=case).order_by("pk")))
    assisting = CaseParty.objects.filter(
        case=case, part=CaseParty.Part.ASSIST, until_seq__isnull=True
    ).select_related("unit")
    return {
        "case": case,
        "now": now,
        "by": me(request),
        "printed_by": request.user,
        "desk": naming.own_name(case.holder_code),
        "place": naming.names(case.area_code),
        "said": _words(entries[0], "description"),
        "required": _words(_last(entries, "dispatch"), "requirement"),
        "assisting": [str(each.unit) for each in assisting if each.unit_id],
        "answers": said_of(answers_of(case)),
        "contact": CaseContact.objects.filter(case=case, party=False).first(),
        "limits": _limits(case, now),
        "steps": {
            "accepted": _last(entries, "accept"),
            "dispatched": _last(entries, "dispatch"),
            "signed": _last(entries, "sign_for"),
            "arrived": _last(entries, "arrive"),
            "handled": _last(entries, "handle", "settle"),
            "checked": _last(entries, "check_pass"),
            "closed": _last(entries, "close", "settle"),
        },
        "result": _words(_last(entries, "handle", "settle"), "result"),
        "looked": _words(_last(entries, "check_pass"), "result"),
        "took": (case.ended_at - case.received_at) if case.ended_at else None,
        "before": before,
        "after": after,
        "entries": entries,
    }


def _last(entries: Sequence[Entry], *verbs: str) -> Entry | None:
    return next(
        (entry for entry in reversed(entries) if entry.verb in verbs and not entry.undone), None
    )


def _words(entry: Entry | None, kind: str) -> str:
    """The words of one kind that came with a step; empty when there are none, or were erased."""
    texts = entry.texts if entry is not None else []
    return next((body or "" for name, body in texts if name == kind), "")


def _limits(case: Case, now: datetime) -> list[Limit]:
    stages = dues_of(case).stages
    lines = []
    for explained, (stage, due) in zip(explain_stages(stages, now), stages, strict=True):
        done = stages.done_at(stage)
        if due.at is None:
            kept = None
        elif done is not None:
            kept = done <= due.at
        else:
            kept = False if now > due.at and case.is_open else None
        lines.append(Limit(str(explained.title), due.at, done, kept))
    return lines
