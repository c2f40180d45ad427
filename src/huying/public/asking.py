"""What forms without an account share: a number that books once, a phone if one likes, consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huying.public import guarding
from huying.public.guarding import Ticket


class Reach(forms.Form):
    """How somebody can be reached, if they like; with a phone they agree to the notice first."""

    phone = forms.CharField(max_length=24, required=False)
    consent = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if (given.get("phone") or "").strip() and not given.get("consent"):
            self.add_error("consent", _("Please read the privacy notice and agree first."))
        return given


def checked(request: HttpRequest) -> Ticket:
    """The number of the form that was sent, if nothing speaks for a program.

    Raises:
        BadInput: as `guarding.check`.
    """
    sent = request.POST
    return guarding.check(
        sent.get("ticket", ""),
        proof=sent.get("proof", ""),
        answer=sent.get("answer", ""),
        trap=sent.get("website", ""),
    )


def ticket_for(request: HttpRequest, *, anew: bool = False) -> dict[str, Any]:
    """What ``public/platforms/_guard.html`` needs.

    A form that was refused keeps its number while it is good: sent twice, it books once.
    """
    ticket = request.POST.get("ticket", "")
    if anew or guarding.read_ticket(ticket) is None:
        ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    return {
        "ticket": ticket,
        "number": read.number if read is not None else "",
        "bits": guarding.WORK_BITS,
    }
