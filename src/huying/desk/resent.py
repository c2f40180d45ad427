"""A form of the desk that is sent again, after a line that was lost, makes nothing twice.

A form that makes something bears a number. Under it the view is done once, in one transaction with
the number; sent again it only leads to where the first sending led. What was refused keeps its
number and may be sent again until it is taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases.idempotency import answer_to, digest_of, forget, once
from huying.desk.here import P, View, me
from huying.errors import KeyReused
from huying.people.acting import Actor

NUMBER: Final = "form_number"
_SALT: Final = "huying.desk.form"
_VERB: Final = "desk"


def new_number() -> str:
    return signing.dumps(secrets.token_urlsafe(16), salt=_SALT, compress=False)


def number_of(request: HttpRequest) -> str:
    """The number that the form came with; empty where it is none of ours."""
    try:
        return str(signing.loads(request.POST.get(NUMBER, ""), salt=_SALT))
    except signing.BadSignature:
        return ""


def sheet_of(request: HttpRequest) -> str:
    """The form by its account and number, for what keeps it itself; empty without a number."""
    number = number_of(request)
    return f"{me(request).account_id}:{number}" if number else ""


def number_for(request: HttpRequest) -> str:
    """The number for a page's form: of the form that was refused, or a new one; signed."""
    refused = request.method == "POST" and number_of(request)
    return request.POST[NUMBER] if refused else new_number()


def once_for_form(draft: str | Callable[[Actor], str] = "") -> Callable[[View[P]], View[P]]:
    """Has a view that makes something done once for each form.

    The view answers with a redirect when it is done, and only then.

    Args:
        draft: under which name, after the account's, the browser keeps what was typed; or how it
            is found for whoever sends.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def done_once(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            number = number_of(request) if request.method == "POST" else ""
            if not number:
                return view(request, *args, **kwargs)
            caller = f"account:{me(request).account_id}"
            try:
                with once(caller, _VERB, number, _digest(request), timezone.now()) as slot:
                    if not slot.replayed:
                        response = view(request, *args, **kwargs)
                        if isinstance(response, HttpResponseRedirect):
                            slot.answer = {"to": response.url}
                        else:
                            forget(slot)
                        return response
                    answer = slot.answer
            except KeyReused:
                return another(request, answer_to(caller, _VERB, number)["to"])
            name = draft(me(request)) if callable(draft) else draft
            tags = f"draft:{me(request).account_id}.{name}" if name else ""
            messages.success(request, _("This form was taken before; once."), extra_tags=tags)
            return redirect(answer["to"])

        return done_once

    return decorate


def _digest(request: HttpRequest) -> bytes:
    """Of the words that were sent; files are not compared, each sending keeps them anew."""
    parts = [request.path]
    for name, values in sorted(request.POST.lists()):
        if name not in (NUMBER, "csrfmiddlewaretoken"):
            parts += [name, *values]
    return digest_of(*(each.encode() for each in parts))


def another(request: HttpRequest, made: str = "") -> HttpResponse:
    """The form was taken before with other words: shows where to see what it made, if that has an
    address, and asks whether these are another one."""
    context = {
        "made": made,
        "number": new_number(),
        "sent": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != NUMBER
        ],
        "files": bool(request.FILES),
    }
    return render(request, "desk/resent.html", context, status=KeyReused.status)
