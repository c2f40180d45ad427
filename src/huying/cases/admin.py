"""The event log on the admin site, for the auditor: what was done when, and never its words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case, CaseEvent
from huying.people.admin_site import Page, site
from huying.people.powers import Subject

SHOWN_MOST = 200


def events(request: HttpRequest) -> HttpResponse:
    """The events of one case by its number, or else the newest of all.

    Shows verb, times, role, states, identifiers and hashes. Texts, contacts and what the verbs'
    data name are no part of it.
    """
    number = request.GET.get("number", "").strip()
    rows = CaseEvent.objects.defer("data").select_related("case")
    if number:
        # One case at a time: the chain is read from its beginning.
        case = Case.objects.filter(number=number).only("pk").first()
        found = list(rows.filter(case=case).order_by("seq")[:SHOWN_MOST]) if case else []
    else:
        found = list(rows.order_by("-written_at")[:SHOWN_MOST])
    shown = [
        {
            "number": event.case.number,
            "seq": event.seq,
            "at": event.at,
            "written_at": event.written_at,
            "verb": event.verb,
            "actor": f"{event.actor_kind} {event.actor_id or ''}".strip(),
            "role": event.role or "",
            "from_state": event.from_state or "",
            "to_state": event.to_state,
            "hash": bytes(event.hash).hex(),
        }
        for event in found
    ]
    context = site.each_context(request)
    context |= {"title": now_("Events of cases"), "rows": shown, "number": number}
    return TemplateResponse(request, "admin/events.html", context)


site.add_page(Page("events/", "events", _("Events of cases"), Subject.EVENTS, events))
