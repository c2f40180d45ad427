"""Asking for a code, of whatever it is that the code leads to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from huying.audit.codes import typed_code
from huying.public.reporting import quiet


def ask(request: HttpRequest, template: str, page: str) -> HttpResponseBase:
    """GET: asks for the code. POST: goes to the page of it, whether there is one or not."""
    if request.method != "POST":
        return quiet(render(request, template))
    code = typed_code(request.POST.get("code", ""))
    return unknown(request, template) if code is None else quiet(redirect(page, code))


def unknown(request: HttpRequest, template: str) -> HttpResponseBase:
    """Asks once more: the code that was given leads nowhere."""
    return quiet(render(request, template, {"unknown": True}, status=404))
