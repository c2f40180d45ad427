"""Searching: what is typed goes by POST, so that no phone number gets into an address or a log."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.db.models.functions import Reverse
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from huying.audit.numbers import hide
from huying.cases import finding
from huying.cases.contacts import masked_phone, plain_phone
from huying.cases.models import Case
from huying.desk import queue
from huying.desk.filters import PHONES, Filters
from huying.desk.here import at_desk, me
from huying.errors import HuyingError
from huying.people.acting import Actor

MOST_PHONES = 5
"""Searches by phone that a session remembers, so that one can go back to them."""


@require_POST
@at_desk
def find(request: HttpRequest) -> HttpResponseBase:
    """Leads to the view of what was typed and chosen."""
    actor = me(request)
    filters = Filters.read(request.POST, actor, request.session)
    words = request.POST.get("q", "").strip()
    of_case = is_number(filters.words, actor)
    # A person's number among other words is masked as it is in the words of cases, and found there.
    query = filters.query() if of_case else filters.query(q=hide(filters.words)[0])
    if finding.is_phone(words) and not of_case:
        try:
            query = _by_phone(request, filters, words)
        except HuyingError as refusal:
            messages.error(request, str(refusal))
            query = filters.query(q="")
    page = "map" if request.POST.get("page") == "map" else "desk"
    return redirect(f"{reverse(page)}?{query}")


def is_number(digits: str, actor: Actor) -> bool:
    """Whether the digits are those of a case: its number's beginning or end."""
    if not digits.isdecimal():
        return False
    by_end = Case.objects.alias(turned=Reverse("number")).filter(turned__startswith=digits[::-1])
    return any(
        each.visible_to(actor).exists()
        for each in (Case.objects.filter(number__startswith=digits), by_end)
    )


def _by_phone(request: HttpRequest, filters: Filters, typed: str) -> str:
    """Keeps what the phone stands for in the session, and gives the query that names it."""
    actor, now = me(request), timezone.now()
    marks = finding.phone_marks(typed, by=actor)
    key = secrets.token_urlsafe(6)
    kept = request.session.get(PHONES, {})
    masked = masked_phone(plain_phone(typed))
    kept[key] = {"masked": masked, "marks": marks}
    request.session[PHONES] = dict(list(kept.items())[-MOST_PHONES:])
    cases = finding.reported_from(queue.of_tab(filters.tab, actor), marks)
    shown = cases.values_list("pk", flat=True)[: finding.MOST_RECORDED]
    finding.record_phone_search(shown, by=actor, now=now)
    return filters.query(q="", phone=key)
