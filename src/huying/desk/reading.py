"""The auditor's page of unusual reading: what to ask about, and the looks themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huying.audit import access
from huying.audit.models import AccessLog
from huying.audit.revealing import Purpose, words_of
from huying.audit.unusual import Finding, Sign, unusual
from huying.cells import as_words
from huying.desk.here import at, me
from huying.patrol import tracking
from huying.people.acting import Actor
from huying.people.looks import MOST, counted, looks, thresholds
from huying.people.models import Account, Post
from huying.people.powers import Power, Subject, may
from huying.places import naming
from huying.registry.models import Register

PERIODS = (1, 7, 30)
ACTIONS = {
    "reveal": gettext_lazy("sealed data"),
    "reveal_contact": gettext_lazy("name and phone of who reported"),
    "reveal_answers": gettext_lazy("masked answers"),
    "reveal_words": gettext_lazy("numbers in words"),
    "reveal_record": gettext_lazy("a register's record"),
    "reveal_care": gettext_lazy("a person on the care list"),
    "reveal_request": gettext_lazy("what is kept, for the person's own sheet"),
    "export_contact": gettext_lazy("name and phone in an exported list"),
    "find_for_request": gettext_lazy("records found for a person's request"),
    "see_track": gettext_lazy("a worker's track"),
    "find_by_phone": gettext_lazy("cases or people of a phone number"),
    "find_by_id_number": gettext_lazy("people of an id number"),
    "reveal_entry": gettext_lazy("answers to a survey"),
    "reveal_linked": gettext_lazy("the head of a linked household"),
    "reveal_member": gettext_lazy("a party member"),
    "reveal_organisation": gettext_lazy("contact of a member organisation"),
    "reveal_booking": gettext_lazy("who made an appointment"),
    "reveal_suggestion": gettext_lazy("the phone of a suggestion"),
    "narrow_request": gettext_lazy("who of a name it is that asks"),
    "match_id_numbers": gettext_lazy("id numbers of a table, looked up"),
}


def may_audit(actor: Actor) -> bool:
    """Whether the post watches who reads what."""
    return may(actor.role, Power.VIEW, Subject.ACCESS_LOG)


@require_safe
@at(may_audit)
def page(request: HttpRequest) -> HttpResponseBase:
    """All findings of the last days."""
    days, until = _days(request), _until(request)
    found = _found(request, days, until)
    _record(request, "see_unusual_reading", fields=sorted({str(each.sign) for each in found}))
    names = _names(found)
    lines = [
        {
            "n": number,
            "finding": each,
            "who": names.get(each.account, "") if each.account is not None else "",
            "subject": _subject(each.subject),
        }
        for number, each in enumerate(found)
    ]
    return render(
        request,
        "desk/reading/page.html",
        {"actor": me(request), "lines": lines, "days": days, "periods": PERIODS,
         "until": until, "limits": thresholds(), "cut": _cut(days, until)},
    )  # fmt: skip


@require_safe
@at(may_audit)
def finding(request: HttpRequest) -> HttpResponseBase:
    """The looks of one finding, with purpose and words; ``?file`` gives them as a table."""
    days, until = _days(request), _until(request)
    one = _one(request, days, until)
    _record(
        request,
        "fetch_unusual_reading" if "file" in request.GET else "see_looks",
        subject=str(one.account or one.subject),
        fields=[str(one.sign)],
    )
    lines = _lines(one)
    if "file" in request.GET:
        return _table(one, lines)
    context = {
        "actor": me(request),
        "one": one,
        "days": days,
        "until": until,
        "lines": lines,
        "subject": _subject(one.subject),
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/reading/finding.html", context)


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(each) for each in PERIODS} else 7


def _until(request: HttpRequest) -> date:
    """The last day of the period: an address that names it means the same tomorrow."""
    today = timezone.localdate()
    try:
        return min(date.fromisoformat(request.GET.get("until", "")), today)
    except ValueError:
        return today


def _found(request: HttpRequest, days: int, until: date) -> list[Finding]:
    """What was noticed in whole days up to the end of the last one."""
    begin, end = _span(days, until)
    return unusual(looks(begin, end, by=me(request)), thresholds(), timezone.localtime)


def _span(days: int, until: date) -> tuple[datetime, datetime]:
    try:
        end = timezone.make_aware(datetime.combine(until + timedelta(days=1), time()))
        return end - timedelta(days=days), end
    except (OverflowError, ValueError):
        raise Http404 from None


def _cut(days: int, until: date) -> int:
    """How many looks are judged at most, where there were more: nobody hides behind a flood."""
    return MOST if counted(*_span(days, until)) > MOST else 0


def _one(request: HttpRequest, days: int, until: date) -> Finding:
    """The finding that an address names: its sign, whose it is, and its first look.

    Later looks are added to a finding and change neither. Of the busiest hour there is one for
    each account, and it may become another.
    """
    sign, account, first = (request.GET.get(name, "") for name in ("sign", "account", "first"))
    for each in _found(request, days, until):
        same = (str(each.sign), str(each.account or "")) == (sign, account)
        if same and (each.sign is Sign.MANY or str(each.first_id) == first):
            return each
    raise Http404


def _names(found: Iterable[Finding]) -> dict[int, str]:
    accounts = {look.account for each in found for look in each.looks}
    return dict(Account.objects.filter(pk__in=accounts).values_list("pk", "name"))


def _lines(one: Finding) -> list[dict[str, Any]]:
    """Each look as it is told: who, on which post, when, of what, what for."""
    rows = {row.pk: row for row in AccessLog.objects.filter(pk__in=[x.id for x in one.looks])}
    words = words_of(rows)
    names = _names([one])
    posts = Post.objects.select_related("unit").in_bulk(
        {row.post_id for row in rows.values() if row.post_id is not None}
    )
    purposes = dict(Purpose.choices) | tracking.PURPOSES
    lines = []
    for look in reversed(one.looks):
        row = rows[look.id]
        post = posts.get(row.post_id) if row.post_id is not None else None
        lines.append(
            {
                "at": row.at,
                "who": names.get(look.account, ""),
                "post": _post(post),
                "what": ACTIONS.get(row.action, row.action),
                "subject": _subject(look.subject),
                "place": naming.names(row.area_code) if row.area_code else "",
                "purpose": str(purposes.get(row.purpose, row.purpose)),
                "words": words.get(row.pk, ""),
            }
        )
    return lines


def _post(post: Post | None) -> str:
    if post is None:
        return ""
    where = post.unit.name if post.unit is not None else naming.own_name(post.area_code)
    return f"{post.get_role_display()} {where}"


def _subject(subject: str) -> str:
    """A record as the auditor, who sees no cases, may know it: its kind, and the id's end."""
    kind, _colon, pk = subject.partition(":")
    kinds = {"case": _("case"), "account": _("grid worker"), **dict(Register.choices)}
    return f"{kinds.get(kind, kind)} …{pk[-8:]}" if pk else ""


def _table(one: Finding, lines: Sequence[dict[str, Any]]) -> HttpResponse:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(
        [
            *(_("When"), _("Who looked"), _("Post"), _("What was seen"), _("Record"), _("Place")),
            *(_("Purpose"), _("In words")),
        ]
    )
    for each in lines:
        told = (each["who"], each["post"], each["what"], each["subject"], each["place"],
                each["purpose"], each["words"])  # fmt: skip
        writer.writerow([_shown(each["at"]), *(as_words(str(cell)) for cell in told)])
    response = HttpResponse("\ufeff" + target.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="looks-{one.sign}.csv"'
    return response


def _shown(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _record(
    request: HttpRequest, action: str, *, subject: str = "", fields: Iterable[str] = ()
) -> None:
    """Who watches is watched too."""
    access.record(
        action=action,
        subject_type="access_log",
        subject_id=subject[:64],
        now=timezone.now(),
        by=me(request),
        fields=fields,
    )
